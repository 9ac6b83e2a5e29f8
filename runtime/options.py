"""The command line. Of the environment the runtime reads only what `--redis-from` names."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from runtime.faults import FAULTS, Plan
from runtime.faults import parse as parse_faults


@dataclass(frozen=True)
class Options:
    """Times are in seconds."""

    app_file: Path
    host: str
    port: int
    data_dir: Path
    sqs_endpoint: str | None
    sqs_region: str
    stage: str
    routes: tuple[str, ...]
    idle_seconds: float
    lifetime_seconds: float
    lifetime_code: int
    ping_keeps_alive: bool
    connects_per_second: int
    connects_status: int
    calls_per_second: int
    function_seconds: float
    drain_seconds: float
    function_threads: int
    access_log: bool
    workers: int
    redis_url: str
    faults: Plan | None


def parse(arguments: Sequence[str] | None = None) -> Options:
    values = vars(_parser().parse_args(arguments))
    return Options(**{**values, "routes": tuple(values["routes"])})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m runtime",
        description="Run an AWS Chalice app on this machine: WebSockets, REST, SQS FIFO queues and schedules.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    _add_what_and_where(parser)
    _add_limits(parser)
    _add_processes(parser)
    _add_faults(parser)
    return parser


def _add_what_and_where(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("app_file", nargs="?", type=Path, default=Path("app.py"), metavar="APP_FILE",
                        help="The Python file that holds the Chalice app.")  # fmt: skip
    parser.add_argument("--host", default="127.0.0.1", help="The address to listen on.")
    parser.add_argument("--port", type=_port, default=8000, help="The port to listen on; 0 takes any free one.")
    parser.add_argument("--data-dir", type=Path, default=Path(".data"), help="The folder that holds the queue's file.")
    parser.add_argument("--sqs-endpoint", type=_origin, metavar="URL",
                        help="Take messages from SQS here, or from where this queue's URL leads, in place of a queue "
                             "of this machine.")  # fmt: skip
    parser.add_argument("--sqs-region", default="us-east-1", metavar="NAME", help="The AWS region of those queues.")
    parser.add_argument("--stage", default="dev", help="The stage named in events and in the path of @connections.")
    parser.add_argument("--route", dest="routes", action="append", default=[], metavar="ACTION",
                        help="An action with a WebSocket route of its own; may be repeated.")  # fmt: skip
    parser.add_argument("--access-log", action=argparse.BooleanOptionalAction, default=True,
                        help="Whether a line is printed for each request, message and delivery.")  # fmt: skip


def _add_limits(parser: argparse.ArgumentParser) -> None:
    def seconds(name: str, default: float, text: str) -> None:
        parser.add_argument(name, type=_positive, default=default, metavar="SECONDS", help=text)

    seconds("--idle-seconds", 600, "How long a WebSocket may be silent in both directions before it is closed.")
    seconds("--lifetime-seconds", 7200, "How long a WebSocket may stay open at all.")
    parser.add_argument("--lifetime-code", type=_close_code, default=1001, metavar="CODE",
                        help="The close code of one that is too old.")  # fmt: skip
    parser.add_argument("--ping-keeps-alive", action=argparse.BooleanOptionalAction, default=False,
                        help="Whether a ping frame from the browser counts against silence.")  # fmt: skip
    parser.add_argument("--connects-per-second", type=_at_least_1, default=500, metavar="N",
                        help="How many new WebSockets are taken in a second.")  # fmt: skip
    parser.add_argument("--connects-status", type=_error_status, default=429, metavar="STATUS",
                        help="The HTTP status for those beyond.")  # fmt: skip
    parser.add_argument("--calls-per-second", type=_at_least_1, default=10_000, metavar="N",
                        help="How many calls of @connections are answered in a second.")  # fmt: skip
    seconds("--function-seconds", 29, "How long a browser waits for a function before it is told of a timeout.")
    seconds("--drain-seconds", 35, "How long a stopping runtime waits for the functions that are running.")
    parser.add_argument("--function-threads", type=_at_least_1, default=40, metavar="N",
                        help="How many WebSocket, REST and scheduled functions may run at once.")  # fmt: skip


def _add_processes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=_at_least_1, default=1, metavar="N",
                        help="How many processes share the port.")  # fmt: skip
    parser.add_argument("--redis-from", dest="redis_url", type=_variable, default="", metavar="VARIABLE",
                        help="The environment variable with the address of a Redis through which processes reach each "
                             "other's browsers (on the command line everybody could read its password); without one, "
                             "several workers start a Valkey of their own.")  # fmt: skip


def _add_faults(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--faults", type=_plan, metavar="FAULT=SHARE,…",
                        help="For development: misbehave on demand, such as drop=0.2,kill=0.05,seed=7, and take other "
                             f"faults by PUT /_faults. Faults: {', '.join(FAULTS)}; all; longest=SECONDS.")  # fmt: skip


def _plan(text: str) -> Plan:
    try:
        return parse_faults(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def _variable(name: str) -> str:
    return os.environ.get(name, "") if name else ""


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port; give a number from 0 to 65535")
    return value


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise argparse.ArgumentTypeError(f"{text} is not a URL; give one such as http://127.0.0.1:9324")
    return f"{parts.scheme}://{parts.netloc}"


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return value


def _at_least_1(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few; give at least 1")
    return value


def _error_status(text: str) -> int:
    value = int(text)
    if not 400 <= value < 600:
        raise argparse.ArgumentTypeError(f"{text} is not the status of an error; give one from 400 to 599")
    return value


def _close_code(text: str) -> int:
    value = int(text)
    if value not in (1000, 1001, 1008, 1011, 1012, 1013) and not 3000 <= value < 5000:
        raise argparse.ArgumentTypeError(f"{text} is not a code that a server may close with, such as 1001")
    return value
