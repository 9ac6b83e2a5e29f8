"""What people type as it is meant, where they draw letters out, mask a word, or slip on a long one."""

import re
from collections.abc import Iterable

SLIP_FROM = 7  # letters: a shorter word has too many neighbours
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}|([aeiou])\2+\b")
_MASKED = re.compile(r"(?<![\w$@*])(?=[\w$@*]*[a-z])(?=[\w$@*]*[\d$@*])[\w$@*]{3,20}")
_STANDS_FOR = str.maketrans("013457@$", "oieastas")
_WORD = re.compile(r"[a-z]{6,}")


class Spelling:
    """`masked`: words to find behind figures and asterisks. `slips`: long words to find one slip away."""

    def __init__(self, masked: Iterable[str], slips: Iterable[str]) -> None:
        self._masked = tuple(masked)
        self._slips = {near: word for word in slips if len(word) >= SLIP_FROM for near in _one_less(word)}
        self._right = frozenset(slips)

    def put_right(self, text: str) -> str:
        """Folded text with those words as they are meant: "m3rda, que palhasada" → "merda, que palhacada"."""
        drawn = _DRAWN_OUT.sub(lambda run: run[1] or run[2], text)
        return _WORD.sub(self._slip, _MASKED.sub(self._unmasked, drawn))

    def _unmasked(self, found: re.Match[str]) -> str:
        shape = re.compile(re.escape(found[0].translate(_STANDS_FOR)).replace(r"\*", "[a-z]"))
        return next((word for word in self._masked if shape.fullmatch(word)), found[0])

    def _slip(self, found: re.Match[str]) -> str:
        """The word that this is when each has lost a letter at most: one more, one less, one wrong, two swapped."""
        written = found[0]
        if written in self._right:
            return written
        return next((self._slips[near] for near in _one_less(written) if near in self._slips), written)


def _one_less(word: str) -> Iterable[str]:
    """The word itself, and each it is without one letter."""
    return (word, *(word[:place] + word[place + 1 :] for place in range(1, len(word))))
