"""Counts by size, from which percentiles are read: mergeable, small, and within ERROR of the truth.

A bucket holds what is at most GROWTH times larger than the bucket below, as in DDSketch (Masson and others, 2019). The
libraries that have it, ddsketch among them, keep their state as protobuf; here it is a dictionary in JSON.
"""

import math

from msgspec import Struct

ERROR = 0.01
GROWTH = (1 + ERROR) / (1 - ERROR)
_LOG_GROWTH = math.log(GROWTH)


class Histogram(Struct, omit_defaults=True):
    """Of whole numbers from 0. `counts`: bucket → how many; bucket -1 holds zeros."""

    counts: dict[int, int] = {}
    total: int = 0

    def add(self, value: int) -> None:
        bucket = math.ceil(math.log(value) / _LOG_GROWTH) if value > 0 else -1
        self.counts[bucket] = self.counts.get(bucket, 0) + 1
        self.total += max(0, value)

    def merge(self, other: "Histogram") -> None:
        for bucket, count in other.counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + count
        self.total += other.total

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    @property
    def mean(self) -> float | None:
        return self.total / self.count if self.counts else None

    def percentile(self, share: float) -> float | None:
        """The value that `share` (0–1) of all are not above; None when there are none."""
        rank, seen = max(1, math.ceil(share * self.count)), 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= rank:
                return 2 * GROWTH**bucket / (GROWTH + 1) if bucket >= 0 else 0.0
        return None
