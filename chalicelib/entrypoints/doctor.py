"""`make doctor`: key, model, contact details, store, Redis where one is set, port and browser, one sentence each."""

import argparse
import shutil
import socket
import sys
from collections.abc import Callable
from urllib.request import urlopen

from chalicelib.chat.ports import ModelFailed, Prompt
from chalicelib.chat.sessions import OPEN_SESSIONS
from chalicelib.entrypoints.words import cache_in_words, store_in_words
from chalicelib.errors import ChatError, SettingsError
from chalicelib.services import Services
from chalicelib.settings import Settings, read

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MODEL_SECONDS = 15.0
MAKE_TABLES = "python -m chalicelib.entrypoints.provision makes the table."

Check = tuple[bool, str]


def main(host: str, port: int) -> int:
    """Print a line for each check; the exit status: 0, or 1 when something must be mended."""
    try:
        settings = read()
    except SettingsError as error:
        print(f"✗ settings: {error}")
        return 1
    checks: dict[str, Callable[[], Check]] = {
        "key": lambda: key(settings),
        "model": lambda: model(Services(settings)),
        "contact": lambda: contact(settings),
        "store": lambda: store(Services(settings)),
        **({"redis": lambda: redis(Services(settings))} if settings.cache_url else {}),
        "port": lambda: free_port(host, port),
        "browser": browser,
    }
    found = {name: check() for name, check in checks.items()}
    for name, (ok, sentence) in found.items():
        print(f"{'✓' if ok else '✗'} {name}: {sentence}")
    return 0 if all(ok for ok, _ in found.values()) else 1


def key(settings: Settings) -> Check:
    if settings.openai_api_key:
        return True, "OPENAI_API_KEY is set."
    return True, "OPENAI_API_KEY is not set, so answers come from the knowledge alone."


def model(services: Services) -> Check:
    """Ask it for one word, as a worker would."""
    name = services.model.name
    if name == "knowledge":
        return True, "none is used without a key."
    prompt = Prompt(system="Answer with one word.", turns=(("user", "ping"),), grounded="", version="doctor")
    try:
        for _ in services.model.stream(prompt, MODEL_SECONDS):
            pass
    except ModelFailed as failure:
        return False, f"{name} did not answer ({failure.kind}); check OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL."
    return True, f"{name} answers."


def contact(settings: Settings) -> Check:
    """Whether people would be given the examples; where it is deployed that must be mended."""
    names = ("contact_email", "contact_phone", "contact_whatsapp")
    examples = [name.upper() for name in names if getattr(settings, name) == getattr(Settings(), name)]
    if examples:
        return not settings.deployed, f"people are given made-up contact details; set {', '.join(examples)}."
    return True, f"people can reach the team at {settings.contact_email}."


def store(services: Services) -> Check:
    where = store_in_words(services.settings)
    try:
        services.sessions.tail("doctor", 1)
    except SettingsError as error:
        return False, str(error)
    except ChatError as error:
        if services.settings.store == "dynamodb":
            return False, f"{where} does not answer ({error.__cause__}); {MAKE_TABLES}"
        return False, f"{where} does not answer; make the folder writable or set DATA_DIR to another."
    return True, f"{where} works."


def redis(services: Services) -> Check:
    where = cache_in_words(services.settings)
    services.shared.presence.count(OPEN_SESSIONS)
    if services.shared.available():
        return True, f"Redis at {where} answers."
    return False, f"Redis at {where} does not answer, so processes share no limits; start it, or mend REDIS_URL."


def free_port(host: str, port: int) -> Check:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            if _answers(host, port):
                return True, f"the assistant is running on {port} of {host}."
            return False, f"{port} on {host} is taken by another program; choose another with PORT=."
    return True, f"{port} on {host} is free."


def _answers(host: str, port: int) -> bool:
    """Whether what listens there is the assistant."""
    try:
        with urlopen(f"http://{host}:{port}/api/v1/health", timeout=2) as answer:
            return b"activeSessions" in answer.read(10_000)
    except (OSError, ValueError):
        return False


def browser() -> Check:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found:
        return True, f"{found} is there for the browser tests."
    return True, "no Chromium or Chrome found; only the browser tests need one (Debian: sudo apt install chromium)."


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=8000)
    chosen = options.parse_args()
    sys.exit(main(chosen.host, chosen.port))
