"""Settings are read once, checked, and refused by name."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.entrypoints import doctor
from chalicelib.errors import SettingsError
from chalicelib.services import Services
from chalicelib.settings import SECRETS, Settings, from_environment, takes
from tests.server import ROOT

WRONG = {
    "STAGE": "moon",
    "STORE": "mongodb",
    "DYNAMODB_ENDPOINT_URL": "localhost:8000",
    "DYNAMODB_TABLE": "a table",
    "AWS_REGION": "Brazil",
    "RATE_LIMIT_BURST": "three",
    "RATE_LIMIT_MESSAGES_PER_MINUTE": "0",
    "MAX_HISTORY_MESSAGES": "51",
    "MAX_MESSAGE_LENGTH": "-1",
    "SESSION_TIMEOUT_HOURS": "0",
    "RESPONSE_TIMEOUT_SECONDS": "nan",
    "WORKER_CONCURRENCY": "1",
    "ENABLE_ANALYTICS": "perhaps",
    "OPENAI_BASE_URL": "localhost:8000",
    "LOCALE": "fr",
    "LOG_LEVEL": "loud",
    "ADMIN_KEYS": "admin:short",
    "ALLOWED_ORIGINS": "https://www.example.com, *",
    "TOKEN_KEYS": "too-short",
    "DIE_AT_STEP": "reply.stored",
    "BLOBS_BUCKET": "A Bucket",
    "BLOBS_ENDPOINT_URL": "localhost:9000",
    "OIDC_ISSUER": "issuer.example",
    "REDIS_URL": "localhost:6379",
    "REDIS_PORT": "0",
    "USE_REDIS": "perhaps",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_refused_with_its_name_and_what_it_takes(name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        from_environment({name: WRONG[name]})
    text = str(refused.value)
    assert text.startswith(f"{name}: ") and text.endswith(".")


def test_every_wrong_setting_is_named_at_once_and_secrets_are_not_repeated() -> None:
    with pytest.raises(SettingsError) as refused:
        from_environment({**WRONG, "TOKEN_KEYS": "my-secret"})
    assert len(str(refused.value).splitlines()) == len(WRONG)
    assert "my-secret" not in str(refused.value)


def test_an_empty_value_is_the_default() -> None:
    assert from_environment({"RATE_LIMIT_BURST": "", "STORE": " "}) == Settings()


def test_lists_numbers_and_switches_are_read() -> None:
    read = from_environment(
        {"ALLOWED_ORIGINS": "https://a.example , *.b.example", "ENABLE_ANALYTICS": "false", "DELTA_INTERVAL_MS": "300"}
    )
    assert read.allowed_origins == ("https://a.example", "*.b.example")
    assert read.enable_analytics is False and read.delta_interval_ms == 300


def test_secrets_do_not_print() -> None:
    shown = repr(from_environment({"OPENAI_API_KEY": "sk-very-secret", "TOKEN_KEYS": "k" * 40}))
    assert "sk-very-secret" not in shown and "k" * 40 not in shown


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, ""),
        ({"REDIS_HOST": "cache"}, ""),
        ({"USE_REDIS": "true"}, "redis://localhost:6379/0"),
        ({"USE_REDIS": "true", "REDIS_HOST": "::1", "REDIS_PORT": "7000", "REDIS_DB": "2"}, "redis://[::1]:7000/2"),
        ({"USE_REDIS": "true", "REDIS_URL": "rediss://me:secret@cache:6380"}, "rediss://me:secret@cache:6380"),
    ],
)
def test_redis_is_found_by_its_url_or_by_its_parts(given: dict[str, str], url: str) -> None:
    assert from_environment(given).cache_url == url
    assert "secret" not in repr(from_environment(given))


def test_a_cluster_has_one_database() -> None:
    assert from_environment({"REDIS_CLUSTER": "true", "REDIS_URL": "rediss://cache:6379/0"}).redis_cluster
    with pytest.raises(SettingsError, match="REDIS_CLUSTER"):
        from_environment({"REDIS_CLUSTER": "true", "REDIS_URL": "rediss://cache:6379/1"})


def test_a_deployed_stage_needs_a_token_key() -> None:
    with pytest.raises(SettingsError, match="TOKEN_KEYS"):
        from_environment({"STAGE": "prod"})
    assert from_environment({"STAGE": "prod", "TOKEN_KEYS": "k" * 32}).deployed


def test_every_setting_and_its_default_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    for name in Settings.__struct_fields__:
        assert f"| `{name.upper()}` |" in page, name


def test_every_setting_named_in_the_docs_exists() -> None:
    names = {name.upper() for name in Settings.__struct_fields__} | {"HOST", "PORT", "PYTHON"}
    for page in (ROOT / "docs" / "settings.md", ROOT / "README.md"):
        named = re.findall(r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`", page.read_text("utf-8"))
        assert set(named) <= names, page


@pytest.mark.parametrize("name", ["RATE_LIMIT_BURST", "STAGE", "DIE_AT_STEP"])
def test_start_up_refuses_with_one_line_and_no_traceback(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "runtime", "app.py", "--port", "0", "--data-dir", str(tmp_path)]
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), name: WRONG[name]}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 2 and f"{name}: " in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize("broken", ["log folder", "store is no database", "store is a folder"])
def test_start_up_names_the_setting_behind_a_file_it_cannot_use(broken: str, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    if broken == "log folder":
        environment["LOG_FILE"] = "/proc/nowhere/assistant.log"
    elif broken == "store is a folder":
        (tmp_path / "assistant.sqlite3").mkdir()
    else:
        (tmp_path / "assistant.sqlite3").write_text("this is not a database, it only looks like a file of one " * 50)
    command = [sys.executable, "-m", "runtime", "app.py", "--port", "0", "--data-dir", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30)
    name = "LOG_FILE" if broken == "log folder" else "DATA_DIR"
    assert ended.returncode == 2 and ended.stderr.startswith(f"{name}: ") and len(ended.stderr.splitlines()) == 1


def test_the_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    services = Services(from_environment({"DATA_DIR": str(tmp_path / "data")}))
    assert services.sessions.tail("nobody", 1) is None and services.token_keys
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    services.sessions.close()


def test_whole_numbers_say_their_range() -> None:
    assert takes("max_history_messages") == "a whole number from 1 to 50"
    assert takes("store") == "one of dynamodb, memory, sqlite"
    assert all(takes(name) for name in Settings.__struct_fields__)
    assert set(Settings.__struct_fields__) >= SECRETS


def test_the_examples_of_contact_details_are_told_and_not_for_a_deployed_stage() -> None:
    contacts = {"CONTACT_EMAIL": "sac@casa.example", "CONTACT_PHONE": "0800 1", "CONTACT_WHATSAPP": "+55 11 1"}
    deployed = {"STAGE": "prod", "TOKEN_KEYS": "k" * 40}
    assert doctor.contact(from_environment({}))[0]
    assert not doctor.contact(from_environment(deployed))[0]
    assert doctor.contact(from_environment({**deployed, **contacts}))[0]
