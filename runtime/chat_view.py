"""What the terminal client shows: words as they come on a terminal, whole answers through a pipe, or frames as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any, Protocol

Frame = dict[str, Any]

TEXTS: dict[str, dict[str, str]] = {
    "pt": {
        "prompt": "você> ",
        "help": "/nova começa outra conversa · /nota 5 comentário · /util sim|nao · /sair · 1 a 3 manda a sugestão · "
        "Ctrl-C interrompe a resposta",
        "replaced": "[o texto acima foi substituído]",
        "cancelled": "[interrompida]",
        "fallback": "[resposta da base de conhecimento]",
        "truncated": "[resposta cortada]",
        "source": "Fonte",
        "wait": "Muitas mensagens seguidas; espero {seconds} s.",
        "capacity": "Todos os atendimentos estão ocupados; tento de novo em {seconds} s.",
        "reconnecting": "[reconectando em {seconds} s]",
        "expired": "[a conversa anterior expirou; esta é nova]",
        "ended": "[conversa encerrada]",
        "saved": "[anotado, obrigada]",
        "unsaved": "[não deu para anotar]",
        "unknown": "[não conheço esse comando; /ajuda mostra todos]",
        "rating": "[use /nota 1 a 5, com um comentário se quiser]",
        "helpful": "[use /util sim ou /util nao depois de uma resposta]",
        "unanswered": "O servidor não respondeu à pergunta.",
        "nobody": "Nada responde em {url}: inicie o servidor, ou diga como com --start \"COMANDO\".",
        "refused": "{url} recusou a conexão ({reason}): veja se ALLOWED_ORIGINS inclui {origin}.",
        "starting": "[iniciando o servidor; registro em {log}]",
        "unstarted": "O servidor iniciado com --start não abriu {url}; veja {log}.",
    },
    "en": {
        "prompt": "you> ",
        "help": "/new starts a conversation · /rate 5 comment · /helpful yes|no · /quit · 1 to 3 sends a suggestion "
        "· Ctrl-C stops the answer",
        "replaced": "[the text above was replaced]",
        "cancelled": "[stopped]",
        "fallback": "[from the knowledge base]",
        "truncated": "[cut short]",
        "source": "Source",
        "wait": "Many messages in a row; waiting {seconds} s.",
        "capacity": "Everyone is busy; trying again in {seconds} s.",
        "reconnecting": "[reconnecting in {seconds} s]",
        "expired": "[the earlier conversation expired; this is a new one]",
        "ended": "[conversation ended]",
        "saved": "[noted, thank you]",
        "unsaved": "[could not be noted]",
        "unknown": "[no such command; /help shows them all]",
        "rating": "[use /rate 1 to 5, with a comment if you like]",
        "helpful": "[use /helpful yes or /helpful no after an answer]",
        "unanswered": "The server did not answer the question.",
        "nobody": "Nothing answers at {url}: start the server, or say how with --start \"COMMAND\".",
        "refused": "{url} refused the connection ({reason}): check that ALLOWED_ORIGINS has {origin}.",
        "starting": "[starting the server; log in {log}]",
        "unstarted": "The server started with --start did not open {url}; see {log}.",
    },
}  # fmt: skip

_CONTROLS = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {ord("\n"), ord("\t")})


def printable(text: object) -> str:
    """Without the control characters through which a text could drive the terminal."""
    return str(text).translate(_CONTROLS)


class Say(Protocol):
    def __call__(self, key: str, **values: object) -> str: ...


def speaking(locale: str) -> Say:
    texts = TEXTS["pt" if locale.lower().startswith("pt") else "en"]

    def say(key: str, **values: object) -> str:
        return texts[key].format(**values)

    return say


def details(message: Frame, source: str) -> list[str]:
    """Links, contact and sources, a line each."""
    links = [f"{link.get('label')}: {link.get('url')}" for link in message.get("actions") or []]
    contact = message.get("contact") or {}
    reach = [f"{kind}: {value}" for kind, value in contact.items() if isinstance(value, str) and value]
    sources = [
        f"{source}: {entry.get('title')}" + (f" ({entry['url']})" if entry.get("url") else "")
        for entry in message.get("sources") or []
    ]
    return [printable(line) for line in [*links, *reach, *sources]]


class View(Protocol):
    def note(self, text: str) -> None: ...
    def words(self, whole: str) -> None: ...
    def answer(self, message: Frame) -> None: ...
    def aside(self, message: Frame) -> None: ...


class Terminal:
    """Writes the part of a reply that is new, and marks what turns out to be replaced."""

    def __init__(self, say: Say, colour: bool) -> None:
        self._say, self._colour, self._shown = say, colour, ""

    def note(self, text: str) -> None:
        self._end_line()
        _write(self._dim(printable(text)) + "\n")

    def words(self, whole: str) -> None:
        if not self._shown.startswith(printable(whole)):
            self._add(printable(whole))

    def answer(self, message: Frame) -> None:
        content = printable(message.get("content", ""))
        if content != self._shown:
            self._add(content)
        self._end_line()
        finish = str(message.get("finish"))
        lines = [self._say(finish)] if finish in ("cancelled", "fallback", "truncated") else []
        lines += details(message, self._say("source"))
        lines += [f"{n}. {printable(text)}" for n, text in enumerate(message.get("suggestions") or [], start=1)]
        _write("".join(self._dim(line) + "\n" for line in lines) + "\n")

    def aside(self, message: Frame) -> None:
        self._end_line()
        self.answer(message)

    def _add(self, whole: str) -> None:
        if not whole.startswith(self._shown):
            self.note(self._say("replaced"))
        _write(whole[len(self._shown) :])
        self._shown = whole

    def _end_line(self) -> None:
        if self._shown:
            _write("\n")
        self._shown = ""

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self._colour else text


class OneAnswer(Terminal):
    def aside(self, message: Frame) -> None:
        """Nobody asked for it."""


class Plain:
    """For a pipe: answers on stdout, everything else on stderr."""

    def __init__(self, say: Say) -> None:
        self._say, self._separator = say, ""

    def note(self, text: str) -> None:
        print(printable(text), file=sys.stderr, flush=True)

    def words(self, whole: str) -> None:
        """A pipe gets whole answers: words already written could not be taken back."""

    def answer(self, message: Frame) -> None:
        lines = details(message, self._say("source"))
        body = [printable(message.get("content", "")), *(["", *lines] if lines else [])]
        _write(self._separator + "\n".join(body) + "\n")
        self._separator = "\n"

    def aside(self, message: Frame) -> None:
        """Nobody asked for it."""


class JsonLines(Plain):
    def answer(self, message: Frame) -> None:
        _write(json.dumps(message, ensure_ascii=False) + "\n")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
