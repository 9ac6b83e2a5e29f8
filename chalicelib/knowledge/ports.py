"""What the knowledge needs from outside; adapters/ has what stands behind it."""

from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO, Protocol

from chalicelib.knowledge.model import Change, Entry, Job, Question


class KnowledgeStore(Protocol):
    """The entries, their earlier versions, and one number that moves with any change of them.

    Every read sees every write that returned before it. Each call raises Unavailable when the store does not answer.
    """

    def version(self) -> int:
        """The knowledge's version; 0 before anything was stored."""

    def entry(self, entry_id: str) -> Entry | None: ...

    def entries(
        self, after: str = "", limit: int | None = None, category: str = "", active: bool | None = None
    ) -> list[Entry]:
        """Entries with an id greater than `after`, by id; of one category, active or not, where that is asked for."""

    def earlier(self, entry_id: str, before: int, limit: int) -> list[Entry]:
        """Versions of an entry that were replaced, smaller than `before`, newest first."""

    def apply(
        self, version: int, changes: Sequence[Change], progress: Callable[[int], object] = lambda stored: None
    ) -> bool:
        """Make the changes, all or none whatever is killed, and with them the knowledge's version `version`.

        False, and nothing changed, when that version is taken or an entry is not what `before` says. `progress` hears
        how many are on their way; it may use the store. Up to MOST_CHANGES are one quick step, more may take a while.
        """

    def seeded(self) -> dict[str, str]:
        """The seed's entries that were brought in, each with a name for what it said then."""

    def save_seeded(self, seeded: Mapping[str, str]) -> None: ...

    def questions(self) -> list[Question]:
        """The regression questions, by id."""

    def save_question(self, question: Question) -> None: ...

    def drop_question(self, question_id: str) -> bool:
        """False when there is none."""

    def job(self, job_id: str) -> Job | None: ...

    def open_jobs(self) -> list[Job]:
        """Those that are waiting or running."""

    def save_job(self, job: Job) -> bool:
        """Keep a new job (version 1), or replace the one of the version before; False when it has moved on."""


MOST_CHANGES = 10  # of 200 KB each, with what they replace: DynamoDB takes 4 MB at once


DOUBT_SECONDS = 10.0  # after a change was begun; longer than anybody takes to follow one


class Bulletin(Protocol):
    """Lets every process know that the knowledge changes, so that no answer from before is shared after it."""

    def changing(self, version: int) -> bool:
        """Said before the change to `version` is tried; False when it reaches nobody."""

    def changed(self, version: int) -> bool:
        """Said when the knowledge is at `version`; False when it reaches nobody."""


class Blobs(Protocol):
    """Files by name. No call raises: what cannot be reached counts as not there."""

    def get(self, name: str) -> bytes | None: ...

    def put(self, name: str, data: bytes | BinaryIO) -> bool:
        """Replace the file, whole at once; a file that is read needs no memory. False when it could not be kept."""

    def drop(self, name: str) -> None: ...

    def link(self, name: str, kind: str) -> str:
        """An address that gives the file, of that content type, to whoever has it for a while; "" if there is none."""
