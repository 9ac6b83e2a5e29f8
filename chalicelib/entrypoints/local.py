"""What the portable runtime calls once, before the first event."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

from chalicelib import services
from chalicelib.chat import escalation, intents, turns
from chalicelib.chat.sessions import OPEN_SESSIONS
from chalicelib.entrypoints import jobs, words
from chalicelib.entrypoints.rest import passes
from chalicelib.errors import SettingsError, Unavailable
from chalicelib.services import Services

TURNS = "turns.fifo"
LOOK_SECONDS = 2.0


class Host(Protocol):
    """What the runtime brings: its sockets, its queue (None where it takes turns from SQS), its address."""

    outbox: Any
    queue: Any
    url: str
    faults: bool  # whether it misbehaves on demand
    common: Any  # `workers`; `first`, who does what one process does for all; `redis_url`


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
    queue = host.queue and TurnQueue(host.queue)
    current = services.use(outbox=host.outbox, queue=queue, redis_url=host.common.redis_url)
    if host.queue is None and not current.settings.queue_url.endswith(f"/{TURNS}"):
        raise SettingsError(f"QUEUE_URL: set it to the URL of {TURNS}; the runtime takes its turns there.")
    if host.faults and current.settings.deployed:
        raise SettingsError("STAGE: faults on demand are for development; a deployed stage refuses them.")
    if current.settings.store == "memory" and host.common.workers > 1:
        raise SettingsError("STORE: memory is that of one process; with WORKERS it takes sqlite or dynamodb.")
    try:
        interrupted = _prepare(current) if host.common.first else 0
        current.follower.current()
    except Unavailable as error:
        raise SettingsError(f"STORE: {words.store_in_words(current.settings)} does not answer.") from error
    _warm_up(current)
    for name, step in {"knowledge": current.follower.refresh, "jobs": partial(jobs.work, current)}.items():
        threading.Thread(target=_repeat, args=(current, step), name=name, daemon=True).start()
    recovered = [f"Recovered  {interrupted} unanswered question(s) of the last run"] if interrupted else []
    return [*recovered, *_in_use(current, host), "", *_addresses(current, host.url)]


def _prepare(current: Services) -> int:
    """What one process does for all: the table of development, and the turns that the last run left; their number."""
    if current.settings.store == "dynamodb" and not current.settings.deployed:
        from chalicelib.adapters.dynamodb_tables import create_tables  # slow to import

        create_tables(current.settings)
    _ = current.counting  # a time zone that is none is told at the start
    if current.settings.queue_url:  # SQS has kept its turns, and other processes may be at them
        current.sessions.tail("start", 1)  # a store that does not answer is told at the start all the same
        return 0
    return turns.requeue_interrupted(current.ports)


def _repeat(current: Services, step: Callable[[], object]) -> None:
    """Look for changes of the knowledge between questions, so that no question waits while it is read; for imports."""
    while True:
        current.ports.clock.sleep(LOOK_SECONDS)
        try:
            step()
        except Unavailable:
            continue
        except Exception:
            current.logger.exception("looking failed")


def _warm_up(current: Services) -> None:
    """Build now what the first question would wait for."""
    _ = current.follower.current().index.search("aquecer"), current.model
    current.shared.presence.count(OPEN_SESSIONS)  # connects to Redis, where there is one
    intents.classify("aquecer")
    escalation.mood_of("aquecer")


def _in_use(current: Services, host: Host) -> list[str]:
    store = words.store_in_words(current.settings)
    keyless = current.model.name == "knowledge"
    model = "none (answers from the knowledge alone; set OPENAI_API_KEY)" if keyless else current.model.name
    queue = _queue(current.settings.queue_url, host)
    return [f"Store {store} · cache {_cache(current)} · model {model}{queue}"]


def _queue(url: str, host: Host) -> str:
    """Where turns wait, when that is not this process."""
    elsewhere = " (answered by other processes: no --sqs-endpoint)" if host.queue else ""
    return f" · queue {url.rpartition('/')[2]} at {urlsplit(url).netloc}{elsewhere}" if url else ""


def _cache(current: Services) -> str:
    address = words.cache_in_words(current.settings)
    if not address:
        return "in memory"
    answers = "" if current.shared.available() else " (does not answer; the chat goes on without it)"
    return f"in Redis at {address}{answers}"


def _addresses(current: Services, url: str) -> list[str]:
    key = current.admin_key or "as in ADMIN_KEYS"
    console = f"{url}/admin" if current.settings.deployed else passes.make_link(current, url)  # no way in, in a log
    return [
        f"Chat page          {url}/",
        f"Console            {console}",
        f"API                {url}/api/v1/health",
        f"Administrator key  {key}",
    ]
