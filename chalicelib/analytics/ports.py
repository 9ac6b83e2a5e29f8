"""What counting needs from outside; adapters/ has what stands behind it. Each call raises Unavailable."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from msgspec import Struct

from chalicelib.analytics.facts import Fact
from chalicelib.analytics.figures import ByUserType
from chalicelib.analytics.sessions import Part


class Contribution(Struct, frozen=True, omit_defaults=True):
    """What the facts of one hour add to one hour: to themselves the turns, to where a conversation began its part."""

    turns: ByUserType = {}
    parts: tuple[Part, ...] = ()


class Facts(Protocol):
    def facts(self, hour: int) -> Iterable[Fact]:
        """Every fact of that hour since 1970 UTC, in no order, each at least once."""


class Rollups(Protocol):
    """Hours are whole ones since 1970 UTC. Every read sees every write that returned before it."""

    def rolled_until(self) -> int:
        """The hour before which every hour was read; 0 before any."""

    def save_rolled_until(self, hour: int) -> None: ...

    def targets(self, source: int) -> frozenset[int]:
        """The hours that this one may have contributed to."""

    def save_targets(self, source: int, targets: Iterable[int]) -> None: ...

    def replace(self, target: int, source: int, contribution: Contribution | None) -> None:
        """Keep it in place of what `source` contributed to `target` before; None: nothing."""

    def contributions(self, target: int) -> list[Contribution]:
        """All that was contributed to an hour. Parts of one conversation may be in several."""

    def save_hour(self, hour: int, figures: ByUserType) -> None: ...

    def hours(self, since: int, until: int) -> dict[int, ByUserType]:
        """The figures of the hours from `since` to before `until` that have any."""

    def save_day(self, day: date, figures: ByUserType) -> None: ...

    def days(self, since: date, until: date) -> dict[date, ByUserType]:
        """The figures of the days from `since` to `until`, both included, that have any."""
