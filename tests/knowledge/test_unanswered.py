"""Questions that were not answered well come together by what they ask, and become knowledge."""

import pytest

from chalicelib.errors import Invalid, Stale
from chalicelib.knowledge import language, unanswered
from chalicelib.knowledge.model import Entry, made
from chalicelib.knowledge.unanswered import Doubt, Group, MoreQuestions, NewDraft, grouped
from tests.knowledge.library import AT, Shelf, draft


def together(*questions: str, known: tuple[Entry, ...] = (), limit: int = 100) -> tuple[Group, ...]:
    doubts = [Doubt(question, AT + number, "unanswered") for number, question in enumerate(questions)]
    return grouped(doubts, language.of("pt-BR"), known, limit)


def test_what_is_alike_is_one_group_and_the_most_frequent_comes_first() -> None:
    asked = (
        "vcs consertam telescópio?",
        "tem cupom de desconto",
        "voces conserta telescopio",
        "CONSERTO DE TELESCÓPIO",
        "cupom   de desconto?",
        "Tem cupom de desconto",
        "vende gato?",
        "quem conserta o telescópio",
    )
    groups = together(*asked)
    assert [group.count for group in groups] == [4, 3, 1]
    assert {question for question in asked if "tel" in question.lower()} == set(groups[0].questions)
    assert groups[1].questions[0] == "tem cupom de desconto" and groups[2].questions == ("vende gato?",)
    assert (groups[0].unanswered, groups[0].unhelpful, groups[0].kept_in) == (4, 0, None)
    assert groups[0].last_at.timestamp() * 1000 == AT + 7
    assert together(*asked, limit=1) == groups[:1]


def test_questions_without_a_word_that_names_anything_are_kept_apart_and_break_nothing() -> None:
    assert [group.count for group in together("oi?", "???", "🙂", "oi?", "como é que é")] == [2, 1, 1, 1]
    assert together() == ()


def test_a_group_says_what_answered_it_in_vain_and_what_has_been_done_about_it() -> None:
    kept = made(draft("Telescópios", questions=("Vocês consertam telescópio?",), active=False), "tele", AT, "ana")
    doubts = [Doubt("voces consertam telescopio?", AT, "unhelpful", name) for name in ("x", "y", "y")]
    (group,) = grouped([*doubts, Doubt("consertam telescópio", AT, "unanswered")], language.of("pt-BR"), [kept], 9)
    assert (group.count, group.unhelpful, group.unanswered) == (4, 3, 1)
    assert group.entry_ids == ("y", "x") and group.kept_in == "tele"


def test_a_group_becomes_a_draft_that_nobody_gets_for_an_answer() -> None:
    shelf = Shelf()
    questions = ("consertam telescópio?", "telescopio", "consertam telescópio?")
    entry = unanswered.draft(shelf.library, NewDraft(questions=questions), "ana")
    assert shelf.store.entries() == [entry] and shelf.store.entries(active=True) == []
    assert (entry.title, entry.questions, entry.updated_by) == (questions[0], questions[:2], "ana")
    titled = unanswered.draft(shelf.library, NewDraft(questions=("x" * 500,), category="service"), "ana")
    assert len(titled.title) == 200 and titled.category == "service"


def test_an_entry_gets_the_questions_that_it_has_not() -> None:
    shelf = Shelf()
    shelf.put(made(draft("A", questions=("Quanto custa?",)), "a", AT, "ana"))
    more = MoreQuestions(("quanto custa?", "Qual o preço?"))
    assert unanswered.add_questions(shelf.library, "a", 1, more, "bia").questions == ("Quanto custa?", "Qual o preço?")
    with pytest.raises(Stale):
        unanswered.add_questions(shelf.library, "a", 1, MoreQuestions(("E hoje?",)), "bia")
    with pytest.raises(Invalid):
        unanswered.add_questions(shelf.library, "a", 2, MoreQuestions(tuple(f"q{n}" for n in range(99))), "bia")
