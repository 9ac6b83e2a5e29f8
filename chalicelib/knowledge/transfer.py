"""Taking a file into the knowledge: planned row by row against what is there, then published as one change."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from chalicelib.errors import BadRows, Conflict, Fault
from chalicelib.knowledge import files
from chalicelib.knowledge.entries import TRIES, Library, publish
from chalicelib.knowledge.files import Row
from chalicelib.knowledge.model import Change, Draft, Entry, Imported, Outcome, Terms, changed, made

REPLACEMENT = "\ufffd"  # what is left of a letter that was read in the wrong encoding


@dataclass(frozen=True)
class Import:
    """Rows and how they are taken in. A row without an id becomes the entry `<name>-<row>`, at a second try as well."""

    rows: Sequence[Row]
    terms: Terms
    who: str
    name: str


@dataclass(frozen=True)
class Plan:
    outcomes: tuple[Outcome, ...]
    changes: tuple[Change, ...]

    @property
    def faults(self) -> list[Fault]:
        return [fault for one in self.outcomes for fault in one.faults]

    def result(self, applied: bool) -> Imported:
        actions = [one.action for one in self.outcomes]
        counts = {action: actions.count(action) for action in Imported.__struct_fields__ if action in actions}
        return Imported(applied=applied, items=self.outcomes, **counts)


def bring_in(library: Library, task: Import, progress: Callable[[int], object] = lambda stored: None) -> Imported:
    """Make of the knowledge what the rows say, all or nothing.

    Raises BadRows when a row is refused, unless it is a trial or `partial`; Conflict when others keep changing the
    knowledge meanwhile.
    """
    for _ in range(TRIES):
        version = library.store.version() + 1
        plan = planned(task, library.store.entries(), library.now())
        if task.terms.dry_run:
            return plan.result(applied=False)
        if plan.faults and not task.terms.partial:
            raise BadRows(plan.faults)
        if not plan.changes or publish(library, version, plan.changes, progress):
            return plan.result(applied=True)
    raise Conflict


def planned(task: Import, entries: Iterable[Entry], at: int) -> Plan:
    """What each row does to the knowledge as it is; `at` in milliseconds since 1970."""
    present = {entry.id: entry for entry in entries}
    seen: dict[str, int] = {}
    outcomes, changes = [], []
    for row in task.rows:
        name = row.entry_id or f"{task.name}-{row.number}"
        outcome, after = _decided(row, name, present, seen, at, task.who)
        outcomes.append(outcome)
        seen.setdefault(name, row.number)
        if after:
            changes.append(Change(present.get(name), after))
    if task.terms.mode == "replace" and not any(one.faults for one in outcomes):  # a bad row may be any entry's
        for entry in present.values():
            if entry.id not in seen and entry.active and not entry.emergency:
                outcomes.append(Outcome(action="deactivated", entry_id=entry.id))
                changes.append(Change(entry, changed(entry, replace(entry.draft, active=False), at, task.who)))
    return Plan(tuple(outcomes), tuple(changes))


def _decided(
    row: Row, name: str, present: Mapping[str, Entry], seen: Mapping[str, int], at: int, who: str
) -> tuple[Outcome, Entry | None]:
    before, draft = present.get(name), row.draft
    if before and draft == before.draft and name not in seen:
        return Outcome(row=row.number, action="unchanged", entry_id=name), None
    faults = row.faults or tuple(_faults(row, name, seen))
    if draft is None or faults:
        return Outcome(row=row.number, action="refused", entry_id=row.entry_id, faults=faults), None
    if before:
        return Outcome(row=row.number, action="changed", entry_id=name), changed(before, draft, at, who)
    return Outcome(row=row.number, action="created", entry_id=name), made(draft, name, at, who)


def _faults(row: Row, name: str, seen: Mapping[str, int]) -> Iterable[Fault]:
    if row.draft is None:
        return
    if not re.fullmatch(files.NAMES, name):
        yield Fault(row.number, "id", "takes letters, digits and . _ -, at most 64 of them")
    if name in files.TAKEN:
        yield Fault(row.number, "id", "is a path of the API")
    if name in seen:
        yield Fault(row.number, "id", f"is that of row {seen[name]}, too")
    if name.startswith("emergency-") and not row.draft.active:
        yield Fault(row.number, "active", "what to do in an emergency is not for turning off")
    if REPLACEMENT in _words(row.draft):
        yield Fault(row.number, "row", f"has {REPLACEMENT} in a letter's place: the file {files.NOT_UTF_8}")


def _words(draft: Draft) -> str:
    return "".join((draft.title, draft.content, draft.price, draft.providers, *draft.questions, *draft.keywords))
