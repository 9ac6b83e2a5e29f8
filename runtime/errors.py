"""What can go wrong, as data; what to do about it is decided where it is caught."""


class CannotStart(Exception):
    """The runtime cannot start; the text says why and what to do, in one sentence for a person."""


class FunctionRaised(Exception):
    """A function ended with an exception, which is the cause of this one and has been logged."""


class FunctionKilled(BaseException):
    """A function is made to die midway. No Exception, because a function that caught it would live on."""


class FunctionTimedOut(Exception):
    """A function took longer than its limit; it goes on running, but nobody waits for it any more."""


class NoSuchQueue(LookupError):
    """A message was sent to a queue that no function of the app listens to."""

    def __init__(self, queue: str) -> None:
        super().__init__(f"no on_sqs_message function is registered for the queue {queue!r}")
        self.queue = queue


class Unreachable(Exception):
    """A connection belongs to another process, and Redis, the way to it, does not answer."""
