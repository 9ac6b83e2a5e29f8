"""How to reach the people behind the assistant."""

import re

from chalicelib.chat.model import Contact
from chalicelib.chat.texts import text
from chalicelib.settings import Settings

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.#/-])\+?\(?\d[\d() .-]{6,18}\d(?![\w/])")
_NO_PHONE = re.compile(
    r"\d{3}\.\d{3}\.\d{3}-?\d{2}|\d{5}-\d{3}$|\b(cpf|cnpj|cep|rg|pedido|protocolo|order|n[uú]mero do pedido)\W+$",
    re.IGNORECASE,
)


def left_in(message: str) -> str:
    """The e-mail address and the telephone number (8 to 14 digits) that somebody wrote; "" when there is neither."""
    email = _EMAIL.search(message)
    rest = _EMAIL.sub(" ", message)
    phone = next((found for found in _PHONE.finditer(rest) if _dialled(found, rest)), None)
    return ", ".join(found.group() for found in (email, phone) if found)


def _dialled(found: re.Match[str], message: str) -> bool:
    """Whether digits are a telephone number, and not what else people have numbers for."""
    digits = sum(c.isdigit() for c in found.group())
    named = _NO_PHONE.search(found.group()) or _NO_PHONE.search(message[: found.start()])
    return 8 <= digits <= 14 and not named


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
