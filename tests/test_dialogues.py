"""The conversations that are scored, and the rules that score them."""

from typing import Any

import pytest

from bench.dialogues import Conversation, Run, Turn, conversations, faults, page
from chalicelib.knowledge import seed


def answer(content: str = "", *found: str, **parts: Any) -> dict[str, Any]:
    sources = [{"entryId": name} for name in found]
    return {"content": content, "sources": sources, "escalated": False, **parts}


def test_there_are_sixty_and_they_name_entries_that_there_are() -> None:
    every = conversations()
    assert len(every) == 60 and len({one.name for one in every}) == 60
    known = {entry.id for entry in seed.entries()}
    assert {name for one in every for turn in one.turn for name in turn.finds} <= known
    assert all(any(turn != Turn(turn.say) for turn in one.turn) for one in every)


@pytest.mark.parametrize(
    ("turn", "good", "bad"),
    [
        (Turn("", finds=("a", "b")), answer("", "x", "b"), answer("", "x")),
        (Turn("", contains_any=("R$ 100", "cem")), answer("custa r$\n100"), answer("custa 10")),
        (Turn("", contains_none=("não sei",)), answer("sei"), answer("Nao  SEI")),
        (Turn("", unanswered=True), answer("fale com suporte@example.com"), answer("não sei")),
        (Turn("", unanswered=True), answer("não sei", contact={"email": "x"}), answer("fale", "a", contact={"x": ""})),
        (Turn("", escalated=True), answer(escalated=True), answer()),
    ],
)
def test_a_rule_is_kept_or_broken(turn: Turn, good: dict[str, Any], bad: dict[str, Any]) -> None:
    assert list(faults(turn, good)) == [] and len(list(faults(turn, bad))) == 1


def test_what_has_changed_since_the_last_run_is_a_table() -> None:
    every = [Conversation(name, "memory", (Turn("oi"),)) for name in ("one", "two", "three")]
    told = page("knowledge", every, Run({"one": (), "two": ("x",), "three": ()}), Run({"one": ("y",), "two": ("x",)}))
    assert "2 of 3" in told and "| one | fails | kept |" in told and "| three | not there | kept |" in told
    assert "| two |" not in told and "**two**: x" in told
