"""One process that serves: everything is put together here."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from runtime import access, server
from runtime.asgi import Asgi
from runtime.connections import Ages, Connections
from runtime.control import Control
from runtime.errors import CannotStart
from runtime.events import Api
from runtime.faults import Faults
from runtime.gateway import Gateway
from runtime.host import Common, Host, Outbox, Session
from runtime.invoke import Functions
from runtime.load import App, build_middleware, load
from runtime.management import Management
from runtime.options import Options
from runtime.peers import Peers
from runtime.queue import Queue
from runtime.queue_file import QueueFile
from runtime.rate import Rate
from runtime.rest import Rest
from runtime.scheduler import Scheduler, Timer, next_due
from runtime.server import Deliveries, Parts, Server
from runtime.unreliable import unreliable

WORKERS = "workers"  # the folder of the queues of all workers but the first, in the data folder


@dataclass(frozen=True)
class Place:
    """Which of the workers a process is. `first` is True once a start, for the process that picks up what was left."""

    index: int = 0
    first: bool = True


def run(options: Options, place: Place, bound: socket.socket, on_start: Callable[[list[str]], None]) -> int:
    """Serve until a signal; the exit status. `on_start` gets the app's lines, in the event loop, once it listens."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    access.print_access_log(options.access_log)
    try:
        return _serve(options, place, bound, on_start)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _serve(options: Options, place: Place, bound: socket.socket, on_start: Callable[[list[str]], None]) -> int:
    api = Api(options.stage, _domain(options.host, bound))
    ages = Ages(options.idle_seconds, options.lifetime_seconds, options.ping_keeps_alive, options.lifetime_code)
    faults = Faults(options.faults)
    connections = Connections(ages, faults)
    try:
        app = load(options.app_file)
        if options.faults:
            app = unreliable(app, faults, options.app_file.parent)
        peers = Peers(connections, options.redis_url)
        queue = _queue(options, place, app)
        own = queue if isinstance(queue, Queue) else None
        url, common = f"http://{api.domain}", Common(options.workers, place.first, options.redis_url)
        outbox = Outbox(peers, faults)
        lines = _attach(app, Host(outbox, own, url, api.stage, common, options.faults is not None))
    except ValueError as problem:  # by convention an app says so what is wrong with its settings
        print(problem, file=sys.stderr)
        return 2
    app.chalice.websocket_api.session = Session(peers, outbox)
    build_middleware(app.chalice)
    functions = Functions(options.function_threads, options.function_seconds)
    arrivals = Rate(options.connects_per_second, options.connects_status)
    calls = Rate(options.calls_per_second)
    gateway = Gateway(api, app.sockets, options.routes, connections, functions, arrivals)
    parts = Parts(peers, functions, gateway, queue, Scheduler(_timers(app, place), functions))
    control = Control(faults) if options.faults and options.workers == 1 else None
    asgi = Asgi(gateway, Management(api.stage, peers, calls, faults), Rest(app.chalice, api, functions), control)
    runtime = Server(asgi, parts, options.drain_seconds, partial(on_start, lines))
    asyncio.run(runtime.serve(sockets=[bound]))
    server.leave(busy=parts.busy)
    return 0


def _queue(options: Options, place: Place, app: App) -> Deliveries:
    if not options.sqs_endpoint:
        return Queue(_queue_file(options.data_dir, place), app.consumers)
    from runtime.poller import Poller  # boto3 is slow to import, and one machine needs none of it

    return Poller(options.sqs_endpoint, options.sqs_region, app.consumers)


def _queue_file(data_dir: Path, place: Place) -> QueueFile:
    """Each process has a queue of its own. The first one of a start takes over what is in the others'.

    They run later, so that nobody delivers it there; and whatever their number is now, none is forgotten.
    """
    if place.index:
        return QueueFile(data_dir / WORKERS / str(place.index))
    file = QueueFile(data_dir)
    if place.first:
        for folder in sorted((data_dir / WORKERS).glob("*")):
            file.adopt(folder)
    return file


def _timers(app: App, place: Place) -> list[Timer]:
    """All schedules run in one worker."""
    timers = [Timer(schedule.function, next_due(schedule.expression)) for schedule in app.schedules]
    return [] if place.index else timers


def _attach(app: App, host: Host) -> list[str]:
    if app.attach is None:
        return [f"{app.chalice.app_name} runs at {host.url}"]
    return app.attach(host) or []


def _domain(host: str, bound: socket.socket) -> str:
    # Listening on every address, the url names one that can be opened.
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, f"[{host}]" if ":" in host else host)
    return f"{name}:{bound.getsockname()[1]}"
