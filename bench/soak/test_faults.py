"""The promises of a conversation under every fault, with three seeds, on both kinds of stores."""

import pytest

from tests.conftest import Start
from tests.conversation.conftest import Stores
from tests.struck import PLANS, every_promise_is_kept

SEEDS = (1, 2, 3)
SECONDS = 1_800


@pytest.mark.timeout(SECONDS)
def test_every_person_gets_one_whole_answer_to_each_question(start: Start, stores: Stores) -> None:
    server = start(faults="seed=0", **stores.settings)
    for seed in SEEDS:
        for fault, share in PLANS:
            struck = every_promise_is_kept(server, fault, share, seed)
            print(f"{fault} {share:.0%}, seed {seed}: struck {struck} times, every promise kept")
            assert struck
