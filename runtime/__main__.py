"""`python -m runtime`: one process, or several on one port."""

from __future__ import annotations

import sys

from runtime import supervisor, worker
from runtime.errors import CannotStart
from runtime.files import raise_limit
from runtime.loopback import is_loopback
from runtime.options import Options, parse
from runtime.server import bind


def main() -> int:
    options = parse()
    if problem := raise_limit():
        print(problem, file=sys.stderr)
    try:
        if options.faults and not is_loopback(options.host):
            raise CannotStart(f"--faults is for development; it is refused at {options.host}, where others could come.")
        return supervisor.run(options, _say) if options.workers > 1 else _alone(options)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 2


def _alone(options: Options) -> int:
    return worker.run(options, worker.Place(), bind(options.host, options.port), _say)


def _say(lines: list[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
