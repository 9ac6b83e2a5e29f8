"""What every store of notices promises, and every store of conversations about open sockets; run over each adapter."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from chalicelib.adapters.dynamodb import DynamoDBSessions
from chalicelib.adapters.dynamodb_people import DynamoDBPeople
from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.adapters.sqlite_people import SQLitePeople
from chalicelib.adapters.system import SystemClock
from chalicelib.chat.model import Connection, Header, Message
from chalicelib.chat.people import MOST_MISSED, NOTICES_KEPT_MS, Audience, Notice, Notices, NoticeText
from chalicelib.chat.ports import Sessions

NOW = SystemClock().now()
EVERYONE = Audience()


@pytest.fixture(params=["sqlite", "dynamodb"])
def notices(request: pytest.FixtureRequest) -> Iterator[Notices]:
    if request.param == "dynamodb":
        yield DynamoDBPeople(request.getfixturevalue("table").settings, SystemClock())
        return
    people = SQLitePeople(None)
    yield people
    people.close()


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


def test_a_notice_is_changed_by_who_has_its_newest_version(notices: Notices) -> None:
    first = notice()
    assert notices.notice(first.id) is None
    assert notices.save_notice(first) and not notices.save_notice(first)
    later = replace(first, delivered=7, cursor="c", version=2)
    assert notices.save_notice(later) and not notices.save_notice(replace(later, delivered=8))
    assert notices.notice(first.id) == later


def test_the_newest_come_first_and_page_by_page(notices: Notices) -> None:
    made = [notice(NOW + number) for number in range(5)]
    for one in made:
        notices.save_notice(one)
    assert notices.newest("", 2) == [made[4], made[3]]
    assert notices.newest(made[3].id, 2) == [made[2], made[1]]
    assert notices.newest(made[1].id, 2) == [made[0]]


def test_a_box_has_what_came_after_a_time_for_thirty_days(notices: Notices) -> None:
    old = notice(NOW - NOTICES_KEPT_MS - 1_000)
    notices.keep("everyone", old)
    made = [notice(NOW + number) for number in range(MOST_MISSED + 3)]
    for one in made:
        notices.keep("everyone", one)
    notices.keep("user:ana", made[0])
    assert notices.kept("everyone", 0) == made[3:]
    assert notices.kept("everyone", made[-2].at) == made[-1:]
    assert notices.kept("user:ana", 0) == made[:1] and notices.kept("type:client", 0) == []


def test_until_when_somebody_was_told_is_remembered(notices: Notices) -> None:
    assert notices.told("user:ana") is None
    notices.save_told("user:ana", NOW)
    notices.save_told("user:ana", NOW + 1)
    assert notices.told("user:ana") == NOW + 1


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
