"""Writing one reply to every browser of a conversation while it comes from the model.

There is one writer a reply. It posts the first words at once and then in batches, learns with each batch
whether to stop and who has joined, and is finished before the function that made it returns.
"""

import queue
import threading
from collections.abc import Iterable

from msgspec import Struct

from chalicelib.chat import frames
from chalicelib.chat.model import Header, Message, reply_id
from chalicelib.chat.ports import Keepsake, ModelFailed, Opening, Piece, Ports, Share, Stream, Trip

LOOK_AROUND_SECONDS = 1.0  # of the model's silence, after which the browsers are looked at
LONG_REPLY_POSTS = 8  # from here on the pause between posts is doubled
MAX_REPLY_BYTES = 12_000  # an item of the log holds at most 16 KB, a frame 32


class Deadlines(Struct, frozen=True):
    """Longest wait for the first words, longest silence after them (seconds), and the end (monotonic)."""

    first: float
    between: float
    end: float


class Written(Struct, frozen=True):
    """How a stream ended: `stop`, `length` or `cancelled`, with the model's own count of tokens."""

    text: str
    finish: str
    prompt_tokens: int = 0
    reply_tokens: int = 0


class Writer:
    """Posts one reply, attempt by attempt, to all sockets of its conversation."""

    def __init__(self, ports: Ports, header: Header, question: Message) -> None:
        self._ports = ports
        self._session_id = header.session_id
        self._question = question
        self._reply_id = reply_id(question)
        self._sockets = list(header.audience)
        self._pause = ports.settings.delta_interval_ms / 1000
        self._attempt = 0
        self._posts = 0
        self._pending = ""
        self._due = 0.0
        self.shown = ""
        self.full = False
        self.cancelled = False
        self.gone: set[str] = set()
        self.first_at: float | None = None  # when the first words were posted, monotonic seconds

    def start(self, attempt: int, share: Share | None = None, model: str = "") -> Opening:
        """Announce an attempt; what an earlier one showed is replaced. `share` and `model` as for Live.begin."""
        self._attempt, self._posts, self._pending, self.shown = attempt, 0, "", ""
        self.full = False
        opening = self._ports.live.begin(self._session_id, self._reply_id, share, model)
        self.cancelled = opening.trip.cancelled
        self._sockets += [socket for socket in opening.trip.joined if socket not in self._sockets]
        if not self.cancelled:
            self._post(self._started(), self._sockets)
        return opening

    def write(self, text: str) -> None:
        """Take text, as far as there is room; it is posted now if it is the first or the pause is over."""
        room = MAX_REPLY_BYTES - len(self.shown.encode()) - len(self._pending.encode())
        self.full = len(text.encode()) > room
        self._pending += text.encode()[:room].decode(errors="ignore") if self.full else text
        if self.due_in() <= 0:
            self.flush()

    def due_in(self) -> float:
        """Seconds until what is pending should be posted; the first words never wait."""
        return self._due - self._ports.clock.monotonic() if self._posts else 0.0

    @property
    def pending(self) -> bool:
        return bool(self._pending)

    def flush(self) -> None:
        """Post what is pending as one delta, unless the reply was cancelled meanwhile."""
        if not self._pending or self.cancelled:
            return
        text, self._pending = self._pending, ""
        trip = self._ports.live.extend(self._session_id, self._reply_id, text)
        self.cancelled = trip.cancelled
        if self.cancelled:
            return
        self.shown += text
        self._post(self._delta(text, self._posts), self._sockets)
        self._posts += 1
        self.first_at = self.first_at or self._ports.clock.monotonic()
        self._welcome(trip)
        self._ports.telemetry.step("reply.first_delta" if self._posts == 1 else "reply.delta", session=self._session_id)
        pause = self._pause if self._posts < LONG_REPLY_POSTS else 2 * self._pause
        self._due = self._ports.clock.monotonic() + pause

    def look_around(self) -> None:
        """While the model is silent: learn of a cancellation, and of browsers that have joined."""
        trip = self._ports.live.extend(self._session_id, self._reply_id, "")
        self.cancelled = trip.cancelled
        if not self.cancelled:
            self._welcome(trip)

    def finish(self, message: Message, keep: Keepsake | None, worked: str) -> None:
        """Send the stored reply to everybody, those included who came during the last batch; the rest as Live.end."""
        trip = self._ports.live.end(self._session_id, self._reply_id, keep, worked)
        self._sockets += [socket for socket in trip.joined if socket not in self._sockets]
        self._post(frames.message_frame(message), self._sockets)

    def abandon(self, worked: str) -> None:
        """Forget the text in flight of a reply that will not be sent."""
        self._ports.live.end(self._session_id, self._reply_id, worked=worked)

    def _welcome(self, trip: Trip) -> None:
        """A browser that joins late gets the text so far as one delta, and the rest live."""
        late = [socket for socket in trip.joined if socket not in self._sockets]
        self._post(self._started(), late)
        if self.shown:
            self._post(self._delta(self.shown, self._posts - 1), late)
        self._sockets += late

    def _started(self) -> frames.ReplyStarted:
        return frames.ReplyStarted(
            at=self._now(),
            message_id=self._reply_id,
            in_reply_to=self._question.message_id,
            client_message_id=self._question.client_message_id,
            attempt=self._attempt,
        )

    def _delta(self, text: str, index: int) -> frames.ReplyDelta:
        return frames.ReplyDelta(at=self._now(), message_id=self._reply_id, index=index, text=text)

    def _now(self) -> str:
        return frames.timestamp(self._ports.clock.now())

    def _post(self, frame: frames.Outgoing, sockets: list[str]) -> None:
        data = frames.encode(frame)
        self.gone |= {s for s in sockets if s not in self.gone and not self._ports.outbox.post(s, data)}


def relay(ports: Ports, writer: Writer, stream: Stream, deadlines: Deadlines) -> Written:
    """Write what comes from `stream`, on time whatever it does. Raises ModelFailed.

    The stream is read on a thread of its own, so that a model that stalls can neither hold back words that
    are waiting to be posted nor outlive the deadline.
    """
    pieces: queue.SimpleQueue[Piece | ModelFailed] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(stream, pieces), name="model-stream", daemon=True)
    reader.start()
    try:
        return _relay(ports, writer, pieces, deadlines)
    finally:
        stream.close()
        reader.join(timeout=1.0)


def _read(stream: Iterable[Piece], pieces: "queue.SimpleQueue[Piece | ModelFailed]") -> None:
    try:
        for piece in stream:
            pieces.put(piece)
        pieces.put(ModelFailed("truncated", retryable=True))
    except ModelFailed as failure:
        pieces.put(failure)


def _relay(
    ports: Ports, writer: Writer, pieces: "queue.SimpleQueue[Piece | ModelFailed]", deadlines: Deadlines
) -> Written:
    clock = ports.clock
    silence_ends = clock.monotonic() + deadlines.first
    while not writer.cancelled:
        now = clock.monotonic()
        if now >= deadlines.end:  # even while words keep dripping in
            raise ModelFailed("deadline", retryable=False)
        limit = min(silence_ends, deadlines.end) - now
        patience = max(0.0, writer.due_in()) if writer.pending else LOOK_AROUND_SECONDS
        piece = _next(pieces, min(limit, patience))
        if isinstance(piece, ModelFailed):
            raise piece
        if piece is None:
            _wait_on(writer, limit)
            continue
        if piece.text:
            writer.write(piece.text)
            silence_ends = clock.monotonic() + deadlines.between
        if piece.finish or writer.full:
            return _whole(writer, piece)
    return Written(writer.shown, "cancelled")


def _wait_on(writer: Writer, limit: float) -> None:
    """Nothing has come: post what waits, look around, or give up when the time is over. Raises ModelFailed."""
    if limit <= 0:
        raise ModelFailed("timeout" if writer.shown else "first_token_timeout", retryable=False)
    if writer.pending:
        writer.flush()
    else:
        writer.look_around()


def _whole(writer: Writer, last: Piece) -> Written:
    writer.flush()
    if writer.cancelled:
        return Written(writer.shown, "cancelled")
    if not writer.shown.strip():
        raise ModelFailed("empty", retryable=True)
    return Written(writer.shown, last.finish or "length", last.prompt_tokens, last.reply_tokens)


def _next(pieces: "queue.SimpleQueue[Piece | ModelFailed]", wait: float) -> Piece | ModelFailed | None:
    try:
        return pieces.get(timeout=wait) if wait > 0 else pieces.get_nowait()
    except queue.Empty:
        return None
