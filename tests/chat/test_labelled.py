"""Search, intents and moods against questions written by somebody who had not seen the code (tests/data).

The floors are a little under what was measured on the open two thirds; the held-back third is scored by hand, once a
change of the code is finished, and its figures are in docs/evidence.
"""

import json
from typing import Any

import pytest

from chalicelib.chat import retrieval
from chalicelib.chat.escalation import mood_of
from chalicelib.chat.intents import classify
from chalicelib.chat.model import Header, Message, Tail
from chalicelib.chat.retrieval import Grounds
from chalicelib.knowledge import seed
from chalicelib.settings import Settings
from tests.chat.room import INDEX
from tests.server import ROOT

Row = dict[str, Any]
LABELS = ("calm", "mild", "strong")


def open_rows(name: str) -> list[Row]:
    lines = (ROOT / "tests" / "data" / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if not row["held_back"]]


def share(rows: list[Row], right: Any) -> float:
    return sum(bool(right(row)) for row in rows) / len(rows)


def _emergency(row: Row) -> bool:
    return any(name.startswith("emergency-") for name in row["entries"])


@pytest.mark.requirement("R2.3")
def test_questions_as_people_type_them_find_their_entry() -> None:
    rows = [row for row in open_rows("questions") if row["entries"]]
    found = {row["id"]: [hit.entry.id for hit in grounds_of(row["question"]).found.hits] for row in rows}
    assert share(rows, lambda row: {*found[row["id"]][:1]} & {*row["entries"]}) >= 0.97
    assert share(rows, lambda row: {*found[row["id"]]} & {*row["entries"]}) >= 0.99
    sure = [grounds_of(row["question"]).answerable for row in rows]
    assert sum(sure) / len(rows) >= 0.9


@pytest.mark.requirement("R2.3")
def test_the_seed_answers_the_questions_that_were_written_for_it() -> None:
    rows = [row for row in open_rows("regression") if row["entries"]]
    found = {row["id"]: [hit.entry.id for hit in INDEX.search(row["question"], row["user_type"]).hits] for row in rows}
    assert share(rows, lambda row: {*found[row["id"]][:1]} & {*row["entries"]}) >= 0.95
    assert share(rows, lambda row: {*found[row["id"]]} & {*row["entries"]}) >= 0.99


@pytest.mark.requirement("R2.3")
def test_an_emergency_asked_for_word_for_word_needs_no_cue() -> None:
    for entry in seed.entries():
        for question in entry.questions if entry.emergency else ():
            assert grounds_of(question).entry == entry, question


@pytest.mark.requirement("R6.1")
def test_most_questions_without_an_answer_are_known_as_such() -> None:
    rows = [row for row in open_rows("questions") if not row["entries"]]
    assert share(rows, lambda row: not grounds_of(row["question"]).answerable) >= 0.6


@pytest.mark.requirement("R6.1")
def test_what_no_entry_answers_is_hardly_ever_answered_without_a_doubt() -> None:
    rows = [row for row in open_rows("unanswerable") if row["kind"] != "near"]
    found = [grounds_of(row["question"]) for row in rows]
    assert sum(one.answerable for one in found) / len(found) <= 0.23
    assert sum(one.answerable and not one.doubtful for one in found) / len(found) <= 0.1
    known = [grounds_of(row["question"]) for row in open_rows("questions") if row["entries"]]
    assert sum(one.doubtful for one in known) / len(known) <= 0.1


def grounds_of(question: str) -> Grounds:
    """What a conversation that begins with this question is answered from."""
    header = Header(session_id="s", owner="visitor:v", user_type="anonymous", locale="pt-BR", created_at=0)
    asked = Message(session_id="s", seq=1, message_id="s-1q", sender="user", at=0, content=question)
    return retrieval.search(INDEX, Tail(header, ()), asked, Settings().answer_threshold)


def test_emergencies_are_recognised_and_ordinary_questions_are_none() -> None:
    rows = open_rows("questions")
    emergencies = [row for row in rows if _emergency(row)]
    others = [row for row in rows if not _emergency(row)]

    def alarmed(row: Row) -> bool:
        return (entry := grounds_of(row["question"]).entry) is not None and entry.emergency

    assert share(emergencies, alarmed) >= 0.95
    assert not [row["question"] for row in others if alarmed(row)]


def test_intents_are_told_from_the_wording() -> None:
    assert share(open_rows("intents"), lambda row: classify(row["text"]) == row["intent"]) >= 0.92


@pytest.mark.requirement("R6.5")
def test_whoever_wants_a_person_is_understood_and_calm_people_are_left_in_peace() -> None:
    rows = open_rows("escalation")
    escalated = {row["id"] for row in rows if mood_of(row["text"]) in ("person", "strong")}
    wishes = [row for row in rows if row["expect"] == "person"]
    assert all(mood_of(row["text"]) == "person" for row in wishes)
    assert share([r for r in rows if r["expect"] == "strong"], lambda row: row["id"] in escalated) >= 0.9
    assert not [row["text"] for row in rows if row["expect"] == "none" and row["id"] in escalated]


@pytest.mark.requirement("R6.5")
def test_frustration_is_noticed_and_calm_people_are_not_alarmed() -> None:
    moods = {label: [mood_of(r["text"]) for r in open_rows("frustration") if r["label"] == label] for label in LABELS}
    noticed = [mood != "none" for label in ("mild", "strong") for mood in moods[label]]
    assert sum(noticed) / len(noticed) >= 0.98
    assert moods["strong"].count("strong") / len(moods["strong"]) >= 0.98
    assert moods["calm"].count("none") / len(moods["calm"]) >= 0.98
    assert "strong" not in moods["calm"] and "person" not in moods["calm"]


@pytest.mark.requirement("R6.5")
def test_every_way_to_ask_for_a_person_is_obeyed_and_talk_of_people_is_no_request() -> None:
    rows = open_rows("person")
    assert [row["text"] for row in rows if (mood_of(row["text"]) == "person") != (row["label"] == "person")] == []


@pytest.mark.parametrize(
    ("message", "mood"),
    [
        ("não resolve, que merda", "strong"),  # the "não" denies what stands beside it, not what follows
        ("não estou furioso", "none"),
        ("nao foi uma vergonha", "none"),
        ("ja falei", "mild"),
        ("JÁ FALEI", "strong"),  # shouting makes a sign louder, and is none by itself
        ("OBRIGADO PELA AJUDA DE VOCES", "none"),
        ("vc não entendeu", "mild"),  # two cues, but the same words
        ("🤬", "strong"),
        ("o chuveiro não funciona, quanto custa o conserto?", "none"),
        ("o pintor pode me ligar antes de vir?", "none"),
        ("vocês podem me ligar?", "person"),
        ("nãoooo acredito, absuuurdo", "strong"),  # letters drawn out, masked, slipped
        ("que m3rd@ de atendimento", "strong"),
        ("p*rra", "strong"),
        ("palhasada", "strong"),
        ("pode avisar na portaria?", "none"),
        ("ngm responde", "mild"),
        ("ninguém vai estar em casa, pode ser à tarde?", "none"),
        ("não estou reclamando, só quero entender", "none"),
        ("minha pia entupiu de novo, quanto custa?", "none"),
        ("o encanador não apareceu", "none"),  # told as a fact
        ("o encanador não apareceu e ninguém me avisou", "mild"),
        ("se o encanador não aparecer, posso cancelar?", "none"),
        ('ele escreveu "péssimo atendimento", posso contestar?', "none"),
        ("a piscina está nojenta, vocês limpam?", "none"),
    ],
)
def test_signs_are_weighed(message: str, mood: str) -> None:
    assert mood_of(message) == mood


@pytest.mark.parametrize(
    "calm",
    [
        "problema no chuveiro",
        "quanto tempo demora",
        "novamente obrigado",
        "recursos humanos",
        "gerente de obras",
        "pior quarto",
        "cachorro perdido",
        "não estou irritado",
        "QUERO PINTAR A SALA",
    ],
)
def test_what_the_original_took_for_frustration_is_left_in_peace(calm: str) -> None:
    assert mood_of(calm) in ("none", "mild")
    assert mood_of(calm) == "none" or calm.isupper()
