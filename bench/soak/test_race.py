"""Eight tabs that send the same fifty messages to doubled workers, on both kinds of stores."""

import pytest

from tests.conftest import Start
from tests.conversation.conftest import Stores
from tests.conversation.test_redelivery import doubled, race

__all__ = ["doubled"]  # a fixture
SECONDS = 900


@pytest.mark.timeout(SECONDS)
def test_each_message_has_one_outcome(start: Start, doubled: Stores) -> None:
    race(start, doubled, messages=50)
