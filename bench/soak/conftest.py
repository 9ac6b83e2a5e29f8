"""The assistant in a process of its own, as the tests start it."""

from tests.conftest import start  # noqa: F401
