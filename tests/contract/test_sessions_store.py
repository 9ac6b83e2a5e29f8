"""What every store of conversations promises, run over each adapter."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace

from chalicelib.adapters.dynamodb import DynamoDBSessions
from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.adapters.system import SystemClock
from chalicelib.chat.model import Connection, Header, Message, Note, notice_id, question_id
from chalicelib.chat.ports import Sessions

Make = Callable[[], Sessions]


@pytest.fixture(params=["sqlite in memory", "sqlite file", "dynamodb"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Open the store; a second call opens the same one again, where it can outlive its first opening."""
    if request.param == "dynamodb":
        settings = request.getfixturevalue("table").settings
        yield lambda: DynamoDBSessions(settings, SystemClock())
        return
    opened: list[SQLiteSessions] = []

    def open_store() -> Sessions:
        if request.param == "sqlite in memory" and opened:
            return opened[0]
        opened.append(SQLiteSessions(tmp_path / "store.sqlite3" if request.param == "sqlite file" else None))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


@pytest.fixture
def store(make: Make) -> Sessions:
    return make()


def header(session_id: str = "s") -> Header:
    return Header(session_id=session_id, owner="visitor:v", user_type="anonymous", locale="pt-BR", created_at=1)


def message(seq: int, session_id: str = "s", **parts: object) -> Message:
    fields: dict[str, object] = {"sender": "user", "at": seq * 10, "content": f"m{seq}", **parts}
    return Message(session_id=session_id, seq=seq, message_id=question_id(session_id, seq), **fields)  # type: ignore[arg-type]


def begun(store: Sessions, session_id: str = "s") -> Sessions:
    hello = message(1, session_id, sender="assistant")
    store.create(header(session_id), replace(hello, message_id=notice_id(session_id, 1)))
    return store


def test_a_conversation_that_does_not_exist_has_no_tail(store: Sessions) -> None:
    assert store.tail("nobody", 10) is None and store.before("nobody", 5, 10) == []


def test_a_conversation_is_created_once(store: Sessions) -> None:
    assert store.create(header(), message(1, content="first"))
    assert not store.create(replace(header(), name="second"), message(1, content="second"))
    tail = store.tail("s", 10)
    assert tail and tail.header.name == "" and [m.content for m in tail.messages] == ["first"]


def test_the_tail_is_the_newest_messages_oldest_first(store: Sessions) -> None:
    begun(store)
    for seq in range(2, 8):
        assert store.append(message(seq))
    tail = store.tail("s", 3)
    assert tail and [m.seq for m in tail.messages] == [5, 6, 7] and tail.last_seq == 7


def test_a_place_is_taken_once(store: Sessions) -> None:
    begun(store)
    assert store.append(message(2, content="first"))
    assert not store.append(message(2, content="second"))
    assert [m.content for m in store.after("s", 1, 10)] == ["first"]


def test_eight_writers_racing_for_a_place_have_one_winner(store: Sessions) -> None:
    begun(store)
    for seq in range(2, 22):
        with ThreadPoolExecutor(8) as writers:
            wins = list(writers.map(lambda n, seq=seq: store.append(message(seq, content=str(n))), range(8)))
        assert wins.count(True) == 1
    tail = store.tail("s", 50)
    assert tail and [m.seq for m in tail.messages] == list(range(1, 22))


def test_everything_of_a_message_comes_back(store: Sessions) -> None:
    begun(store)
    full = message(
        2, client_message_id="c", turn_id="t", content='aspas " e emoji 🧽\n', finish="complete", suggestions=("a", "b")
    )
    store.append(full)
    assert store.after("s", 1, 1) == [full]


def test_a_header_changes_only_from_the_version_it_was_read_at(store: Sessions) -> None:
    begun(store)
    assert store.save_header(replace(header(), name="Ana", version=1))
    assert not store.save_header(replace(header(), name="Bia", version=1))
    tail = store.tail("s", 1)
    assert tail and tail.header.name == "Ana"


def test_pages_before_and_after_a_place(store: Sessions) -> None:
    begun(store)
    for seq in range(2, 12):
        store.append(message(seq))
    assert [m.seq for m in store.before("s", 9, 3)] == [6, 7, 8]
    assert [m.seq for m in store.after("s", 9, 5)] == [10, 11]


def test_conversations_do_not_see_each_other(store: Sessions) -> None:
    begun(store, "a")
    begun(store, "b")
    store.append(message(2, "a"))
    tail = store.tail("b", 10)
    assert tail and tail.last_seq == 1


def test_connections_are_kept_until_dropped(store: Sessions) -> None:
    connection = Connection(connection_id="c=", session_id="s", owner="visitor:v", ip="10.0.0.1", locale="en")
    store.save_connection(connection)
    assert store.connection("c=") == connection
    store.drop_connection("c=")
    store.drop_connection("c=")
    assert store.connection("c=") is None


def test_a_note_replaces_the_one_of_its_key(store: Sessions) -> None:
    for helpful in (True, False):
        store.save_note(Note(session_id="s", key="feedback#m", at=1, kind="feedback", helpful=helpful))
    store.save_note(Note(session_id="s", key="rating", at=2, kind="rating", rating=5))
    assert [(n.key, n.helpful) for n in store.notes("s")] == [("feedback#m", False), ("rating", None)]


def test_unanswered_questions_are_found_by_time(store: Sessions) -> None:
    begun(store)
    store.append(message(2))
    store.append(message(3, sender="assistant", in_reply_to=question_id("s", 2)))
    store.append(message(4))
    store.append(message(5))
    assert [m.seq for m in store.unanswered(0, 45)] == [4]
    assert [m.seq for m in store.unanswered(0, 1000)] == [4, 5]
    assert store.unanswered(51, 1000) == []


def test_the_sweep_remembers_how_far_it_was(store: Sessions) -> None:
    assert store.swept() == 0
    for until in (1_800_000_000_000, 1_800_000_060_000, 1_700_000_000_000):
        store.save_swept(until)
        assert store.swept() == until


def test_opening_the_store_again_finds_everything_and_migrates_nothing(make: Make) -> None:
    begun(make())
    again = make()
    tail = again.tail("s", 1)
    assert tail and tail.messages[0].seq == 1
    assert again.append(message(2))
