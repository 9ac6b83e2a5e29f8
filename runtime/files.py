"""How many files a process may have open: each browser takes one."""

from __future__ import annotations

import resource
from contextlib import suppress

ENOUGH = 4096
OTHER_FILES = 200  # of the stores, and sockets to services


def raise_limit() -> str:
    """Allow this process, and those it starts, as many as the machine allows; a sentence where those are few."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS says "any number" and takes no such number
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY or allowed >= ENOUGH:
        return ""
    browsers = max(0, allowed - OTHER_FILES)
    return (
        f"Only {allowed} files may be open here, which is enough for some {browsers} browsers at once; "
        f"raise the hard limit (`ulimit -Hn`, or LimitNOFILE= of a systemd unit) to {ENOUGH} or more."
    )
