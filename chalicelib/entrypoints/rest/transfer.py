"""The knowledge as a file over REST, and the jobs that larger files become."""

from chalice.app import Blueprint
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.entrypoints.rest.access import WRITE
from chalicelib.entrypoints.rest.operations import PREFIX, Answer, Call, Download, Upload, operation
from chalicelib.errors import NotFound
from chalicelib.knowledge import files, jobs, transfer
from chalicelib.knowledge.files import Format
from chalicelib.knowledge.jobs import KINDS
from chalicelib.knowledge.model import Imported, Job, Terms
from chalicelib.knowledge.transfer import Import

blueprint = Blueprint(__name__)

INLINE_BYTES = 5_000_000  # an answer of Lambda has room for 6 MB
INLINE_ROWS = 500  # of a file that is imported while its sender waits; API Gateway waits for 29 s
FILES = ("text/csv", "application/x-ndjson")


class ExportQuery(Struct, frozen=True, forbid_unknown_fields=True):
    format: Format = "jsonl"


@operation(
    blueprint,
    "POST",
    "/knowledge/import",
    roles=WRITE,
    body=Upload,
    files=FILES,
    query=Terms,
    answers={200: Imported, 202: Job},
)
def import_entries(call: Call) -> Answer:
    """Bring in a file of entries, JSONL or CSV, wholly or not at all; a large one becomes a job."""
    data, library = call.body, call.services.library
    rows = files.read(data)
    if len(data) > INLINE_BYTES or len(rows) > INLINE_ROWS:
        job = jobs.begin_import(call.services.office, data, len(rows), call.query, call.who.name)
        return Answer(202, job, f"/jobs/{job.id}")
    task = Import(rows, call.query, call.who.name, library.new_id())
    return Answer(200, transfer.bring_in(library, task))


@operation(blueprint, "GET", "/knowledge/export", query=ExportQuery, files=FILES, answers={200: Download, 202: Job})
def export_entries(call: Call) -> Answer:
    """All entries as a file that can be imported as it is; a large one is kept, and its job says where."""
    entries, form = call.services.library.store.entries(), call.query.format
    text = files.written(entries, form)
    if len(text.encode()) > INLINE_BYTES:
        job = jobs.keep_export(call.services.office, text, form, len(entries), call.who.name)
        return Answer(202, _shown(call, job), f"/jobs/{job.id}")
    return Answer(200, Download(text, KINDS[form], f"knowledge.{form}"))


@operation(blueprint, "GET", "/jobs/{job_id}", answers={200: Job})
def get_job(call: Call, job_id: str) -> Answer:
    """How far a job is, what it did, and the rows that stopped it."""
    return Answer(200, _shown(call, jobs.get(call.services.library, job_id)))


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


def _shown(call: Call, job: Job) -> Job:
    """The job with its file's address instead of its name."""
    if not job.file:
        return job
    link = call.services.blobs.link(job.file, jobs.kind_of(job.file))
    return replace(job, file=link or f"{PREFIX}/jobs/{job.id}/file")
