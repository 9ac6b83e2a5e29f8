"""Administrators see the settings in force, and never a secret."""

from tests.administrator import ADMIN_KEYS, KEYS, Administrator
from tests.conftest import Start
from tests.server import ROOT

SECRETS = {
    "OPENAI_API_KEY": "sk-very-secret",
    "TOKEN_KEYS": "a-token-key-of-more-than-32-characters",
    "IDENTITY_KEYS": "an-identity-key-of-more-than-32-characters",
    "ADMIN_KEYS": ADMIN_KEYS,
}


def test_every_setting_is_told_with_its_default_and_no_secret_is(start: Start) -> None:
    base = "http://somebody:word-of-pass@127.0.0.1:9/v1"
    server = start(**SECRETS, OPENAI_BASE_URL=base, ASSISTANT_NAME="Bia", MAX_HISTORY_MESSAGES="50")
    with Administrator(server.url, KEYS["viewer"]) as viewer:
        answer = viewer.ask("GET", "/settings")
    told = {one["name"]: one for one in answer.json()["items"]}
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert all(f"| `{name}` |" in page and one["description"] in page for name, one in told.items())
    assert len(told) == page.count("\n| `")
    name, history, base_url = told["ASSISTANT_NAME"], told["MAX_HISTORY_MESSAGES"], told["OPENAI_BASE_URL"]
    assert (name["value"], name["default"], name["changed"]) == ("Bia", "Sophie", True)
    assert (history["value"], history["changed"], history["takes"]) == (50, False, "a whole number from 1 to 50")
    assert base_url["value"] == "http://127.0.0.1:9/v1"
    for secret in SECRETS:
        assert told[secret]["secret"] and told[secret]["changed"]
        assert told[secret]["value"] is told[secret]["default"] is None
    assert not told["REDIS_URL"]["changed"] and told["REDIS_URL"]["secret"]
    assert not any(word in answer.text for word in (*SECRETS.values(), "word-of-pass", ADMIN_KEYS[-64:]))
