"""A home of simulated organisations in which things change, and the files that they sent.

Each seed is another simulation; its organisations are told apart by a code of their own, so that
one warehouse holds them all. They send twice. The second time some take a month back as one with
nothing to report, and some correct an old photograph long after its year. Then what was sent by mistake
is withdrawn, and of each organisation also one correction that was right.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from common.home import Home
from ingest import receiver
from ingest.receipts import Receipt, Status
from ingest.withdrawal import withdraw
from simulation import Request, simulate
from tests.support.built_homes import SOURCES, built_home, remember_project
from tests.support.example_home import example_home
from vuosikello.warehouse import build

YEARS = (2023, 2024)
# The organisations of each seed, under the codes that they have here.
HOUSES = {5: ("hva-01", "hva-02"), 3: ("hva-03",), 8: ("hva-04",)}
# Receiving a file takes its time: these feeds, a file each month, come by years here, and so does
# every feed of the seeds that are not named.
LARGE = ("contacts", "time_entries")
BY_MONTHS = (5, 3)
MISTAKE = ".2-mistake"
MANAGER = "a manager"


@dataclass(frozen=True)
class Houses:
    """What was sent.

    Attributes:
        inboxes: the files, one folder for each time that they were received.
        withdrawn: the paths in the inbox of those taken back, of mistakes and of others.
        held: the paths of those that waited for a person, who accepted them.
    """

    inboxes: tuple[Path, ...]
    withdrawn: tuple[str, ...]
    held: tuple[str, ...]

    @property
    def mistakes(self) -> list[str]:
        """The files sent by mistake."""
        return [path for path in self.withdrawn if MISTAKE in path]


def changing_houses() -> tuple[Path, Houses]:
    """Return the home, made once, and what was sent."""
    sources = (*SOURCES, "tests/support/changing_houses.py")
    return built_home("changing-houses", _make, sources)


def _make(home: Path) -> Houses:
    inboxes = (home.with_name("first"), home.with_name("second"))
    for seed, organisations in HOUSES.items():
        _simulate(seed, organisations, inboxes[0])
    for organisations in HOUSES.values():
        for organisation in organisations:
            _send_again(inboxes[0] / organisation, inboxes[1] / organisation)
    receipts = [receipt for inbox in inboxes for receipt in _receive(Home(home), inbox)]
    wrong = [one for one in receipts if MISTAKE in one.file]
    right = [
        next(one for one in receipts if one.organisation == organisation and _is_correction(one))
        for organisations in HOUSES.values()
        for organisation in organisations
    ]
    for receipt in (*wrong, *right):
        withdraw(Home(home), receipt.submission_id, by=MANAGER, reason="It was not to be sent")
    remember_project(example_home(), home)
    assert build.build(home).failures == []
    return Houses(
        inboxes,
        tuple(receipt.file for receipt in (*wrong, *right)),
        tuple(receipt.file for receipt in receipts if receipt.held),
    )


def _simulate(seed: int, organisations: tuple[str, ...], inbox: Path) -> None:
    request = Request(
        organisations=len(organisations),
        years=len(YEARS),
        clients=25,
        last_year=YEARS[-1],
        errors=0,
        seed=seed,
        changes=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        made = simulate(request, Path(folder), today=date(YEARS[-1] + 1, 1, 1))
        for code, organisation in zip(
            made.organisations, (*organisations, "reference"), strict=True
        ):
            # The population of the municipalities is the same in every simulation.
            if not (inbox / organisation).exists():
                shutil.copytree(Path(folder) / code, inbox / organisation)
            for folder_of_feed in (inbox / organisation).iterdir():
                if folder_of_feed.name in LARGE or seed not in BY_MONTHS:
                    for year in YEARS:
                        _join_months(folder_of_feed, year)


def _join_months(folder: Path, year: int) -> None:
    """Make one file of a year of those of its months; a month beside its year corrects it."""
    months = sorted(folder.glob(f"{year}-[0-9][0-9].csv"))
    whole = folder / f"{year}.csv"
    if whole.exists() or not months:
        return
    header = ""
    lines: list[str] = []
    for path in months:
        header, *more = path.read_text(encoding="utf-8").splitlines()
        lines += more
        path.unlink()
    whole.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")


def _send_again(before: Path, after: Path) -> None:
    """Say that there was nothing to report in a month, and leave clients out of an old year."""
    visits = _read(sorted((before / "outreach").glob(f"{YEARS[0]}*.csv")))
    month = min(row["occurred_on"] for row in visits)[:7]
    _write(after / "outreach" / f"{month}.3-nothing.csv", list(visits[0]), [])
    if (before / "clients" / f"{YEARS[0]}{MISTAKE}.csv").exists():
        # A later file of the year would take its place, and nothing would rest on its withdrawal.
        return
    clients = _read([before / "clients" / f"{YEARS[0]}.csv"])
    _write(after / "clients" / f"{YEARS[0]}.3-late.csv", list(clients[0]), clients[::2])


def _read(paths: Iterable[Path]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as lines:
            rows += csv.DictReader(lines)
    return rows


def _write(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns)
        writer.writeheader()
        writer.writerows(rows)


def _receive(home: Home, inbox: Path) -> list[Receipt]:
    """Receive the files, and let a person accept those that wait for one."""
    receipts = []
    for receipt in receiver.receive(home, [inbox]):
        if receipt.status is Status.HELD:
            receipt = receiver.accept_held(home, receipt.submission_id, by=MANAGER)
        assert receipt.status is Status.ACCEPTED, (receipt.file, receipt.errors)
        assert receipt.rows_rejected == 0, receipt.file
        receipts.append(receipt)
    return receipts


def _is_correction(receipt: Receipt) -> bool:
    """Tell whether a submission is a right correction of days that one before it told of."""
    name = receipt.file.rpartition("/")[2]
    return (
        name == f"{receipt.period}.csv"
        and len(name) > len("2023.csv")
        and bool(receipt.out_of_force)
    )
