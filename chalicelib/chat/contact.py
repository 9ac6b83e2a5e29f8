"""How to reach the people behind the assistant."""

from chalicelib.chat.model import Contact
from chalicelib.chat.texts import text
from chalicelib.settings import Settings


def contact_of(settings: Settings) -> Contact:
    return Contact(settings.contact_email, settings.contact_phone, settings.contact_whatsapp, settings.contact_hours)


def contact_line(settings: Settings, locale: str) -> str:
    """The same in one line of text."""
    contact = contact_of(settings)
    return text(
        locale,
        "contact.line",
        email=contact.email,
        phone=contact.phone,
        whatsapp=contact.whatsapp,
        hours=contact.hours,
    )
