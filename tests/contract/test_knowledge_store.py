"""What every store of the knowledge promises, run over each adapter."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from chalicelib.adapters.dynamodb_knowledge import DynamoDBKnowledge
from chalicelib.adapters.sqlite_knowledge import SQLiteKnowledge
from chalicelib.knowledge import seed
from chalicelib.knowledge.model import Change, Draft, Entry, Job, Question, changed, made
from chalicelib.knowledge.ports import MOST_CHANGES, KnowledgeStore
from chalicelib.knowledge.seeding import sow

Make = Callable[[], KnowledgeStore]
AT = 1_800_000_000_000


@pytest.fixture(params=["sqlite in memory", "sqlite file", "dynamodb"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Open the store; a second call opens the same one again, where it can outlive its first opening."""
    if request.param == "dynamodb":
        settings = request.getfixturevalue("table").settings
        yield lambda: DynamoDBKnowledge(settings)
        return
    opened: list[SQLiteKnowledge] = []

    def open_store() -> KnowledgeStore:
        if request.param == "sqlite in memory" and opened:
            return opened[0]
        opened.append(SQLiteKnowledge(tmp_path / "knowledge.sqlite3" if request.param == "sqlite file" else None))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


@pytest.fixture
def store(make: Make) -> KnowledgeStore:
    return make()


def draft(title: str = "Limpeza", **parts: object) -> Draft:
    return Draft(**{"category": "service", "title": title, "content": "A faxina custa R$ 150.", **parts})  # type: ignore[arg-type]


def entry(name: str = "a", **parts: object) -> Entry:
    return made(draft(**parts), name, AT, "ana")  # type: ignore[arg-type]


def next_of(before: Entry, **parts: object) -> Entry:
    return changed(before, replace(before.draft, **parts), AT + 1000, "bia")


def keep(store: KnowledgeStore, *entries: Entry) -> None:
    assert store.apply(store.version() + 1, [Change(None, one) for one in entries])


def test_a_new_store_is_at_version_0_and_empty(store: KnowledgeStore) -> None:
    assert (store.version(), store.entries(), store.entry("a"), store.questions()) == (0, [], None, [])


def test_everything_of_an_entry_comes_back(store: KnowledgeStore) -> None:
    full = entry(
        content="ç" * 50_000, questions=("Quanto?", 'aspas " e 🧽'), locale="en", audience="clients", active=False
    )
    keep(store, full)
    assert store.entry("a") == full and store.entries() == [full]


def test_each_change_moves_the_version_and_keeps_what_it_replaces(store: KnowledgeStore) -> None:
    first = entry()
    second = next_of(first, title="Faxina")
    third = next_of(second, active=False)
    assert [store.apply(n, [c]) for n, c in enumerate((Change(None, first), Change(first, second)), 1)] == [True, True]
    assert store.version() == 2 and store.entry("a") == second
    assert store.apply(3, [Change(second, third)])
    assert store.earlier("a", 3, 10) == [second, first]
    assert store.earlier("a", 2, 10) == [first] and store.earlier("a", 3, 1) == [second]
    assert store.earlier("b", 3, 10) == []


def test_a_change_of_something_else_than_it_says_changes_nothing(store: KnowledgeStore) -> None:
    first, other = entry(), entry("b")
    second = next_of(first)
    keep(store, first)
    assert not store.apply(2, [Change(None, other), Change(None, first)])
    assert not store.apply(2, [Change(None, other), Change(second, next_of(second))])
    assert not store.apply(1, [Change(None, other)]) and not store.apply(4, [Change(None, other)])
    assert (store.version(), store.entries(), store.earlier("a", 9, 9)) == (1, [first], [])


def test_of_eight_who_change_at_once_one_does(store: KnowledgeStore) -> None:
    keep(store, entry())
    for version in range(2, 12):
        present = store.entry("a")
        assert present
        changes = [Change(present, next_of(present, title=f"T{n}")) for n in range(8)]
        with ThreadPoolExecutor(8) as people:
            done = list(people.map(lambda change, version=version: store.apply(version, [change]), changes))
        assert done.count(True) == 1 and store.version() == version
        assert store.entry("a") == changes[done.index(True)].after
    assert [one.version for one in store.earlier("a", 99, 99)] == list(range(10, 0, -1))


def test_a_removed_entry_takes_its_earlier_versions_with_it(store: KnowledgeStore) -> None:
    first = entry()
    second = next_of(first)
    keep(store, first)
    assert store.apply(2, [Change(first, second)]) and store.apply(3, [Change(second, None)])
    assert (store.version(), store.entry("a"), store.entries(), store.earlier("a", 9, 9)) == (3, None, [], [])
    keep(store, first)
    assert store.entry("a") == first


def test_as_many_changes_as_are_promised_go_together_at_their_largest(store: KnowledgeStore) -> None:
    noise = "".join(chr(33 + (n * 7919) % 90) for n in range(50_000))
    firsts = [entry(f"e{n}", content=f"{n}{noise}{noise}"[:100_000]) for n in range(MOST_CHANGES)]
    keep(store, *firsts)
    assert store.apply(2, [Change(one, next_of(one, content=one.content[::-1])) for one in firsts])
    assert [one.version for one in store.entries()] == [2] * MOST_CHANGES


def test_lists_are_by_id_in_pages_and_by_category_and_whether_active(store: KnowledgeStore) -> None:
    for start in range(0, 30, 10):
        keep(
            store,
            *(
                entry(f"e{n:02d}", category=("faq", "policy")[n % 2], active=n % 3 > 0)
                for n in range(start, start + 10)
            ),
        )
    keep(store, entry("e0"), entry("e"))
    assert [one.id for one in store.entries("e03", 4)] == ["e04", "e05", "e06", "e07"]
    assert [one.id for one in store.entries("e05", 3, "faq")] == ["e06", "e08", "e10"]
    assert [one.id for one in store.entries("e05", 2, "faq", active=True)] == ["e08", "e10"]
    assert [one.id for one in store.entries("e05", 2, active=False)] == ["e06", "e09"]
    assert [one.id for one in store.entries(limit=3)] == ["e", "e0", "e00"]
    assert store.entries("e29", 5) == [] and len(store.entries()) == 32


def test_regression_questions_are_kept_by_id_and_are_no_entries(store: KnowledgeStore) -> None:
    one, two = (Question(id=name, question="quanto custa?", entry_id="a") for name in ("q1", "q2"))
    for question in (two, one, replace(two, user_type="client")):
        store.save_question(question)
    assert store.questions() == [one, replace(two, user_type="client")]
    assert store.drop_question("q2") and not store.drop_question("q2")
    assert store.questions() == [one] and store.entries() == [] and store.version() == 0


def test_opening_the_store_again_finds_everything(make: Make) -> None:
    keep(make(), entry())
    again = make()
    assert again.version() == 1 and again.entry("a") == entry()


def test_the_seed_is_brought_in_once(make: Make) -> None:
    store = make()
    assert sow(store, seed.entries(), AT) == len(seed.entries())
    version = store.version()
    assert [one.draft for one in store.entries()] == [one.draft for one in sorted(seed.entries(), key=lambda e: e.id)]
    assert {one.updated_by for one in store.entries()} == {"seed"}
    assert sow(make(), seed.entries(), AT) == 0 and store.version() == version


def test_a_seed_brought_in_by_two_at_once_is_there_once(make: Make) -> None:
    stores = [make(), make()]
    with ThreadPoolExecutor(2) as processes:
        list(processes.map(lambda store: sow(store, seed.entries(), AT), stores))
    assert [one.version for one in stores[0].entries()] == [1] * len(seed.entries())


def test_a_seed_that_a_crash_cut_short_is_brought_in_wholly(store: KnowledgeStore) -> None:
    keep(store, *(made(one.draft, one.id, AT, "seed") for one in seed.entries()[:7]))
    sow(store, seed.entries(), AT)
    assert len(store.entries()) == len(seed.entries())


def test_a_new_seed_changes_what_nobody_touched_and_brings_back_nothing(store: KnowledgeStore) -> None:
    old = [entry(name) for name in ("kept", "own", "gone")]
    sow(store, old, AT)
    own, gone = store.entry("own"), store.entry("gone")
    assert own and gone
    mine = changed(own, replace(own.draft, title="Minha"), AT, "ana")
    assert store.apply(store.version() + 1, [Change(own, mine), Change(gone, None)])
    new = [entry(name, title="Nova") for name in ("kept", "own", "gone", "new")]
    assert sow(store, new, AT) == 2
    assert {one.id: (one.title, one.version) for one in store.entries()} == {
        "kept": ("Nova", 2),
        "new": ("Nova", 1),
        "own": ("Minha", 2),
    }
    assert sow(store, new, AT) == 0


def many(count: int = MOST_CHANGES * 6) -> list[Entry]:
    return [entry(f"e{n:03d}") for n in range(count)]


def test_more_changes_than_a_transaction_takes_are_made_together(store: KnowledgeStore) -> None:
    keep(store, *many())
    keep(store, entry("one-more"))
    present = {one.id: one for one in store.entries()}
    heard: list[int] = []
    changes = [Change(one, next_of(one, title="Nova")) for one in many()[:40]] + [Change(many()[-1], None)]
    assert store.apply(3, [*changes, Change(None, entry("new"))], heard.append)
    now = {one.id: one for one in store.entries()}
    assert now.keys() == present.keys() - {many()[-1].id} | {"new"} and store.version() == 3
    assert [name for name, one in now.items() if one.title == "Nova"] == [one.id for one in many()[:40]]
    assert now["one-more"] == store.entry("one-more") == entry("one-more") and store.entry(many()[-1].id) is None
    assert store.earlier("e000", 9, 9) == [entry("e000")] and heard[-1] >= 41
    second = now["e000"]
    assert store.apply(4, [Change(second, next_of(second))]) and store.entry("e000") == next_of(second)
    assert store.earlier("e000", 9, 9) == [second, entry("e000")]


def test_many_changes_of_something_else_than_they_say_change_nothing(store: KnowledgeStore) -> None:
    keep(store, *many(20))
    changes = [Change(one, next_of(one)) for one in many(20)]
    stale = Change(next_of(entry("e003")), next_of(next_of(entry("e003"))))
    assert not store.apply(2, [*changes[:3], stale, *changes[4:]])
    assert not store.apply(2, [*changes[:19], Change(None, entry("e019"))])
    assert not store.apply(1, changes) and not store.apply(3, changes)
    assert (store.version(), store.entries(), store.earlier("e000", 9, 9)) == (1, many(20), [])


def test_jobs_are_kept_found_while_open_and_replaced_by_whoever_read_them(store: KnowledgeStore) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    one, two = (Job(id=name, kind="import", who="ana", created_at=now, updated_at=now) for name in ("one", "two"))
    assert store.save_job(one) and store.save_job(two) and not store.save_job(replace(one, who="bia"))
    assert sorted(job.id for job in store.open_jobs()) == ["one", "two"] and store.job("three") is None
    taken = replace(one, state="running", version=2)
    assert store.save_job(taken) and not store.save_job(replace(taken, who="bia"))
    assert store.job("one") == taken and len(store.open_jobs()) == 2
    done = replace(taken, state="done", version=3, rows=7)
    assert store.save_job(done) and store.open_jobs() == [two]
    assert store.job("one") == done and store.entries() == [] and store.version() == 0
