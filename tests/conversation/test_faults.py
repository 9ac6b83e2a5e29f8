"""The promises of a conversation, while everything around it misbehaves. `make soak` has more seeds and stores."""

from collections.abc import Iterator

import pytest

from tests.conftest import Start
from tests.server import Server
from tests.struck import PLANS, every_promise_is_kept


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("struck"), faults="seed=0")
    yield running
    running.stop()


@pytest.mark.parametrize(("fault", "share"), PLANS, ids=[fault for fault, _ in PLANS])
def test_every_person_gets_one_whole_answer_to_each_question(struck: Server, fault: str, share: float) -> None:
    assert every_promise_is_kept(struck, fault, share, seed=1) > 0


def test_a_deployed_stage_refuses_them(start: Start) -> None:
    with pytest.raises(AssertionError, match="STAGE: faults on demand are for development"):
        start(faults="drop=0.1", STAGE="prod", TOKEN_KEYS="k" * 40)
