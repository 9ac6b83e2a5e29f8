"""How to reach the people behind the assistant."""

import re

from chalicelib.chat.model import Contact
from chalicelib.chat.texts import text
from chalicelib.settings import Settings

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"\+?\(?\d[\d() .-]{6,18}\d")


def left_in(message: str) -> str:
    """An e-mail address or a telephone number (8 to 14 digits) that somebody wrote; "" when there is none."""
    found = _EMAIL.search(message) or _PHONE.search(message)
    if found is None:
        return ""
    digits = sum(c.isdigit() for c in found.group())
    return found.group() if "@" in found.group() or 8 <= digits <= 14 else ""


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
