"""`python -m runtime`: everything is put together here."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from functools import partial

from runtime import access, server
from runtime.asgi import Asgi
from runtime.connections import Ages, Connections
from runtime.errors import CannotStart
from runtime.events import Api
from runtime.gateway import Gateway
from runtime.host import Host, Outbox, Session
from runtime.invoke import Functions
from runtime.load import App, build_middleware, load
from runtime.management import Management
from runtime.options import Options, parse
from runtime.queue import Queue
from runtime.queue_file import QueueFile
from runtime.rest import Rest
from runtime.scheduler import Scheduler, Timer, next_due
from runtime.server import Deliveries, Parts, Server


def main() -> int:
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    options = parse()
    access.print_access_log(options.access_log)
    try:
        return _run(options)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _run(options: Options) -> int:
    bound = server.bind(options.host, options.port)
    api = Api(options.stage, _domain(options.host, bound))
    try:
        app = load(options.app_file)
        connections = Connections()
        queue = _queue(options, app)
        own = queue if isinstance(queue, Queue) else None
        lines = _attach(app, Host(Outbox(connections), own, f"http://{api.domain}", api.stage))
    except ValueError as problem:  # by convention an app says so what is wrong with its settings
        print(problem, file=sys.stderr)
        return 2
    app.chalice.websocket_api.session = Session(connections)
    build_middleware(app.chalice)
    runtime, parts = _assemble(options, api, app, connections, queue, lines)
    asyncio.run(runtime.serve(sockets=[bound]))
    server.leave(busy=parts.busy)
    return 0


def _assemble(
    options: Options, api: Api, app: App, connections: Connections, queue: Deliveries, lines: list[str]
) -> tuple[Server, Parts]:
    functions = Functions(options.function_threads, options.function_seconds)
    ages = Ages(options.idle_seconds, options.lifetime_seconds, options.ping_keeps_alive)
    gateway = Gateway(api, app.sockets, options.routes, connections, functions, ages)
    timers = [Timer(schedule.function, next_due(schedule.expression)) for schedule in app.schedules]
    parts = Parts(connections, functions, gateway, queue, Scheduler(timers, functions))
    rest = Rest(app.chalice, api, functions)
    asgi = Asgi(gateway, Management(api.stage, connections), rest)
    return Server(asgi, parts, options.drain_seconds, partial(_say, lines)), parts


def _queue(options: Options, app: App) -> Deliveries:
    if not options.sqs_endpoint:
        return Queue(QueueFile(options.data_dir), app.consumers)
    from runtime.poller import Poller  # boto3 is slow to import, and one machine needs none of it

    return Poller(options.sqs_endpoint, options.sqs_region, app.consumers)


def _attach(app: App, host: Host) -> list[str]:
    if app.attach is None:
        return [f"{app.chalice.app_name} runs at {host.url}"]
    return app.attach(host) or []


def _say(lines: list[str]) -> None:
    for line in lines:
        print(line, flush=True)


def _domain(host: str, bound: socket.socket) -> str:
    # Listening on every address, the url names one that can be opened.
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, f"[{host}]" if ":" in host else host)
    return f"{name}:{bound.getsockname()[1]}"


if __name__ == "__main__":
    sys.exit(main())
