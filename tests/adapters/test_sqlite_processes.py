"""One data folder, several processes: the store's promises hold between them, and they agree on what is kept."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.chat.model import Header, Message, question_id
from chalicelib.errors import Unavailable
from chalicelib.services import Services
from chalicelib.settings import from_environment

PROCESSES = 4
EACH = 50
CEILING = 60.0

Together = Callable[..., list[Any]]
_gate: list[Barrier] = []


def keep(gate: Barrier) -> None:
    """In each new process: the gate that lets all of them go at the same moment."""
    _gate[:] = [gate]


@pytest.fixture
def together() -> Iterator[Together]:
    """Run a function in PROCESSES processes, each with its number; what each returned."""
    spawn = multiprocessing.get_context("spawn")
    gate = spawn.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, mp_context=spawn, initializer=keep, initargs=(gate,)) as pool:

        def run(function: Callable[..., Any], *arguments: Any) -> list[Any]:
            running = [pool.submit(function, number, *arguments) for number in range(PROCESSES)]
            return [one.result(CEILING) for one in running]

        yield run


def header(session_id: str = "s") -> Header:
    return Header(session_id=session_id, owner="visitor:v", user_type="anonymous", locale="pt-BR", created_at=1)


def message(seq: int, content: str, session_id: str = "s") -> Message:
    name = question_id(session_id, seq)
    return Message(session_id=session_id, seq=seq, message_id=name, sender="user", at=seq, content=content)


def open_new(number: int, folder: Path, times: int) -> list[str]:
    """What went wrong with each of many new files, opened and used here."""
    found = []
    for time in range(times):
        _gate[0].wait(CEILING)
        try:
            store = SQLiteSessions(folder / f"{time}.sqlite3")
            store.create(header(f"s{number}"), message(1, "hello", session_id=f"s{number}"))
            store.close()
        except Unavailable as error:
            found.append(repr(error.__cause__))
    return found


def write_at_the_end(number: int, file: Path) -> None:
    """Append as the log does: read the tail, write at the next place, again when it is taken."""
    store = SQLiteSessions(file)
    _gate[0].wait(CEILING)
    for count in range(EACH):
        tail = store.tail("s", 1)
        assert tail
        while not store.append(message(tail.last_seq + 1, f"{number}/{count}")):
            before = tail.last_seq
            tail = store.tail("s", 1)
            assert tail and tail.last_seq > before  # who took the place has written, so it is seen
    store.close()


def keys(number: int, folder: Path, times: int) -> list[tuple[str, str]]:
    found = []
    for time in range(times):
        services = Services(from_environment({"DATA_DIR": str(folder / str(time))}))
        _gate[0].wait(CEILING)
        found.append((services.token_keys[0], services.admin_key))
    return found


def test_processes_that_open_a_new_file_together_all_find_it_made(together: Together, tmp_path: Path) -> None:
    assert together(open_new, tmp_path, 100) == [[]] * PROCESSES


def test_processes_that_append_together_leave_no_hole_and_lose_nothing(together: Together, tmp_path: Path) -> None:
    store = SQLiteSessions(tmp_path / "store.sqlite3")
    store.create(header(), message(1, "hello"))
    together(write_at_the_end, tmp_path / "store.sqlite3")
    written = store.after("s", 1, 1000)
    assert [m.seq for m in written] == list(range(2, 2 + PROCESSES * EACH))
    for number in range(PROCESSES):
        mine = [m.content for m in written if m.content.startswith(f"{number}/")]
        assert mine == [f"{number}/{count}" for count in range(EACH)]
    store.close()


def test_processes_that_start_together_agree_on_their_keys(together: Together, tmp_path: Path) -> None:
    found = together(keys, tmp_path, 30)
    assert all(one == found[0] for one in found) and len(set(found[0])) == 30
    assert {file.stat().st_mode & 0o777 for file in tmp_path.rglob("*-key")} == {0o600}
    assert sorted({file.name for file in tmp_path.rglob("*") if file.is_file()}) == ["admin-key", "token-key"]


def test_a_key_file_that_is_empty_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "token-key").touch()
    with pytest.raises(ValueError, match="token-key is empty"):
        _ = Services(from_environment({"DATA_DIR": str(tmp_path)})).token_keys
