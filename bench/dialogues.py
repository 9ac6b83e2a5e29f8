"""Whole conversations scored by fixed rules: `make eval`.

bench/conversations/*.toml has them, written by somebody who had not seen the code. Without a key the knowledge alone
answers; with OPENAI_API_KEY (and OPENAI_BASE_URL, OPENAI_MODEL) the model does, by the same rules. docs/evidence keeps
the last run of either, and each run says what has changed since.
"""

import argparse
import json
import os
import sys
import tempfile
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from tests.browser import Browser, Frame
from tests.server import ROOT, Server

FOLDER = ROOT / "bench" / "conversations"
RUNS, PAGE = ROOT / "docs" / "evidence" / "conversations.json", ROOT / "docs" / "evidence" / "conversations.md"
MODEL = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL")
MODEL_SECONDS = 60.0


class Turn(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said, and the rules for what is answered; a turn without rules only leads on."""

    say: str
    finds: tuple[str, ...] = ()  # one of these entries is among the answer's sources
    contains_any: tuple[str, ...] = ()
    contains_none: tuple[str, ...] = ()
    unanswered: bool = False  # it rests on nothing, and says how to reach a person
    escalated: bool = False


class Conversation(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    kind: str
    turn: tuple[Turn, ...]
    user_type: str = ""
    page: str = ""


class Run(Struct, frozen=True):
    """What each conversation failed at, by its name; nothing where it kept to the rules."""

    failures: dict[str, tuple[str, ...]]


def conversations() -> list[Conversation]:
    """All of them, by file. Raises msgspec.ValidationError for a rule that there is not."""
    tables = [tomllib.loads(path.read_text("utf-8"))["conversation"] for path in sorted(FOLDER.glob("*.toml"))]
    return msgspec.convert([row for table in tables for row in table], list[Conversation])


def faults(turn: Turn, answer: Frame) -> Iterator[str]:
    """The rules that an answer breaks."""
    content = folded(answer["content"])
    found = [source["entryId"] for source in answer["sources"]]
    if turn.finds and not set(turn.finds) & set(found):
        yield f"rests on {', '.join(found) or 'nothing'}, not on {' or '.join(turn.finds)}"
    if turn.contains_any and not any(folded(text) in content for text in turn.contains_any):
        yield f"says nothing of {' or '.join(turn.contains_any)}"
    for text in turn.contains_none:
        if folded(text) in content:
            yield f"says {text}"
    if turn.unanswered and (found or not _offers_a_person(answer)):
        yield f"does not admit that it does not know (rests on {', '.join(found) or 'nothing'})"
    if turn.escalated and not answer["escalated"]:
        yield "brings in nobody"


def folded(text: str) -> str:
    marks = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in marks if not unicodedata.combining(sign)).split())


def _offers_a_person(answer: Frame) -> bool:
    return bool(answer.get("contact")) or "suporte@" in answer["content"]


def held(server: Server, conversation: Conversation) -> tuple[str, ...]:
    """Have the conversation; what it failed at."""
    context = {"context": {"url": f"https://www.example.com{conversation.page}"}} if conversation.page else {}
    with server.browser() as browser:
        browser.start(**context, **_identity(server, conversation.user_type))
        told = [(turn, _answer(browser, turn.say)) for turn in conversation.turn]
    return tuple(f"“{turn.say}” {fault}" for turn, answer in told for fault in faults(turn, answer))


def _answer(browser: Browser, content: str) -> Frame:
    return browser.reply_to(browser.say(content), MODEL_SECONDS)


def _identity(server: Server, user_type: str) -> dict[str, str]:
    if not user_type:
        return {}
    token: str = httpx.post(f"{server.url}/demo/identity/{user_type}").json()["token"]
    return {"identityToken": token}


def page(model: str, every: list[Conversation], run: Run, last: Run | None) -> str:
    """The evidence of one run, as Markdown."""
    by_kind: dict[str, list[bool]] = defaultdict(list)
    for one in every:
        by_kind[one.kind].append(not run.failures.get(one.name))
    kept = sum(map(sum, by_kind.values()))
    lines = [f"## {model}", "", f"{kept} of {len(every)} conversations keep to every rule.", "", "| kind | kept | of |"]
    lines += ["|---|---|---|", *(f"| {kind} | {sum(good)} | {len(good)} |" for kind, good in sorted(by_kind.items()))]
    lines += ["", "Since the last run:", "", *(_changes(run, last) or ["- nothing"]), "", "What fails:", ""]
    failing = [f"- **{name}**: {'; '.join(told)}" for name, told in sorted(run.failures.items()) if told]
    return "\n".join([*lines, *(failing or ["- nothing"]), ""])


def _changes(run: Run, last: Run | None) -> list[str]:
    if last is None:
        return ["- this is the first one"]
    names = sorted(run.failures.keys() | last.failures.keys())
    states = ((name, _state(last, name), _state(run, name)) for name in names)
    changed = [f"| {name} | {before} | {after} |" for name, before, after in states if before != after]
    return ["| conversation | before | now |", "|---|---|---|", *changed] if changed else []


def _state(run: Run, name: str) -> str:
    if name not in run.failures:
        return "not there"
    return "fails" if run.failures[name] else "kept"


def main() -> int:
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    model = {name: os.environ[name] for name in MODEL if os.environ.get(name)}
    name = model.get("OPENAI_MODEL", "model") if model else "knowledge"
    every = conversations()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), **model)
        try:
            run = Run({one.name: held(server, one) for one in every})
        finally:
            server.stop()
    runs: dict[str, Any] = json.loads(RUNS.read_text("utf-8")) if RUNS.exists() else {}
    last = msgspec.convert(runs[name], Run) if name in runs else None
    told = page(name, every, run, last)
    RUNS.write_text(json.dumps({**runs, name: msgspec.to_builtins(run)}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    written = PAGE.read_text("utf-8") if PAGE.exists() else "# Conversations, scored by fixed rules\n"
    first, *others = written.split("\n## ")
    others = [part for part in others if not part.startswith(f"{name}\n")]
    PAGE.write_text("\n## ".join([first, *others, told.removeprefix("## ")]).rstrip("\n") + "\n", "utf-8")
    print(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
