"""Which answers people share, judged by sets that somebody wrote who had not seen the code (tests/data/cache)."""

import dataclasses
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.adapters.memory import MemoryBreaker, MemoryLive
from chalicelib.chat.model import Answer
from chalicelib.chat.ports import Keepsake, ModelFailed, Prompt, Trip
from chalicelib.chat.sharing import signature
from chalicelib.settings import Settings
from tests.chat.room import INDEX, Room, ScriptedModel, ScriptedStream
from tests.chat.test_sessions import identity
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
    assert hits / len(rows) >= 0.7


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


class Echo(ScriptedModel):
    """Says everything it was told: the worst a model can do with what is not for others."""

    def stream(self, prompt: Prompt, timeout: float) -> ScriptedStream:
        told = " ".join((prompt.system, *(content for _, content in prompt.turns)))
        return ScriptedStream([told])


class Remembering(MemoryLive):
    """Text in flight that also remembers what was given to others."""

    def __init__(self) -> None:
        super().__init__(lambda: 0.0, MemoryBreaker(lambda: 0.0))
        self.shared: list[Answer] = []

    def end(self, session_id: str, reply_id: str, keep: Keepsake | None = None, worked: str = "") -> Trip:
        self.shared += [keep.answer] if keep else []
        return super().end(session_id, reply_id, keep, worked)


def echoing() -> tuple[Room, list[Answer]]:
    """A conversation with Echo, and what of it is given to others."""
    room, live = Room(Echo(), CACHE_TTL_SECONDS="3600"), Remembering()
    room.ports = dataclasses.replace(room.ports, live=live)
    return room, live.shared


SECRET = st.text("bcdfgjklmnpqrtvxz", min_size=6, max_size=10).map(lambda letters: f"{letters}zq")
NUMBER = st.integers(10_000, 10**9).map(str)
ASIDES = (
    "me chamo {secret}",
    "moro na rua {secret}, {number}",
    "meu e-mail é {secret}@exemplo.com",
    "meu telefone é {number}",
    "meu pedido {number} não chegou",
    "meu CPF é {number}",
    "a senha do portão é {secret}",
    "o prestador {secret} não veio",
)
QUESTIONS = (
    QUESTION,
    "como cancelar um pedido?",
    "quais as formas de pagamento?",
    "vocês atendem encanador?",
    "e quanto custa?",
)


@pytest.mark.requirement("R8.2")
@settings(max_examples=150, deadline=None)
@given(
    secret=SECRET,
    number=NUMBER,
    before=st.lists(st.sampled_from(ASIDES), max_size=2),
    aside=st.sampled_from((*ASIDES, "")),
    question=st.sampled_from(QUESTIONS),
    first=st.booleans(),
)
def test_nothing_personal_or_of_the_conversation_is_ever_shared(
    secret: str, number: str, before: list[str], aside: str, question: str, first: bool
) -> None:
    room, shared = echoing()
    page = {"url": f"https://site.example/pedidos/{number}", "title": f"Pedido de {secret}"}
    room.start(identityToken=identity(room, sub=number, name=secret), context=page)
    for said in before:
        room.ask(said.format(secret=secret, number=number))
    parts = [question, aside.format(secret=secret, number=number)]
    room.ask(" ".join(filter(None, parts if first else reversed(parts))))
    told = msgspec.json.encode(shared).decode()
    assert secret not in told and number not in told


def test_an_answer_that_only_repeats_a_general_question_is_shared() -> None:
    room, shared = echoing()  # or the test above could not fail
    room.start(identityToken=identity(room))
    room.ask(QUESTION)
    assert [QUESTION in answer.content for answer in shared] == [True]


@pytest.mark.requirement("R8.2")
def test_an_answer_from_before_a_change_reaches_nobody_after_it() -> None:
    room = sharing(["Antes."], ["Enquanto muda."], ["Atrasada."], ["Depois."])
    room.start()
    assert room.ask(QUESTION)["content"] == "Antes."
    room.live.changing(2)
    assert room.ask(QUESTION)["content"] == "Enquanto muda."
    room.live.changed(2)
    late = room.ask(QUESTION)  # by a process that has not read the change yet
    room.knowledge = replace(room.knowledge, version=2)
    after = room.ask(QUESTION)
    again = room.ask(QUESTION)
    assert [(reply["content"], reply["cached"]) for reply in (late, after, again)] == [
        ("Atrasada.", False),
        ("Depois.", False),
        ("Depois.", True),
    ]
