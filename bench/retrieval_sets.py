"""Questions with known answers: open sets beside the repository, and the product's own.

The open sets (faquad-pt, banking77-en, clinc150-en) are not part of the repository; they are looked for in
`../shared/data`. The product's are the seed's alternative questions, each kind left out of the index in turn, and the
open lines of tests/data/questions.jsonl.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from chalicelib.knowledge import seed
from chalicelib.knowledge.model import Entry

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
OPEN_SETS = ("faquad-pt", "banking77-en", "clinc150-en")
OWN_SETS = ("questions", "regression")
FOLDS = 4

Question = tuple[str, frozenset[str]]


@dataclass(frozen=True)
class Labelled:
    """Entries, and questions with the ids of the entries that answer them."""

    name: str
    entries: tuple[Entry, ...]
    questions: tuple[Question, ...]
    synonyms: tuple[tuple[str, ...], ...] = ()

    @property
    def locale(self) -> str:
        return self.entries[0].locale


def there() -> bool:
    return all((DATA / name).is_dir() for name in OPEN_SETS)


def open_set(name: str) -> Labelled:
    locale = "pt-BR" if name.endswith("-pt") else "en"
    entries = tuple(
        Entry(id=row["id"], category="faq", title=row["title"], content=row["content"], locale=locale)
        for row in _rows(DATA / name / "docs.jsonl")
    )
    rows = _rows(DATA / name / "queries.jsonl")
    return Labelled(name, entries, tuple((row["question"], frozenset(row["relevant"])) for row in rows))


def out_of_scope() -> list[str]:
    """Questions that no entry of clinc150-en answers."""
    return [row["question"] for row in _rows(DATA / "clinc150-en" / "oos.jsonl")]


def seed_folds() -> Iterator[Labelled]:
    """The seed without every fourth alternative question, which is asked instead."""
    entries, synonyms = seed.entries(), tuple(map(tuple, seed.synonyms()))
    for fold in range(FOLDS):
        kept = tuple(
            replace(entry, questions=tuple(q for n, q in enumerate(entry.questions) if n % FOLDS != fold))
            for entry in entries
        )
        asked = tuple((q, frozenset((e.id,))) for e in entries for n, q in enumerate(e.questions) if n % FOLDS == fold)
        yield Labelled("seed", kept, asked, synonyms)


def regression() -> Labelled:
    """The seed with the open questions that people might type, those that it does not answer included."""
    rows = [row for name in OWN_SETS for row in own_rows(name, held_back=False)]
    asked = tuple((row["question"], frozenset(row["entries"])) for row in rows)
    return Labelled("regression", seed.entries(), asked, tuple(map(tuple, seed.synonyms())))


def own_rows(name: str, *, held_back: bool) -> list[dict[str, Any]]:
    """The lines of one of OWN_SETS; those held back are for scoring once, when a change is finished."""
    lines = (ROOT / "tests" / "data" / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["held_back"] is held_back]


def answered(labelled: Labelled) -> Labelled:
    """Without the questions that nothing answers."""
    return Labelled(labelled.name, labelled.entries, tuple(q for q in labelled.questions if q[1]), labelled.synonyms)


def half_hidden(labelled: Labelled, chance: int = 3) -> Labelled:
    """The set with a random half of its entries only; the questions stay."""
    kept = random.Random(chance).sample(labelled.entries, len(labelled.entries) // 2)
    return Labelled(labelled.name, tuple(kept), labelled.questions, labelled.synonyms)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
