"""Texts compared by groups of three letters."""

import pytest

from chalicelib.knowledge import language
from chalicelib.knowledge.letters import Letters
from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.passages import Lexicon, Reader, cut

LANGUAGE = language.of("pt-BR")
TEXTS = (
    ("Troca de torneira", "Trocamos a torneira da pia. Traga a peça nova."),
    ("Faxina", "A faxina dura seis horas. Levamos os produtos."),
    ("Torneira", "De quem é a torneira?"),
)


@pytest.fixture(scope="module")
def letters() -> Letters:
    lexicon = Lexicon(LANGUAGE)
    reader = Reader(lexicon)
    entries = (Entry(id=f"e{n}", category="faq", title=title, content=text) for n, (title, text) in enumerate(TEXTS))
    passages = [passage for number, entry in enumerate(entries) for passage in cut(entry, number, reader)]
    return Letters(tuple(lexicon), passages)


def covered(letters: Letters, question: str) -> list[float]:
    asked = letters.asked(LANGUAGE.words(question))
    return [round(letters.covered(asked, number), 3) for number in range(len(TEXTS))]


def test_a_passage_covers_its_own_words_in_their_order_and_others_less(letters: Letters) -> None:
    for number, (title, text) in enumerate(TEXTS):
        for said in (title, *text.rstrip(".?").split(". ")):
            shares = covered(letters, said)
            assert shares[number] == 1.0, said
    assert covered(letters, "trocamos a torneira")[0] == 1.0 > covered(letters, "trocamos torneira")[0]


def test_a_misspelt_word_keeps_some_of_its_letters(letters: Letters) -> None:
    first, second, _ = covered(letters, "tornera")
    assert second < 0.3 < first < 1.0


def test_what_is_rare_counts_more(letters: Letters) -> None:
    """Of "torneira levamos" the first has more groups, which the third has too; the second's are all its own."""
    common, rare, _ = covered(letters, "torneira levamos")
    assert 0.0 < common < rare < 1.0


def test_a_word_said_twice_counts_once(letters: Letters) -> None:
    once, twice = letters.asked(["faxina", "xyzzy"]), letters.asked(["xyzzy", "faxina", "xyzzy"])
    assert (once.inside, once.size) == (twice.inside, twice.size)


def test_letters_that_no_passage_has_lower_the_share(letters: Letters) -> None:
    assert covered(letters, "faxina xyz")[1] < covered(letters, "faxina")[1] == 1.0
    assert covered(letters, "xyz") == covered(letters, "") == [0.0, 0.0, 0.0]


def test_likeness_is_one_for_the_same_words_in_any_order_and_nought_for_others(letters: Letters) -> None:
    asked = letters.asked(LANGUAGE.words("torneira de troca"))
    assert letters.like_title(asked, 0) == pytest.approx(1.0)
    assert letters.like_title(asked, 1) == 0.0 < letters.like_title(asked, 2) < 1.0
    assert letters.like_sentence(letters.asked(["levamos", "os", "produtos"]), 1, 1) == pytest.approx(1.0)
    assert letters.like_sentence(letters.asked([]), 1, 1) == 0.0


def test_no_passages_are_no_trouble() -> None:
    asked = Letters((), ()).asked(["faxina"])
    assert (asked.inside, asked.size, asked.places) == (0, 7, ())
