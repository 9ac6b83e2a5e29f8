"""Faults on demand: what networks, Lambda and API Gateway do now and then, done as often as asked.

For development and tests. Each fault has dice of its own, so that with the same seed it strikes at the same turns
whatever the other faults do; which message's turn it is, is up to the threads.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from runtime.wire import Delivery

FAULTS = {
    "delay": "a message to a function or a browser is late, and so is what follows it to that browser",
    "drop": "a message to a function or a browser is lost",
    "duplicate": "it comes twice, to a function both at once",
    "reorder": "it is overtaken by what follows it",
    "kill": "a function dies midway",
    "freeze": "the process stands still when a function has returned, as on Lambda",
    "gone": "@connections answers 410",
    "too_large": "@connections answers 413",
    "throttled": "@connections answers 429",
    "failed": "@connections answers 500",
}
_ANSWERS = {
    "gone": Delivery.GONE,
    "too_large": Delivery.TOO_LARGE,
    "throttled": Delivery.FULL,
    "failed": Delivery.FAILED,
}
_TIE_SECONDS = 1e-6  # between messages that are due together: the event loop does not keep their order


@dataclass(frozen=True)
class Plan:
    """`rates` has the share of messages or calls, 0 to 1, that each fault strikes; `longest` is in seconds."""

    rates: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    longest: float = 0.3

    def __post_init__(self) -> None:
        """Raises ValueError, which says what is wrong."""
        if unknown := set(self.rates) - set(FAULTS):
            raise ValueError(f"there is no fault {', '.join(sorted(unknown))}; there are {', '.join(FAULTS)} and all")
        if wrong := [name for name, rate in self.rates.items() if not 0 <= rate <= 1]:
            raise ValueError(f"{wrong[0]}={self.rates[wrong[0]]} is not a share from 0 to 1")
        if not 0 < self.longest <= 10:
            raise ValueError(f"longest={self.longest} is not a number of seconds above 0 and up to 10")


def parse(text: str) -> Plan:
    """`drop=0.2,kill=0.05,seed=7`; `all=0.05` is every fault that is not named. Raises ValueError."""
    given: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = part.partition("=")
        try:
            given[name.strip()] = int(value) if name.strip() == "seed" else float(value)
        except ValueError:
            raise ValueError(f"{part} is not a fault and its share, such as drop=0.2") from None
    return plan(given)


def plan(given: Mapping[str, Any]) -> Plan:
    """From the names and numbers of the command line or of a JSON object. Raises ValueError."""
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{name} is not a number")
    rates = dict(given)
    seed, longest, everything = rates.pop("seed", 0), rates.pop("longest", Plan.longest), rates.pop("all", 0)
    if not isinstance(seed, int):
        raise ValueError("seed is not a whole number")
    return Plan({**(dict.fromkeys(FAULTS, everything) if everything else {}), **rates}, seed, longest)


class Faults:
    """Decides what is struck. Thread-safe; without a plan nothing is."""

    def __init__(self, first: Plan | None = None) -> None:
        self._throwing = threading.Lock()
        self.follow(first or Plan())

    def follow(self, new: Plan) -> None:
        """Go by this plan from now on, with fresh dice."""
        with self._throwing:
            self._plan = new
            self._struck: Counter[str] = Counter()
            self._dice = {name: random.Random(f"{new.seed}/{name}") for name in (*FAULTS, "seconds", "place")}

    def describe(self) -> dict[str, Any]:
        """The plan, and how often each fault has struck since it is in force."""
        current = asdict(self._plan)
        return {**current.pop("rates"), **current, "struck": dict(self._struck)}

    def strikes(self, fault: str) -> bool:
        rate = self._plan.rates.get(fault, 0)
        struck = rate > 0 and self._throw(fault) < rate
        if struck:
            self._struck[fault] += 1
        return struck

    def seconds(self) -> float:
        """How long something that is struck takes."""
        return self._throw("seconds") * self._plan.longest

    def one_of(self, places: int) -> int:
        """One of so many places, from 0."""
        return int(self._throw("place") * places)

    def answer(self) -> Delivery | None:
        """What @connections says in place of delivering."""
        return next((answer for fault, answer in _ANSWERS.items() if self.strikes(fault)), None)

    def _throw(self, dice: str) -> float:
        with self._throwing:
            return self._dice[dice].random()


class Line:
    """The way to one browser. All of it belongs to the event loop."""

    def __init__(self, faults: Faults, send: Callable[[str], Delivery]) -> None:
        self._faults = faults
        self._send = send
        self._due = 0.0

    def post(self, text: str) -> Delivery:
        """What is struck counts as sent: neither API Gateway nor a function would know."""
        if self._faults.strikes("drop"):
            return Delivery.SENT
        delivery = self._pass(text)
        return self._pass(text) if self._faults.strikes("duplicate") else delivery

    def _pass(self, text: str) -> Delivery:
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._faults.strikes("reorder"):
            loop.call_later(self._faults.seconds(), self._send, text)
            return Delivery.SENT
        if self._faults.strikes("delay"):
            self._due = max(self._due, now) + self._faults.seconds()
        if self._due <= now:
            return self._send(text)
        self._due += _TIE_SECONDS
        loop.call_at(self._due, self._send, text)
        return Delivery.SENT
