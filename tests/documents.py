"""Pages that are written from the code: docs/settings.md and docs/evidence.md. `make docs` writes them."""

import ast
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

from chalicelib.settings import SECRETS, Settings, about, takes

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def settings_page() -> str:
    rows = ["| setting | default | takes | meaning |", "|---|---|---|---|"]
    defaults = Settings()
    for name in Settings.__struct_fields__:
        what = takes(name) if takes(name) != about(name) else "text"
        rows.append(f"| `{name.upper()}` | {_shown(name, getattr(defaults, name))} | {what} | {about(name)} |")
    return _SETTINGS_INTRODUCTION + "\n".join(rows) + "\n"


def evidence_page() -> str:
    requirements = tomllib.loads((DOCS / "evidence" / "requirements.toml").read_text("utf-8"))
    tests = tests_by_requirement()
    rows = ["| | what | tests | measured | what falls short |", "|---|---|---|---|---|"]
    for number, row in requirements.items():
        named = "<br>".join(tests.get(number, ["none yet"]))
        rows.append(f"| {number} | {row['what']} | {named} | {row.get('measured', '')} | {row.get('short', '')} |")
    unknown = set(tests) - set(requirements)
    if unknown:
        raise ValueError(f"tests name requirements that do not exist: {sorted(unknown)}")
    return _EVIDENCE_INTRODUCTION + "\n".join(rows) + "\n"


def tests_by_requirement() -> dict[str, list[str]]:
    """`R2.3` → the tests marked with it, as `file::name`, from the source."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for number in _marks(node):
                    found[number].append(f"`{path.relative_to(ROOT / 'tests')}::{node.name}`")
    return found


PAGES = {"settings.md": settings_page, "evidence.md": evidence_page}


def _marks(node: ast.FunctionDef) -> list[str]:
    calls = [d for d in node.decorator_list if isinstance(d, ast.Call) and ast.unparse(d.func).endswith("requirement")]
    return [str(arg.value) for call in calls for arg in call.args if isinstance(arg, ast.Constant)]


def _shown(name: str, value: object) -> str:
    if name in SECRETS or value in ("", ()):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


_SETTINGS_INTRODUCTION = """# Settings

Environment variables, read once at start. A wrong one stops the start with its name and what it takes. Give them to
`make run` on its command line (`make run PORT=9000 ASSISTANT_NAME=Bia`) or in the environment. `HOST` (127.0.0.1),
`PORT` (8000) and `WORKERS` (1) belong to the runtime: `python -m runtime --help` lists its options. Written by
`make docs`.

"""

_EVIDENCE_INTRODUCTION = """# Evidence

Each requirement of docs/requirements.md, the tests that hold it, what was measured and what falls short. Figures are
from a machine with 2 cores that others share: read them as orders of magnitude. Written by `make docs` from the marks
of the tests and docs/evidence/requirements.toml.

"""


if __name__ == "__main__":
    for page, write in PAGES.items():
        (DOCS / page).write_text(write(), "utf-8")
        sys.stdout.write(f"docs/{page}\n")
