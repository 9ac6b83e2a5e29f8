"""The knowledge that a new installation starts with: usual prices and rules, for administrators to make their own."""

import tomllib
from importlib.resources import files

import msgspec

from chalicelib.knowledge.model import Draft, Entry

FILES = (
    "service-cleaning",
    "service-repairs",
    "service-building",
    "service-household",
    "faq-clients",
    "faq-providers",
    "navigation",
    "policy",
    "troubleshooting",
    "emergency",
)


def entries(locale: str = "pt-BR") -> tuple[Entry, ...]:
    """Every seed entry. Raises msgspec.ValidationError when a file does not hold entries."""
    folder = files(__name__) / locale
    tables = [tomllib.loads((folder / f"{name}.toml").read_text("utf-8")) for name in FILES]
    return tuple(_entry(row) for table in tables for row in table["entry"])


def synonyms(locale: str = "pt-BR") -> list[list[str]]:
    """Groups of words and short phrases that people use for one thing."""
    table = tomllib.loads((files(__name__) / locale / "synonyms.toml").read_text("utf-8"))
    return msgspec.convert(table["groups"], list[list[str]])


def _entry(row: dict[str, object]) -> Entry:
    """The files say `follow_ups`, as TOML does; JSON says `followUps`."""
    names = {field.name: field.encode_name for field in msgspec.structs.fields(Draft)}
    said = {names.get(name, name): value for name, value in row.items() if name != "id"}
    return Entry(**msgspec.structs.asdict(msgspec.convert(said, Draft)), id=str(row["id"]))
