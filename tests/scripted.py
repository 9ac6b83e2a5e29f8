"""A server made of sentences: answers the page's frames as a test says, in the server's place."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, WebSocketRoute

AT = "2026-11-22T12:00:00.000Z"

Frame = dict[str, Any]
Answer = Callable[["Script", Frame], None]


class Script:
    """`answers` maps an action to what is done about it; `sent` has every frame of the page."""

    def __init__(self, **answers: Answer) -> None:
        self.sent: list[Frame] = []
        self.opened = 0
        self._answers: dict[str, Answer] = {"startSession": Script.greet, **answers}
        self._route: WebSocketRoute | None = None

    def __call__(self, route: WebSocketRoute) -> None:
        self._route = route
        self.opened += 1
        route.on_message(self._take)

    def _take(self, text: str | bytes) -> None:
        frame = json.loads(text)
        self.sent.append(frame)
        answer = self._answers.get(frame["action"])
        if answer:
            answer(self, frame)

    def say(self, kind: str, **fields: object) -> None:
        self.say_raw({"type": kind, "at": AT, **fields})

    def say_raw(self, frame: Frame) -> None:
        assert self._route
        self._route.send(json.dumps(frame))

    def hang_up(self) -> None:
        assert self._route
        self._route.close(code=1001)

    def greet(
        self, frame: Frame | None = None, *, history: tuple[Frame, ...] = (), session: str = "s1", more: bool = False
    ) -> None:
        self.say(
            "session",
            sessionId=session,
            resumeToken=f"token-{session}",
            resumed=bool(frame and frame.get("resumeToken")),
            assistantName="Sophie",
            userType="anonymous",
            locale="pt-BR",
            history=history,
            more=more,
            limits={"maxMessageLength": 2000},
            expiresAt=AT,
        )

    def accept(self, frame: Frame, seq: int = 1) -> None:
        self.say("accepted", clientMessageId=frame["clientMessageId"], messageId=f"q{seq}", seq=seq, duplicate=False)

    def begin(self, seq: int = 1, attempt: int = 1) -> None:
        self.say("replyStarted", messageId=f"a{seq}", inReplyTo=f"q{seq}", clientMessageId="?", attempt=attempt)

    def words(self, text: str, index: int = 0, seq: int = 1) -> None:
        self.say("replyDelta", messageId=f"a{seq}", index=index, text=text)

    def reply(self, content: str, seq: int = 1, **fields: object) -> None:
        self.say("message", **message(content, seq + 1, messageId=f"a{seq}", inReplyTo=f"q{seq}", **fields))

    def actions(self, name: str) -> list[Frame]:
        return [frame for frame in self.sent if frame["action"] == name]


def message(content: str, seq: int, **fields: object) -> Frame:
    empty: Frame = {"actions": [], "sources": [], "suggestions": [], "cached": False, "escalated": False}
    return {"at": AT, "messageId": f"m{seq}", "seq": seq, "sender": "assistant", "content": content, **empty, **fields}


def soon(page: Page, look: Callable[[], object], ceiling_ms: int = 15_000) -> None:
    """Wait until it is so; the page's frames are taken in meanwhile."""
    for _ in range(ceiling_ms // 50):
        if look():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not happen")
