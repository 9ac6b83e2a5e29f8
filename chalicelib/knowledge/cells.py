"""What a spreadsheet's cell says, and how it is written so that it is read back as it was.

A cell that begins with `= + - @`, a tab or a carriage return would be a formula to a spreadsheet: it gets an apostrophe
before it, and loses it when it comes back.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib.knowledge.model import Draft, Link

_FORMULA = re.compile(r"'*[=+\-@\t\r]")  # an apostrophe that was there gets another one
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")
_BETWEEN = " | "  # a link's label and its address, which has no spaces
FLAGS = dict.fromkeys(("true", "verdadeiro", "sim", "1"), True) | dict.fromkeys(("false", "falso", "não", "0"), False)
COLUMNS = ("id", *(field.encode_name for field in msgspec.structs.fields(Draft)))
LISTS = frozenset(
    field.encode_name for field in msgspec.structs.fields(Draft) if isinstance(field.default, tuple)
)  # one element a line


def cells(row: Mapping[str, Any]) -> list[str]:
    """An entry's values by name → its cells, in the order of COLUMNS."""
    return [_guarded(_written(name, row[name])) for name in COLUMNS]


def value(name: str, cell: str) -> Any:
    """What a cell that is not empty says; a text that is not what the column takes stays a text."""
    text = cell[1:] if _NEUTRALISED.match(cell) else cell
    if name in LISTS:
        return _elements(name, text)
    return FLAGS.get(text.strip().lower(), text) if name == "active" else text


def _guarded(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _written(name: str, said: Any) -> str:
    """A list is a line for each element or, where that would be read as something else, JSON."""
    if name not in LISTS:
        return str(said).lower() if isinstance(said, bool) else said
    lines = "\n".join(f"{one.label}{_BETWEEN}{one.url}" if isinstance(one, Link) else one for one in said)
    plain = [msgspec.to_builtins(one) for one in said]
    return lines if not said or _elements(name, lines) == plain else msgspec.json.encode(plain).decode()


def _elements(name: str, text: str) -> list[Any]:
    if text.startswith("["):
        try:
            return msgspec.json.decode(text, type=list[Any])
        except msgspec.DecodeError:
            pass  # a line that begins so
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return [_link(line) for line in lines] if name == "links" else lines


def _link(line: str) -> dict[str, str]:
    label, between, url = line.rpartition(_BETWEEN)
    return {"label": label.strip(), "url": url.strip()} if between else {"label": line}
