"""The assistant in a process of its own, and its stores, as the tests start them."""

from tests.conftest import dynamodb, start
from tests.conversation.conftest import shared_valkey, stores

__all__ = ["dynamodb", "shared_valkey", "start", "stores"]  # fixtures
