"""Notifications over REST: to one user, a user type, or everyone."""

from typing import Annotated

from chalice.app import Blueprint
from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.chat import notices
from chalicelib.chat.frames import timestamp
from chalicelib.chat.model import UserType
from chalicelib.chat.people import Audience, Level, Notice, NoticeText
from chalicelib.entrypoints.rest.access import WRITE
from chalicelib.entrypoints.rest.operations import Answer, Call, operation
from chalicelib.errors import Invalid, NotFound

blueprint = Blueprint(__name__)

_ADDRESS = r"^(https://[^\s<>\"]+|/([^/\s<>\"][^\s<>\"]*)?)$"  # of the web, or of the host site


class Whom(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One of the three: `userId` as the host site names them, `userType`, or `everyone` (true)."""

    user_id: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    user_type: UserType | UnsetType = UNSET
    everyone: Annotated[bool, Meta(extra_json_schema={"const": True})] | UnsetType = UNSET


class NewNotification(Struct, frozen=True, forbid_unknown_fields=True):
    audience: Annotated[Whom, Meta(extra_json_schema={"minProperties": 1, "maxProperties": 1})]
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    body: Annotated[str, Meta(min_length=1, max_length=1000)]
    url: Annotated[str, Meta(pattern=_ADDRESS, max_length=1000)] | UnsetType = UNSET
    level: Level = "info"


class Sent(Struct, frozen=True, rename="camel"):
    """`delivered`, `failed`: open tabs it reached, or could not; `stored`: kept for 30 days for those who come later.

    While `state` is `sending` the figures grow: the rest is sent within minutes.
    """

    notification_id: str
    at: str
    who: str
    audience: Whom
    title: str
    body: str
    url: str
    level: Level
    state: str
    delivered: int
    failed: int
    stored: bool = True


class ListQuery(Struct, frozen=True, forbid_unknown_fields=True):
    cursor: Annotated[str, Meta(pattern=r"^[0-9]{13}-[A-Za-z0-9_-]{1,100}$")] | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class Notifications(Struct, frozen=True, rename="camel"):
    items: tuple[Sent, ...]
    next_cursor: str | None


@operation(blueprint, "POST", "/notifications", roles=WRITE, body=NewNotification, answers={201: Sent, 202: Sent})
def send_notification(call: Call) -> Answer:
    """Tell somebody, or many: open tabs at once, others when they come back."""
    new: NewNotification = call.body
    text = NoticeText(new.title, new.body, "" if new.url is UNSET else new.url, new.level)
    notice = notices.send(call.services.ports, _audience(new.audience), text, call.who.name)
    return Answer(202 if notice.sending else 201, _told(notice), f"/notifications/{notice.id}")


@operation(blueprint, "GET", "/notifications", query=ListQuery, answers={200: Notifications})
def list_notifications(call: Call) -> Answer:
    """What was told in the last 30 days, newest first."""
    query: ListQuery = call.query
    found = call.services.ports.notices.newest("" if query.cursor is UNSET else query.cursor, query.limit)
    more = found[-1].id if len(found) == query.limit else None
    return Answer(200, Notifications(tuple(map(_told, found)), more))


@operation(blueprint, "GET", "/notifications/{notification_id}", answers={200: Sent})
def get_notification(call: Call, notification_id: str) -> Answer:
    """How far a notification is."""
    notice = call.services.ports.notices.notice(notification_id)
    if notice is None:
        raise NotFound
    return Answer(200, _told(notice))


def _audience(whom: Whom) -> Audience:
    given = [value for value in (whom.user_id, whom.user_type, whom.everyone) if value is not UNSET]
    if len(given) != 1 or whom.everyone is False:
        raise Invalid({"audience": "takes one of userId, userType, and everyone: true"})
    return Audience(
        user_id="" if whom.user_id is UNSET else whom.user_id,
        user_type=None if whom.user_type is UNSET else whom.user_type,
    )


def _told(notice: Notice) -> Sent:
    audience, text = notice.audience, notice.text
    whom = Whom(
        user_id=audience.user_id or UNSET,
        user_type=audience.user_type or UNSET,
        everyone=UNSET if audience.user_id or audience.user_type else True,
    )
    return Sent(
        notification_id=notice.id,
        at=timestamp(notice.at),
        who=notice.who,
        audience=whom,
        title=text.title,
        body=text.body,
        url=text.url,
        level=text.level,
        state="sending" if notice.sending else "sent",
        delivered=notice.delivered,
        failed=notice.failed,
    )
