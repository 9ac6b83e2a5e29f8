"""What administrators write and the assistant answers from."""

from typing import Literal

from msgspec import Struct

Category = Literal["service", "faq", "navigation", "policy", "troubleshooting"]
Audience = Literal["everyone", "clients", "providers"]


class Link(Struct, frozen=True):
    label: str
    url: str


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One piece of knowledge. The first sentence of `content` answers; each paragraph stands alone."""

    id: str
    category: Category
    title: str
    content: str
    audience: Audience = "everyone"
    locale: str = "pt-BR"
    questions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    follow_ups: tuple[str, ...] = ()
    price: str = ""
    providers: str = ""
    steps: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    version: int = 1

    @property
    def emergency(self) -> bool:
        """Answered word for word and before anything else."""
        return self.id.startswith("emergency-")

    @property
    def paragraphs(self) -> list[str]:
        return [part.strip() for part in self.content.split("\n\n") if part.strip()]
