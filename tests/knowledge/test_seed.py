"""The knowledge that a new installation starts with: whole, consistent with itself, and nothing in it twice."""

import re
from collections import Counter

import pytest

from chalicelib.knowledge import language, seed
from chalicelib.knowledge.model import Entry
from chalicelib.knowledge.search import Index

words = language.of("pt-BR").words
ENTRIES = seed.entries()
BY_ID = {entry.id: entry for entry in ENTRIES}
SERVICES = [entry for entry in ENTRIES if entry.category == "service"]
ORDINARY = [entry for entry in ENTRIES if not entry.emergency]
MAX_FIRST_SENTENCE = 160  # characters; what a phone shows of a reply without scrolling
CATEGORY_OF = {
    "service": "service",
    "faq": "faq",
    "provider": "faq",
    "nav": "navigation",
    "policy": "policy",
    "trouble": "troubleshooting",
    "emergency": "troubleshooting",
}
PAGES = {
    "/",
    "/cadastro-prestador/",
    "/contact/",
    "/entrar/",
    "/faq/",
    "/help-support/",
    "/meus-pedidos/",
    "/painel-prestador/",
    "/perfil/",
    "/privacidade/",
    "/recuperar-senha/",
    "/reembolso/",
    "/services/",
    "/solicitacoes-prestador/",
    "/termos/",
}
PUBLIC_NUMBERS = {"tel:188", "tel:190", "tel:192", "tel:193"}
PRICE = re.compile(r"R\$ (\d{1,3}(?:\.\d{3})*) a R\$ (\d{1,3}(?:\.\d{3})*)\b")
RULES = {
    "commission, percent": (r"[Cc]omissão[^.]*?(\d+)%", "15"),
    "payout, business days": (r"até (\d+) dias úteis depois (?:de concluir|que o pedido)", "5"),
    "refund asked for within, days": (r"reembolso em até (\d+) dias", "7"),
    "refund paid within, business days": (r"(?:pago|volta) [^.]*?em até (\d+) dias úteis", "10"),
    "the team answers within, business days": (r"respost\w+ (?:\w+ )?em até (\d+) dias úteis", "2"),
    "a provider is approved within, business days": (r"aprovação [^.]*?leva até (\d+) dias úteis", "3"),
    "waiting for each other, minutes": (r"(?:espere|depois de) (\d+) minutos (?:antes|sem)", "30"),
    "a request about personal data, days": (r"(?:exclusão|resposta) [^.]*?em até (\d+) dias(?! úteis)", "15"),
}

each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
each_service = pytest.mark.parametrize("entry", SERVICES, ids=lambda entry: entry.id)


def test_there_is_enough_of_every_kind_and_for_everybody() -> None:
    kinds = Counter(entry.category for entry in ENTRIES)
    assert len(ENTRIES) >= 84
    assert kinds["service"] >= 30 and kinds["faq"] >= 35 and kinds["navigation"] >= 8
    assert kinds["policy"] >= 7 and kinds["troubleshooting"] >= 15
    audiences = Counter(entry.audience for entry in ENTRIES)
    assert audiences["everyone"] >= 50 and audiences["clients"] >= 10 and audiences["providers"] >= 10


def test_every_entry_has_its_own_id_and_title() -> None:
    assert len(BY_ID) == len(ENTRIES)
    assert len({entry.title.casefold() for entry in ENTRIES}) == len(ENTRIES)


@each_entry
def test_an_id_says_its_category(entry: Entry) -> None:
    assert entry.category == CATEGORY_OF[entry.id.partition("-")[0]]


@each_entry
def test_the_first_sentence_is_short(entry: Entry) -> None:
    first = re.split(r"(?<=[.!?])\s", entry.content.strip().replace("**", ""))[0]
    assert len(first) <= MAX_FIRST_SENTENCE and first.endswith((".", "!"))


@each_entry
def test_an_entry_is_asked_for_in_several_ways(entry: Entry) -> None:
    assert 3 <= len(entry.questions) <= 40 and len(set(entry.questions)) == len(entry.questions)
    assert len(entry.keywords) >= 4 and len(set(entry.keywords)) == len(entry.keywords)
    assert 2 <= len(entry.follow_ups) <= 3


def test_no_question_leads_to_two_entries() -> None:
    asked = Counter(" ".join(words(question)) for entry in ENTRIES for question in entry.questions)
    assert [question for question, times in asked.items() if times > 1] == []


@each_entry
def test_related_entries_exist_and_are_for_the_same_people(entry: Entry) -> None:
    assert entry.related and entry.id not in entry.related and len(set(entry.related)) == len(entry.related)
    for name in entry.related:
        assert {entry.audience, BY_ID[name].audience} != {"clients", "providers"}, name


@pytest.mark.parametrize("user_type", ["anonymous", "client", "provider"])
def test_a_related_entry_is_found_by_its_title(user_type: str) -> None:
    """Its title is what a suggestion asks."""
    index = Index(ENTRIES, seed.synonyms())
    related = {other.id: other for entry in ENTRIES for other in index.related(entry, user_type)}
    found = {name: index.search(other.title, user_type).best for name, other in related.items()}
    assert {name for name, best in found.items() if best is None or best.id != name} == set()


@each_entry
def test_links_lead_to_pages_of_the_site_or_to_public_numbers(entry: Entry) -> None:
    addresses = [link.url for link in entry.links]
    assert addresses and len(set(addresses)) == len(addresses) and all(link.label for link in entry.links)
    assert set(addresses) <= (PAGES | PUBLIC_NUMBERS if entry.emergency else PAGES)


@pytest.mark.requirement("R2.4")
@each_service
def test_a_service_says_its_price_what_it_includes_how_long_it_takes_and_how_to_book(entry: Entry) -> None:
    assert "incluíd" in entry.content and re.search(r"à parte|não fazem parte|separados", entry.content)
    assert re.search(r"\d+ (minutos|hora|dia)|\d+h", entry.content)
    assert re.search(r"^Para pedir.*página Serviços", entry.content, re.MULTILINE)
    assert entry.providers and "/services/" in {link.url for link in entry.links}
    for price in entry.price.split(";"):
        [(least, most)] = PRICE.findall(price)
        assert int(least.replace(".", "")) < int(most.replace(".", "")), price


def test_only_services_have_a_price() -> None:
    assert not [entry.id for entry in ENTRIES if (entry.price or entry.providers) and entry.category != "service"]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_one_figure_wherever_it_is_told(rule: str) -> None:
    pattern, figure = RULES[rule]
    told = [match[1] for entry in ORDINARY for match in re.finditer(pattern, "\n".join((entry.content, *entry.steps)))]
    assert told and set(told) == {figure}


def amounts(price: str) -> tuple[int, int]:
    """The first range of a price, in reais."""
    least, most = PRICE.findall(price)[0]
    return int(least.replace(".", "")), int(most.replace(".", ""))


@pytest.mark.parametrize(("part", "whole"), [("service-chuveiro", "service-eletrica")])
def test_what_two_entries_sell_has_a_price_that_fits_both(part: str, whole: str) -> None:
    (least, most), (lower, upper) = amounts(BY_ID[part].price), amounts(BY_ID[whole].price)
    assert lower <= least and most <= upper


def test_a_month_of_cleaning_costs_less_than_four_days_and_more_than_three() -> None:
    (day, dear_day), (month, dear_month) = (
        amounts(BY_ID[name].price) for name in ("service-limpeza", "service-diarista-mensal")
    )
    assert 3 * day < month < 4 * day and 3 * dear_day < dear_month < 4 * dear_day


def test_providers_accept_requests_and_clients_approve_quotes() -> None:
    told = "\n".join(text for entry in ORDINARY for text in (entry.content, *entry.questions, *entry.steps))
    assert not re.search(r"aceit\w+ (?:o|esse|um|seu|este) orçamento|aprov\w+ (?:o|um|esse|seu) pedido", told)


def test_there_is_no_app_and_no_entry_says_otherwise() -> None:
    assert BY_ID["faq-aplicativo"].content.startswith("Não temos aplicativo")
    told = [text for entry in ENTRIES if entry.id != "faq-aplicativo" for text in (entry.content, *entry.steps)]
    named = [sentence for text in told for sentence in language.sentences(text) if "aplicativo" in sentence]
    assert named and all("banco" in sentence or "dele" in sentence for sentence in named)


def test_a_word_has_one_group_of_synonyms() -> None:
    groups = seed.synonyms()
    listed = Counter(" ".join(words(word)) for group in groups for word in {" ".join(words(w)) for w in group})
    assert all(len(group) >= 2 for group in groups)
    assert [word for word, times in listed.items() if times > 1] == []
