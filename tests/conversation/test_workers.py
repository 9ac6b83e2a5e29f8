"""Several processes on one port: whoever has a browser's socket, the conversation is the same."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.sqlite import SQLiteSessions
from chalicelib.services import DATABASE
from runtime.connections import owner_of
from tests.browser import Browser, joined
from tests.conftest import Start
from tests.conversation.test_limits import AS_SHIPPED, refused
from tests.server import CEILING, Server, eventually, stored
from tests.valkey import Valkey

WORDS = "Um encanador costuma cobrar por visita e o valor final depende do conserto, combinado antes com você. " * 2


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    running = Valkey()
    yield running
    running.stop()


def process_of(server: Server, browser: Browser) -> bytes:
    """Who has a browser's socket, the newest of its conversation."""
    store = SQLiteSessions(server.data_dir / DATABASE)
    tail = store.tail(browser.session["sessionId"], 1)
    store.close()
    assert tail
    return owner_of(tail.header.sockets[-1])


def tab_elsewhere(server: Server, first: Browser) -> Browser:
    """Another tab of a conversation, on another process. Who gets a connection is chance, so it is tried."""
    home = process_of(server, first)

    def attempt() -> Browser | None:
        tab = server.browser()
        tab.start(resumeToken=first.resume_token)
        if process_of(server, tab) != home:
            return tab
        tab.close()
        return None

    found: Browser = eventually(attempt)
    return found


def working(server: Server) -> int:
    """The process whose queue holds a turn."""
    folders = [server.data_dir, *(server.data_dir / "workers" / str(index) for index in range(1, len(server.workers)))]
    (index,) = [index for index, folder in enumerate(folders) if queued(folder)]
    return server.workers[index]


def queued(folder: Path) -> int:
    db = sqlite3.connect(folder / "queue.sqlite3")
    (count,) = db.execute("SELECT count(*) FROM message").fetchone()
    db.close()
    return int(count)


def test_two_tabs_on_two_processes_see_the_same_in_order(start: Start) -> None:
    server = start(workers=3, TYPING_PAUSE_MS="5")
    assert any("cache in Redis at a socket of this start" in line for line in server.lines)
    with server.visit() as first, tab_elsewhere(server, first) as second:
        for asking, watching in ((first, second), (second, first)):
            reply = asking.ask("Quanto custa uma faxina?")
            assert watching.answer_of(reply["inReplyTo"]) == reply
            own = next(
                f for f in watching.frames if f.get("messageId") == reply["inReplyTo"] and f["type"] == "message"
            )
            assert own["content"] == "Quanto custa uma faxina?"
            for tab in (asking, watching):
                deltas = tab.deltas_of(reply["messageId"])
                assert len(deltas) > 1 and joined(deltas) == reply["content"]
                assert [delta["index"] for delta in deltas] == list(range(len(deltas)))
                kinds = [f["type"] for f in tab.frames if f.get("messageId") == reply["messageId"]]
                assert kinds == ["replyStarted", *["replyDelta"] * len(deltas), "message"]
    assert server.stop() == 0


def test_the_fourteenth_message_is_refused_by_whichever_process(start: Start) -> None:
    server = start(workers=2, **AS_SHIPPED, MAX_WAITING_TURNS="100")
    with server.visit() as first, tab_elsewhere(server, first) as second:
        sent = [((first, second)[n % 2], n) for n in range(13)]
        told = [(tab, tab.say("faxina")) for tab, _ in sent]
        assert [tab.outcome_of(one)["type"] for tab, one in told] == ["accepted"] * 13
        assert all(0 < refused(tab)["retryAfter"] <= 6 for tab in (first, second))


def test_a_full_house_is_full_in_every_process(start: Start) -> None:
    server = start(workers=2, MAX_CONCURRENT_SESSIONS="2")
    with server.visit() as first, visitor_elsewhere(server, first), server.browser() as third:
        assert third.start()["code"] == "capacity"


def visitor_elsewhere(server: Server, first: Browser) -> Browser:
    home = process_of(server, first)

    def attempt() -> Browser | None:
        browser = server.browser()
        if browser.start()["type"] == "session" and process_of(server, browser) != home:
            return browser
        browser.close()
        return None

    found: Browser = eventually(attempt)
    return found


def test_killed_with_9_in_mid_reply_a_process_loses_its_sockets_and_no_turn(start: Start, llmock: Any) -> None:
    llmock.reply(WORDS, times=None).pace(10)
    server = start(workers=2, OPENAI_API_KEY="test", OPENAI_BASE_URL=llmock.base_url("openai"))
    with server.visit() as doomed, tab_elsewhere(server, doomed) as watching, server.visit() as stranger:
        sent = doomed.say("quanto custa um encanador?")
        doomed.until_type("replyDelta")
        os.kill(working(server), signal.SIGKILL)
        assert doomed.closed_with() == 1006
        question = watching.until_question(sent)
        reply = watching.answer_of(question["messageId"], CEILING)
        assert reply["content"] == WORDS == joined(watching.deltas_of(reply["messageId"]))
        with server.browser() as back:
            back.start(resumeToken=doomed.resume_token, lastSeq=1)
            assert back.answer_of(question["messageId"]) == reply
        messages = stored(server, watching)
        assert [m["seq"] for m in messages] == list(range(1, len(messages) + 1))
        assert [m["inReplyTo"] for m in messages if m.get("inReplyTo")] == [question["messageId"]]
        assert [m["clientMessageId"] for m in messages if m["sender"] == "user"] == [sent]
        assert len(llmock.requests) == 2
        if process_of(server, stranger) == process_of(server, watching):
            assert stranger.ask("faxina")["content"]
    assert "takes its place" in server.printed()


def test_all_killed_at_once_the_next_start_answers_each_turn_once(start: Start, llmock: Any) -> None:
    llmock.reply(WORDS, times=None).pace(10)
    model = {"OPENAI_API_KEY": "test", "OPENAI_BASE_URL": llmock.base_url("openai")}
    server = start(workers=3, **model)
    first = server.visit()
    visitors = [first, visitor_elsewhere(server, first)]
    for visitor in visitors:
        visitor.say("quanto custa um encanador?")
        visitor.until_type("replyDelta")
    server.kill_all()
    for visitor in visitors:
        assert visitor.closed_with() == 1006
    again = start(workers=2, **model)
    for visitor in visitors:
        with again.browser() as back:
            history = back.start(resumeToken=visitor.resume_token)["history"]
            asked = next(m for m in history if m["sender"] == "user")
            if not any(m.get("inReplyTo") == asked["messageId"] for m in history):
                back.answer_of(asked["messageId"])
            outcomes = [m for m in stored(again, back) if m.get("inReplyTo")]
            assert [m["inReplyTo"] for m in outcomes] == [asked["messageId"]]
    eventually(lambda: not any(map(queued, [again.data_dir, *(again.data_dir / "workers").iterdir()])))
    assert len(llmock.requests) == 4
    assert again.stop() == 0


def test_a_tab_of_another_process_goes_on_after_redis_was_away(start: Start, valkey: Valkey) -> None:
    server = start(workers=2, REDIS_URL=valkey.url)
    with server.visit() as here, tab_elsewhere(server, here) as there:
        assert there.answer_of(here.ask("Quanto custa uma faxina?")["inReplyTo"])
        valkey.stop()
        eventually(lambda: server.printed().count("cannot be reached") == 2)
        missed = here.ask("E quanto tempo leva?")
        assert missed["content"]
        assert there.ask("pintura")["content"]  # its own process goes on as well
        valkey.start()

        def seen() -> bool:
            reply = here.ask("E um encanador?")
            there.listen(0.3)
            return any(frame.get("messageId") == reply["messageId"] for frame in there.frames)

        assert eventually(seen), "it was taken for gone"
        assert missed["messageId"] not in {frame.get("messageId") for frame in there.frames}
        with server.browser() as again:
            caught_up = again.start(resumeToken=here.resume_token)["history"]
            assert missed["messageId"] in {m["messageId"] for m in caught_up}


def test_memory_is_refused_for_several_processes(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="STORE: memory is that of one process"):
        Server(tmp_path / "data", workers=2, STORE="memory")
