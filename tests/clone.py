"""A fresh copy of the repository, and make in it as somebody new would run it."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from chalicelib.settings import Settings
from tests.server import ROOT

OURS = {name.upper() for name in Settings.__struct_fields__} | {"HOST", "PORT", "PYTHON", "WORKERS"}
BARE = {  # a new user's environment: the machine's, without settings of ours or the make that runs these tests
    name: value for name, value in os.environ.items() if name not in OURS and not name.startswith(("MAKE", "MFLAGS"))
}
MAKE_CEILING = 300.0
SITE = ROOT / "chalicelib" / "site"


def make(folder: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    how = {"cwd": folder, "env": BARE, "text": True, "capture_output": True, "timeout": MAKE_CEILING, **options}
    return subprocess.run(["make", *arguments], **how)  # type: ignore[call-overload,no-any-return]


def clone_to(folder: Path, *, site: bool = False) -> Path:
    """What git has, committed or not, and nothing else; with `site` the built pages too, where they are built."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in filter(None, listed.stdout.splitlines()):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    if site and SITE.is_dir():
        shutil.copytree(SITE, folder / SITE.relative_to(ROOT), dirs_exist_ok=True)
    return folder
