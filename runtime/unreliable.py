"""Functions that faults strike: late, never or twice called, killed midway, frozen afterwards."""

from __future__ import annotations

import ctypes
import logging
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from runtime.errors import FunctionKilled
from runtime.faults import Faults
from runtime.invoke import Event, Function, run
from runtime.load import App

_CONNECT = frozenset({"delay", "kill", "freeze"})
_DISCONNECT = frozenset({"delay", "drop", "kill", "freeze"})
_MESSAGE = frozenset({"delay", "drop", "duplicate", "reorder", "kill", "freeze"})
_QUEUE = frozenset({"delay", "duplicate", "kill", "freeze"})  # SQS loses nothing, and FIFO keeps its order
_SCHEDULE = frozenset({"delay", "kill", "freeze"})
# Where Python leaves a block it must be let: a lock that stayed locked would outlive the function here, not on Lambda.
_LEAVING = frozenset({"__exit__", "__del__"})
_RUNTIME = str(Path(__file__).parent)

log = logging.getLogger("runtime")


def unreliable(app: App, faults: Faults, folder: Path) -> App:
    """The same app with its functions struck. `folder` holds its code: a function dies there and not in a library."""

    def struck(function: Function, by: frozenset[str]) -> Function:
        return replace(function, handler=_Struck(function, faults, by, _Killer(faults, folder)))

    sockets = {"$connect": _CONNECT, "$disconnect": _DISCONNECT}
    return replace(
        app,
        sockets={route: struck(one, sockets.get(route, _MESSAGE)) for route, one in app.sockets.items()},
        consumers={name: replace(one, function=struck(one.function, _QUEUE)) for name, one in app.consumers.items()},
        schedules=[replace(one, function=struck(one.function, _SCHEDULE)) for one in app.schedules],
    )


@dataclass(frozen=True)
class _Struck:
    """A handler in place of another."""

    function: Function
    faults: Faults
    by: frozenset[str]
    killer: _Killer

    def __call__(self, event: Event, context: Any) -> Any:
        if self._strikes("drop"):
            return {"statusCode": 200}
        if self._strikes("delay") or self._strikes("reorder"):
            time.sleep(self.faults.seconds())
        twin = threading.Thread(target=self._twin, args=(event, context)) if self._strikes("duplicate") else None
        if twin:
            twin.start()
        try:
            return self._call(event, context)
        finally:
            if twin:
                twin.join()
            if self._strikes("freeze"):
                _freeze(self.faults.seconds())

    def _strikes(self, fault: str) -> bool:
        return fault in self.by and self.faults.strikes(fault)

    def _call(self, event: Event, context: Any) -> Any:
        work = partial(self.function.handler, event, context)
        return self.killer.kill(work) if self._strikes("kill") else work()

    def _twin(self, event: Event, context: Any) -> None:
        try:
            run(partial(self._call, event, context))
        except (Exception, FunctionKilled):
            log.exception("%s raised when called a second time", self.function.name)


class _Killer:
    """Ends a handler where it calls one of its own functions, each as likely; the first time it only learns of them."""

    def __init__(self, faults: Faults, folder: Path) -> None:
        self._faults = faults
        self._folder = str(folder.resolve())
        self._known: dict[CodeType, None] = {}

    def kill(self, work: Callable[[], Any]) -> Any:
        """Raises FunctionKilled, which is no Exception, for no function may survive it."""
        known = list(self._known)
        last = known[self._faults.one_of(len(known))] if known else None

        def look(frame: FrameType, event: str, _: Any) -> None:
            if event == "call" and self._is_own(frame.f_code):
                self._known[frame.f_code] = None
                if frame.f_code is last:
                    sys.setprofile(None)
                    raise FunctionKilled

        sys.setprofile(look)
        try:
            return work()
        finally:
            sys.setprofile(None)

    def _is_own(self, code: CodeType) -> bool:
        # What the runtime does for a function, AWS does in other places, which do not die with it.
        inside = code.co_filename.startswith(self._folder) and "site-packages" not in code.co_filename
        return inside and not code.co_filename.startswith(_RUNTIME) and code.co_name not in _LEAVING


def _freeze(seconds: float) -> None:
    """Let no thread of this process run: called by PyDLL, the C library sleeps with Python's lock held."""
    ctypes.PyDLL(None).usleep(int(seconds * 1_000_000))
