"""The product's own sentences, by locale, from the files beside this one."""

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

LOCALES = ("pt-BR", "en")


@lru_cache
def _table(locale: str) -> dict[str, Any]:
    return tomllib.loads((files(__name__) / f"{locale}.toml").read_text("utf-8"))


def text(locale: str, key: str, **values: object) -> str:
    """The sentence `section.name` in `locale`, its braces filled in."""
    section, name = key.split(".")
    return str(_table(locale)[section][name]).format(**values)


def choices(locale: str, key: str) -> tuple[str, ...]:
    section, name = key.split(".")
    return tuple(_table(locale)[section][name])


def supported(asked: str | None, default: str) -> str:
    """The locale we have that is nearest to the one asked for: `en-GB` → `en`, `pt` → `pt-BR`."""
    language = (asked or "").replace("_", "-").split("-")[0].lower()
    return next((locale for locale in LOCALES if locale.split("-")[0] == language), default)
