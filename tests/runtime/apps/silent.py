"""A Chalice app without any WebSocket function, and under another name than `app`."""

from chalice.app import Chalice

application = Chalice(app_name="silent")


@application.route("/")
def index():
    return "here"
