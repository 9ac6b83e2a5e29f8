"""What the knowledge search promises whoever writes entries and whoever asks."""

import pytest

from chalicelib.knowledge import seed
from chalicelib.knowledge.model import Audience, Entry
from chalicelib.knowledge.passages import MAX_WORDS
from chalicelib.knowledge.search import Found, Index

SEED = Index(seed.entries(), seed.synonyms())


def entry(
    name: str, content: str = "", audience: Audience = "everyone", locale: str = "pt-BR", **rest: object
) -> Entry:
    content = content or f"Sobre {name}."
    return Entry(id=name, category="faq", title=name, content=content, audience=audience, locale=locale, **rest)  # type: ignore[arg-type]


def ids(found: Found) -> list[str]:
    return [hit.entry.id for hit in found.hits]


def test_an_alternative_question_finds_its_entry_word_for_word() -> None:
    missed = [
        question
        for one in seed.entries()
        for question in one.questions
        if ids(SEED.search(question))[:1] != [one.id] or SEED.search(question).confidence < 0.9
    ]
    assert missed == []


@pytest.mark.requirement("R2.3")
def test_accents_capitals_and_punctuation_make_no_difference() -> None:
    for plain in ("eletrica", "ELÉTRICA!!", "elétrica", "  Eletrica ?"):
        assert SEED.search(plain) == SEED.search("elétrica")


@pytest.mark.requirement("R2.3")
def test_a_slip_of_the_finger_is_corrected() -> None:
    index = Index([entry("encanador"), entry("pintor"), entry("jardineiro")])
    for slip in ("encandor", "encanaador", "encanadro", "ebcanador"):
        assert ids(index.search(f"preciso de um {slip}")) == ["encanador"]
        assert index.explain(slip).readings[0].corrected == "encanador"


@pytest.mark.requirement("R2.3")
def test_a_slip_that_leaves_two_words_possible_finds_either() -> None:
    index = Index([entry("cantor"), entry("castor"), entry("pintor")])
    assert set(ids(index.search("onde está o cator?"))) == {"cantor", "castor"}


@pytest.mark.requirement("R2.3")
def test_what_is_written_for_short_or_drawn_out_is_read_in_full() -> None:
    index = Index([entry("pago depois", questions=("Quando é que você paga?",)), entry("hoje"), entry("de novo")])
    assert ids(index.search("qdo eh q vc pagaaaa?")) == ["pago depois"]
    assert ids(index.search("hj")) == ["hoje"]
    assert ids(index.search("dnv")) == ["de novo"]


@pytest.mark.requirement("R2.3")
@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("fachineira", "faxineira"),
        ("igienizassao", "higienização"),
        ("incanadôr", "encanador"),
        ("serrviso", "serviço"),
        ("egienizassaum", "higienização"),
    ],
)
def test_words_written_as_they_are_heard_are_understood(heard: str, meant: str) -> None:
    index = Index([entry("faxineira"), entry("higienização"), entry("encanador"), entry("serviço")])
    assert ids(index.search(heard)) == [meant]


def test_synonyms_lead_to_entries_that_do_not_have_the_word() -> None:
    index = Index([entry("faxina"), entry("pintura")], [["faxina", "limpeza"]])
    assert ids(index.search("limpeza")) == ["faxina"]
    assert ids(Index([entry("faxina"), entry("pintura")]).search("limpeza")) == []


def test_synonyms_may_be_of_several_words() -> None:
    groups = [["marido de aluguel", "faz-tudo", "quebra-galho"], ["eletricista", "tomada queimada"]]
    entries = [entry("marido de aluguel"), entry("eletricista"), entry("tomada")]
    index = Index(entries, groups)
    assert ids(index.search("um quebra galho"))[0] == "marido de aluguel"
    assert "eletricista" in ids(index.search("estou com a tomada queimada"))
    assert "eletricista" not in ids(Index(entries).search("estou com a tomada queimada"))


def test_what_is_asked_word_for_word_is_found_before_anything_that_fits_better() -> None:
    words = "vidro janela porta sala quarto"
    other = entry("vidro janela porta", f"{words}. " * 5, questions=(words + " já",), keywords=(words,))
    index = Index([other, entry("fogo", questions=("Vidro, janela, porta: sala, quarto?",))])
    assert ids(index.search(words))[0] == "fogo"
    found = index.said("VIDRO janela porta sala quarto", "client")
    assert found and found.id == "fogo"
    assert index.said("vidro janela porta sala") is None


def test_what_is_asked_word_for_word_of_others_is_nobodys() -> None:
    index = Index([entry("a", audience="providers", questions=("quando recebo?",))])
    assert index.said("quando recebo", "client") is None
    assert index.said("quando recebo", "provider") is not None


def test_stop_words_alone_still_find_what_consists_of_them() -> None:
    index = Index([entry("quem", questions=("quem são vocês?",)), entry("pintura")])
    assert ids(index.search("mas quem são vocês então"))[:1] == ["quem"]


def test_providers_and_clients_see_only_what_is_for_them_and_visitors_all() -> None:
    index = Index([entry("pedido a", audience="clients"), entry("pedido b", audience="providers"), entry("pedido c")])
    assert set(ids(index.search("pedido", "client"))) == {"pedido a", "pedido c"}
    assert set(ids(index.search("pedido", "provider"))) == {"pedido b", "pedido c"}
    assert len(ids(index.search("pedido"))) == 3


def test_related_entries_are_others_that_exist_and_are_for_whoever_asks() -> None:
    one = entry("pintura", related=("pintura", "reforma", "gone", "carteira", "painting"))
    index = Index([one, entry("reforma"), entry("carteira", audience="providers"), entry("painting", locale="en")])
    assert [other.id for other in index.related(one)] == ["reforma", "carteira"]
    assert [other.id for other in index.related(one, "client")] == ["reforma"]


def test_an_alternative_question_of_others_is_not_found_either() -> None:
    index = Index([entry("a", audience="providers", questions=("quando recebo?",)), entry("b", "Quando recebo.")])
    assert ids(index.search("quando recebo?", "client")) == ["b"]


def test_a_language_has_its_own_entries_or_else_the_default_ones() -> None:
    index = Index([entry("limpeza", "A casa."), entry("cleaning", "The house.", locale="en")])
    assert ids(index.search("cleaning a house", locale="en")) == ["cleaning"]
    assert ids(index.search("cleaning", locale="pt-BR")) == []
    assert ids(Index([entry("limpeza")]).search("limpeza", locale="en")) == ["limpeza"]


def test_each_language_has_its_own_endings() -> None:
    index = Index([entry("cleaned houses", locale="en"), entry("solicitações")])
    assert ids(index.search("cleaning a house", locale="en")) == ["cleaned houses"]
    assert ids(index.search("solicitacao")) == ["solicitações"]


def test_a_long_entry_is_found_by_any_of_its_parts_and_takes_one_place() -> None:
    filler = "Esta frase fala de outra coisa qualquer. " * 800
    long = entry("manual", f"{filler}\n\nO jacarandá floresce.\n\n{filler}")
    index = Index([long, entry("pintura"), entry("outra", "Outra coisa.")])
    assert len(filler.split()) > MAX_WORDS
    assert ids(index.search("quando floresce o jacarandá?"))[0] == "manual"
    assert ids(index.search("outra coisa qualquer")).count("manual") == 1


@pytest.mark.parametrize(
    "said", ["", "   ", "?!…", "😀", '"isso? (', "AND OR NOT", "título:[a TO b]", "zzzz", "a" * 2000]
)
def test_nothing_that_is_typed_breaks_the_search(said: str) -> None:
    found = SEED.search(said)
    assert found.hits == () or found.confidence < 1


def test_an_alternative_question_without_words_is_nobodys() -> None:
    assert ids(Index([entry("a", questions=("?",))]).search("!!")) == []


def test_an_index_without_entries_finds_nothing() -> None:
    assert Index([]).search("faxina") == Found((), 0.0)


def test_what_the_entries_do_not_have_is_less_sure_than_what_they_have() -> None:
    known = SEED.search("como cancelo um pedido?")
    unknown = SEED.search("qual a capital da Mongólia?")
    assert known.answers(0.5) and not unknown.answers(0.15)


def test_courtesies_ask_for_nothing() -> None:
    assert Index([entry("reclamar", "Muito obrigado por avisar.")]).search("muito obrigado!").confidence == 0.0


@pytest.mark.parametrize("question", ["quanto custa a faxna?", "to sentindo cheiro de gás"])
def test_the_explanation_adds_up_to_the_score(question: str) -> None:
    told = SEED.explain(question)
    found = SEED.search(question)
    assert [reason.entry_id for reason in told.reasons] == ids(found)
    for reason, hit in zip(told.reasons, found.hits, strict=True):
        assert reason.score == hit.score == pytest.approx(sum(reason.parts.values()), abs=0.01)
    assert told.confidence == found.confidence


def test_the_explanation_says_how_words_were_taken_and_where_they_are() -> None:
    told = SEED.explain("quanto custa a faxna zorblax?")
    readings = {reading.word: reading for reading in told.readings}
    assert readings["faxna"].corrected == "faxina" and "limpez" in readings["faxna"].synonyms
    assert [word for word, reading in readings.items() if reading.unknown] == ["zorblax"]
    found = {(match.word, match.field): match.found for match in told.reasons[0].matches}
    assert found["faxna", "title"] == ("limpeza",) and found["faxna", "questions"][0] == "faxina"
    assert "zorblax" not in {word for word, _ in found}


def test_the_version_names_exactly_these_entries_and_synonyms() -> None:
    one = Index([entry("a")])
    assert one.version == Index([entry("a")]).version
    assert one.version != Index([entry("b")]).version != Index([entry("b")], [["b", "c"]]).version


def test_the_paragraph_that_answers_is_told_from_the_first() -> None:
    one = entry("horta", "A horta fica nos fundos.\n\nA irrigação dura duas horas.")
    index = Index([one])
    assert index.best_paragraph(one, "quanto dura a irrigação?") == "A irrigação dura duas horas."
    assert index.best_paragraph(one, "onde fica?") == "A horta fica nos fundos."
