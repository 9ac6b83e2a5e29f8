"""The knowledge as a file over REST."""

from chalice.app import Blueprint
from msgspec import Struct

from chalicelib.entrypoints.rest.access import WRITE
from chalicelib.entrypoints.rest.jobs import FILES, ShownJob, accepted
from chalicelib.entrypoints.rest.operations import Answer, Call, Download, Upload, operation
from chalicelib.knowledge import files, jobs, transfer
from chalicelib.knowledge.files import INLINE_BYTES, Format
from chalicelib.knowledge.jobs import KINDS
from chalicelib.knowledge.model import Imported, Terms
from chalicelib.knowledge.transfer import Import

blueprint = Blueprint(__name__)

INLINE_ROWS = 500  # of a file that is imported while its sender waits; API Gateway waits for 29 s


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
    answers={200: Imported, 202: ShownJob},
)
def import_entries(call: Call) -> Answer:
    """Bring in a file of entries, JSONL or CSV, wholly or not at all; a large one becomes a job."""
    data, library = call.body, call.services.library
    rows = files.read(data)
    if len(data) > INLINE_BYTES or len(rows) > INLINE_ROWS:
        job = jobs.begin_import(call.services.office, data, len(rows), call.query, call.who.name)
        return accepted(call, job)
    task = Import(rows, call.query, call.who.name, library.new_id())
    return Answer(200, transfer.bring_in(library, task))


@operation(
    blueprint,
    "GET",
    "/knowledge/export",
    query=ExportQuery,
    files=FILES,
    answers={200: Download, 202: ShownJob},
)
def export_entries(call: Call) -> Answer:
    """All entries as a file that can be imported as it is; a large one is kept, and its job says where."""
    entries, form = call.services.library.store.entries(), call.query.format
    text = files.written(entries, form)
    if len(text.encode()) > INLINE_BYTES:
        job = jobs.keep_export(call.services.office, text, form, len(entries), call.who.name)
        return accepted(call, job)
    return Answer(200, Download(text, KINDS[form], f"knowledge.{form}"))
