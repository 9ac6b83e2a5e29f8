"""The machine's clock and its source of unguessable ids."""

import secrets
import time


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class RandomIds:
    def new(self) -> str:
        """22 characters, 128 bits; `-` is left out because message ids use it."""
        return secrets.token_urlsafe(16).replace("-", "_")
