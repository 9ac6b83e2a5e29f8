"""What is written from the code: pages of docs/, and the schema of the frames. `make docs` writes them."""

import ast
import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.chat import frames, protocol
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


def protocol_schema() -> str:
    """Every frame as JSON Schema, for the web's types: `Incoming` is what a browser sends, `Outgoing` what it gets."""
    incoming, outgoing = protocol.ACTIONS.values(), frames.Outgoing.__subclasses__()
    kinds = [*incoming, *outgoing, protocol.Context]
    _, definitions = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    for name in ("StartSession", "SendMessage", "UpdateContext"):
        definitions[name]["properties"]["context"] = {"$ref": "#/$defs/Context"}  # Raw, until it is looked into
    schema = {"$defs": {**definitions, "Incoming": _any_of(incoming), "Outgoing": _any_of(outgoing)}}
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _any_of(kinds: Iterable[type]) -> dict[str, Any]:
    return {"anyOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in kinds]}


def tests_by_requirement() -> dict[str, list[str]]:
    """`R2.3` → the tests marked with it, as `file::name`, from the source."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for number in _marks(node):
                    found[number].append(f"`{path.relative_to(ROOT / 'tests')}::{node.name}`")
    return found


PAGES = {
    "docs/settings.md": settings_page,
    "docs/evidence.md": evidence_page,
    "web/shared/protocol.json": protocol_schema,
}


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
        (ROOT / page).write_text(write(), "utf-8")
        sys.stdout.write(f"{page}\n")
