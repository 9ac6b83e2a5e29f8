"""A small Chalice app that was not written for this runtime; only `attach` knows of it, and only to reach the queue.

It writes down every event it gets, a JSON line each, so that tests see what a function saw.
"""

import json
import os
import threading
import time
from pathlib import Path

from chalice.app import Chalice, Cron, Rate, Response, WebsocketDisconnectedError

app = Chalice(app_name="foreign")
app.experimental_feature_flags.update(["WEBSOCKETS"])
send, close, info = app.websocket_api.send, app.websocket_api.close, app.websocket_api.info

journal = Path(os.environ["FOREIGN_JOURNAL"])
writing = threading.Lock()
online: set[str] = set()
host = None


def attach(given):
    global host
    host = given
    return [f"foreign at {host.url} stage {host.stage}", "second line"]


def record(kind, what):
    with writing, journal.open("a") as file:
        file.write(json.dumps({"kind": kind, "what": what}) + "\n")


def wait_at(gate):
    # A gate is a file: it can be opened while the runtime takes no more requests.
    record("waiting", gate)
    end = time.monotonic() + 20
    while not journal.with_name(f"{gate}.open").exists():
        if time.monotonic() > end:
            raise RuntimeError(f"nobody opened {gate}")
        time.sleep(0.01)
    record("passed", gate)


@app.middleware("all")
def mark(event, get_response):
    threading.current_thread().marked = True
    return get_response(event)


@app.on_ws_connect()
def connect(event):
    record("connect", event.to_dict())
    query = event.to_dict().get("queryStringParameters", {})
    if "gate" in query:
        wait_at(query["gate"])
    if "greet" in query:
        record("greeted", try_to_send(event.connection_id))
    if "raise" in query:
        raise RuntimeError("no")
    online.add(event.connection_id)
    headers = {"Sec-WebSocket-Protocol": query["protocol"], "X-Other": "1"} if "protocol" in query else {}
    return Response(body="", status_code=int(query.get("status", "200")), headers=headers)


def try_to_send(connection_id, text="hello"):
    try:
        send(connection_id, text)
    except WebsocketDisconnectedError:
        return "gone"
    return "sent"


@app.on_ws_disconnect()
def disconnect(event):
    online.discard(event.connection_id)
    record("disconnect", event.to_dict())


@app.on_ws_message()
def message(event):
    record("message", event.to_dict())
    try:
        order = json.loads(event.body)
    except ValueError:
        order = {}
    if not isinstance(order, dict):
        order = {}
    return ORDERS.get(order.get("do", "echo"), echo)(event, order)


def echo(event, order):
    send(event.connection_id, event.body)
    return {"statusCode": 200, "body": "nobody sees this"}


def broadcast(event, order):
    for connection_id in list(online):
        try_to_send(connection_id, order["text"])


def blow_up(event, order):
    raise RuntimeError("boom")


def refuse(event, order):
    return {"statusCode": 500, "body": "refused"}


def wait(event, order):
    wait_at(order["gate"])
    send(event.connection_id, json.dumps({"passed": order["gate"]}))


def big(event, order):
    send(event.connection_id, "ã" * (order["bytes"] // 2))


def hang_up(event, order):
    close(order.get("to", event.connection_id))


def describe(event, order):
    found = info(order.get("to", event.connection_id))
    send(event.connection_id, json.dumps({"ip": found["Identity"]["SourceIp"], "at": str(found["ConnectedAt"])}))


def flood(event, order):
    """Fill another browser's buffer until it is gone, and say after how many messages."""
    sent = 0
    while sent < 1000 and host.outbox.post(order["to"], "x" * 100_000):
        sent += 1
    send(event.connection_id, json.dumps({"sent": sent, "again": host.outbox.post(order["to"], "x")}))


def count_to(event, order):
    """Write numbers to a browser, one after the other, and tell the sender what became of each."""
    told = [host.outbox.post(order["to"], str(number)) for number in range(order["numbers"])]
    send(event.connection_id, json.dumps({"told": told}))


def common(event, order):
    send(event.connection_id, json.dumps(vars(host.common)))


def queue(event, order):
    for number, body in enumerate(order["bodies"]):
        host.queue.send(order.get("queue", "work.fifo"), body, order["group"], order.get("dedup", f"{body}/{number}"))
    if "gate" in order:
        wait_at(order["gate"])
    send(event.connection_id, "queued")


def middleware(event, order):
    send(event.connection_id, str(getattr(threading.current_thread(), "marked", False)))


ORDERS = {
    "broadcast": broadcast, "raise": blow_up, "refuse": refuse, "wait": wait, "big": big, "close": hang_up,
    "describe": describe, "flood": flood, "queue": queue, "middleware": middleware,
    "count": count_to, "common": common,
}  # fmt: skip


@app.on_sqs_message(queue="work.fifo", batch_size=1, maximum_concurrency=4)
def work(event):
    for item in event:
        record("work", event.to_dict()["Records"][0])
        if item.body.startswith("gate "):
            wait_at(item.body.removeprefix("gate "))
        if item.body.startswith("fail"):
            raise RuntimeError("cannot")
        record("worked", item.body)


@app.on_sqs_message(queue="work-dlq.fifo", batch_size=1)
def dead(event):
    record("dead", event.to_dict()["Records"][0])


@app.schedule(Rate(1, unit=Rate.HOURS))
def hourly(event):
    record("hourly", event.to_dict())


@app.schedule(Cron(0, 6, "?", "*", "MON-FRI", "*"))
def weekdays(event):
    record("weekdays", event.to_dict())


@app.route("/request/{name}", methods=["GET", "PUT"], content_types=["application/json", "text/plain"])
def request(name):
    before = app.current_request.query_params
    time.sleep(0.001)  # lets other threads in between
    now = app.current_request
    return {
        "name": name, "method": now.method, "query": dict(before or {}), "body": now.raw_body.decode(),
        "context": now.context, "event_body": now.to_original_event()["body"], "headers": dict(now.headers),
    }  # fmt: skip


@app.route("/image", methods=["GET", "POST"], content_types=["image/png", "application/json"])
def image():
    given = app.current_request.raw_body
    return Response(given[::-1] or b"\x89PNG\x00", headers={"Content-Type": "image/png"})


@app.route("/cookies")
def cookies():
    return Response("two", status_code=203, headers={"Set-Cookie": ["a=1", "b=2"], "Content-Type": "text/plain"})


@app.route("/fails")
def fails():
    raise RuntimeError("hidden detail")


@app.route("/slow/{gate}")
def slow(gate):
    wait_at(gate)
    return {"passed": gate}
