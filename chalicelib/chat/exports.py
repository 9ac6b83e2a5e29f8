"""Conversations as a file: a row each for a spreadsheet, or all of each as a line of JSON."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from tempfile import TemporaryFile
from typing import Any, Literal

import msgspec

from chalicelib.analytics.ports import Facts
from chalicelib.chat import records
from chalicelib.chat.ports import Ports
from chalicelib.chat.records import Conversation, Record, Wanted
from chalicelib.errors import Unavailable
from chalicelib.knowledge.files import INLINE_BYTES
from chalicelib.knowledge.model import Job
from chalicelib.knowledge.ports import Blobs

Form = Literal["csv", "jsonl"]
NEWEST = (10**15, "")  # before which everything is
MOST_SECONDS = 15.0  # of reading for one; API Gateway waits for 29
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


def asked(form: Form, wanted: Wanted) -> dict[str, Any]:
    """What a job for an export keeps."""
    return {"format": form, "wanted": msgspec.to_builtins(wanted)}


def export(ports: Ports, facts: Facts, blobs: Blobs, job: Job, told: Callable[[int], object]) -> dict[str, object]:
    """Write the file that a job asks for, holding one conversation at a time. Raises Unavailable if it is not kept."""
    wanted = msgspec.convert(job.asked["wanted"], Wanted)
    name = f"conversations-{job.id}.{job.asked['format']}"
    found = records.found(ports, facts, wanted, NEWEST)
    counted = _Counted((record for _, record in found if record), told)
    with TemporaryFile() as file:
        file.writelines(line.encode() for line in lines(job.asked["format"], counted))
        file.seek(0)
        if not blobs.put(name, file):
            raise Unavailable
    return {"file": name, "rows": counted.count, "done": counted.count}


class _TooMuch(Exception):
    """For an answer."""


def inline(ports: Ports, facts: Facts, form: Form, wanted: Wanted) -> str | None:
    """The whole file; None as soon as it is too large for an answer, or reading for it takes too long."""
    ends = ports.clock.monotonic() + MOST_SECONDS

    def in_time() -> None:
        if ports.clock.monotonic() > ends:
            raise _TooMuch

    found = records.found(ports, facts, wanted, NEWEST, in_time)
    try:
        return "".join(_bounded(lines(form, (record for _, record in found if record))))
    except _TooMuch:
        return None


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    size = 0
    for line in lines:
        size += len(line.encode())
        if size > INLINE_BYTES:
            raise _TooMuch
        yield line


class _Counted:
    """Conversations as they go by, each told of."""

    def __init__(self, found: Iterable[Record], told: Callable[[int], object]) -> None:
        self.count = 0
        self._found, self._told = found, told

    def __iter__(self) -> Iterator[Record]:
        for record in self._found:
            self.count += 1
            self._told(self.count)
            yield record


def lines(form: Form, found: Iterable[Record]) -> Iterator[str]:
    return _csv(found) if form == "csv" else (msgspec.json.encode(one).decode() + "\n" for one in found)


def _csv(found: Iterable[Record]) -> Iterator[str]:
    names = [one.encode_name for one in msgspec.structs.fields(Conversation)]
    yield _row(names)
    for record in found:
        values = msgspec.to_builtins(record.conversation)
        yield _row([_cell(values[name]) for name in names])


def _row(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(value: Any) -> str:
    told = "" if value is None else "; ".join(value) if isinstance(value, list | tuple) else str(value)
    return f"'{told}" if isinstance(value, str | list | tuple) and told.startswith(_FORMULA) else told
