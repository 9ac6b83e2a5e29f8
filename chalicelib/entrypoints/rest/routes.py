"""Every route of REST and of the pages."""

from chalice.app import Chalice

from chalicelib.entrypoints.rest import (
    admin,
    analytics,
    conversations,
    demo,
    health,
    jobs,
    knowledge,
    notifications,
    openapi,
    site,
    transfer,
    unanswered,
)

PARTS = (
    health,
    admin,
    knowledge,
    analytics,
    transfer,
    jobs,
    unanswered,
    conversations,
    notifications,
    openapi,
    demo,
    site,
)


def register(app: Chalice) -> None:
    """`site` comes last: it answers for every name that nobody else has."""
    for part in PARTS:
        app.register_blueprint(part.blueprint)
