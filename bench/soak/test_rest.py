"""Two thousand requests made from the OpenAPI document."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.entrypoints.rest.openapi import document
from tests.administrator import ADMIN_KEYS
from tests.conftest import Start
from tests.rest.fuzzing import fuzz
from tests.server import ROOT

CASES = 2_000
SECONDS = 1_800
PAGE = ROOT / "docs" / "evidence" / "rest.md"


@pytest.mark.timeout(SECONDS)
def test_two_thousand_requests_get_an_answer_that_the_document_names(start: Start, tmp_path: Path) -> None:
    import app  # noqa: F401  (it registers every operation)

    server = start(ADMIN_KEYS=ADMIN_KEYS)
    began = time.monotonic()
    count = fuzz(server, tmp_path, examples=100, seconds=SECONDS)
    seconds = time.monotonic() - began
    assert count >= CASES
    assert "request failed" not in server.log.read_text()
    operations = sum(map(len, document()["paths"].values()))
    told = (
        f"{datetime.now(UTC):%Y-%m-%d}, by `make soak`: Schemathesis made {count} requests from the OpenAPI document, "
        f"to {operations} operations in {seconds:.0f} s, with every check it has. No 5xx, no status that the document "
        "does not name, nothing in the log."
    )
    PAGE.write_text(f"# The REST API, fuzzed\n\n{told}\n", "utf-8")
