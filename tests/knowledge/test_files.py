"""The knowledge as a file: what goes out comes back, and what a spreadsheet or a person made of it is understood."""

import csv
import io
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import BadRows
from chalicelib.knowledge import files, seed
from chalicelib.knowledge.files import Format, Row
from chalicelib.knowledge.model import Draft, Entry, Link
from chalicelib.knowledge.transfer import REPLACEMENT, Import, Terms, bring_in
from tests.knowledge.library import Shelf

# Letters, what formulas begin with, what the formats themselves are made of, and anything else that UTF-8 can hold.
SIGNS = st.sampled_from(list("aç= +-@'\"\t\r\n;,|[]{}\\\ufeff\0🧽"))
# Without the sign that a broken file has in place of letters, which an import refuses.
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters=[REPLACEMENT])
TEXT = st.text(SIGNS | LETTERS, min_size=1, max_size=12)
WORDS = TEXT.filter(lambda text: any(not one.isspace() for one in text)).map(lambda text: f"{text}x")
LINES = st.lists(TEXT, max_size=3).map(tuple)
URLS = st.sampled_from(["/a", "https://x.y/?a=|&b=;", "tel:190"])
LINKS = st.lists(st.builds(Link, label=TEXT, url=URLS), max_size=2)
ENTRIES = st.builds(
    Entry,
    id=st.from_regex(files.NAMES, fullmatch=True).filter(lambda name: name not in files.TAKEN),
    category=st.sampled_from(["service", "faq"]),
    title=WORDS,
    content=WORDS,
    audience=st.sampled_from(["everyone", "clients"]),
    locale=st.sampled_from(["pt-BR", "en"]),
    questions=LINES,
    keywords=LINES,
    related=LINES,
    follow_ups=LINES,
    price=TEXT | st.just(""),
    providers=TEXT,
    url=st.sampled_from(["", "/a", "https://x.y/='+"]),
    steps=LINES,
    links=LINKS.map(tuple),
    active=st.booleans(),
)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@settings(max_examples=100, deadline=None)
@given(entries=st.lists(ENTRIES, min_size=1, max_size=3, unique_by=lambda entry: entry.id))
def test_what_is_exported_and_comes_back_is_what_it_was(form: Format, entries: list[Entry]) -> None:
    rows = files.read(files.written(entries, form).encode())
    assert [(row.entry_id, row.draft, row.faults) for row in rows] == [(one.id, one.draft, ()) for one in entries]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@settings(max_examples=50, deadline=None)
@given(entries=st.lists(ENTRIES, min_size=1, max_size=5, unique_by=lambda entry: entry.id))
def test_an_export_that_is_imported_changes_nothing(form: Format, entries: list[Entry]) -> None:
    shelf = Shelf()
    shelf.put(*entries)
    task = Import(files.read(files.written(shelf.store.entries(), form).encode()), Terms(mode="replace"), "ana", "i")
    done = bring_in(shelf.library, task)
    assert (done.unchanged, done.created, done.changed, done.deactivated) == (len(entries), 0, 0, 0)
    assert shelf.store.version() == 1
    empty = Shelf()
    bring_in(empty.library, task)
    assert {one.id: one.draft for one in empty.store.entries()} == {one.id: one.draft for one in entries}


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_the_seed_comes_back(form: Format) -> None:
    rows = files.read(files.written(seed.entries(), form).encode())
    assert [(row.entry_id, row.draft) for row in rows] == [(one.id, one.draft) for one in seed.entries()]


@settings(max_examples=100, deadline=None)
@given(entry=ENTRIES)
def test_no_cell_is_a_formula(entry: Entry) -> None:
    text = files.written([entry], "csv").removeprefix(files.BOM)
    for cell in next(iter(list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))[1:])):
        assert cell[:1] not in tuple("=+-@\t\r")


def only(text: str) -> Row:
    (row,) = files.read(text.encode())
    return row


HEADER = "id;category;title;content;questions;links;active"


@pytest.mark.parametrize(
    "text",
    [
        "id,category,title,content\r\na,faq,Horário,Das 8h às 20h\r\n",
        "\ufeffid;category;title;content\r\na;faq;Horário;Das 8h às 20h\r\n",
        '"id";"category";"title";"content"\n"a";"faq";"Horário";"Das 8h às 20h"',
        "content;title;category;id;;\nDas 8h às 20h;Horário;faq;a;;\n;;;;;\n",
        '{"id": "a", "category": "faq", "title": "Horário", "content": "Das 8h às 20h"}',
        '\ufeff\n{"content":"Das 8h às 20h","id":"a","category":"faq","title":"Horário","active":true}\r\n\r\n',
    ],
)
def test_one_entry_as_many_programs_write_it(text: str) -> None:
    row = only(text)
    assert (row.entry_id, row.draft) == ("a", Draft(category="faq", title="Horário", content="Das 8h às 20h"))


def test_what_a_brazilian_spreadsheet_makes_of_an_export() -> None:
    """Excel and LibreOffice in pt-BR: words for yes and no, breaks inside quotes, what was neutralised stays so."""
    row = only(
        f"\ufeff{HEADER}\r\n"
        'a;faq;\'=SOMA(1);"Linha 1\nLinha 2; com ""aspas""";"Abre?\nFecha? \n";"Ver | /x\n'
        'Ligar | tel:190";FALSO\r\n'
    )
    assert row.draft == Draft(
        category="faq",
        title="=SOMA(1)",
        content='Linha 1\nLinha 2; com "aspas"',
        questions=("Abre?", "Fecha?"),
        links=(Link("Ver", "/x"), Link("Ligar", "tel:190")),
        active=False,
    )


@pytest.mark.parametrize(
    ("said", "active"), [("VERDADEIRO", True), ("true", True), ("Sim", True), ("", True), ("NÃO", False), ("0", False)]
)
def test_yes_and_no_in_both_languages(said: str, active: bool) -> None:
    draft = only(f"{HEADER}\na;faq;T;C;;;{said}").draft
    assert draft and draft.active is active


GOOD = {"category": "faq", "title": "T", "content": "C"}


@pytest.mark.parametrize(
    ("text", "row", "field"),
    [
        ("", 1, "row"),
        (" \n", 1, "row"),
        (HEADER, 1, "row"),
        ("nome;title\na;b", 1, "nome"),
        ("id;title;id\na;b;c", 1, "id"),
        (f'{HEADER}\na;faq;T;C\nb;faq;"T;C\n', 3, "row"),
        (f'{HEADER}\na;faq;"T"x;C\n', 2, "row"),
        (f"{HEADER}\na;faq;T;{'x' * 1_000_000}", 2, "row"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_the_row_it_breaks_at(text: str, row: int, field: str) -> None:
    with pytest.raises(BadRows) as refused:
        files.read(text.encode())
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [(row, field)]


def test_another_encoding_is_named() -> None:
    with pytest.raises(BadRows) as refused:
        files.read(f"{HEADER}\na;faq;T;C\nb;faq;Horário;C".encode("cp1252"))
    assert [(fault.row, "UTF-8" in fault.detail) for fault in refused.value.faults] == [(3, True)]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (f"{HEADER}\na;notícia;T;C", "category"),
        (f"{HEADER}\na;faq;;C", "title"),
        (f"{HEADER}\na;faq;T;C;;;talvez", "active"),
        (f"{HEADER}\na;faq;T;C;;sem endereço;", "links[0].url"),
        (f"{HEADER}\na;faq;T;C;;;;mais;ainda", "row"),
        (f"{HEADER}\na;faq;T;{'ç' * 50_001}", "content"),
        ("{}", "category"),
        ("{", "row"),
        ("{" * 100_000, "row"),
        (msgspec.json.encode({**GOOD, "colour": "red"}).decode(), "colour"),
        (msgspec.json.encode({**GOOD, "questions": ["a", ""]}).decode(), "questions[1]"),
        (msgspec.json.encode({**GOOD, "content": "x" * 1_000_000}).decode(), "row"),
    ],
)
def test_a_row_that_is_no_entry_says_why(text: str, field: str) -> None:
    row = only(text)
    assert row.draft is None and [fault.field for fault in row.faults] == [field]


def test_a_line_that_is_no_json_costs_only_itself() -> None:
    good: Any = msgspec.json.encode(GOOD)
    rows = files.read(b"\n".join((good, b"{oops", good)))
    assert [(row.number, row.draft is None) for row in rows] == [(1, False), (2, True), (3, False)]


def test_more_rows_than_a_file_may_have_are_refused() -> None:
    with pytest.raises(BadRows) as refused:
        files.read(msgspec.json.encode(GOOD).join([b"\n"] * (files.MOST_ROWS + 2)))
    assert [fault.row for fault in refused.value.faults] == [files.MOST_ROWS + 2]
