"""The functions, and nothing but their decorators: each body is one line (docs/turn.md says what follows)."""

from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Cron, Rate, Response, SQSEvent, WebsocketEvent

from chalicelib import services
from chalicelib.entrypoints import jobs, local, websocket
from chalicelib.entrypoints.rest import routes

app = Chalice(app_name="chat-ia-assistente")
app.experimental_feature_flags.update(["WEBSOCKETS"])
routes.register(app)


@app.on_ws_connect(name="connect")
def connect(event: WebsocketEvent) -> Response:
    return websocket.connect(event, services.current())


@app.on_ws_message(name="message")
def message(event: WebsocketEvent) -> Response:
    return websocket.message(event, services.current())


@app.on_ws_disconnect(name="disconnect")
def disconnect(event: WebsocketEvent) -> Response:
    return websocket.disconnect(event, services.current())


@app.on_sqs_message(queue="turns.fifo", batch_size=1, name="reply", maximum_concurrency=services.worker_concurrency())
def reply(event: SQSEvent) -> None:
    return jobs.reply(event, services.current())


@app.on_sqs_message(queue="turns-dlq.fifo", batch_size=1, name="dead_letter")
def dead_letter(event: SQSEvent) -> None:
    return jobs.dead_letter(event, services.current())


@app.schedule(Rate(1, unit=Rate.MINUTES), name="sweep")
def sweep(event: CloudWatchEvent) -> None:
    return jobs.sweep(services.current())


@app.schedule(Rate(1, unit=Rate.MINUTES), name="work")
def work(event: CloudWatchEvent) -> None:
    return jobs.work(services.current())


@app.schedule(Cron(5, "*", "*", "*", "?", "*"), name="rollup")
def rollup(event: CloudWatchEvent) -> None:
    return jobs.rollup(services.current())


@app.schedule(Cron(35, 7, "*", "*", "?", "*"), name="rollup_daily")
def rollup_daily(event: CloudWatchEvent) -> None:
    return jobs.rollup_daily(services.current())


@app.schedule(Cron(0, 9, "?", "*", "MON", "*"), name="weekly_report")
def weekly_report(event: CloudWatchEvent) -> None:
    """Monday 06:00 in São Paulo, where clocks are not changed any more."""
    return jobs.weekly_report(services.current())


def attach(host: Any) -> list[str]:
    """Called by the portable runtime, once, before the first event."""
    return local.attach(host)
