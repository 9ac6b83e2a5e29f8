"""Jobs over REST: how far one is, and the file that it made."""

from datetime import datetime
from typing import Literal

from chalice.app import Blueprint
from msgspec import Struct, convert
from msgspec.structs import replace

from chalicelib.entrypoints.rest.operations import PREFIX, Answer, Call, Download, operation
from chalicelib.errors import Fault, NotFound
from chalicelib.knowledge import jobs
from chalicelib.knowledge.model import Imported, Job

blueprint = Blueprint(__name__)

FILES = ("text/csv", "application/x-ndjson")


class ShownJob(Struct, frozen=True, kw_only=True, rename="camel"):
    """A job as administrators see it. `file`: the address of what it made, "" while there is none."""

    id: str
    kind: Literal["import", "export", "conversations"]
    state: Literal["waiting", "running", "done", "failed"]
    who: str
    created_at: datetime
    updated_at: datetime
    rows: int
    done: int
    result: Imported | None
    faults: tuple[Fault, ...]
    file: str


@operation(blueprint, "GET", "/jobs/{job_id}", answers={200: ShownJob})
def get_job(call: Call, job_id: str) -> Answer:
    """How far a job is, what it did, and the rows that stopped it."""
    return Answer(200, shown(call, jobs.get(call.services.library, job_id)))


@operation(blueprint, "GET", "/jobs/{job_id}/file", files=FILES, answers={200: Download, 302: None})
def get_job_file(call: Call, job_id: str) -> Answer:
    """The file that a job made."""
    job = jobs.get(call.services.library, job_id)
    kind = job.file and jobs.kind_of(job.file)
    if link := kind and call.services.blobs.link(job.file, kind):
        return Answer(302, Download(link=link))
    data = call.services.blobs.get(job.file) if job.file else None
    if data is None:
        raise NotFound
    return Answer(200, Download(data.decode(), kind, job.file))


def accepted(call: Call, job: Job) -> Answer:
    """What is asked for takes longer than a request: where to look for it."""
    return Answer(202, shown(call, job), f"/jobs/{job.id}")


def shown(call: Call, job: Job) -> ShownJob:
    """The job without what only its workers need, and with its file's address instead of its name."""
    link = job.file and call.services.blobs.link(job.file, jobs.kind_of(job.file))
    file = link or (job.file and f"{PREFIX}/jobs/{job.id}/file")
    return convert(replace(job, file=file), ShownJob, from_attributes=True)
