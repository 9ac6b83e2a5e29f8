"""Files become knowledge wholly or not at all, at once or as a job, whatever is killed."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.adapters.blobs import MemoryBlobs
from chalicelib.adapters.sqlite_knowledge import SQLiteKnowledge
from chalicelib.errors import BadRows, Unavailable
from chalicelib.knowledge import files, jobs
from chalicelib.knowledge.jobs import Office
from chalicelib.knowledge.model import Entry, Imported, Job, Terms, made
from chalicelib.knowledge.transfer import Import, bring_in
from tests.knowledge.library import AT, Shelf, draft

ROOT = Path(__file__).parents[2]


def entry(name: str = "a", **parts: Any) -> Entry:
    return made(draft(**parts), name, AT, "ana")


def file(*entries: Entry) -> bytes:
    return files.written(entries, "csv").encode()


def taken_in(shelf: Shelf, data: bytes, **terms: Any) -> Imported:
    return bring_in(shelf.library, Import(files.read(data), Terms(**terms), "bia", "new"))


def refused(shelf: Shelf, data: bytes) -> list[tuple[int, str]]:
    with pytest.raises(BadRows) as error:
        taken_in(shelf, data)
    return [(fault.row, fault.field) for fault in error.value.faults]


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf()
    shelf.put(entry("a", title="A"), entry("b", title="B"), entry("emergency-x", title="X"))
    return shelf


def told(done: Imported) -> dict[str, int]:
    names = ("created", "changed", "unchanged", "deactivated", "refused")
    return {name: getattr(done, name) for name in names if getattr(done, name)}


def test_a_file_creates_changes_and_leaves_alone_what_it_does_not_have(shelf: Shelf) -> None:
    done = taken_in(shelf, file(entry("a", title="A"), entry("b", title="Bê"), entry("c", title="C")))
    assert (done.applied, told(done)) == (True, {"unchanged": 1, "changed": 1, "created": 1})
    assert [(one.row, one.action, one.entry_id) for one in done.items] == [
        (2, "unchanged", "a"),
        (3, "changed", "b"),
        (4, "created", "c"),
    ]
    now = {one.id: (one.title, one.version, one.updated_by) for one in shelf.store.entries()}
    assert now["b"] == ("Bê", 2, "bia") and now["c"] == ("C", 1, "bia") and now["a"] == ("A", 1, "ana")
    assert [one.title for one in shelf.store.earlier("b", 9, 9)] == ["B"]
    assert shelf.store.version() == 2 and shelf.bulletin.said == [("changing", 2), ("changed", 2)]


def test_replacing_turns_off_what_the_file_does_not_have_but_no_emergency(shelf: Shelf) -> None:
    done = taken_in(shelf, file(entry("a", title="A")), mode="replace")
    assert told(done) == {"unchanged": 1, "deactivated": 1}
    assert {one.id: one.active for one in shelf.store.entries()} == {"a": True, "b": False, "emergency-x": True}


def test_a_trial_says_what_would_be_and_changes_nothing(shelf: Shelf) -> None:
    done = taken_in(shelf, file(entry("c"), entry("a", title="Á")) + b"d;faq;;;;;;;;;;;;;;\r\n", dry_run=True)
    assert (done.applied, told(done)) == (False, {"created": 1, "changed": 1, "refused": 1})
    assert [fault.field for one in done.items for fault in one.faults] == ["title"]
    assert shelf.store.version() == 1


def test_one_bad_row_keeps_the_whole_file_out(shelf: Shelf) -> None:
    assert refused(shelf, file(entry("c"), entry("d", content="x" * 100_001))) == [(3, "content")]
    assert shelf.store.version() == 1


def test_partly_what_is_good_goes_in_and_nothing_is_turned_off(shelf: Shelf) -> None:
    done = taken_in(shelf, file(entry("c"), entry("b", content="x" * 100_001)), partial=True, mode="replace")
    assert told(done) == {"created": 1, "refused": 1}
    assert [one.id for one in shelf.store.entries(active=True)] == ["a", "b", "c", "emergency-x"]


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ((entry("c"), entry("d"), entry("c", title="2")), [(4, "id")]),
        ((entry("a", title="A"), entry("a", title="A")), [(3, "id")]),
        ((entry("with space"), entry("-"), entry("export")), [(2, "id"), (3, "id"), (4, "id")]),
        ((entry("emergency-x", active=False), entry("emergency-new", active=False)), [(2, "active"), (3, "active")]),
        ((entry("c", content="Hor\ufffdrio"),), [(2, "row")]),
    ],
)
def test_what_only_the_knowledge_can_refuse_is_named(
    shelf: Shelf, rows: tuple[Entry, ...], faults: list[tuple[int, str]]
) -> None:
    assert refused(shelf, file(*rows)) == faults
    assert shelf.store.version() == 1


def test_a_row_without_an_id_is_a_new_entry_and_at_a_second_try_the_same_one(shelf: Shelf) -> None:
    data = b"title;content;category\nT;C;faq\nU;C;faq"
    assert told(taken_in(shelf, data)) == {"created": 2}
    assert told(taken_in(shelf, data)) == {"unchanged": 2}
    assert [one.id for one in shelf.store.entries() if one.category == "faq"] == ["new-2", "new-3"]


def test_who_changes_something_meanwhile_loses_nothing(shelf: Shelf) -> None:
    class Meddler(SQLiteKnowledge):
        """A store in which somebody else is faster once."""

        meddled = False

        def entries(self, *options: Any, **named: Any) -> list[Entry]:
            found = super().entries(*options, **named)
            if not self.meddled:
                self.meddled = True
                shelf.put(entry("z"))
            return found

    shelf = Shelf(Meddler(None))
    assert told(taken_in(shelf, file(entry("a"), entry("z", title="Z")))) == {"created": 1, "changed": 1}
    assert [one.version for one in shelf.store.entries()] == [1, 2] and shelf.store.version() == 2


KILLED = """
import os, signal, sys
from pathlib import Path
from chalicelib.adapters.sqlite_knowledge import SQLiteKnowledge
from chalicelib.knowledge.model import Change
from tests.knowledge.test_transfer import entry

class Deadly(list):
    def __iter__(self):
        for number, change in enumerate(super().__iter__()):
            if number == 1500:
                print("half of it is written", flush=True)
                os.kill(os.getpid(), signal.SIGKILL)
            yield change

store = SQLiteKnowledge(Path(sys.argv[1]))
store.apply(2, Deadly(Change(None, entry(f"e{n}")) for n in range(3000)))
"""


def test_killed_in_the_middle_the_store_is_as_before(tmp_path: Path) -> None:
    path = tmp_path / "knowledge.sqlite3"
    shelf = Shelf(SQLiteKnowledge(path))
    shelf.put(entry("a"))
    before = shelf.store.entries()
    killed = subprocess.run([sys.executable, "-c", KILLED, path], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (killed.returncode, killed.stdout) == (-9, "half of it is written\n"), killed.stderr
    again = SQLiteKnowledge(path)
    assert (again.version(), again.entries(), again.entry("e0")) == (1, before, None)
    assert told(taken_in(Shelf(again), file(*(entry(f"e{n}") for n in range(3000))))) == {"created": 3000}
    again.close()


class Working:
    """An office whose clock is moved by hand."""

    def __init__(self) -> None:
        self.at = AT
        self.shelf = Shelf()
        self.blobs = MemoryBlobs()
        self.office = Office(replace_now(self.shelf, lambda: self.at), self.blobs)

    def job(self, job: Job) -> Job:
        return jobs.get(self.office.library, job.id)


def replace_now(shelf: Shelf, now: Any) -> Any:
    from dataclasses import replace as with_parts

    return with_parts(shelf.library, now=now)


def test_a_job_is_done_once_and_tells_what_it_did() -> None:
    working = Working()
    job = jobs.begin_import(working.office, file(entry("a"), entry("b")), 2, Terms(), "ana")
    assert (job.state, job.rows) == ("waiting", 2) and working.shelf.store.entries() == []
    assert jobs.work(working.office) == 1 and jobs.work(working.office) == 0
    done = working.job(job)
    assert (done.state, done.done, done.who) == ("done", 2, "ana")
    assert done.result and told(done.result) == {"created": 2}
    assert {one.updated_by for one in working.shelf.store.entries()} == {"ana"}
    assert working.blobs.get(f"import-{job.id}") is None


def test_a_job_with_bad_rows_fails_and_names_them() -> None:
    working = Working()
    job = jobs.begin_import(working.office, file(entry("a"), entry("a")), 2, Terms(), "ana")
    jobs.work(working.office)
    failed = working.job(job)
    assert failed.state == "failed" and [(one.row, one.field) for one in failed.faults] == [(3, "id")]
    assert working.shelf.store.entries() == [] and jobs.work(working.office) == 0


def test_a_job_whose_worker_died_is_begun_anew_when_its_lease_is_over() -> None:
    working = Working()
    job = jobs.begin_import(working.office, b"title;content;category\nT;C;faq\n", 1, Terms(), "ana")
    dead = replace(job, state="running", attempts=1, leased_until=AT + jobs.LEASE_MS, version=2)
    assert working.shelf.store.save_job(dead)  # as one who takes it and dies does
    assert jobs.work(working.office) == 0
    working.at += jobs.LEASE_MS
    assert jobs.work(working.office) == 1 and working.job(job).state == "done"
    assert [one.id for one in working.shelf.store.entries()] == [f"{job.id}-2"]


def test_a_job_that_cannot_be_done_is_given_up() -> None:
    working = Working()
    job = jobs.begin_import(working.office, file(entry("a")), 1, Terms(), "ana")
    working.blobs.drop(f"import-{job.id}")
    for _ in range(jobs.ATTEMPTS - 1):
        with pytest.raises(Unavailable):
            jobs.work(working.office)
    assert jobs.work(working.office) == 1
    assert (working.job(job).state, working.job(job).attempts) == ("failed", jobs.ATTEMPTS)


def test_a_place_for_files_that_does_not_work_is_unavailable(tmp_path: Path) -> None:
    from chalicelib.adapters.blobs import DirectoryBlobs

    (tmp_path / "file").write_text("in the way")
    office = Office(Shelf().library, DirectoryBlobs(tmp_path / "file"))
    with pytest.raises(Unavailable):
        jobs.begin_import(office, file(entry("a")), 1, Terms(), "ana")
    with pytest.raises(Unavailable):
        jobs.keep_export(office, "text", "csv", 1, "ana")
    assert office.library.store.open_jobs() == []
