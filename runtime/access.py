"""The access log: a line on stdout for whatever was done. No bodies, no query strings, no tokens."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_log = logging.getLogger("runtime.access")


@dataclass
class Entry:
    """What a line will say once the thing is done."""

    status: int | str = 200


def print_access_log(wanted: bool) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    _log.handlers = [handler]
    _log.propagate = False
    _log.setLevel(logging.INFO if wanted else logging.CRITICAL)


@contextmanager
def timed(what: str, connection_id: str = "") -> Iterator[Entry]:
    entry = Entry()
    start = time.perf_counter()
    try:
        yield entry
    finally:
        spent = (time.perf_counter() - start) * 1000
        # A whole connection id is the right to write to that browser; eight characters find it in a log.
        _log.info("%-40s %7s %6.0f ms  %s", what, entry.status, spent, connection_id[:8])
