"""One WebSocket on the wire: uvicorn's protocol with API Gateway's limits, and a way to send that never waits."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

FRAME_LIMIT = 32 * 1024
MESSAGE_LIMIT = 128 * 1024

# What may wait for a browser that does not read, beyond what the kernel takes: eight of the largest messages.
BUFFER_LIMIT = 8 * MESSAGE_LIMIT
LINGER_SECONDS = 1.0
EXTENSION = "runtime.wire"


class Delivery(enum.Enum):
    """What became of a message to a browser."""

    SENT = enum.auto()
    GONE = enum.auto()
    FULL = enum.auto()
    TOO_LARGE = enum.auto()
    FAILED = enum.auto()  # only as a fault


class Wire(WebSocketsSansIOProtocol):
    """All of it belongs to the event loop's thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn.max_message_size = MESSAGE_LIMIT
        self.conn.max_fragment_size = FRAME_LIMIT
        self.on_ping: Callable[[], None] | None = None
        self._failed = False
        self._closing: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        return self.handshake_complete and not self.close_sent and not self.transport.is_closing()

    def post(self, text: str) -> Delivery:
        data = text.encode()
        if len(data) > MESSAGE_LIMIT:
            return Delivery.TOO_LARGE
        if not self.is_open:
            return Delivery.GONE
        if self.transport.get_write_buffer_size() + len(data) > BUFFER_LIMIT:
            # A browser this far behind will not catch up. Waiting for it would hold a function's thread, keeping all
            # of it would fill the memory; when it comes back it asks for what it has missed.
            self.transport.abort()
            return Delivery.FULL
        self._send_frames(data)
        return Delivery.SENT

    def close(self, code: int, reason: str) -> None:
        if self.is_open and self._closing is None:
            self._closing = self.loop.create_task(
                self.send({"type": "websocket.close", "code": code, "reason": reason})
            )

    def _send_frames(self, data: bytes) -> None:
        pieces = [data[start : start + FRAME_LIMIT] for start in range(0, len(data), FRAME_LIMIT)] or [b""]
        self.conn.send_text(pieces[0], fin=len(pieces) == 1)
        for number, piece in enumerate(pieces[1:], start=2):
            self.conn.send_continuation(piece, fin=number == len(pieces))
        self.transport.write(b"".join(self.conn.data_to_send()))

    # What follows overrides uvicorn.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # uvicorn's own sends wait when the transport is over its limit; `post` never lets it get there.
        cast(asyncio.Transport, transport).set_write_buffer_limits(high=BUFFER_LIMIT + MESSAGE_LIMIT)

    async def run_asgi(self) -> None:
        self.scope["extensions"][EXTENSION] = {"wire": self}
        await super().run_asgi()

    def data_received(self, data: bytes) -> None:
        if not self._failed:
            super().data_received(data)

    def handle_ping(self) -> None:
        super().handle_ping()
        if self.on_ping:
            self.on_ping()

    def send_receive_event_to_app(self) -> None:
        # uvicorn answers 1007 as well, but logs a traceback with the browser's bytes in it.
        if self.curr_msg_data_type == "text" and not self.close_sent and not _is_utf8(b"".join(self.frames)):
            self.conn.fail(1007, "Invalid UTF-8")
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        """Send the close frame, then read and drop what still comes.

        Closing at once, as uvicorn does, with bytes unread makes the kernel reset the connection, and the browser may
        lose the close frame with its code (RFC 6455, 7.1.1).
        """
        self._failed = True
        close = self.conn.close_sent
        code, reason = (close.code, close.reason) if close else (1006, "")
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.write_eof()
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
