"""Two thousand requests made from the OpenAPI document."""

from pathlib import Path

import pytest

from tests.conftest import Start
from tests.rest.administrator import ADMIN_KEYS
from tests.rest.fuzzing import fuzz

CASES = 2_000
SECONDS = 1_800


@pytest.mark.timeout(SECONDS)
def test_two_thousand_requests_get_an_answer_that_the_document_names(start: Start, tmp_path: Path) -> None:
    server = start(ADMIN_KEYS=ADMIN_KEYS)
    assert fuzz(server, tmp_path, examples=100, seconds=SECONDS) >= CASES
    assert "request failed" not in server.log.read_text()
