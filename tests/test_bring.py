"""Knowledge from the command line, as `make knowledge` runs it."""

import os
import subprocess
import sys
from pathlib import Path

from chalicelib.adapters.sqlite_knowledge import SQLiteKnowledge
from tests.server import ROOT

GOOD = "id;category;title;content\nzabumba;service;Zabumba;O conserto custa R$ 77.\n"


def bring(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    file = folder / "knowledge.csv"
    file.write_text(text, "utf-8")
    command = [sys.executable, "-m", "chalicelib.entrypoints.bring", *options, str(file)]
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder / "data")}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


def test_a_file_is_brought_in_and_a_trial_changes_nothing(tmp_path: Path) -> None:
    trial = bring(tmp_path, GOOD, "--dry-run")
    assert trial.returncode == 0 and "1 created (a trial: nothing was stored)" in trial.stdout
    done = bring(tmp_path, GOOD)
    assert (done.returncode, done.stderr) == (0, "") and "knowledge.csv: 1 created\n" in done.stdout
    again = bring(tmp_path, GOOD)
    assert "1 unchanged" in again.stdout
    store = SQLiteKnowledge(tmp_path / "data" / "knowledge.sqlite3")
    entry = store.entry("zabumba")
    store.close()
    assert entry and (entry.version, entry.updated_by) == (1, "command line")


def test_bad_rows_are_named_and_keep_the_file_out_unless_it_may_go_in_partly(tmp_path: Path) -> None:
    bad = f"{GOOD}other;news;T;C\n"
    refused = bring(tmp_path, bad)
    assert refused.returncode == 1 and "row 3, category: " in refused.stderr and "Nothing was stored." in refused.stderr
    partly = bring(tmp_path, bad, "--partial")
    assert partly.returncode == 0 and "1 created, 1 refused" in partly.stdout and "row 3, category: " in partly.stderr


def test_what_cannot_be_begun_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "chalicelib.entrypoints.bring", str(tmp_path / "none")]
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    missing = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert missing.returncode == 2 and missing.stderr.count("\n") == 1 and "none" in missing.stderr
