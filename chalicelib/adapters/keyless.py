"""The assistant without a model: says what the knowledge says, by the same path and at a reader's pace."""

import re
from collections.abc import Iterator

from chalicelib.chat.ports import Clock, Piece, Prompt


class KeylessStream:
    def __init__(self, text: str, clock: Clock, pause: float) -> None:
        self._words = self._spoken(text, clock, pause)

    def __iter__(self) -> "KeylessStream":
        return self

    def __next__(self) -> Piece:
        return next(self._words)

    def close(self) -> None:
        """Nothing is held; the reader stops at its next word."""

    @staticmethod
    def _spoken(text: str, clock: Clock, pause: float) -> Iterator[Piece]:
        for word in re.findall(r"\S+\s*|\s+", text):
            yield Piece(text=word)
            if pause:
                clock.sleep(pause)
        yield Piece(finish="stop")


class KeylessModel:
    """The Model port, answering with the prompt's grounded answer word by word."""

    name = "knowledge"

    def __init__(self, clock: Clock, pause: float) -> None:
        """`pause` is the time between words, in seconds."""
        self._clock = clock
        self._pause = pause

    def stream(self, prompt: Prompt, timeout: float) -> KeylessStream:
        return KeylessStream(prompt.grounded, self._clock, self._pause)
