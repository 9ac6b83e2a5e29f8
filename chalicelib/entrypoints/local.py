"""What the portable runtime calls once, before the first event."""

import threading
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import urlsplit

from chalicelib import services
from chalicelib.chat import escalation, intents, turns
from chalicelib.chat.sessions import OPEN_SESSIONS
from chalicelib.errors import SettingsError, Unavailable
from chalicelib.services import Services

TURNS = "turns.fifo"
LOOK_SECONDS = 2.0


class Host(Protocol):
    """What the runtime brings: its sockets, its queue, its address."""

    outbox: Any
    queue: Any
    url: str


class TurnQueue:
    """The Queue port over a queue of many names."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue

    def send(self, body: str, group: str, deduplication_id: str) -> None:
        self._queue.send(TURNS, body, group, deduplication_id)

    def release(self, receipt: str) -> None:
        """The runtime delivers again by itself."""


def attach(host: Host) -> list[str]:
    """Wire the product to the runtime and pick up what the last process left; the lines for the terminal."""
    current = services.use(outbox=host.outbox, queue=TurnQueue(host.queue))
    try:
        interrupted = turns.requeue_interrupted(current.ports)
        current.follower.current()
    except Unavailable as error:
        raise SettingsError(f"STORE: {services.store_in_words(current.settings)} does not answer.") from error
    _warm_up(current)
    threading.Thread(target=_follow, args=(current,), name="knowledge", daemon=True).start()
    recovered = [f"Recovered  {interrupted} unanswered question(s) of the last run"] if interrupted else []
    return [*recovered, *_in_use(current), "", *_addresses(current, host.url)]


def _follow(current: Services) -> None:
    """Look for changes of the knowledge between questions, so that no question waits while it is read."""
    while True:
        current.ports.clock.sleep(LOOK_SECONDS)
        with suppress(Unavailable):
            current.follower.refresh()


def _warm_up(current: Services) -> None:
    """Build now what the first question would wait for."""
    _ = current.follower.current().index.search("aquecer"), current.model
    current.shared.presence.count(OPEN_SESSIONS)  # connects to Redis, where there is one
    intents.classify("aquecer")
    escalation.mood_of("aquecer")


def _in_use(current: Services) -> list[str]:
    store = services.store_in_words(current.settings)
    keyless = current.model.name == "knowledge"
    model = "none (answers from the knowledge alone; set OPENAI_API_KEY)" if keyless else current.model.name
    return [f"Store {store} · cache {_cache(current)} · model {model}"]


def _cache(current: Services) -> str:
    """Where it is, without user and password."""
    if not current.settings.cache_url:
        return "in memory"
    address = urlsplit(current.settings.cache_url).netloc.rpartition("@")[2]
    answers = "" if current.shared.available() else " (does not answer; the chat goes on without it)"
    return f"in Redis at {address}{answers}"


def _addresses(current: Services, url: str) -> list[str]:
    key = current.admin_key or "as in ADMIN_KEYS"
    return [f"Chat page          {url}/", f"API                {url}/api/v1/health", f"Administrator key  {key}"]
