"""How many things a second are let through."""

from __future__ import annotations

import time


class Rate:
    """A bucket that holds one second's share. It belongs to the event loop; `status` is for who finds it empty."""

    def __init__(self, per_second: int, status: int = 429) -> None:
        self.status = status
        self._per_second = per_second
        self._left = float(per_second)
        self._at = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._per_second, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
