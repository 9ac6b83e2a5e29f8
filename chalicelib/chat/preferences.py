"""What a person says of themselves in passing, kept for the rest of the conversation and shown to the model."""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

MAX_LENGTH = 60


def learned_from(message: str) -> dict[str, str]:
    """New facts by name: "me chamo Ana e moro em Campinas" → {"name": "Ana", "city": "Campinas"}."""
    found = {name: _first(patterns, message) for name, patterns in _patterns().items()}
    return {name: value for name, value in found.items() if value}


def _first(patterns: list[re.Pattern[str]], message: str) -> str:
    matches = (pattern.search(message) for pattern in patterns)
    return next((m.group(1).strip()[:MAX_LENGTH] for m in matches if m), "")


@lru_cache
def _patterns() -> dict[str, list[re.Pattern[str]]]:
    table = tomllib.loads((files("chalicelib.chat.cues") / "preferences.toml").read_text("utf-8"))
    return {name: [re.compile(one, re.IGNORECASE) for one in found] for name, found in table.items()}
