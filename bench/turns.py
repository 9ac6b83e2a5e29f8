"""How long people wait: `make bench`. Prints tables; `--write` keeps them in docs/evidence/.

Two models: none (the knowledge alone, words without pauses), and a service that takes 300 ms and then 20 ms a token
(llmock, on this machine, so that it competes for the same cores). People ask in a closed loop: at once again, or
after a pause of 4 s as people do. Ratios compare runs of one session with runs of many, in one go.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmock.pytest_plugin import LLMock
from llmock.testing import LLMockServer
from websockets.asyncio.client import connect

from tests.server import ROOT, Server

QUESTIONS = ("quanto custa um encanador?", "faxina", "aceita cartao?", "como cancelo um pedido?")
ANSWER = "Um encanador costuma cobrar por visita e o valor final depende do conserto, combinado antes com você. " * 3


@dataclass
class Waits:
    """Milliseconds from sending to `accepted`, to the first words, and to the whole reply."""

    accepted: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    seconds: float = 0.0


async def person(url: str, turns: int, pause: float, waits: Waits) -> None:
    """One conversation; the pause comes before each question, spread so that people do not march in step."""
    async with connect(url, compression=None) as socket:
        await socket.send(json.dumps({"action": "startSession"}))
        await frame_of(socket, "session")
        for number in range(turns):
            await asyncio.sleep(pause * (0.5 + (hash((id(socket), number)) % 100) / 100))
            await ask(socket, QUESTIONS[number % len(QUESTIONS)], waits)


async def ask(socket: Any, question: str, waits: Waits) -> None:
    began, first = time.perf_counter(), 0.0
    frame = {"action": "sendMessage", "clientMessageId": str(uuid.uuid4()), "content": question}
    await socket.send(json.dumps(frame))
    while True:
        got = json.loads(await asyncio.wait_for(socket.recv(), 120))
        waited = (time.perf_counter() - began) * 1000
        if got["type"] == "accepted":
            waits.accepted.append(waited)
        elif got["type"] == "replyDelta" and not first:
            first = waited
        elif got["type"] == "message" and got["sender"] == "assistant":
            waits.first.append(first or waited)
            waits.whole.append(waited)
            return
        elif got["type"] == "error":
            raise RuntimeError(got)


async def frame_of(socket: Any, kind: str) -> None:
    while json.loads(await asyncio.wait_for(socket.recv(), 120))["type"] != kind:
        pass


async def crowd(url: str, sessions: int, turns: int, pause: float) -> Waits:
    waits, began = Waits(), time.perf_counter()
    await asyncio.gather(*(person(url, turns, pause, waits) for _ in range(sessions)))
    waits.seconds = time.perf_counter() - began
    return waits


@contextmanager
def assistant(**settings: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), LOG_LEVEL="INFO", DELTA_INTERVAL_MS="250", WORKER_CONCURRENCY="200", **settings)
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def slow_model() -> Iterator[dict[str, str]]:
    """A service of 300 ms to the first token and 20 ms for each; the settings that lead to it."""
    with LLMockServer() as service:
        model = LLMock(service).reset()
        model.reply(ANSWER, times=None).pace(20).slow_first_token(0.3, times=None)
        yield {"OPENAI_API_KEY": "bench", "OPENAI_BASE_URL": model.base_url("openai")}


def percentile(values: list[float], share: float) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def row(name: str, sessions: int, waits: Waits) -> str:
    cells = [f"{percentile(w, p):.0f}" for w in (waits.accepted, waits.first, waits.whole) for p in (0.5, 0.95)]
    rate = len(waits.whole) / waits.seconds
    return f"| {name} | {sessions} | {len(waits.whole)} | {' | '.join(cells)} | {rate:.1f} |"


HEAD = (
    "| model, pause | sessions | turns | accepted p50 | p95 | first words p50 | p95 | whole p50 | p95 | turns/s |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def measure(quick: bool) -> list[str]:
    scale = 1 if quick else 3
    rows = [HEAD]
    with assistant(TYPING_PAUSE_MS="0") as server:
        for sessions, turns in ((1, 40), (20, 10), (100, 4)):
            waits = asyncio.run(crowd(server.ws_url, sessions, turns * scale, 0.0))
            rows.append(row("knowledge, none", sessions, waits))
        for sessions in (1, 100):
            waits = asyncio.run(crowd(server.ws_url, sessions, 4 * scale, 4.0))
            rows.append(row("knowledge, 4 s", sessions, waits))
    with slow_model() as settings, assistant(**settings) as server:
        for sessions, turns in ((1, 5), (20, 3)):
            waits = asyncio.run(crowd(server.ws_url, sessions, turns * scale, 4.0))
            rows.append(row("300 ms + 20 ms a token, 4 s", sessions, waits))
    return rows


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="a third of the turns")
    options.add_argument("--write", action="store_true", help="keep the tables in docs/evidence/")
    chosen = options.parse_args()
    table = "\n".join(measure(chosen.quick))
    print(table)
    if chosen.write:
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
        where = f"{commit.stdout.strip()}, Python {sys.version.split()[0]}, 2 shared cores"
        page = ROOT / "docs" / "evidence" / f"{time.strftime('%Y-%m-%d')}-turns.md"
        page.write_text(f"# Turns\n\nMilliseconds; `make bench` at {where}.\n\n{table}\n", "utf-8")


if __name__ == "__main__":
    main()
