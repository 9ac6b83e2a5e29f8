"""An app whose queue has no dead letters, and which sends to it before anything runs."""

from chalice.app import Chalice

app = Chalice(app_name="stubborn")


def attach(host):
    host.queue.send("stubborn.fifo", "no", group="g", dedup="d")
    return [f"stubborn at {host.url}"]


@app.on_sqs_message(queue="stubborn.fifo", batch_size=1)
def never(event):
    raise RuntimeError("never")


@app.route("/")
def index():
    return "here"
