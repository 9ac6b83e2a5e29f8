"""Which answers people share, judged by sets that somebody wrote who had not seen the code (tests/data/cache)."""

import json
from typing import Any

import pytest

from chalicelib.chat.ports import ModelFailed
from chalicelib.chat.sharing import signature
from chalicelib.settings import Settings
from tests.chat.room import INDEX, Room, ScriptedModel
from tests.server import ROOT

Row = dict[str, Any]
QUESTION = "quanto custa uma faxina?"


def open_rows(name: str) -> list[Row]:
    lines = (ROOT / "tests" / "data" / "cache" / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if not row["held_back"]]


@pytest.mark.requirement("R8.2")
def test_most_of_a_days_questions_share_an_answer_and_none_the_wrong_one() -> None:
    seen: dict[tuple[str, ...], str] = {}
    hits = 0
    rows = open_rows("workload")
    for row in rows:
        asked = signature(INDEX, row["question"])
        if asked is None or INDEX.search(row["question"]).confidence < Settings().answer_threshold:
            continue
        hits += asked in seen
        assert seen.setdefault(asked, row["intent"]) == row["intent"], row["question"]
    assert hits / len(rows) >= 0.6


@pytest.mark.requirement("R8.2")
def test_near_misses_share_nothing() -> None:
    for row in open_rows("near_misses"):
        if row.get("user_type_a") == row.get("user_type_b"):
            one, other = signature(INDEX, row["a"]), signature(INDEX, row["b"])
            assert one is None or one != other, row


def test_nothing_personal_is_shared() -> None:
    for row in open_rows("personal"):
        if row["why"] != "harmless":
            assert signature(INDEX, row["question"]) is None, row["question"]


def sharing(*scripts: list[str], **settings: str) -> Room:
    return Room(ScriptedModel(*scripts), **{"CACHE_TTL_SECONDS": "3600", **settings})


def test_the_second_person_gets_the_answer_of_the_first() -> None:
    room = sharing(["R$ 150 a R$ 280."])
    room.start()
    first = room.ask(QUESTION)
    room.start("other")
    room.say("oi, qual o preço da limpeza, por favor?", "other")
    room.work()
    second = room.seen("other")[-1]
    assert (first["cached"], second["cached"]) == (False, True)
    assert second["content"] == first["content"] and second["sources"] == first["sources"]
    assert len(room.model.prompts) == 1


def test_an_answer_for_others_is_written_without_knowing_anybody() -> None:
    room = sharing(["Prazer."], ["R$ 150."])
    room.start(context={"url": "https://site.example/segredo", "title": "Minha página"})
    room.ask("oi, me chamo Ana")
    room.ask(QUESTION)
    prompt = room.model.prompts[-1]
    assert prompt.turns == (("user", QUESTION),)
    assert "Ana" not in prompt.system and "segredo" not in prompt.system


def test_languages_do_not_share() -> None:
    room = sharing(["Um."], ["Dois."])
    room.start()
    room.ask(QUESTION)
    room.start("english", locale="en")
    room.say(QUESTION, "english")
    room.work()
    assert room.seen("english")[-1]["content"] == "Dois."


def test_an_answer_with_a_word_of_the_asker_is_kept_to_the_asker() -> None:
    room = sharing(["Xyzzy, custa R$ 150."], ["R$ 150."])
    room.start()
    room.ask(f"{QUESTION} xyzzy")
    room.ask(QUESTION)
    assert len(room.model.prompts) == 2


def test_a_fallback_is_not_shared() -> None:
    room = Room(ScriptedModel([ModelFailed("http_500", retryable=False)], ["Inteira."]), CACHE_TTL_SECONDS="3600")
    room.start()
    assert room.ask(QUESTION)["finish"] == "fallback"
    assert room.ask(QUESTION)["content"] == "Inteira."


def test_a_shared_answer_lives_for_its_time() -> None:
    room = sharing(["Hoje."], ["Amanhã."])
    room.start()
    room.ask(QUESTION)
    room.clock.sleep(3601)
    assert room.ask(QUESTION)["content"] == "Amanhã."


def test_zero_seconds_share_nothing() -> None:
    room = sharing(["Um."], ["Dois."], CACHE_TTL_SECONDS="0")
    room.start()
    room.ask(QUESTION)
    assert room.ask(QUESTION)["content"] == "Dois."
