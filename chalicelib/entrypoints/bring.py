"""`make knowledge FILE=…`: import a file of knowledge from the command line, by the same rules as over REST."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib.errors import BadRows, Conflict, SettingsError, Unavailable
from chalicelib.knowledge import files, transfer
from chalicelib.knowledge.model import Imported, Terms
from chalicelib.services import Services
from chalicelib.settings import read

COUNTED = ("created", "changed", "unchanged", "deactivated", "refused")
WHO = "command line"


def main(path: Path, terms: Terms) -> int:
    """Print what became of the file; the exit status: 0, 1 when nothing was stored, 2 when it cannot be begun."""
    try:
        current = Services(read())
        data = path.read_bytes()
        done = _bring(current, data, terms)
    except BadRows as error:
        for fault in error.faults:
            print(f"{path}: row {fault.row}, {fault.field}: {fault.detail}", file=sys.stderr)
        print("Nothing was stored.", file=sys.stderr)
        return 1
    except (Conflict, Unavailable):
        print("Nothing was stored: the store does not answer, or others keep changing it; try again.", file=sys.stderr)
        return 1
    except (OSError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 2
    _tell(path, done)
    return 0


def _bring(current: Services, data: bytes, terms: Terms) -> Imported:
    rows = files.read(data)
    with _progress(len(rows)) as stored:
        return transfer.bring_in(current.library, transfer.Import(rows, terms, WHO, current.library.new_id()), stored)


def _tell(path: Path, done: Imported) -> None:
    for fault in (fault for one in done.items for fault in one.faults):
        print(f"{path}: row {fault.row}, {fault.field}: {fault.detail}", file=sys.stderr)
    counted = ", ".join(f"{getattr(done, name)} {name}" for name in COUNTED if getattr(done, name))
    print(f"{path}: {counted}{'' if done.applied else ' (a trial: nothing was stored)'}")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], object]]:
    """A bar on a terminal; nothing where nobody looks."""
    from tqdm import tqdm  # not on Lambda

    with tqdm(total=total, desc="storing", unit=" rows", disable=None, leave=False) as bar:
        yield lambda stored: bar.update(max(0, stored - bar.n))


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="make knowledge", description=__doc__)
    options.add_argument("file", type=Path)
    options.add_argument("--dry-run", action="store_true", help="say what would be, and store nothing")
    options.add_argument("--partial", action="store_true", help="store the good rows though others are bad")
    options.add_argument("--replace", action="store_true", help="turn off what the file does not have")
    chosen = options.parse_args()
    wanted = Terms(mode="replace" if chosen.replace else "merge", partial=chosen.partial, dry_run=chosen.dry_run)
    sys.exit(main(chosen.file, wanted))
