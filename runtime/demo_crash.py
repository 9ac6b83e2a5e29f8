"""A reply that outlives its process: kills the server in the middle of one, starts it again, and lets you watch."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import IO

from runtime.chat_server import Server, listens, log_file
from runtime.chat_socket import Connection, Unreachable
from runtime.chat_turns import Conversation
from runtime.chat_view import Frame, Say, Terminal, speaking

WORDS = 8  # of the reply that are seen before the process is killed


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    say = speaking("en")
    try:
        if listens(options.url):
            raise Unreachable(f"Something answers at {options.url} already; stop it, or give another PORT.")
        with log_file() as log:
            return _show(options, log, say)
    except Unreachable as problem:
        print(problem, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m runtime.demo_crash", description=__doc__)
    parser.add_argument("--url", default="ws://127.0.0.1:8000/ws", help="The socket of the server that is started.")
    parser.add_argument("--start", required=True, metavar="COMMAND", help="Starts the server.")
    parser.add_argument("question", nargs="?", default="Quanto custa uma faxina?", help="What is asked.")
    return parser


def _show(options: argparse.Namespace, log: IO[bytes], say: Say) -> int:
    servers: list[Server] = []

    def start() -> Server:
        servers.append(Server(options.start, options.url, log, say))
        servers[-1].wait_until_it_listens()
        return servers[-1]

    def crash() -> None:
        servers[-1].kill()
        view.note(f"[process {servers[-1].number} was killed in the middle of the reply]")
        view.note(f"[process {start().number} takes its place]")

    view = Watched(say, sys.stdout.isatty(), crash)
    try:
        view.note(f"[process {start().number} serves {options.url.replace('ws', 'http', 1).removesuffix('/ws')}]")
        conversation = Conversation(Connection(options.url, "pt-BR", say, view.note, float("inf")), view, say)
        conversation.start()
        view.note(f"> {options.question}")
        if not (conversation.ask(options.question) and view.crashed):
            raise Unreachable(conversation.failure or "The reply was over before the process could be killed.")
        view.note("[the reply is whole, and stored once]")
        return 0
    finally:
        servers[-1].stop()


class Watched(Terminal):
    """A terminal that calls `crash` once, when it has shown the first words of a reply."""

    def __init__(self, say: Say, colour: bool, crash: Callable[[], None]) -> None:
        super().__init__(say, colour)
        self._crash = crash
        self.crashed = False

    def words(self, whole: str) -> None:
        super().words(whole)
        if len(whole.split()) >= WORDS and not self.crashed:
            self.crashed = True
            self._crash()

    def aside(self, message: Frame) -> None:
        """The greeting is not what this is about."""


if __name__ == "__main__":
    raise SystemExit(main())
