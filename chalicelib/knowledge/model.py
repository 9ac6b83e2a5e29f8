"""What administrators write and the assistant answers from."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from chalicelib.errors import Fault

Category = Literal["service", "faq", "navigation", "policy", "troubleshooting"]
Audience = Literal["everyone", "clients", "providers"]
Locale = Literal["pt-BR", "en"]
UserType = Literal["anonymous", "client", "provider"]

MAX_CONTENT_BYTES = 100_000
SEED = "seed"  # who wrote what a new installation starts with

# What a space is differs between the regular expressions of Python and of JSON Schema.
_UNBROKEN = r"[^\x00-\x20\x7f-\xa0]"
INK = r"[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"
_Name = Annotated[str, Meta(min_length=1, max_length=200)]
_Line = Annotated[str, Meta(min_length=1, max_length=500)]
_Lines = Annotated[tuple[_Line, ...], Meta(max_length=100)]
_Names = Annotated[tuple[_Name, ...], Meta(max_length=100)]
_Id = Annotated[str, Meta(min_length=1, max_length=64)]
_Address = Annotated[
    str, Meta(min_length=1, max_length=500, pattern=rf"^(https?://|/(?![/\\])|tel:|mailto:){_UNBROKEN}*$")
]


class Link(Struct, frozen=True, forbid_unknown_fields=True):
    """A button under an answer. `url` is an address, or a path of the marketplace."""

    label: _Name
    url: _Address


class Draft(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What an administrator writes. The first sentence of `content` (Markdown) answers; each paragraph stands alone."""

    category: Category
    title: Annotated[str, Meta(max_length=200, pattern=INK)]
    content: Annotated[str, Meta(max_length=MAX_CONTENT_BYTES, pattern=INK)]
    audience: Audience = "everyone"
    locale: Locale = "pt-BR"
    questions: _Lines = ()
    keywords: _Names = ()
    related: Annotated[tuple[_Id, ...], Meta(max_length=100)] = ()
    follow_ups: _Lines = ()
    price: Annotated[str, Meta(max_length=500)] = ""
    providers: Annotated[str, Meta(max_length=500)] = ""
    url: Annotated[str, Meta(max_length=500, pattern=rf"^((https?://|/(?![/\\])){_UNBROKEN}*)?$")] = ""
    steps: _Lines = ()
    links: Annotated[tuple[Link, ...], Meta(max_length=20)] = ()
    active: bool = True


class Entry(Draft, frozen=True, kw_only=True, forbid_unknown_fields=False, rename="camel"):
    """One piece of knowledge as it is kept: a draft with its name, its version from 1, who wrote it and when.

    What a later release added to it is left out by an earlier one that still runs.
    """

    id: _Id
    version: Annotated[int, Meta(ge=1)] = 1
    created_at: datetime | None = None
    updated_at: datetime | None = None
    updated_by: str = SEED

    @property
    def emergency(self) -> bool:
        """Answered word for word and before anything else."""
        return self.id.startswith("emergency-")

    @property
    def paragraphs(self) -> list[str]:
        return [part.strip() for part in self.content.split("\n\n") if part.strip()]

    @property
    def draft(self) -> Draft:
        return Draft(**{name: getattr(self, name) for name in Draft.__struct_fields__})


class Change(Struct, frozen=True):
    """An entry as it is (None: it is new) and as it shall be (None: it goes, and its earlier versions with it)."""

    before: Entry | None
    after: Entry | None

    @property
    def entry_id(self) -> str:
        entry = self.after or self.before
        return entry.id if entry else ""


class NewQuestion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A regression question: `question`, asked by `user_type`, should find the entry `entry_id`."""

    question: _Line
    entry_id: _Id
    user_type: UserType = "anonymous"


class Question(NewQuestion, frozen=True, kw_only=True, forbid_unknown_fields=False, rename="camel"):
    id: _Id


class Terms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """How a file is imported.

    `replace`: what the file does not have is turned off. `partial`: what is good goes in without the rest.
    """

    mode: Literal["merge", "replace"] = "merge"
    partial: bool = False
    dry_run: bool = False


class Outcome(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What became of one row, or of an entry that the file does not have (row 0)."""

    row: int = 0
    action: Literal["created", "changed", "unchanged", "deactivated", "refused"]
    entry_id: str = ""
    faults: tuple[Fault, ...] = ()


class Imported(Struct, frozen=True, kw_only=True, rename="camel"):
    """What an import did, or would do when it was not `applied`. Of a large one `items` has the refused rows only."""

    applied: bool
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    deactivated: int = 0
    refused: int = 0
    items: tuple[Outcome, ...] = ()


class Job(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An import or export, of the knowledge or of conversations, that takes longer than a request may.

    `done` of `rows` are stored. `faults` says why it failed, when the file is the reason. `leased_until`: whoever
    works at it is taken for dead afterwards (milliseconds since 1970). `file`: where an export can be read. `asked`:
    which conversations.
    """

    id: str
    kind: Literal["import", "export", "conversations"]
    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    who: str
    created_at: datetime
    updated_at: datetime
    terms: Terms = Terms()
    rows: int = 0
    done: int = 0
    result: Imported | None = None
    faults: tuple[Fault, ...] = ()
    file: str = ""
    asked: dict[str, Any] = {}
    attempts: int = 0
    leased_until: int = 0
    version: int = 1

    @property
    def open(self) -> bool:
        return self.state in ("waiting", "running")


def made(draft: Draft, entry_id: str, at: int, who: str) -> Entry:
    """The first version of an entry; `at` in milliseconds since 1970."""
    now = moment(at)
    return Entry(**msgspec.structs.asdict(draft), id=entry_id, created_at=now, updated_at=now, updated_by=who)


def changed(entry: Entry, draft: Draft, at: int, who: str) -> Entry:
    """The next version of an entry."""
    return msgspec.structs.replace(
        entry, **msgspec.structs.asdict(draft), version=entry.version + 1, updated_at=moment(at), updated_by=who
    )


def moment(at: int) -> datetime:
    """Milliseconds since 1970 as a time."""
    return datetime.fromtimestamp(at / 1000, UTC)
