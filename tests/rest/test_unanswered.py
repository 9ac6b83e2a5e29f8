"""From a question that found nothing to an entry that answers it, over REST."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.administrator import Administrator
from tests.rest.test_knowledge import problem
from tests.server import Server, eventually

QUESTION = "vocês consertam telescópio?"
ANSWER = "Consertamos telescópios por R$ 77."


@pytest.mark.requirement("R7.3")
def test_what_was_asked_in_vain_becomes_an_answer(server: Server, admin: Administrator) -> None:
    for question in (QUESTION, "voces consertam telescopio", QUESTION):
        with server.visit() as person:
            person.ask(question)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    groups = admin.ask("GET", f"/analytics/unanswered?limit=5&from={yesterday}").json()["items"]
    group = next(one for one in groups if QUESTION in one["questions"])
    assert group["count"] >= 3 and group["keptIn"] is None and group["questions"][0] == QUESTION
    draft = admin.ask("POST", "/knowledge/drafts", {"questions": group["questions"], "category": "service"}).json()
    assert draft["active"] is False and draft["questions"] == group["questions"]
    again = admin.ask("GET", f"/analytics/unanswered?from={yesterday}").json()["items"]
    assert draft["id"] in [one["keptIn"] for one in again]
    kept = ("category", "title", "questions")
    written = {**{name: draft[name] for name in kept}, "content": ANSWER, "active": True}
    admin.ask("PUT", f"/knowledge/{draft['id']}", written, draft["version"])
    with server.visit() as person:
        eventually(lambda: "R$ 77" in person.ask(QUESTION)["content"], 15)
    more = {"questions": ["arrumam luneta?", QUESTION.upper()]}
    grown = admin.ask("POST", f"/knowledge/{draft['id']}/questions", more, 2).json()
    assert grown["questions"] == [*group["questions"], "arrumam luneta?"]
    problem(admin.ask("POST", f"/knowledge/{draft['id']}/questions", more, 2), 412)
    admin.ask("DELETE", f"/knowledge/{draft['id']}?purge=true", version=3)


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=2026-01-01&to=2026-03-01", "from"), ("to=0001-01-02", "to"), ("from=x", "from"), ("limit=0", "limit")],
)
def test_what_is_wrong_with_the_days_is_named(admin: Administrator, query: str, field: str) -> None:
    problem(admin.ask("GET", f"/analytics/unanswered?{query}"), 400, field)


def test_days_the_wrong_way_round_have_nothing(admin: Administrator) -> None:
    told = admin.ask("GET", "/analytics/unanswered?from=2026-03-02&to=2026-03-01")
    assert told.json() == {"items": [], "nextCursor": None}
