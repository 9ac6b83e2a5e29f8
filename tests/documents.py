"""What is written from the code: pages of docs/, and the schema of the frames. `make docs` writes them."""

import ast
import json
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

import app  # noqa: F401  (with it every operation is known)
from chalicelib.chat import frames, protocol
from chalicelib.entrypoints.rest.operations import OPERATIONS, PREFIX
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


def gateway_page() -> str:
    """The lines of docs/gateway.md, each with its tags and the tests named after it."""
    lines = re.findall(r"^(\d+)\. (.+(?:\n   .+)*)", (DOCS / "gateway.md").read_text("utf-8"), re.MULTILINE)
    tests = tests_of_the_gateway()
    rows = ["| | promise | known from | tests |", "|---|---|---|---|"]
    for number, text in lines:
        tags = sorted(set(re.findall(r"[DMOU](?=[\],])", " ".join(re.findall(r"\[[DMOU][^\]]*\]", text)))))
        promise = re.sub(r" ?\[[DMOU][^\]]*\]", "", text.replace("\n  ", "")).replace("|", "\\|")
        rows.append(f"| {number} | {promise} | {' '.join(tags)} | {'<br>'.join(tests[int(number)])} |")
    return _GATEWAY_INTRODUCTION + "\n".join(rows) + "\n"


def tests_of_the_gateway() -> dict[int, list[str]]:
    """Line of docs/gateway.md → the tests that carry its number in their names. Raises KeyError where there is none."""
    found: dict[int, list[str]] = {}
    for path in sorted((ROOT / "tests" / "runtime").glob("test_*.py")):
        for number, name in re.findall(r"def (?=test_gateway_(\d\d)_)(\w+)", path.read_text("utf-8")):
            found.setdefault(int(number), []).append(f"`{path.name}::{name}`")
    return found


def protocol_schema() -> str:
    """Every frame as JSON Schema, for the web's types: `Incoming` is what a browser sends, `Outgoing` what it gets."""
    incoming, outgoing = protocol.ACTIONS.values(), frames.Outgoing.__subclasses__()
    kinds = [*incoming, *outgoing, protocol.Context]
    _, definitions = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    for name in ("StartSession", "SendMessage", "UpdateContext"):
        definitions[name]["properties"]["context"] = {"$ref": "#/$defs/Context"}  # Raw, until it is looked into
    schema = {"$defs": {**definitions, "Incoming": _any_of(incoming), "Outgoing": _any_of(outgoing)}}
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def roles_page() -> str:
    """Every path of the REST API and who may call it, as its operation says and the document describes."""
    rows = ["| path | nobody | viewer | operator | admin |", "|---|---|---|---|---|"]
    rows += [f"| `GET {PREFIX}/health`, `GET {PREFIX}/openapi.json` | yes | yes | yes | yes |"]
    for one in sorted(OPERATIONS, key=lambda one: (one.path, one.method)):
        may = " | ".join("yes" if role in one.roles else "403" for role in ("viewer", "operator", "admin"))
        rows.append(f"| `{one.method} {PREFIX}{one.path}` | 401 | {may} |")
    return _ROLES_INTRODUCTION + "\n".join(rows) + "\n"


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
    "docs/evidence/gateway.md": gateway_page,
    "docs/roles.md": roles_page,
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
`PORT` (8000) and `WORKERS` (1) belong to the runtime: `python -m runtime --help` lists its options. Administrators see
those in force at `GET /api/v1/settings`. Written by `make docs`.

"""

_GATEWAY_INTRODUCTION = """# What stands in for API Gateway, line by line

The lines of [the list](../gateway.md), by number, and the tests in tests/runtime that hold each. Known from: D AWS's
documentation, M the botocore model, O captures from AWS by others, U unverified, which is why it is an option of the
runtime. Written by `make docs`.

"""


_ROLES_INTRODUCTION = """# Who may do what over REST

`nobody` has neither key nor token. A viewer reads, an operator looks after conversations too, an administrator may do
everything. Each line is a test, and more than these paths there are not. Written by `make docs`.

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
