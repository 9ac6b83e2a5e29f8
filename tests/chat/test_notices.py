"""Notices: open tabs get them at once, others when they come back, nobody twice; and whoever sends them may die."""

from typing import Any

import jwt
import pytest

from chalicelib.chat import notices, sessions
from chalicelib.chat.people import NOTICES_KEPT_MS, Audience, Notice, NoticeText
from tests.chat.room import IDENTITY_KEY, Outbox, Room

TEXT = NoticeText("Novidade", "Agora também aos domingos.", "/services/", "success")
EVERYONE = Audience()


class Mortal(Outbox):
    """Dies, with all that it belongs to, at one of its posts."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def post(self, connection_id: str, data: str) -> bool:
        self.left -= 1
        if self.left == 0:
            raise SystemExit
        return super().post(connection_id, data)


def token(room: Room, user: str, user_type: str = "client") -> str:
    now = room.clock.now() // 1000
    return jwt.encode({"sub": user, "user_type": user_type, "iat": now, "exp": now + 600}, IDENTITY_KEY)


def told(frames: list[Any]) -> list[str]:
    return [frame.notification_id for frame in frames if type(frame).__name__ == "Notification"]


def shown(room: Room, tab: str = "tab") -> list[str]:
    return [frame["notificationId"] for frame in room.seen(tab) if frame["type"] == "notification"]


def send(room: Room, audience: Audience = EVERYONE) -> Notice:
    return notices.send(room.ports, audience, TEXT, "key:0123")


def test_every_open_tab_it_is_meant_for_gets_it_at_once() -> None:
    room = Room()
    room.start("visitor")
    room.start("client", identityToken=token(room, "ana"))
    room.start("provider", identityToken=token(room, "bia", "provider"))
    everyone, clients, ana = send(room), send(room, Audience(user_type="client")), send(room, Audience(user_id="ana"))
    assert (everyone.delivered, clients.delivered, ana.delivered) == (3, 1, 1)
    assert shown(room, "client") == [everyone.id, clients.id, ana.id]
    assert shown(room, "visitor") == shown(room, "provider") == [everyone.id]
    frame = room.seen("visitor")[-1]
    assert (frame["title"], frame["url"], frame["level"]) == (TEXT.title, TEXT.url, TEXT.level)


def test_who_is_not_there_gets_it_when_they_come_and_only_once() -> None:
    room = Room()
    token_of_visitor = room.start("tab")[0].resume_token
    room.start("old", identityToken=token(room, "ana"))
    for tab in ("tab", "old"):
        sessions.leave(room.ports, tab, shown=True)
    room.clock.sleep(60)
    sent = [send(room).id]
    room.clock.sleep(1)
    sent.append(send(room, Audience(user_id="ana")).id)
    room.clock.sleep(60)
    assert told(room.start("new")) == []  # has never been here
    assert told(room.start("tab", resumeToken=token_of_visitor)) == sent[:1]
    assert told(room.start("phone", identityToken=token(room, "ana"))) == sent
    room.clock.sleep(60)
    assert told(room.start("phone", identityToken=token(room, "ana"))) == []
    assert told(room.start("bia", identityToken=token(room, "bia"))) == sent[:1]  # whom the site knows


def test_what_an_open_tab_has_shown_does_not_come_again() -> None:
    room = Room()
    resume = room.start("tab", identityToken=token(room, "ana"))[0].resume_token
    room.clock.sleep(60)
    assert send(room).delivered == 1
    room.clock.sleep(60)
    sessions.leave(room.ports, "tab", shown=True)
    assert told(room.start("tab2", identityToken=token(room, "ana"), resumeToken=resume)) == []


def test_a_tab_that_was_gone_is_reported_and_told_later() -> None:
    room = Room()
    resume = room.start("tab")[0].resume_token
    room.clock.sleep(60)
    room.outbox.gone.add("tab")
    notice = send(room)
    assert (notice.delivered, notice.failed) == (0, 1)
    room.clock.sleep(60)
    sessions.leave(room.ports, "tab", shown=True)  # `$disconnect`, late
    assert told(room.start("other", resumeToken=resume)) == [notice.id]


def test_nobody_is_told_what_is_thirty_days_old() -> None:
    room = Room()
    send(room, Audience(user_id="ana"))
    room.clock.sleep(NOTICES_KEPT_MS / 1000)
    assert told(room.start("tab", identityToken=token(room, "ana"))) == []


def test_what_a_sender_left_who_died_is_sent_on_by_the_next_one() -> None:
    room = Room(MAX_CONCURRENT_SESSIONS="1000", MAX_CONNECTIONS_PER_IP="1000", RATE_LIMIT_PER_IP="1000")
    tabs = [f"tab{number:03d}" for number in range(2 * notices.BATCH + 50)]
    for tab in tabs:
        room.start(tab)
    room.ports = room.with_outbox(Mortal(notices.BATCH + 30))
    with pytest.raises(SystemExit):
        send(room)
    assert notices.go_on(room.ports) == 0  # as far as anybody knows, it is being sent
    room.clock.sleep(notices.LEASE_MS / 1000)
    assert notices.go_on(room.ports) == 1 and notices.go_on(room.ports) == 0
    (notice,) = room.ports.notices.newest("", 10)
    assert not notice.sending and (notice.delivered, notice.failed) == (len(tabs), 0)
    counts = [shown(room, tab).count(notice.id) for tab in tabs]
    assert set(counts) <= {1, 2} and counts.count(2) <= notices.BATCH


def test_a_sender_who_runs_out_of_time_leaves_the_rest_for_the_next() -> None:
    room = Room(MAX_CONCURRENT_SESSIONS="1000", MAX_CONNECTIONS_PER_IP="1000", RATE_LIMIT_PER_IP="1000")
    for number in range(notices.BATCH + 1):
        room.start(f"tab{number:03d}")
    room.ports = room.with_outbox(Slow(room))
    notice = send(room)
    assert notice.sending and notice.delivered == notices.BATCH
    assert notices.go_on(room.ports) == 1
    (notice,) = room.ports.notices.newest("", 10)
    assert not notice.sending and notice.delivered == notices.BATCH + 1


class Slow(Outbox):
    """Each post takes its time by the room's clock."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self._room = room

    def post(self, connection_id: str, data: str) -> bool:
        self._room.clock.sleep(1)
        return super().post(connection_id, data)
