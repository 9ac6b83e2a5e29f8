"""A chat in the terminal, over the same socket as a browser's: `python -m runtime.chat --help`."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FrameType

from runtime.chat_server import a_server
from runtime.chat_socket import Connection, Lost, Unreachable
from runtime.chat_turns import Conversation
from runtime.chat_view import JsonLines, OneAnswer, Plain, Say, Terminal, View, speaking

TWICE_SECONDS = 2.0
PIPE_PATIENCE = 60.0

try:
    import readline
except ImportError:  # Windows
    readline = None  # type: ignore[assignment]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    say = speaking(options.locale)
    try:
        with a_server(options.start, options.url, say):
            return _chat(options, say)
    except Unreachable as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains as it leaves
        return 0
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m runtime.chat",
        description="Chat in the terminal. Through a pipe each line is a question, and only answers are printed.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("question", nargs="*", metavar="QUESTION", help="Ask this, print the answer and leave.")
    parser.add_argument("--url", default="ws://127.0.0.1:8000/ws", help="The socket.")
    parser.add_argument("--locale", default="pt-BR", help="pt-BR or en.")
    parser.add_argument(
        "--start", default="", metavar="COMMAND", help="Starts the server if nothing answers at the URL."
    )
    parser.add_argument("--json", action="store_true", help="Print each answer's frame as a line of JSON.")
    parser.add_argument("--no-color", action="store_true", help="Print without colour on a terminal too.")
    return parser


def _chat(options: argparse.Namespace, say: Say) -> int:
    interactive = sys.stdin.isatty() and not options.question
    view = _view(options, say, interactive)
    patience = float("inf") if interactive else PIPE_PATIENCE
    conversation = Conversation(Connection(options.url, options.locale, say, view.note, patience), view, say)
    conversation.start()
    if interactive:
        return Prompt(conversation, view, say).run()
    questions = [" ".join(options.question)] if options.question else sys.stdin
    return _answer_all(conversation, questions)


def _view(options: argparse.Namespace, say: Say, interactive: bool) -> View:
    colour = sys.stdout.isatty() and not options.no_color
    if options.json:
        return JsonLines(say)
    if interactive:
        return Terminal(say, colour)
    return OneAnswer(say, colour) if options.question and sys.stdout.isatty() else Plain(say)


def _answer_all(conversation: Conversation, questions: Iterable[str]) -> int:
    for question in filter(None, map(str.strip, questions)):
        if not conversation.ask(question):
            raise Unreachable(conversation.failure)
    return 0


class Prompt:
    def __init__(self, conversation: Conversation, view: View, say: Say) -> None:
        self._conversation, self._view, self._say = conversation, view, say
        self._interrupted_at = float("-inf")
        self._commands: dict[str, Callable[[str], None]] = {
            **dict.fromkeys(("/ajuda", "/help"), self._help),
            **dict.fromkeys(("/nova", "/new"), self._anew),
            **dict.fromkeys(("/nota", "/rate"), self._rate),
            **dict.fromkeys(("/util", "/útil", "/helpful"), self._helpful),
        }
        conversation.around_aside = self._set_aside

    def run(self) -> int:
        signal.signal(signal.SIGINT, self._interrupt)
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            while (line := input(self._say("prompt")).strip()) not in ("/sair", "/quit"):
                self._obey(line)
        return 0

    def _obey(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        suggestions = self._conversation.suggestions
        if name.startswith("/"):
            self._command(name, rest.strip())
        elif line.isascii() and line.isdigit() and 0 < int(line) <= len(suggestions):
            self._ask(suggestions[int(line) - 1])
        elif line:
            self._ask(line)

    def _command(self, name: str, rest: str) -> None:
        try:
            self._commands.get(name, self._unknown)(rest)
        except Lost:
            self._view.note(self._say("unsaved"))

    def _ask(self, question: str) -> None:
        if not self._conversation.ask(question):
            self._view.note(self._conversation.failure)

    def _help(self, _: str) -> None:
        self._view.note(self._say("help"))

    def _unknown(self, _: str) -> None:
        self._view.note(self._say("unknown"))

    def _anew(self, _: str) -> None:
        self._conversation.anew()

    def _rate(self, rest: str) -> None:
        number, _, comment = rest.partition(" ")
        if number not in ("1", "2", "3", "4", "5"):
            return self._view.note(self._say("rating"))
        fields = {"comment": comment.strip()[:1000]} if comment.strip() else {}
        return self._save("rateSession", "ratingSaved", rating=int(number), **fields)

    def _helpful(self, rest: str) -> None:
        helpful = {"sim": True, "yes": True, "não": False, "nao": False, "no": False}.get(rest.lower())
        message_id = self._conversation.last_answer
        if helpful is None or not message_id:
            return self._view.note(self._say("helpful"))
        return self._save("giveFeedback", "feedbackSaved", messageId=message_id, helpful=helpful)

    def _save(self, action: str, done: str, **fields: object) -> None:
        self._view.note(self._say("saved" if self._conversation.call(action, done, **fields) else "unsaved"))

    def _interrupt(self, _: int, __: FrameType | None) -> None:
        now = time.monotonic()
        again, self._interrupted_at = now - self._interrupted_at < TWICE_SECONDS, now
        if again:
            raise SystemExit(130)
        if not self._conversation.writing:
            print()
            raise KeyboardInterrupt
        self._conversation.interrupt()

    @contextlib.contextmanager
    def _set_aside(self) -> Iterator[None]:
        """The line being typed makes way for what arrives, and comes back."""
        typed = readline.get_line_buffer() if readline else ""
        sys.stdout.write("\r\x1b[K" if sys.stdout.isatty() else "")
        yield
        sys.stdout.write(self._say("prompt") + typed)
        sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
