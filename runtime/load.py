"""Finding the Chalice app in a file, and making it fit for many threads."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from chalice.app import Chalice, EventSourceHandler, ScheduledEventConfig, SQSEventConfig
from chalice.local import LocalChalice

from runtime.errors import CannotStart
from runtime.invoke import Function

DEFAULT_CONCURRENCY = 50


@dataclass(frozen=True)
class Consumer:
    """The function that a queue's messages go to, and how many of them it takes at once."""

    function: Function
    concurrency: int


@dataclass(frozen=True)
class Schedule:
    """`expression` as AWS writes it: `rate(5 minutes)`, `cron(0 12 * * ? *)`."""

    function: Function
    expression: str


@dataclass(frozen=True)
class App:
    """A Chalice app and the functions in it, by what calls them."""

    chalice: Chalice
    attach: Callable[[Any], list[str] | None] | None
    sockets: dict[str, Function]
    consumers: dict[str, Consumer]
    schedules: list[Schedule]


def load(file: Path) -> App:
    module = _import(file)
    chalice = _find(module, file)
    _use_thread_locals(chalice)
    attach = getattr(module, "attach", None)
    return App(
        chalice=chalice,
        attach=attach if callable(attach) else None,
        sockets={key: _function(chalice, config.name) for key, config in chalice.websocket_handlers.items()},
        consumers=dict(map(_consumer(chalice), _sources(chalice, SQSEventConfig))),
        schedules=[_schedule(chalice, config) for config in _sources(chalice, ScheduledEventConfig)],
    )


def build_middleware(chalice: Chalice) -> None:
    """Build every handler's chain of middleware now.

    Chalice builds them at a handler's first call, from a generator all calls share: when two first calls race, one of
    them runs with no middleware at all (measured on 1.34).
    """
    for handler in chalice.handler_map.values():
        if isinstance(handler, EventSourceHandler) and handler.handler is None:
            handler.handler = handler._build_middleware_handlers(handler.middleware_handlers, handler.func)


def _import(file: Path) -> ModuleType:
    if not file.is_file():
        raise CannotStart(f"There is no file {file}; give the path of the file that holds the Chalice app.")
    sys.path.insert(0, str(file.resolve().parent))
    spec = importlib.util.spec_from_file_location("app", file.resolve())
    if spec is None or spec.loader is None:
        raise CannotStart(f"{file} is not a Python file; give the path of the file that holds the Chalice app.")
    module = importlib.util.module_from_spec(spec)
    sys.modules["app"] = module
    spec.loader.exec_module(module)
    return module


def _find(module: ModuleType, file: Path) -> Chalice:
    named = getattr(module, "app", None)
    if isinstance(named, Chalice):
        return named
    found = {id(value): value for value in vars(module).values() if isinstance(value, Chalice)}
    if len(found) != 1:
        count = len(found) or "no"
        raise CannotStart(f"{file} holds {count} Chalice objects; assign the one to run to the name `app`.")
    return next(iter(found.values()))


class _ThreadLocals(LocalChalice):
    """What belongs to one request is kept per thread; plain Chalice shares it between all."""

    _local = threading.local()

    @property
    def lambda_context(self) -> Any:
        return self._local.lambda_context

    @lambda_context.setter
    def lambda_context(self, value: Any) -> None:
        self._local.lambda_context = value


def _use_thread_locals(chalice: Chalice) -> None:
    # The way of chalice.local.create_local_server, without the global class it changes.
    chalice.__class__ = type("ThreadSafeChalice", (_ThreadLocals, type(chalice)), {})


def _sources(chalice: Chalice, kind: type[Any]) -> list[Any]:
    return [config for config in chalice.event_sources if isinstance(config, kind)]


def _function(chalice: Chalice, name: str) -> Function:
    return Function(name, chalice.handler_map[name])


def _consumer(chalice: Chalice) -> Callable[[SQSEventConfig], tuple[str, Consumer]]:
    def consumer(config: SQSEventConfig) -> tuple[str, Consumer]:
        name = config.queue or str(config.queue_arn).rpartition(":")[2]
        return name, Consumer(_function(chalice, config.name), config.maximum_concurrency or DEFAULT_CONCURRENCY)

    return consumer


def _schedule(chalice: Chalice, config: ScheduledEventConfig) -> Schedule:
    expression = config.schedule_expression
    text = expression if isinstance(expression, str) else expression.to_string()
    return Schedule(_function(chalice, config.name), text)
