"""kill -9 at every step of a turn and at random moments, on both kinds of stores."""

from typing import Any

import pytest

from tests.conftest import Start
from tests.conversation.conftest import Stores
from tests.conversation.test_crash import DEADLY, STEPS, give_up, kill_at, kill_at_random


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_every_step_of_a_turn(start: Start, llmock: Any, stores: Stores, step: str) -> None:
    kill_at(start, llmock, stores, step)


@pytest.mark.timeout(300)  # eleven starts
def test_killed_ten_times_at_random_moments(start: Start, llmock: Any, stores: Stores) -> None:
    kill_at_random(start, llmock, stores, 10)


@pytest.mark.parametrize("how", DEADLY)
def test_a_turn_that_kills_its_workers_falls_back(start: Start, llmock: Any, stores: Stores, how: str) -> None:
    give_up(start, llmock, stores, *DEADLY[how])
