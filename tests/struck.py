"""Conversations with an assistant around which everything misbehaves, and what must come of them."""

import json
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.browser import Frame
from tests.patient import Patient
from tests.server import Server

# Each by itself, and all at once at the share the second column has.
PLANS = [
    *((fault, 0.2) for fault in ("delay", "drop", "duplicate", "reorder", "kill", "freeze")),
    *((fault, 0.2) for fault in ("gone", "too_large", "throttled", "failed")),
    ("all", 0.05),
]
QUESTIONS = ("Quanto custa uma faxina?", "e quanto tempo demora?", "Vocês vendem passagem para Marte?")
PEOPLE = 8
TERMINAL = {"complete", "fallback", "cancelled", "truncated"}


def every_promise_is_kept(server: Server, fault: str, share: float, seed: int) -> int:
    """Let people talk at once while this strikes, and look afterwards; how often it has struck."""
    follow(server, **{fault: share}, seed=seed, longest=0.1)
    with ThreadPoolExecutor(PEOPLE) as people:
        tabs = list(people.map(_converse, [server] * PEOPLE))
    struck = sum(follow(server)["struck"].values())
    for tab in tabs:
        newcomer = Patient(server.ws_url, tab.resume_token)
        newcomer.catch_up()
        newcomer.close()
        _promised(tab.shown, newcomer.shown)
    return struck


def follow(server: Server, **plan: float) -> Any:
    """Put another plan in force; what the one before had come to."""
    with urllib.request.urlopen(f"{server.url}/_faults", timeout=20) as answer:
        before = json.load(answer)
    request = urllib.request.Request(f"{server.url}/_faults", json.dumps(plan).encode(), method="PUT")
    urllib.request.urlopen(request, timeout=20).close()
    return before


def _converse(server: Server) -> Patient:
    """Click five times, follow up, cancel, reload, ask on."""
    tab = Patient(server.ws_url)
    tab.ask(QUESTIONS[0], clicks=5)
    tab.cancel(tab.ask(QUESTIONS[1]))
    tab.close()
    reloaded = Patient(server.ws_url, tab.resume_token)
    reloaded.ask(QUESTIONS[2])
    reloaded.close()
    reloaded.shown = {**tab.shown, **reloaded.shown}
    return reloaded


def _promised(shown: dict[int, Frame], stored: dict[int, Frame]) -> None:
    """No gap, each question once with one whole answer, and what the person saw is what is stored."""
    assert sorted(stored) == list(range(1, len(stored) + 1))
    questions = [message for message in stored.values() if message["sender"] == "user"]
    assert Counter(question["content"] for question in questions) == Counter(QUESTIONS)
    answers = [message for message in stored.values() if message.get("inReplyTo")]
    assert Counter(answer["inReplyTo"] for answer in answers) == Counter(q["messageId"] for q in questions)
    assert {answer["finish"] for answer in answers} <= TERMINAL
    for seq, message in shown.items():
        assert (message["messageId"], message["content"]) == (stored[seq]["messageId"], stored[seq]["content"])
