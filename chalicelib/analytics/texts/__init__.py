"""The words of reports, a file for each language, and how numbers and days are written in it."""

import tomllib
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any


class Words:
    """`words["cards"]["sessions"]`, and numbers as people of that language write them; "–" for none."""

    def __init__(self, texts: dict[str, Any]) -> None:
        self._texts = texts

    def __getitem__(self, name: str) -> Any:
        return self._texts[name]

    def number(self, value: float | None, digits: int = 0) -> str:
        if value is None:
            return "–"
        swap = str.maketrans({",": self["thousands"], ".": self["decimal"]})
        return f"{value:,.{digits}f}".translate(swap)

    def share(self, value: float | None) -> str:
        return "–" if value is None else f"{self.number(value * 100, 1)} %"

    def milliseconds(self, value: float | None) -> str:
        return "–" if value is None else f"{self.number(value / 1000, 2)} s"

    def day(self, value: date) -> str:
        return value.strftime(self["date"])

    def weekday(self, value: date) -> str:
        return f"{self['weekdays'][str(value.isoweekday())]} {value.day}"


@lru_cache
def words(locale: str) -> Words:
    """Raises FileNotFoundError for a language that there is none of."""
    return Words(tomllib.loads((files(__name__) / f"{locale}.toml").read_text("utf-8")))
