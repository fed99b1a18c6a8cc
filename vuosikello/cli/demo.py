"""The demonstration: the main job on the ISO SOS example, through the DAGs, in one process.

It copies the example into an inbox of its own, runs what the running Airflow would run, and shows
what was received and refused and why, and the published figures beside the computed ones. Then it
signs both years off, as a person would, and releases them: what decision makers read.
"""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich import box
from rich.table import Table
from rich.text import Text

import expectations
from common.home import Home
from common.indicator_key import KEY
from common.resources import resource
from ingest import ledger, receipts
from vuosikello.cli.output import console
from vuosikello.docs_site import site
from vuosikello.orchestration import local_airflow
from vuosikello.orchestration.main_job import FAILED, Ran
from vuosikello.reporting import releases, sign_off
from vuosikello.settings import Settings

EXAMPLE = resource("examples/iso_sos")
_MARKER = ".made-by-demo"
_STEPS = 7
YEARS = (2018, 2019)


@dataclass(frozen=True, slots=True)
class Compared:
    """A published figure beside the computed one; ``computed`` is None where there is no value."""

    figure: str
    published: str
    computed: str | None
    agrees: bool
    source: str


def run_demo(settings: Settings) -> int:
    """Run the main job on the example and show what came out.

    Args:
        settings: the home to run it in; one that an earlier demonstration made is replaced, any
            other that holds something is left alone.

    Returns:
        0 when everything ran and every figure agrees; else 1.
    """
    home = settings.folders
    _begin(home)
    ran = _run(home)
    failed = [task for task in ran if task.state in FAILED]
    received = [
        receipts.read(home.receipts / f"{event['submission_id']}.json")
        for event in ledger.submissions(home)
    ]
    console.receipts(received, home)
    for task in failed:
        console.error(f"{task.dag}, {task.task}: {task.message}")
    if not home.warehouse.is_file():
        return 1
    compared = compare(home.warehouse)
    console.out.print(_table(compared))
    agreeing, expected, others = check_expected(home.warehouse)
    console.out.print(
        f"{agreeing} of {expected} expected values of examples/iso_sos/expected.csv come out"
        + (f"; {others} belong to indicators that are still to be built." if others else ".")
    )
    with console.spinner("Writing the documentation"):
        site.write(home)
    made = [_release(home, settings, year) for year in YEARS]
    console.out.print()
    console.released(made[-1])
    console.out.print()
    _say_where(home)
    return 0 if not failed and agreeing == expected and all(c.agrees for c in compared) else 1


def compare(warehouse: Path, published: Path = EXAMPLE / "published.csv") -> list[Compared]:
    """Compare the figures that the ISO SOS report publishes with the computed ones.

    Args:
        warehouse: a published warehouse.
        published: figures, each over one or more years; several years are added up, numerator and
            denominator apart.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            """
            SELECT p.figure, p.published, p.unit, p.source, sum(v.numerator), sum(v.denominator)
            FROM (
                SELECT *, row_number() OVER () AS nth
                FROM read_csv($published, all_varchar = true)
            ) AS p
            LEFT JOIN indicators.indicator_values AS v
                ON v.indicator = p.indicator AND v.area_type = p.area_type AND v.area = p.area
                AND v.period_type = 'year' AND list_contains(string_split(p.periods, '|'), v.period)
                AND v.breakdown = p.breakdown AND v.breakdown_value = p.breakdown_value
            GROUP BY p.nth, p.figure, p.published, p.unit, p.source ORDER BY p.nth
            """,
            {"published": str(published)},
        ).fetchall()
    return [_compared(*row) for row in rows]


def check_expected(
    warehouse: Path, expected: Path = EXAMPLE / "expected.csv"
) -> tuple[int, int, int]:
    """Count the example's expected values that come out exactly.

    Returns:
        How many agree, how many there are of indicators that the catalogue holds, and how many of
        others.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        row = connection.execute(
            f"""
            SELECT
                count(*) FILTER (built AND v.numerator = e.numerator::DOUBLE
                    AND v.denominator IS NOT DISTINCT FROM e.denominator::DOUBLE),
                count(*) FILTER (built),
                count(*) FILTER (NOT built)
            FROM (
                SELECT *, indicator IN (SELECT indicator FROM indicators.indicator_catalogue)
                    AS built
                FROM read_csv($expected, all_varchar = true)
            ) AS e
            LEFT JOIN indicators.indicator_values AS v
                USING ({", ".join(KEY)})
            """,
            {"expected": str(expected)},
        ).fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def _release(home: Home, settings: Settings, year: int) -> releases.Released:
    """Sign a year off, as a person who knows what the example lacks, and release it."""
    with console.spinner(f"Judging whether {year} is ready"):
        expectations.validate(home.root, "readiness", year)
    sign_off.sign_off(
        home.root,
        year,
        by="the demonstration",
        reason=f"The example holds what the ISO SOS report tells of {year}.",
        override_reason="Nothing else of the year was ever submitted: the rows of the example are "
        "made up, their totals are the report's.",
    )
    with console.progress(f"Releasing {year}:") as progress:
        return releases.release(home.root, year, settings=settings, progress=progress)


def _begin(home: Home) -> None:
    if home.root.exists():
        if not (home.root / _MARKER).is_file() and any(home.root.iterdir()):
            console.error(f"{home.root} holds something else; choose another --home.")
            raise SystemExit(2)
        shutil.rmtree(home.root)
    home.root.mkdir(parents=True)
    (home.root / _MARKER).touch()
    shutil.copytree(EXAMPLE / "inbox", home.inbox)
    with (EXAMPLE / "expected.csv").open(encoding="utf-8", newline="") as file:
        figures = sum(1 for _ in csv.DictReader(file))
    console.out.print(
        "[bold]Vuosikello on the ISO SOS example[/bold]: what four areas submitted of 2018 and "
        f"2019, and {figures} figures that must come out.\n"
    )


def _run(home: Home) -> list[Ran]:
    done = 0
    with console.progress("Running the DAGs") as progress:
        progress(0, _STEPS, "")

        def tell(task: Ran) -> None:
            nonlocal done
            if not task.label:
                done = min(done + 1, _STEPS)
            progress(done, _STEPS, f"{task.dag} · {task.label or task.task}")

        return local_airflow.run_main_job(home.root, on_task=tell)


def _compared(
    figure: str,
    published: str,
    unit: str,
    source: str,
    numerator: float | None,
    denominator: float | None,
) -> Compared:
    if numerator is None:
        return Compared(figure, published, None, False, source)
    value = numerator / denominator if denominator else numerator
    match unit:
        case "share":
            computed = f"{value:.0%}".replace("%", " %")
        case "mean":
            computed = f"{value:.1f}".removesuffix(".0")
        case _:
            computed = f"{value:.0f}"
    low, _, high = published.partition("–")
    agrees = float(low) <= value <= float(high) if high else computed == published
    return Compared(figure, published, computed, agrees, source)


def _table(compared: list[Compared]) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, title="Published figures beside computed ones", title_justify="left"
    )
    table.add_column("Figure", no_wrap=True)
    table.add_column("Report", justify="right")
    table.add_column("Vuosikello", justify="right")
    table.add_column("")
    table.add_column("Source", style="dim", overflow="ellipsis", no_wrap=True)
    for one in compared:
        sign = Text("✓", "green") if one.agrees else Text("✗", "bold red")
        table.add_row(one.figure, one.published, one.computed or "–", sign, one.source)
    return table


def _say_where(home: Home) -> None:
    places = (
        ("Warehouse", home.warehouse),
        ("Indicators", home.root / "exports" / "indicators.csv"),
        ("Documentation", home.root / "docs" / "index.html"),
        ("Validation", home.root / "docs" / "validation" / "index.html"),
        ("Receipts", home.receipts),
    )
    table = Table(box=None, show_header=False, title="Where it is", title_justify="left")
    table.add_column()
    table.add_column(overflow="fold")
    for name, path in places:
        if path.exists():
            table.add_row(f"  {name}", str(path))
    console.out.print(table)
    console.out.print(f"\nNext: vuosikello status --home {home.root} --year 2019", soft_wrap=True)
