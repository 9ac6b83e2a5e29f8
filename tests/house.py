"""House rules that no linter knows; `make lint` runs this file.

Functions of at most 40 lines, product files of at most 300, an app.py of at most 90 lines of decorators and
one-line bodies, and app.py importing nothing but Chalice and the entrypoints.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAX_FUNCTION_LINES = 40
MAX_FILE_LINES = 300
MAX_APP_LINES = 90
PRODUCT = ("chalicelib", "runtime")
APP_MAY_IMPORT = ("chalice", "chalicelib.entrypoints", "chalicelib.services", "typing")


def faults() -> Iterator[str]:
    for folder in PRODUCT:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text("utf-8")
            if (lines := len(text.splitlines())) > MAX_FILE_LINES:
                yield f"{path.relative_to(ROOT)}: {lines} lines, {MAX_FILE_LINES} at most"
    for path in sorted(
        p for folder in (*PRODUCT, "infra", "tests", "bench", "demo") for p in (ROOT / folder).rglob("*.py")
    ):
        yield from long_functions(path)
    yield from app_faults(ROOT / "app.py")


def long_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield f"{place}: {node.name} has {lines} lines, {MAX_FUNCTION_LINES} at most"


def app_faults(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    if (lines := len(text.splitlines())) > MAX_APP_LINES:
        yield f"app.py: {lines} lines, {MAX_APP_LINES} at most"
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.Try | ast.IfExp | ast.Match | ast.For | ast.While):
            yield f"app.py:{node.lineno}: {type(node).__name__} does not belong here"
        if isinstance(node, ast.FunctionDef) and len([s for s in node.body if not is_docstring(s)]) != 1:
            yield f"app.py:{node.lineno}: {node.name} has more than one line"
        for module in imported(node):
            if not module.startswith(APP_MAY_IMPORT):
                yield f"app.py: imports {module}"


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


if __name__ == "__main__":
    found = list(faults())
    print("\n".join(found) or "house rules: kept")
    sys.exit(bool(found))
