"""Imports and exports that take longer than a request may: kept as jobs, done by whoever looks for them.

Whoever works at a job has it for LEASE_MS after each sign of life. A job whose worker died is begun anew and, because
an import is published whole or not at all, does no harm by that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from msgspec.structs import replace

from chalicelib.errors import BadRows, ChatError, NotFound, Unavailable
from chalicelib.knowledge import files, transfer
from chalicelib.knowledge.entries import Library
from chalicelib.knowledge.files import Format
from chalicelib.knowledge.model import Imported, Job, Terms, moment
from chalicelib.knowledge.ports import Blobs
from chalicelib.knowledge.transfer import Import

LEASE_MS = 30_000  # two who work at one job only waste their time: who is slower finds it published
SIGN_MS = 1_000  # between two signs of life
ATTEMPTS = 3
MOST_KEPT = 500  # refused rows that a job remembers; a stored item holds 400 KB
KINDS = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}


Told = Callable[[int], object]  # is called with how much is done
Doer = Callable[[Job, Told], dict[str, object]]


@dataclass(frozen=True)
class Office:
    """What working at jobs needs. `others`: what jobs of other kinds do; it returns fields of the job that is done."""

    library: Library
    blobs: Blobs
    others: Mapping[str, Doer] = field(default_factory=dict)


def begin_import(office: Office, data: bytes, rows: int, terms: Terms, who: str) -> Job:
    """Keep a file of so many rows, and a job for it. Raises Unavailable if it cannot be kept."""
    library = office.library
    now = moment(library.now())
    job = Job(id=library.new_id(), kind="import", who=who, terms=terms, rows=rows, created_at=now, updated_at=now)
    if not office.blobs.put(_import_of(job), data):
        raise Unavailable
    library.store.save_job(job)
    return job


def keep_export(office: Office, text: str, form: Format, rows: int, who: str) -> Job:
    """Keep an export that is too large to be an answer, as a job that is done. Raises Unavailable."""
    library = office.library
    now = moment(library.now())
    name = f"export-{library.new_id()}.{form}"
    if not office.blobs.put(name, text.encode()):
        raise Unavailable
    job = Job(
        id=library.new_id(), kind="export", state="done", who=who, rows=rows, done=rows,
        file=name, created_at=now, updated_at=now,
    )  # fmt: skip
    library.store.save_job(job)
    return job


def begin_export(office: Office, kind: Literal["conversations"], asked: dict[str, Any], who: str) -> Job:
    """Keep a job of a kind that one of `others` does."""
    library = office.library
    now = moment(library.now())
    job = Job(id=library.new_id(), kind=kind, who=who, asked=asked, created_at=now, updated_at=now)
    library.store.save_job(job)
    return job


def get(library: Library, job_id: str) -> Job:
    """Raises NotFound."""
    job = library.store.job(job_id)
    if job is None:
        raise NotFound
    return job


def kind_of(file: str) -> str:
    """The content type of an export, by its name."""
    return KINDS[file.rpartition(".")[2]]


def work(office: Office) -> int:
    """Do what is to be done; how many jobs that were. Raises Unavailable."""
    library, count = office.library, 0
    for job in library.store.open_jobs():
        if job.leased_until <= library.now() and (mine := _take(library, job)):
            _finish(office, mine)
            count += 1
    return count


def _take(library: Library, job: Job) -> Job | None:
    """The job as mine; None when somebody else was faster."""
    now = library.now()
    return _saved(library, job, state="running", attempts=job.attempts + 1, leased_until=now + LEASE_MS)


def _finish(office: Office, job: Job) -> None:
    """Do it and say how it ended. The file goes when nobody needs it any more."""
    watch = _Watch(office.library, job)
    try:
        told = {"state": "done", **_done(office, watch)}
    except BadRows as error:
        told = {"state": "failed", "faults": error.faults[:MOST_KEPT]}
    except ChatError:
        if watch.job.attempts < ATTEMPTS:
            _saved(office.library, watch.job, state="waiting", leased_until=0)
            raise
        told = {"state": "failed"}
    if _saved(office.library, watch.job, **told) and job.kind == "import":
        office.blobs.drop(_import_of(job))


def _done(office: Office, watch: "_Watch") -> dict[str, object]:
    """Do it; what the job then has to tell."""
    if watch.job.attempts > ATTEMPTS:
        raise Unavailable
    other = office.others.get(watch.job.kind)
    if other:
        return other(watch.job, watch.told)
    return {"result": _imported(office, watch), "done": watch.job.rows}


def _imported(office: Office, watch: "_Watch") -> Imported:
    job = watch.job
    data = office.blobs.get(_import_of(job))
    if data is None:
        raise Unavailable
    task = Import(files.read(data), job.terms, job.who, job.id)
    result = transfer.bring_in(office.library, task, watch.told)
    return replace(result, items=tuple(one for one in result.items if one.action == "refused")[:MOST_KEPT])


class _Watch:
    """Writes down how far a job is, now and then; that is the sign of life, too."""

    def __init__(self, library: Library, job: Job) -> None:
        self.job = job
        self._library = library

    def told(self, done: int) -> None:
        now = self._library.now()
        if now - _milliseconds(self.job.updated_at) >= SIGN_MS:
            self.job = _saved(self._library, self.job, done=done, leased_until=now + LEASE_MS) or self.job


def _saved(library: Library, job: Job, **parts: object) -> Job | None:
    """The job's next version; None when somebody else has made one."""
    later = replace(job, **parts, version=job.version + 1, updated_at=moment(library.now()))
    return later if library.store.save_job(later) else None


def _import_of(job: Job) -> str:
    return f"import-{job.id}"


def _milliseconds(at: datetime) -> int:
    return round((at - datetime.fromtimestamp(0, UTC)).total_seconds() * 1000)
