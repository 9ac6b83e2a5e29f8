"""The documentation says what is true: names exist, generated pages are fresh, limits are the code's."""

import ast
import re
from pathlib import Path

import msgspec
import pytest

from chalicelib.chat import frames, protocol
from chalicelib.errors import ChatError
from tests import documents, house
from tests.conversation.test_crash import STEPS
from tests.server import ROOT


@pytest.mark.parametrize("page", documents.PAGES)
def test_a_generated_page_is_fresh(page: str) -> None:
    assert (ROOT / page).read_text("utf-8") == documents.PAGES[page](), "run `make docs`"


def names_in(path: str) -> set[str]:
    nodes = ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
    named = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)}
    assigned = re.findall(r"^([A-Z_]+)\b.* = ", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    return named | set(assigned)


def test_every_place_the_way_of_a_message_names_exists() -> None:
    places = re.findall(
        r"`((?:app|runtime|chalicelib)[\w/]*\.py):(\w+)`", (ROOT / "docs" / "turn.md").read_text("utf-8")
    )
    assert len(places) > 20
    for path, name in places:
        assert name in names_in(path), f"{path}:{name}"


def test_the_way_of_a_message_has_every_step_and_the_crash_test_kills_at_each() -> None:
    told = set(re.findall(r"`((?:accept|reply|cancel)\.[a-z_]+)`", (ROOT / "docs" / "turn.md").read_text("utf-8")))
    source = "".join(path.read_text("utf-8") for path in (ROOT / "chalicelib").rglob("*.py"))
    taken = set(re.findall(r'"((?:accept|reply|cancel)\.[a-z_]+)"', source))
    taken |= {f"reply.{name}" for name in re.findall(r'progress\.step\("([a-z_]+)"', source)}
    assert told == taken
    assert {step.partition(":")[0] for step in STEPS} == taken - {"cancel.flagged"}


def test_the_protocol_page_has_every_action_frame_and_code() -> None:
    page = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    made = frames.Outgoing.__subclasses__()
    for word in (
        *protocol.ACTIONS,
        *(str(kind.__struct_config__.tag) for kind in made),
        *(error.code for error in (ChatError, *ChatError.__subclasses__())),
        *(field.encode_name for kind in made for field in msgspec.structs.fields(kind)),
    ):
        assert f"`{word}" in page or f", {word}" in page or f"{word}?" in page, word


def test_the_house_rules_are_kept() -> None:
    assert list(house.faults()) == []


PAGES_BY_HAND = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "runtime/README.md")]


@pytest.mark.parametrize("page", [*(ROOT / "docs").rglob("*.md"), *PAGES_BY_HAND])
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
