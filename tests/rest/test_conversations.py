"""Those who look after conversations find them, read them, take them away as a file, and answer in them."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from chalicelib.chat.exports import _cell
from tests.administrator import KEYS, Administrator
from tests.browser import Browser
from tests.rest.test_knowledge import problem
from tests.server import Server

# The day an hour ago, where the office is. A list asks each hour's buckets, and moto takes its time over each.
TODAY = (datetime.now(ZoneInfo("America/Sao_Paulo")) - timedelta(hours=1)).date().isoformat()


@pytest.fixture
def person(server: Server) -> Iterator[Browser]:
    with server.visit() as browser:
        yield browser


def listed(admin: Administrator, **query: Any) -> list[dict[str, Any]]:
    """Every page of the list."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = admin.ask("GET", "/conversations", params={"from": TODAY, **query, **cursor})
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if not answer.json()["nextCursor"]:
            return items
        cursor = {"cursor": answer.json()["nextCursor"]}


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["sessionId"] for item in items]


def test_conversations_are_found_by_what_they_were_like(server: Server, viewer: Administrator, person: Browser) -> None:
    person.ask("Quanto custa uma faxina?")
    person.send("rateSession", rating=2, comment="=1+1")
    person.until_type("ratingSaved")
    mine = person.session["sessionId"]
    (told,) = [item for item in listed(viewer) if item["sessionId"] == mine]
    assert (told["status"], told["byUser"], told["byAssistant"], told["rating"]) == ("active", 1, 2, 2)
    assert told["topics"] and told["meanResponseMs"] >= 0 and told["escalated"] is False
    for query, there in (
        ({"rating": 2, "active": "true", "userType": "anonymous", "q": "FAXINA quánto"}, True),
        ({"rating": 5}, False),
        ({"escalated": "true"}, False),
        ({"userType": "provider"}, False),
        ({"from": "2020-01-01", "to": "2020-01-01"}, False),
        ({"q": "faxina girafa"}, False),
    ):
        assert (mine in ids(listed(viewer, **query))) is there, query


def test_pages_follow_each_other_without_gap_or_repetition(server: Server, viewer: Administrator) -> None:
    for _ in range(3):
        server.visit().close()
    whole, pages = ids(listed(viewer)), ids(listed(viewer, limit=1))
    assert whole == pages and len(set(whole)) == len(whole) >= 3
    problem(viewer.ask("GET", "/conversations?cursor=x"), 400, "cursor")


def test_a_transcript_says_where_answers_came_from(viewer: Administrator, person: Browser) -> None:
    person.ask("Quanto custa uma faxina?")
    told = viewer.ask("GET", f"/conversations/{person.session['sessionId']}").json()
    assert [message["sender"] for message in told["messages"]] == ["assistant", "user", "assistant"]
    provenance = told["messages"][-1]["provenance"]
    assert provenance["prompt_version"] and provenance["retrieved"] and "written" in provenance["timings"]
    problem(viewer.ask("GET", "/conversations/nobody"), 404)


def test_a_question_is_asked_again_of_todays_knowledge(viewer: Administrator, person: Browser) -> None:
    answer = person.ask("Quanto custa uma faxina?")
    path = f"/conversations/{person.session['sessionId']}"
    then = viewer.ask("GET", path).json()["messages"][-1]["provenance"]
    now = viewer.ask("GET", f"{path}/messages/{answer['messageId']}/replay").json()
    assert now["entries"][0]["title"] and now["confidence"] == then["confidence"] and now["answerable"]
    assert [one["entryId"] for one in now["entries"]] == [one["entry_id"] for one in then["retrieved"]]
    problem(viewer.ask("GET", f"{path}/messages/nothing/replay"), 404)


def test_an_export_opens_in_a_spreadsheet_and_runs_nothing(viewer: Administrator, person: Browser) -> None:
    person.send("rateSession", rating=1, comment="=HYPERLINK(1)")
    person.until_type("ratingSaved")
    mine = person.session["sessionId"]
    answer = viewer.ask("GET", f"/conversations/export?format=csv&rating=1&from={TODAY}")
    assert answer.headers["content-type"].startswith("text/csv") and "conversations.csv" in str(answer.headers)
    (row,) = [row for row in csv.DictReader(io.StringIO(answer.text)) if row["sessionId"] == mine]
    assert (row["comment"], row["rating"], row["byAssistant"]) == ("'=HYPERLINK(1)", "1", "1")
    lines = viewer.ask("GET", f"/conversations/export?format=jsonl&rating=1&from={TODAY}").text.splitlines()
    assert mine in [json.loads(line)["conversation"]["sessionId"] for line in lines]


def test_what_a_spreadsheet_would_run_is_text() -> None:
    assert [_cell(value) for value in ("=1", "+1", "-1", "@a", "\t=1", "a", -1, None, ["=a", "b"])] == [
        "'=1", "'+1", "'-1", "'@a", "'\t=1", "a", "-1", "", "'=a; b",
    ]  # fmt: skip


def test_an_operator_takes_over_answers_and_gives_back(
    server: Server, operator: Administrator, person: Browser
) -> None:
    person.ask("quero falar com um atendente")
    path = f"/conversations/{person.session['sessionId']}"
    queue = operator.ask("GET", "/handoffs").json()["items"]
    waiting = next(one for one in queue if one["sessionId"] == person.session["sessionId"])
    assert (waiting["reason"], waiting["operator"]) == ("person", "")
    assert datetime.fromisoformat(waiting["at"]) <= datetime.now(UTC)
    with server.browser() as desk:
        desk.send("startSession", operatorToken=KEYS["operator"], watch=person.session["sessionId"])
        assert desk.until_type("history")["messages"][-1]["escalated"]
        assert operator.ask("POST", f"{path}/takeover", {"name": "Ana"}).status_code == 200
        assert "Ana" in person.until(lambda f: f.get("notice") == "taken_over")["content"]
        said = {"content": "Bom dia!", "clientMessageId": str(uuid4())}
        assert [operator.ask("POST", f"{path}/messages", said).status_code for _ in range(2)] == [201, 200]
        assert person.until(lambda f: f.get("sender") == "operator")["content"] == "**Ana:** Bom dia!"
        assert person.ask("oi, Ana")["notice"] == "held"
        assert desk.until(lambda f: f.get("sender") == "user")["content"] == "oi, Ana"
        desk.say("Estou aqui.")
        assert person.until(lambda f: f.get("sender") == "operator")["content"] == "**Ana:** Estou aqui."
        assert operator.ask("POST", f"{path}/release").status_code == 200
    assert person.ask("Quanto custa uma faxina?")["sender"] == "assistant"
    problem(operator.ask("POST", f"{path}/messages", {"content": "oi"}), 409)
    operator.ask("POST", f"{path}/takeover", {})
    assert operator.ask("POST", f"{path}/close").status_code == 204
    assert person.until_type("sessionEnded")


def test_whoever_came_by_the_link_of_the_start_speaks_for_the_team(server: Server, person: Browser) -> None:
    link = next(line.split()[-1] for line in server.lines if line.startswith("Console"))
    signed = httpx.post(f"{server.url}/admin/sign-in", json={"link": link.partition("=")[2]})
    with Administrator(server.url, signed.json()["token"]) as somebody:
        somebody.ask("POST", f"/conversations/{person.session['sessionId']}/takeover", {})
        assert "Equipe" in person.until(lambda f: f.get("notice") == "taken_over")["content"]


def test_only_operators_watch(server: Server, person: Browser) -> None:
    for token, code in ((KEYS["viewer"], "forbidden"), ("nobody", "unauthorized")):
        with server.browser() as desk:
            desk.send("startSession", operatorToken=token, watch=person.session["sessionId"])
            assert desk.until_type("error")["code"] == code
