"""The weights of the measures: data, fitted by bench/fit_retrieval.py."""

import math
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from operator import mul

from msgspec import Struct

from chalicelib.knowledge.ranking import MEASURES

FILE = "weights.toml"
SIGNS = (
    "bias",
    "score",  # of the first entry
    "lead",  # of its score over the second's
    "raw",  # its score times what the question weighs: a long question proves more
    "unknown",  # the share of the question that no entry has
)


class Weights(Struct, frozen=True):
    """`measures`: in the order of MEASURES; `confidence`: of SIGNS."""

    measures: tuple[float, ...]
    confidence: tuple[float, ...]

    def score(self, measures: Sequence[float]) -> float:
        return math.fsum(map(mul, measures, self.measures))

    def certainty(self, signs: Sequence[float]) -> float:
        """The probability that the first entry answers, 0 to 1, by its signs."""
        return 1 / (1 + math.exp(-math.fsum(map(mul, signs, self.confidence))))


def load() -> Weights:
    """The product's weights."""
    table = tomllib.loads((files(__package__) / FILE).read_text("utf-8"))
    return Weights(
        tuple(table["measures"][name] for name in MEASURES), tuple(table["confidence"][name] for name in SIGNS)
    )
