"""Notices from an administrator: to every open tab they are meant for at once, to others when they come back.

A notice is kept first and sent then, to BATCH sockets at a time. How far that is, is written down after each batch, so
that whoever comes after a crash goes on there; at most one batch is sent twice, and browsers know notices by their id.
"""

from concurrent.futures import ThreadPoolExecutor

from msgspec import UNSET
from msgspec.structs import replace

from chalicelib.chat import frames
from chalicelib.chat.model import Header
from chalicelib.chat.people import NOTICES_KEPT_MS, Audience, Notice, NoticeText
from chalicelib.chat.ports import Ports

BATCH = 100  # sockets
AT_ONCE = 16  # posts; one takes API Gateway about 20 ms
BUDGET_SECONDS = 15.0  # of sending, while an administrator waits or a schedule runs
LEEWAY_MS = 5_000  # between a tab that closes and the function that is told of it
LEASE_MS = 60_000  # that whoever sends has a notice for
LOOKED_AT = 50  # newest notices, among which those are whose sending was broken off


def send(ports: Ports, audience: Audience, text: NoticeText, who: str) -> Notice:
    """Keep a notice and send it, as far as the time goes; `go_on` does the rest."""
    now = ports.clock.now()
    notice = Notice(id=f"{now:013d}-{ports.ids.new()}", at=now, who=who, audience=audience, text=text)
    notice = replace(notice, leased_until=now + LEASE_MS, version=1)
    ports.notices.save_notice(notice)
    ports.notices.keep(audience.box, notice)
    return _fan_out(ports, notice, ports.clock.monotonic() + BUDGET_SECONDS)


def go_on(ports: Ports) -> int:
    """Send on what somebody left who ran out of time, or died; how many notices that were."""
    until, count = ports.clock.monotonic() + BUDGET_SECONDS, 0
    for notice in ports.notices.newest("", LOOKED_AT):
        now = ports.clock.now()
        if notice.sending and notice.leased_until <= now and ports.clock.monotonic() < until:
            mine = replace(notice, leased_until=now + LEASE_MS, version=notice.version + 1)
            if ports.notices.save_notice(mine):
                _fan_out(ports, mine, until)
                count += 1
    return count


def waiting(ports: Ports, header: Header, *, known: bool) -> list[frames.Outgoing]:
    """What somebody has missed, who has just come; `known`: they were here before, or are signed in.

    Called once their socket is registered, so that a notice is found here, or sent there.
    """
    if not known:
        return []
    now = ports.clock.now()
    since = ports.notices.told(header.owner)
    if since is None:
        since = now - NOTICES_KEPT_MS if header.owner.startswith("user:") else header.created_at
    since = max(since, now - NOTICES_KEPT_MS)
    found = [notice for box in _boxes(header) for notice in ports.notices.kept(box, since)]
    if found or header.owner.startswith("user:"):
        ports.notices.save_told(header.owner, now)
    return [_frame(notice) for notice in sorted(found, key=lambda one: one.id)]


def left(ports: Ports, owner: str, at: int) -> None:
    """Whoever closed a tab at that time (ms) has seen what came a little before: rather twice than never."""
    ports.notices.save_told(owner, at - LEEWAY_MS)


def _boxes(header: Header) -> tuple[str, ...]:
    boxes = ("everyone", f"type:{header.user_type}")
    return (*boxes, header.owner) if header.owner.startswith("user:") else boxes


def _fan_out(ports: Ports, notice: Notice, until: float) -> Notice:
    data = frames.encode(_frame(notice))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while notice.sending and ports.clock.monotonic() < until:
            sockets, cursor = ports.sessions.open_sockets(notice.audience, notice.cursor, BATCH)
            arrived = list(pool.map(lambda socket: ports.outbox.post(socket, data), sockets))
            for socket, there in zip(sockets, arrived, strict=True):
                if not there:  # its `$disconnect` was lost, or is on its way
                    ports.sessions.drop_connection(socket)
                    ports.presence.leave(socket)
            later = replace(
                notice,
                delivered=notice.delivered + sum(arrived),
                failed=notice.failed + len(arrived) - sum(arrived),
                cursor=cursor,
                sending=bool(cursor),
                leased_until=ports.clock.now() + LEASE_MS,
                version=notice.version + 1,
            )
            if not ports.notices.save_notice(later):
                return notice  # somebody else has it, who took this for dead
            notice = later
    if notice.sending:
        ports.notices.save_notice(replace(notice, leased_until=0, version=notice.version + 1))
    return notice


def _frame(notice: Notice) -> frames.Notification:
    text = notice.text
    return frames.Notification(
        at=frames.timestamp(notice.at),
        notification_id=notice.id,
        title=text.title,
        body=text.body,
        url=text.url or UNSET,
        level=text.level,
    )
