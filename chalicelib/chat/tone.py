"""How a message sounds where no single cue tells: a linear model over its words, their parts, and the signs in it.

Its weights are data (cues/tone.json), fitted to labelled messages by bench/fit_tone.py.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from chalicelib.chat import signs
from chalicelib.chat.cues import load

FILE = "tone.json"
PARTS = range(2, 6)  # letters of a part of a word
LONG_WORDS = 40  # from here on a message is as long as any
_MARKS = {"dots": r"\.\.\.", "exclaims": "!!", "wonders": r"\?\?", "asks": r"\?\s*$"}
_TOKEN = re.compile(r"\w+|[?!]")


class Tone(Struct, frozen=True):
    """Above 0: displeased, and strongly so; the further from it, the surer."""

    displeased: float
    strongly: float


class Weights(Struct, frozen=True):
    """By feature: what it adds to `displeased` and to `strongly`."""

    by_feature: dict[str, tuple[float, float]]

    def tone_of(self, message: str, found: int) -> Tone:
        weighed = [self.by_feature[one] for one in features(message, found) if one in self.by_feature]
        return Tone(sum(one for one, _ in weighed), sum(one for _, one in weighed))


def features(message: str, found: int) -> frozenset[str]:
    """What the model sees of a message in which that many signs were found, by kind and name, such as `word:nunca`."""
    cues = load("frustration")
    said = signs.own_words(message)
    plain = cues.spelt_out(said)
    tokens = _TOKEN.findall(plain)
    seen = {"bias", f"signs:{min(found, signs.MANY)}", f"length:{min(len(tokens), LONG_WORDS) // 5}"}
    seen |= {f"cue:{group}" for group in cues.groups if cues.mentions(group, plain)}
    seen |= {f"mark:{name}" for name, mark in _MARKS.items() if re.search(mark, said)}
    seen |= {"mark:shouts"} if signs.shouted(message) else set()
    return frozenset(seen.union(_of_words(tokens)))


def _of_words(tokens: list[str]) -> Iterator[str]:
    framed = ["^", *tokens, "$"]
    for n, token in enumerate(tokens, 1):
        yield f"word:{token}"
        yield f"two:{framed[n - 1]} {token}"
        yield f"three:{framed[n - 1]} {token} {framed[n + 1]}"
        yield f"around:{framed[n - 1]} _ {framed[n + 1]}"
        word = f" {token} "
        for size in PARTS:
            for at in range(len(word) - size + 1):
                yield f"part:{word[at : at + size]}"
    yield f"two:{framed[-2]} $"


@lru_cache
def load_weights() -> Weights:
    """The product's weights."""
    told = (files("chalicelib.chat.cues") / FILE).read_bytes()
    return msgspec.json.decode(told, type=Weights)


def tone_of(message: str, found: int) -> Tone:
    """The tone of a message in which the cues found that many signs."""
    return load_weights().tone_of(message, found)
