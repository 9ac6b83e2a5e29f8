"""The weights of the measures: data, fitted by bench/fit_retrieval.py."""

import math
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from operator import mul

from msgspec import Struct

from chalicelib.knowledge.ranking import FINER, MEASURES

FILE = "weights.toml"
SIGNS = (
    "bias",
    "score",  # of the first entry
    "lead",  # of its score over the second's
    "raw",  # its score times what the question weighs: a long question proves more
    "unknown",  # the share of the question that no entry has
)


class Weights(Struct, frozen=True):
    """`first`: in the order of MEASURES; `second`: of MEASURES and FINER; `confidence`: of SIGNS."""

    first: tuple[float, ...]
    second: tuple[float, ...]
    confidence: tuple[float, ...]

    def certainty(self, signs: Sequence[float]) -> float:
        """The probability that the first entry answers, 0 to 1, by its signs."""
        return 1 / (1 + math.exp(-math.fsum(map(mul, signs, self.confidence))))


def load() -> Weights:
    """The product's weights."""
    table = tomllib.loads((files(__package__) / FILE).read_text("utf-8"))
    first = tuple(table["first"][name] for name in MEASURES)
    second = tuple(table["second"][name] for name in (*MEASURES, *FINER))
    return Weights(first, second, tuple(table["confidence"][name] for name in SIGNS))
