"""What the team does for many conversations: the queue of hand-offs, and notices; as values and as ports."""

from typing import Literal, Protocol

from msgspec import Struct

from chalicelib.chat.model import Handoff, UserType

Level = Literal["info", "success", "warning"]
NOTICES_KEPT_MS = 30 * 24 * 3_600_000
MOST_MISSED = 20  # notices of a box, for somebody who comes


class Audience(Struct, frozen=True, rename="camel", omit_defaults=True):
    """Whom a notice is for: one user, one user type, or, with neither, everyone."""

    user_id: str = ""
    user_type: UserType | None = None

    @property
    def box(self) -> str:
        """Where it is kept for those who are not there."""
        if self.user_id:
            return f"user:{self.user_id}"
        return f"type:{self.user_type}" if self.user_type else "everyone"


class NoticeText(Struct, frozen=True):
    title: str
    body: str
    url: str = ""
    level: Level = "info"


class Notice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something for many people, and how far sending it is. Ids sort by time; `cursor` is the store's."""

    id: str
    at: int
    who: str
    audience: Audience
    text: NoticeText
    delivered: int = 0
    failed: int = 0
    sending: bool = True
    cursor: str = ""
    leased_until: int = 0
    version: int = 0  # grows with each write and guards it


class Handoffs(Protocol):
    """Who waits for a person of the team, or has one. Every read sees every write that returned before it."""

    def handoff(self, session_id: str) -> Handoff | None: ...

    def save_handoff(self, handoff: Handoff) -> None: ...

    def drop_handoff(self, session_id: str) -> None: ...

    def handoffs(self) -> list[Handoff]:
        """All of them, in no order."""


class Notices(Protocol):
    """What administrators have told people, for 30 days, and until when somebody has been told."""

    def save_notice(self, notice: Notice) -> bool:
        """Replace the notice whose version is `notice.version - 1`, or store the first; False when it has moved on."""

    def notice(self, notice_id: str) -> Notice | None: ...

    def newest(self, before: str, limit: int) -> list[Notice]:
        """At most `limit` notices with a smaller id ("": any), newest first."""

    def keep(self, box: str, notice: Notice) -> None:
        """Put a notice where those it is for look for it when they come."""

    def kept(self, box: str, since: int) -> list[Notice]:
        """The notices of a box from after that time (ms), oldest first; the newest MOST_MISSED of them."""

    def told(self, owner: str) -> int | None: ...

    def save_told(self, owner: str, at: int) -> None: ...
