"""Administrators keep the knowledge over REST."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from chalicelib.entrypoints.rest import (  # noqa: F401  (they fill OPERATIONS)
    analytics,
    conversations,
    knowledge,
    transfer,
    unanswered,
)
from chalicelib.entrypoints.rest.access import WRITE
from chalicelib.entrypoints.rest.operations import OPERATIONS, Operation
from tests.administrator import KEYS, Administrator, entry
from tests.server import Server, eventually


def problem(answer: httpx.Response, status: int, *fields: str) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status and told["title"] and told["detail"]
    assert [wrong["field"] for wrong in told.get("errors", ())] == list(fields)
    return told


def test_an_entry_is_written_read_and_rewritten(admin: Administrator) -> None:
    full = entry(
        questions=["Que horas abre?"], keywords=["horário"], followUps=["E domingo?"], audience="clients",
        price="R$ 1", links=[{"label": "Ver", "url": "/horario"}], url="/horario",
    )  # fmt: skip
    created = admin.ask("POST", "/knowledge", full)
    made = created.json()
    assert created.status_code == 201 and created.headers["etag"] == '"1"'
    assert created.headers["location"] == f"/api/v1/knowledge/{made['id']}"
    assert made.items() >= full.items() and (made["version"], made["active"], made["locale"]) == (1, True, "pt-BR")
    assert made["updatedBy"].startswith("key:") and made["updatedAt"].endswith("Z")
    assert admin.ask("GET", f"/knowledge/{made['id']}").json() == made
    changed = admin.ask("PUT", f"/knowledge/{made['id']}", entry("Novo"), made["version"])
    assert changed.headers["etag"] == '"2"' and changed.json()["title"] == "Novo" and changed.json()["questions"] == []


def test_versions_can_be_seen_and_restored(admin: Administrator) -> None:
    name = admin.create("Um")["id"]
    admin.ask("PUT", f"/knowledge/{name}", entry("Dois"), 1)
    gone = admin.ask("DELETE", f"/knowledge/{name}", version=2)
    assert gone.status_code == 200 and gone.json()["active"] is False
    first = admin.ask("GET", f"/knowledge/{name}/versions?limit=2").json()
    rest = admin.ask("GET", f"/knowledge/{name}/versions?limit=2&cursor={first['nextCursor']}").json()
    assert [(e["version"], e["title"]) for e in first["items"] + rest["items"]] == [(3, "Dois"), (2, "Dois"), (1, "Um")]
    assert rest["nextCursor"] is None
    back = admin.ask("POST", f"/knowledge/{name}/restore", {"version": 1}, 3)
    assert back.json()["title"] == "Um" and back.headers["etag"] == '"4"' and back.json()["active"] is True
    problem(admin.ask("POST", f"/knowledge/{name}/restore", {"version": 9}, 4), 404, "version")


def test_a_purged_entry_is_gone(admin: Administrator) -> None:
    name = admin.create()["id"]
    purged = admin.ask("DELETE", f"/knowledge/{name}?purge=true", version=1)
    assert (purged.status_code, purged.content) == (204, b"")
    for path in (f"/knowledge/{name}", f"/knowledge/{name}/versions"):
        problem(admin.ask("GET", path), 404)


def test_who_was_slower_is_told_and_changes_nothing(admin: Administrator) -> None:
    name = admin.create()["id"]
    with ThreadPoolExecutor(4) as people:
        answers = list(people.map(lambda n: admin.ask("PUT", f"/knowledge/{name}", entry(f"T{n}"), 1), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    problem(next(answer for answer in answers if answer.status_code == 412), 412)
    for method in ("PUT", "DELETE"):
        body = entry() if method == "PUT" else None
        problem(admin.ask(method, f"/knowledge/{name}", body), 428)
        for header in ("1", "*", 'W/"1"', '"x"', '"1", "2"', '"99999999999"'):
            problem(admin.ask(method, f"/knowledge/{name}", body, if_match=header), 400, "If-Match")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": 7}, "title"),
        ({"title": "\x1c\u3000"}, "title"),
        ({"content": " \n"}, "content"),
        ({"content": "ç" * 50_001}, "content"),
        ({"category": "news"}, "category"),
        ({"audience": None}, "audience"),
        ({"questions": ["ok", ""]}, "questions[1]"),
        ({"links": [{"label": "x", "url": "javascript:alert(1)"}]}, "links[0].url"),
        ({"links": [{"label": "x"}]}, "links[0].url"),
        ({"price": "x" * 501}, "price"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_with_an_entry_is_named(admin: Administrator, wrong: dict[str, Any], field: str) -> None:
    problem(admin.ask("POST", "/knowledge", {**entry(), **wrong}), 400, field)


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("limit=x", "limit"), ("active=perhaps", "active"), ("page=1", "page"), ("q=a&q=b", "q")],
)
def test_what_is_wrong_with_a_query_is_named(admin: Administrator, query: str, field: str) -> None:
    problem(admin.ask("GET", f"/knowledge?{query}"), 400, field)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'"x"', b"[" * 100_000])
def test_a_body_that_is_no_entry_is_refused(admin: Administrator, body: bytes) -> None:
    problem(admin.ask("POST", "/knowledge", content=body), 400, "body")


def test_a_body_that_is_too_large_is_refused(admin: Administrator) -> None:
    problem(admin.ask("POST", "/knowledge", entry(content="x" * 400_000)), 413)


def test_the_largest_entry_goes_in_and_out(admin: Administrator) -> None:
    content = "çã" * 25_000
    made = admin.create(content=content, locale="en")
    assert admin.ask("GET", f"/knowledge/{made['id']}").json()["content"] == content
    admin.ask("DELETE", f"/knowledge/{made['id']}?purge=true", version=1)


def test_lists_are_filtered_and_paged(admin: Administrator) -> None:
    names = {admin.create(f"Zodíaco {n}", category="policy")["id"] for n in range(5)}
    admin.ask("DELETE", f"/knowledge/{min(names)}", version=1)
    seen, cursor = [], ""
    while True:
        page = admin.ask("GET", f"/knowledge?q=zodiaco&category=policy&limit=2&cursor={cursor}").json()
        seen += [one["id"] for one in page["items"]]
        if not page["nextCursor"]:
            break
        cursor = page["nextCursor"]
    assert seen == sorted(names)
    active = admin.ask("GET", "/knowledge?q=ZODIACO&active=true").json()["items"]
    assert {one["id"] for one in active} == names - {min(names)}
    assert admin.ask("GET", "/knowledge?q=zodiaco&category=faq").json() == {"items": [], "nextCursor": None}


def test_an_emergency_cannot_be_turned_off(admin: Administrator) -> None:
    found = admin.ask("GET", "/knowledge?q=emergency-").json()["items"]
    assert found
    problem(admin.ask("DELETE", f"/knowledge/{found[0]['id']}", version=found[0]["version"]), 409)


def test_a_search_shows_what_the_assistant_would_find(admin: Administrator) -> None:
    found = admin.ask("POST", "/knowledge/search", {"query": "quanto custa um encanador?", "limit": 2}).json()
    assert found["items"][0]["entryId"] == "service-encanamento" and len(found["items"]) == 2
    assert found["answerable"] is True and 0 < found["confidence"] <= 1 and "encan" in found["items"][0]["snippet"]
    faq = admin.ask("POST", "/knowledge/search", {"query": "quanto custa um encanador?", "category": "faq"}).json()
    assert all("service" not in one["entryId"] for one in faq["items"])
    assert admin.ask("POST", "/knowledge/search", {"query": "asdfgh"}).json()["answerable"] is False


def test_a_search_says_why_when_it_is_asked(admin: Administrator) -> None:
    plain = {"query": "quanto custa a faxna?", "limit": 2}
    found, told = (admin.ask("POST", "/knowledge/search", {**plain, "explain": why}).json() for why in (False, True))
    assert "readings" not in found and all("why" not in one for one in found["items"])
    assert [reading["corrected"] for reading in told["readings"] if reading["word"] == "faxna"] == ["faxina"]
    for one in told["items"]:
        assert one["why"]["entryId"] == one["entryId"] and one["why"]["matches"]
        assert sum(one["why"]["parts"].values()) == pytest.approx(one["score"], abs=0.01)


def test_a_change_is_found_at_once_by_who_made_it_and_soon_by_who_asks(server: Server, admin: Administrator) -> None:
    made = admin.create("Zabumba", content="O conserto de zabumba custa R$ 77.", questions=["Quanto custa zabumba?"])
    found = admin.ask("POST", "/knowledge/search", {"query": "quanto custa a zabumba?"}).json()
    assert found["items"][0]["entryId"] == made["id"]
    with server.visit() as person:
        assert "R$ 77" in person.ask("quanto custa zabumba?")["content"]
        changed = entry("Zabumba", content="O conserto de zabumba custa R$ 88.", questions=["Quanto custa zabumba?"])
        admin.ask("PUT", f"/knowledge/{made['id']}", changed, 1)
        eventually(lambda: "R$ 88" in person.ask("quanto custa zabumba?")["content"], 10)
    admin.ask("DELETE", f"/knowledge/{made['id']}?purge=true", version=2)


def test_regression_questions_are_kept_and_evaluated(admin: Administrator) -> None:
    asked = [("quanto custa um encanador?", "service-encanamento"), ("quanto custa um zepelim?", "faq-pix")]
    kept = [
        admin.ask("POST", "/knowledge/questions", {"question": text, "entryId": name}).json() for text, name in asked
    ]
    again = admin.ask("POST", "/knowledge/questions", {"question": asked[0][0], "entryId": asked[0][1]})
    assert again.json() == kept[0] and admin.ask("GET", "/knowledge/questions").json()["items"].count(kept[0]) == 1
    problem(admin.ask("POST", "/knowledge/questions", {"question": "x", "entryId": "nothing"}), 404, "entryId")
    score = admin.ask("POST", "/knowledge/evaluate", {}).json()["before"]
    assert (score["questions"], score["recallAt1"], score["recallAt3"], score["mrr"]) == (2, 0.5, 0.5, 0.5)
    assert [one["question"] for one in score["failures"]] == ["quanto custa um zepelim?"]
    without = {"entryId": "service-encanamento", "entry": {**entry(), "active": False}}
    both = admin.ask("POST", "/knowledge/evaluate", without).json()
    assert both["before"]["recallAt1"] == 0.5 and both["after"]["recallAt1"] == 0
    problem(admin.ask("POST", "/knowledge/evaluate", {"entryId": "nothing", "entry": entry()}), 404, "entryId")
    for one in kept:
        assert admin.ask("DELETE", f"/knowledge/questions/{one['id']}").status_code == 204
    problem(admin.ask("DELETE", f"/knowledge/questions/{kept[0]['id']}"), 404)


def call(somebody: Administrator, one: Operation) -> httpx.Response:
    path = one.path.replace("{entry_id}", "nothing").replace("{question_id}", "nothing")
    path = path.replace("{job_id}", "nothing")
    return somebody.ask(one.method, path, {} if one.body else None, int(one.if_match))


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.name)
def test_nothing_is_told_without_login(server: Server, one: Operation) -> None:
    for token in ("", "wrong", "wrong.token.here", "ADMIN-KEY-FOR-TESTS"):
        with Administrator(server.url, token) as somebody:
            told = call(somebody, one)
        problem(told, 401)
        assert told.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("one", [one for one in OPERATIONS if one.roles == WRITE], ids=lambda one: one.name)
@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_an_admin_may_write(server: Server, one: Operation, role: str) -> None:
    with Administrator(server.url, KEYS[role]) as somebody:
        problem(call(somebody, one), 403)


def test_a_viewer_may_read(viewer: Administrator) -> None:
    assert viewer.ask("GET", "/knowledge?limit=1").status_code == 200
    assert viewer.ask("POST", "/knowledge/search", {"query": "faxina"}).status_code == 200
