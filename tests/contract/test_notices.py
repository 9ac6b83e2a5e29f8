"""What every store of notices promises, and every store of conversations about open sockets; run over each adapter."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from chalicelib.adapters.dynamodb import DynamoDBSessions
from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.adapters.system import SystemClock
from chalicelib.chat.model import Connection, Header, Message
from chalicelib.chat.people import MOST_MISSED, NOTICES_KEPT_MS, Audience, Notice, Notices, NoticeText
from chalicelib.chat.ports import Sessions

NOW = SystemClock().now()
EVERYONE = Audience()


@pytest.fixture(params=["sqlite", "dynamodb"])
def sessions(request: pytest.FixtureRequest) -> Iterator[Sessions]:
    if request.param == "dynamodb":
        yield DynamoDBSessions(request.getfixturevalue("table").settings, SystemClock())
        return
    store = SQLiteSessions(None)
    yield store
    store.close()


def notice(at: int = NOW) -> Notice:
    return Notice(id=f"{at:013d}-x", at=at, who="ana", audience=EVERYONE, text=NoticeText("T", "B"), version=1)


def test_a_notice_is_changed_by_who_has_its_newest_version(people: Notices) -> None:
    first = notice()
    assert people.notice(first.id) is None
    assert people.save_notice(first) and not people.save_notice(first)
    later = replace(first, delivered=7, cursor="c", version=2)
    assert people.save_notice(later) and not people.save_notice(replace(later, delivered=8))
    assert people.notice(first.id) == later


def test_the_newest_come_first_and_page_by_page(people: Notices) -> None:
    made = [notice(NOW + number) for number in range(5)]
    for one in made:
        people.save_notice(one)
    assert people.newest("", 2) == [made[4], made[3]]
    assert people.newest(made[3].id, 2) == [made[2], made[1]]
    assert people.newest(made[1].id, 2) == [made[0]]


def test_a_box_has_what_came_after_a_time_for_thirty_days(people: Notices) -> None:
    old = notice(NOW - NOTICES_KEPT_MS - 1_000)
    people.keep("everyone", old)
    made = [notice(NOW + number) for number in range(MOST_MISSED + 3)]
    for one in made:
        people.keep("everyone", one)
    people.keep("user:ana", made[0])
    assert people.kept("everyone", 0) == made[3:]
    assert people.kept("everyone", made[-2].at) == made[-1:]
    assert people.kept("user:ana", 0) == made[:1] and people.kept("type:client", 0) == []


def test_until_when_somebody_was_told_is_remembered(people: Notices) -> None:
    assert people.told("user:ana") is None
    people.save_told("user:ana", NOW)
    people.save_told("user:ana", NOW + 1)
    assert people.told("user:ana") == NOW + 1


def come(sessions: Sessions, number: int, user: str = "", **parts: object) -> str:
    """Somebody with a conversation and an open socket."""
    session_id, socket = f"s{number}", f"socket-{number:03d}="
    who: dict[str, object] = {"owner": f"user:{user}" if user else f"visitor:{number}", "locale": "pt-BR", **parts}
    header = Header(session_id=session_id, created_at=NOW, sockets=(socket,), **{"user_type": "anonymous", **who})  # type: ignore[arg-type]
    hello = Message(session_id=session_id, seq=1, message_id=f"{session_id}-1n", sender="assistant", at=NOW)
    sessions.create(header, hello)
    sessions.save_connection(Connection(connection_id=socket, session_id=session_id, ip="10.0.0.1", **who))  # type: ignore[arg-type]
    return socket


def found(sessions: Sessions, audience: Audience, limit: int) -> list[str]:
    """All open sockets of those people, in batches."""
    sockets, cursor = sessions.open_sockets(audience, "", limit)
    while cursor:
        assert len(sockets) <= limit * 100
        more, cursor = sessions.open_sockets(audience, cursor, limit)
        assert len(more) <= limit
        sockets += more
    return sockets


def test_open_sockets_are_found_in_batches_each_once(sessions: Sessions) -> None:
    visitors = [come(sessions, number) for number in range(30)]
    clients = [come(sessions, number, f"c{number}", user_type="client") for number in range(30, 40)]
    ana = [come(sessions, number, "ana", user_type="provider") for number in (40, 41)]
    desk = Connection(connection_id="desk=", session_id="s1", owner="operator:o", ip="1", locale="en", operator="o")
    sessions.save_connection(desk)
    for limit in (3, 100):
        assert sorted(found(sessions, EVERYONE, limit)) == sorted([*visitors, *clients, *ana])
        assert sorted(found(sessions, Audience(user_type="client"), limit)) == clients
        assert sorted(found(sessions, Audience(user_id="ana"), limit)) == ana
    sessions.drop_connection(clients[0])
    assert sorted(found(sessions, Audience(user_type="client"), 3)) == clients[1:]
    assert found(sessions, Audience(user_id="nobody"), 3) == []
