"""The open sets as an administrator has them: imported and searched over REST, on an assistant of their own."""

import json
import statistics
import tempfile
import time
from pathlib import Path

from bench import retrieval_sets as sets
from bench.retrieval_sets import Labelled
from tests.administrator import ADMIN_KEYS, Administrator
from tests.server import Server

AMONG = 3


def through_rest() -> list[str]:
    """A table: how each set is found over REST, and what a request takes."""
    rows = ["| set, over REST | entries imported | recall@1 @3 | a search, p50 |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), ADMIN_KEYS=ADMIN_KEYS)
        admin = Administrator(server.url)
        try:
            rows += [_searched(admin, labelled) for labelled in map(sets.open_set, sets.OPEN_SETS)]
        finally:
            admin.close()
            server.stop()
    return rows


def _searched(admin: Administrator, labelled: Labelled) -> str:
    """Replace the knowledge by the set's entries and ask its questions."""
    brought = admin.ask("POST", "/knowledge/import", content=_file(labelled), params={"mode": "replace"}).json()
    assert brought["applied"], brought
    waits, places = [], []
    for question, right in labelled.questions:
        began = time.perf_counter()
        asked = {"query": question, "limit": AMONG, "locale": labelled.locale}
        items = admin.ask("POST", "/knowledge/search", asked).json()["items"]
        waits.append((time.perf_counter() - began) * 1000)
        places.append(next((n for n, item in enumerate(items, 1) if item["entryId"] in right), AMONG + 1))
    first, among = (statistics.fmean(place <= within for place in places) for within in (1, AMONG))
    return f"| {labelled.name} | {brought['created']} | {first:.3f} {among:.3f} | {statistics.median(waits):.1f} ms |"


def _file(labelled: Labelled) -> str:
    return "\n".join(
        json.dumps({"id": e.id, "category": e.category, "title": e.title, "content": e.content, "locale": e.locale})
        for e in labelled.entries
    )
