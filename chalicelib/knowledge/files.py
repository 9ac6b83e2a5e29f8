"""The knowledge as a file: JSONL, one entry a line, or CSV as spreadsheets read and save it.

What is exported and comes back is what it was. CSV is written with `;` and a BOM, which a Brazilian spreadsheet opens
rightly, and read with `;` or `,`, with a BOM or without.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec
from msgspec import Struct

from chalicelib.errors import BadRows, Fault, Invalid, named
from chalicelib.knowledge.cells import COLUMNS, cells, value
from chalicelib.knowledge.entries import check
from chalicelib.knowledge.model import Draft, Entry

Format = Literal["jsonl", "csv"]

MOST_ROWS = 20_000
INLINE_BYTES = 5_000_000  # of a file that is sent as an answer; Lambda's has room for 6 MB
MOST_ROW_BYTES = 400_000  # an entry's 100 KB of content may be escaped, and it has other fields
NAMES = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
# Ids that are paths of the REST API.
TAKEN = frozenset(("drafts", "evaluate", "export", "import", "questions", "search"))
BOM = "\ufeff"
NOT_UTF_8 = "is not UTF-8; save it as “CSV UTF-8”"
csv.field_size_limit(MOST_ROW_BYTES)


class Row(Struct, frozen=True):
    """One row of a file: what it says, or what is wrong with it. `entry_id` is "" for a new entry."""

    number: int
    entry_id: str = ""
    draft: Draft | None = None
    faults: tuple[Fault, ...] = ()


class _Line(Draft, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    id: str = ""


def written(entries: Iterable[Entry], form: Format) -> str:
    """The file of these entries."""
    if form == "jsonl":
        return "".join(f"{msgspec.json.encode(_said(entry)).decode()}\n" for entry in entries)
    out = io.StringIO(newline="")
    table = csv.writer(out, delimiter=";")
    table.writerow(COLUMNS)
    table.writerows(cells(_said(entry)) for entry in entries)
    return BOM + out.getvalue()


def read(data: bytes) -> list[Row]:
    """The rows of a file of either kind. Raises BadRows when it is none, for its first row that cannot be read."""
    text = _text(data)
    rows = _json_rows(text) if text.lstrip().startswith("{") else _csv_rows(text)
    found = []
    for row in rows:
        found.append(row)
        if len(found) > MOST_ROWS:
            raise BadRows([Fault(row.number, "row", f"is one too many; a file holds at most {MOST_ROWS}")])
    if not found:
        raise BadRows([Fault(1, "row", "is missing; the file has no entries")])
    return found


def _said(entry: Entry) -> dict[str, Any]:
    said = msgspec.structs.asdict(entry)
    names = ((field.encode_name, said[field.name]) for field in msgspec.structs.fields(Draft))
    return {"id": entry.id, **dict(names)}


def _text(data: bytes) -> str:
    try:
        return data.decode().removeprefix(BOM)
    except UnicodeDecodeError as error:
        raise BadRows([Fault(data.count(b"\n", 0, error.start) + 1, "row", NOT_UTF_8)]) from error


def _json_rows(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MOST_ROW_BYTES:
            yield _bad(number, "row", f"holds at most {MOST_ROW_BYTES} characters")
        elif line.strip():
            yield _row(number, line)


def _csv_rows(text: str) -> Iterator[Row]:
    first = text.partition("\n")[0]
    comma = max(";,", key=lambda sign: len(set(COLUMNS) & set(_header(first, sign))))
    records = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True), 1)
    number = 0
    try:
        number, header = next(records, (0, []))
        names = _names(header)
        for number, record in records:
            if any(record):
                yield _record(number, names, record)
    except csv.Error as error:
        raise BadRows([Fault(number + 1, "row", f"is not CSV: {error}")]) from error


def _header(line: str, sign: str) -> list[str]:
    return [name.strip().strip('"') for name in line.split(sign)]


def _names(header: list[str]) -> list[str]:
    """The columns' names; an empty one at the end is what some spreadsheets leave."""
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    unknown = [name for place, name in enumerate(names) if name not in COLUMNS or name in names[:place]]
    if unknown or not names:
        detail = f"is no column, or there twice; there are {', '.join(COLUMNS)}"
        raise BadRows([Fault(1, name[:100], detail) for name in unknown or ["row"]])
    return names


def _record(number: int, names: list[str], record: list[str]) -> Row:
    if any(record[len(names) :]):
        return _bad(number, "row", "has more cells than there are columns")
    return _row(number, {name: value(name, cell) for name, cell in zip(names, record, strict=False) if cell})


def _row(number: int, said: str | dict[str, Any]) -> Row:
    try:
        line = msgspec.json.decode(said, type=_Line) if isinstance(said, str) else msgspec.convert(said, _Line)
        draft = Draft(**{name: getattr(line, name) for name in Draft.__struct_fields__})
        check(draft)
    except Invalid as error:
        return Row(number, faults=tuple(Fault(number, field, detail) for field, detail in error.details.items()))
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        field, detail = named(error)
        return _bad(number, field or "row", detail)
    return Row(number, line.id, draft)


def _bad(number: int, field: str, detail: str) -> Row:
    return Row(number, faults=(Fault(number, field, detail),))
