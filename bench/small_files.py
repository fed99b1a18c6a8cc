"""Measure receiving many small files: what each costs whatever is in it.

`python bench/small_files.py`: the files of some organisations, one for each month, are received in
one run, as `vuosikello receive` does. Nothing here passes or fails on a time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import contacts_file
from contacts_file import YEAR
from measuring import machine, report, run, work

ROOT = Path(__file__).resolve().parents[1]
FEED = "contacts"
# Any fixed key.
KEY = "5b" * 32
MONTHS = 12
WANTED_PER_SECOND = 40


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--organisations", type=int, default=21, help="each has twelve files")
    parser.add_argument("--rows", type=int, default=300, help="rows of a file, more or less")
    parser.add_argument("--repeat", type=int, default=3, help="rounds")
    parser.add_argument("--folder", help="where the temporary files go; the system's, if not given")
    options = parser.parse_args(arguments)
    described = machine()
    print(
        f"{described['processor']}, {described['cores']} cores; load at the start "
        f"{described['load_average'][0]}"
    )
    folder = Path(tempfile.mkdtemp(prefix="vuosikello-bench-", dir=options.folder))
    environment = os.environ | {"VUOSIKELLO_PSEUDONYM_KEY": KEY, "PYTHONPATH": str(ROOT)}
    try:
        for _ in range(options.repeat):
            home = folder / "home"
            count = _fill(home / "inbox", options.organisations, options.rows)
            measured = run([__file__, "--receive", str(home)], environment=environment, folder=home)
            shutil.rmtree(home)
            print(
                f"{count} files of some {options.rows} rows: {measured.seconds:.1f} s, "
                f"{count / measured.seconds:.1f} files a second (wanted: {WANTED_PER_SECOND}); "
                f"processor {measured.cpu_seconds:.1f} s, "
                f"{measured.cpu_seconds / count * 1000:.0f} ms a file"
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _fill(inbox: Path, organisations: int, rows: int) -> int:
    """Put a year of each organisation into an inbox, a file a month; return how many files."""
    count = 0
    for number in range(1, organisations + 1):
        # As many rows as no other has, so that no two organisations send the same bytes.
        year = inbox / "year.csv"
        inbox.mkdir(parents=True, exist_ok=True)
        contacts_file.write(year, rows * MONTHS + number)
        header, *lines = year.read_text("utf-8").splitlines()
        year.unlink()
        folder = inbox / f"hva-{number:02}" / FEED
        folder.mkdir(parents=True)
        for month in range(1, MONTHS + 1):
            period = f"{YEAR}-{month:02}"
            of_month = [line for line in lines if line.split(",")[3].startswith(period)]
            text = "\n".join([header, *of_month]) + "\n"
            (folder / f"{period}.csv").write_text(text, encoding="utf-8")
            count += 1
    return count


def _receive(home: Path) -> None:
    """Receive everything in a home's inbox, in this process."""
    from common.home import Home
    from ingest import receiver

    with work() as watch:
        receipts = receiver.receive(Home(home))
    report(watch, {"statuses": sorted({str(receipt.status) for receipt in receipts})})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--receive"]:
        _receive(Path(sys.argv[2]))
    else:
        sys.exit(main())
