"""Files of knowledge over REST: in and out, small and large, good and bad."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.administrator import ADMIN_KEYS, KEYS, Administrator
from tests.conftest import Start
from tests.rest.test_knowledge import problem
from tests.server import Server, eventually

CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def files(server: Server) -> Iterator["Files"]:
    """An administrator with files, on an assistant that has its knowledge back afterwards."""
    admin = Administrator(server.url)
    files = Files(admin)
    before = files.export("jsonl").text
    yield files
    files.bring(before, mode="replace")
    admin.close()


class Files:
    def __init__(self, admin: Administrator) -> None:
        self.admin = admin
        self.key = {"Authorization": f"Bearer {KEYS['admin']}"}

    def bring(self, text: str | bytes, **query: Any) -> httpx.Response:
        return self.admin.ask("POST", "/knowledge/import", content=text, params=query)

    def export(self, form: str) -> httpx.Response:
        answer = self.admin.ask("GET", f"/knowledge/export?format={form}")
        assert answer.status_code == 200, answer.text
        return answer

    def job(self, job_id: str) -> dict[str, Any]:
        """A job that has ended."""

        def ended() -> Any:
            told = self.admin.ask("GET", f"/jobs/{job_id}").json()
            return told.get("state") in ("done", "failed") and told

        return eventually(ended, 120)  # type: ignore[no-any-return]


def lines(count: int, **parts: Any) -> str:
    same = {"category": "faq", "content": "C.", **parts}
    return "\n".join(
        json.dumps({"id": f"bulk-{n:05d}", "title": f"T{n}", **same}, ensure_ascii=False) for n in range(count)
    )


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_that_comes_back_changes_nothing(files: Files, form: str) -> None:
    exported = files.export(form)
    assert f"knowledge.{form}" in exported.headers["content-disposition"]
    assert exported.headers["content-type"] == {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}[form]
    done = files.bring(exported.content, mode="replace").json()
    assert done["applied"] is True and {one["action"] for one in done["items"]} == {"unchanged"}
    assert files.export(form).content == exported.content


def test_a_spreadsheet_brings_an_entry_in_and_the_search_finds_it(files: Files) -> None:
    table = (
        "\ufeffid;category;title;content;questions\r\n"
        'zabumba;service;Zabumba;"O conserto de zabumba; tudo incluído, custa R$ 77.";Quanto custa?\r\n'
    )
    trial = files.bring(table, dryRun="true").json()
    assert (trial["applied"], trial["created"]) == (False, 1)
    assert files.admin.ask("GET", "/knowledge/zabumba").status_code == 404
    assert files.bring(table).json()["items"] == [{"row": 2, "action": "created", "entryId": "zabumba"}]
    found = files.admin.ask("POST", "/knowledge/search", {"query": "quanto custa o conserto de zabumba?"}).json()
    assert found["items"][0]["entryId"] == "zabumba"


def test_formulas_leave_as_text_and_come_back_as_they_were(files: Files) -> None:
    files.bring(json.dumps({"id": "sum", "category": "faq", "title": "=1+1", "content": "-C", "price": "@x"}))
    rows = list(csv.DictReader(io.StringIO(files.export("csv").content.decode("utf-8-sig")), delimiter=";"))
    row = next(one for one in rows if one["id"] == "sum")
    assert (row["title"], row["content"], row["price"]) == ("'=1+1", "'-C", "'@x")
    files.bring(files.export("csv").content)
    assert files.admin.ask("GET", "/knowledge/sum").json()["version"] == 1


@pytest.mark.parametrize(
    ("text", "row", "field"),
    [
        ('id;category;title;content\na;faq;"T;C', 2, "row"),
        ("id;category;title;content\na;faq;T;C\na;faq;T;C", 3, "id"),
        (f"id;category;title;content\na;faq;T;{'x' * 1_000_000}", 2, "row"),
        (lines(2, colour="red"), 1, "colour"),
        (lines(3, content="x" * 1_000_000), 1, "row"),
    ],
)
def test_a_bad_file_is_named_by_its_row_and_changes_nothing(files: Files, text: str, row: int, field: str) -> None:
    before = files.export("jsonl").text
    refused = files.bring(text)
    assert refused.status_code == 400 and refused.headers["content-type"] == "application/problem+json"
    told = refused.json()["errors"][0]
    assert (told["row"], told["field"]) == (row, field) and told["detail"]
    assert files.export("jsonl").text == before


def test_with_partial_the_good_rows_go_in(files: Files) -> None:
    done = files.bring(f"{lines(2)}\n{{oops", partial="true").json()
    assert (done["created"], done["refused"], done["items"][2]["faults"][0]["row"]) == (2, 1, 3)


def test_fifty_megabytes_are_refused(files: Files) -> None:
    assert files.bring(b"x" * 50_000_000).status_code == 413


def test_a_large_file_is_a_job_and_so_is_its_export(files: Files) -> None:
    large = lines(58, content="ç" * 50_000)
    begun = files.bring(large.encode())
    assert begun.status_code == 202, begun.text
    job = begun.json()
    assert begun.headers["location"] == f"/api/v1/jobs/{job['id']}" and (job["kind"], job["rows"]) == ("import", 58)
    done = files.job(job["id"])
    assert (done["state"], done["done"], done["result"]["refused"]) == ("done", 58, 0)
    problem(files.admin.ask("GET", f"/jobs/{job['id']}/file"), 404)
    kept = files.admin.ask("GET", "/knowledge/export")
    assert kept.status_code == 202
    export = files.job(kept.json()["id"])
    assert (export["kind"], export["state"]) == ("export", "done")
    link = kept.request.url.join(export["file"])  # one of S3's needs no key, one of ours does
    given = httpx.get(link, headers=files.key if export["file"].startswith("/") else {})
    assert given.status_code == 200 and given.headers["content-type"].startswith("application/x-ndjson")
    assert sum('"id":"bulk-' in line for line in given.text.split("\n")) >= 58
    assert files.admin.ask("GET", f"/jobs/{export['id']}/file", follow_redirects=True).text == given.text


def test_many_rows_are_a_job_and_bad_ones_are_named(start: Start) -> None:
    admin = Administrator(start(ADMIN_KEYS=ADMIN_KEYS).url)
    files = Files(admin)
    begun = files.bring(lines(600)).json()
    assert (begun["state"], begun["rows"], begun["done"], begun["file"]) == ("waiting", 600, 0, "")
    assert not {"leasedUntil", "attempts", "version"} & {*begun}  # for its workers only
    done = files.job(begun["id"])
    assert (done["state"], done["done"], done["result"]["created"]) == ("done", 600, 600)
    bad = files.job(files.bring(f"{lines(600)}\n{lines(1)}").json()["id"])
    assert bad["state"] == "failed" and [(one["row"], one["field"]) for one in bad["faults"]] == [(601, "id")]
    problem(admin.ask("GET", "/jobs/nothing"), 404)
    admin.close()


def test_a_job_of_a_process_that_was_killed_is_done_by_the_next(start: Start) -> None:
    server = start(ADMIN_KEYS=ADMIN_KEYS)
    admin = Administrator(server.url)
    job = Files(admin).bring(lines(1000)).json()
    admin.close()
    server.kill()
    admin = Administrator(start(ADMIN_KEYS=ADMIN_KEYS).url)
    assert Files(admin).job(job["id"])["result"]["refused"] == 0
    assert admin.ask("GET", "/knowledge/bulk-00999").json()["version"] == 1
    admin.close()
