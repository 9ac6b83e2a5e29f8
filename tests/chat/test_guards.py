import pytest

from chalicelib.chat.guards import origin_allowed

ALLOWED = ("https://www.example.com", "*.partner.example")


@pytest.mark.parametrize(
    ("origin", "host", "deployed", "welcome"),
    [
        (None, "any", True, True),
        ("https://www.example.com", "chat", True, True),
        ("https://WWW.example.com", "chat", True, True),
        ("https://www.example.com.evil.example", "chat", True, False),
        ("https://example.com", "chat", True, False),
        ("http://www.example.com", "chat", True, False),
        ("https://shop.partner.example", "chat", True, True),
        ("https://partner.example", "chat", True, False),
        ("https://evilpartner.example", "chat", True, False),
        ("http://localhost:8000", "localhost:8000", False, True),
        ("http://192.168.0.7:8000", "192.168.0.7:8000", False, True),
        ("http://localhost:8000", "localhost:8000", True, False),
        ("http://localhost:8000", "localhost:9000", False, False),
        ("null", "localhost:8000", False, False),
        ("http://[", "localhost:8000", False, False),
    ],
)
def test_who_may_open_a_socket(origin: str | None, host: str, deployed: bool, welcome: bool) -> None:
    assert origin_allowed(origin, host, ALLOWED, deployed) is welcome
