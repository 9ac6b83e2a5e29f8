"""A server made of sentences: answers frames as a test says, whatever they come over."""

import json
from collections.abc import Callable
from typing import Any

AT = "2026-11-22T12:00:00.000Z"

Frame = dict[str, Any]
Answer = Callable[[Any, Frame], None]


class BaseScript:
    """`answers` maps an action to what is done about it; `sent` has every frame that came, `opened` counts sockets."""

    first = 1  # the place of the first question

    def __init__(self, **answers: Answer) -> None:
        self.sent: list[Frame] = []
        self.opened = 0
        self._answers: dict[str, Answer] = {"startSession": type(self).greet, **answers}

    def take(self, text: str | bytes) -> None:
        frame = json.loads(text)
        self.sent.append(frame)
        if answer := self._answers.get(frame["action"]):
            answer(self, frame)

    def send(self, text: str) -> None:
        raise NotImplementedError

    def greet(self, frame: Frame) -> None:
        raise NotImplementedError

    def actions(self, name: str) -> list[Frame]:
        return [frame for frame in self.sent if frame["action"] == name]

    def say(self, kind: str, **fields: object) -> None:
        self.say_raw({"type": kind, "at": AT, **fields})

    def say_raw(self, frame: Frame) -> None:
        self.send(json.dumps(frame))

    def accept(self, frame: Frame, seq: int = 0) -> None:
        seq = seq or self.first
        self.say("accepted", clientMessageId=frame["clientMessageId"], messageId=f"q{seq}", seq=seq, duplicate=False)

    def begin(self, seq: int = 0, attempt: int = 1) -> None:
        seq = seq or self.first
        self.say("replyStarted", messageId=f"a{seq}", inReplyTo=f"q{seq}", clientMessageId="?", attempt=attempt)

    def words(self, text: str, index: int = 0, seq: int = 0) -> None:
        self.say("replyDelta", messageId=f"a{seq or self.first}", index=index, text=text)

    def reply(self, content: str, seq: int = 0, **fields: object) -> None:
        seq = seq or self.first
        self.say("message", **message(content, seq + 1, messageId=f"a{seq}", inReplyTo=f"q{seq}", **fields))


def message(content: str, seq: int, **fields: object) -> Frame:
    empty: Frame = {"actions": [], "sources": [], "suggestions": [], "cached": False, "escalated": False}
    return {"at": AT, "messageId": f"m{seq}", "seq": seq, "sender": "assistant", "content": content, **empty, **fields}
