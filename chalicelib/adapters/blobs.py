"""Files by name: in a folder, or in memory for a process that keeps nothing."""

import shutil
import tempfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO


class MemoryBlobs:
    """The Blobs port."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self._kept.get(name)

    def put(self, name: str, data: bytes | BinaryIO) -> bool:
        self._kept[name] = data if isinstance(data, bytes) else data.read()
        return True

    def drop(self, name: str) -> None:
        self._kept.pop(name, None)

    def link(self, name: str, kind: str) -> str:
        return ""


class DirectoryBlobs:
    """The Blobs port, for any number of processes on one host."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when something is put there, for its owner's eyes only."""
        self._folder = folder

    def get(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            return None

    def put(self, name: str, data: bytes | BinaryIO) -> bool:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder) as aside:
                fresh = Path(aside) / name
                with fresh.open("wb") as file:
                    shutil.copyfileobj(BytesIO(data) if isinstance(data, bytes) else data, file)
                fresh.replace(self._folder / name)
        except OSError:
            return False
        return True

    def drop(self, name: str) -> None:
        with suppress(OSError):
            (self._folder / name).unlink()

    def link(self, name: str, kind: str) -> str:
        return ""
