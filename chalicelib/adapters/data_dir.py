"""The folder of a machine that keeps its own data: databases, and secrets made at the first start."""

import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from chalicelib.adapters.sqlite_file import SQLiteFile
from chalicelib.errors import SettingsError, Unavailable

Store = TypeVar("Store", bound=SQLiteFile)


class DataDir:
    """Nothing is made before it is asked for. Raises SettingsError, which names DATA_DIR and what is wrong with it."""

    def __init__(self, path: Path | None) -> None:
        """None: everything is in memory, and nothing outlives the process."""
        self._path = path

    def open(self, store: Callable[[Path | None], Store], name: str) -> Store:
        """A store in the file of that name."""
        if self._path is None:
            return store(None)
        file = self._folder() / name
        try:
            return store(file)
        except (OSError, Unavailable) as error:
            reason = error.__cause__ or error
            raise SettingsError(
                f"DATA_DIR: {file} cannot be opened ({reason}); move it away or set another."
            ) from error

    def secret(self, name: str) -> str:
        """A secret made at the first start and kept, readable by its owner only."""
        if self._path is None:
            return secrets.token_urlsafe(32)
        file = self._folder() / name
        try:
            if not file.exists():
                _write_once(file, secrets.token_urlsafe(32) + "\n")
            kept = file.read_text().strip()
        except OSError as error:
            raise SettingsError(f"DATA_DIR: cannot keep {name} in {file.parent} ({error.strerror}).") from error
        if not kept:
            raise SettingsError(f"DATA_DIR: {file} is empty; remove it, and another is made.")
        return kept

    def _folder(self) -> Path:
        """The folder, made for its owner's eyes only: it holds people's conversations and keys."""
        assert self._path is not None
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"DATA_DIR: {self._path} cannot be made ({error.strerror}); set another.") from error
        return self._path


def _write_once(file: Path, text: str) -> None:
    """Make the file, whole at once and readable by its owner only; of several processes the first one's stays."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}-") as fresh:
        fresh.write(text)
        fresh.flush()
        with suppress(FileExistsError):
            file.hardlink_to(fresh.name)
