"""Other withheld numbers behind the same pattern give the same release, byte for byte.

Whatever people read beside the values could tell of a withheld number: whether a target is met, a
rank, a change, a sentence of the report, a point of a chart, what a workbook remembers of a cell or
its properties, a count in the manifest. Here two warehouses differ in every number that is not
published, and in what a scorecard says of it. The rows that are withheld are the same. If any byte of
any file told of a withheld number, the two releases would differ in it.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from common.indicator_key import KEY
from exports import disclosure, manifest, publication, releases
from exports.indicator_files import publish
from exports.internal_manifest import InternalManifest
from exports.publication import ReleaseInfo, SignedOff, compose
from exports.release_files import all_files
from tests.support.manifests import SUBMISSION, internal, public

pytestmark = pytest.mark.slow

_KEY = ", ".join(KEY)
MOMENT = datetime(2020, 2, 3, 8, 30, tzinfo=UTC)
INFO = ReleaseInfo(
    *(2019, 1, MOMENT, date(2020, 2, 3)),
    SignedOff("knowledge manager", MOMENT, "All that is missing is known."),
)
SCORECARDS = ("aikumetod_scorecard", "strategy_map")


class Twins(NamedTuple):
    """Two releases of the same pattern.

    Attributes:
        one, other: their folders.
        warehouses: what they were made of.
        changed: how many numbers that are not published are others in the second one's warehouse.
        turned: of how many lines of scorecards it says the opposite.
    """

    one: Path
    other: Path
    warehouses: tuple[Path, Path]
    changed: int
    turned: int


def write(warehouse: Path, folder: Path, before: Path) -> Path:
    kept: InternalManifest = internal(bytes(range(32)))
    made, _ = releases.write_release(
        warehouse,
        folder,
        INFO,
        provenance=releases.Provenance(1, (), public(kept).versions, (SUBMISSION,), bytes(32)),
        protection=disclosure.Protection(),
        earlier=[releases.Release("2018.1", before, None)],  # type: ignore[arg-type]
    )
    return made.folder


def change_what_is_not_published(warehouse: Path, *published: Path) -> tuple[int, int]:
    """Give other numbers to every row that no publication shows; return what was changed."""
    shown = " UNION ".join(
        f"SELECT {_KEY} FROM read_parquet('{file}') WHERE status = 'published'"
        for file in published
    )
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"CREATE TEMP TABLE shown AS {shown}")
        changed = connection.execute(
            f"""
            UPDATE indicators.indicator_values
            SET
                numerator = numerator * 1.5 + 3,
                denominator = denominator * 2.5 + 40,
                value = 0.123456789 + coalesce(value, 0) / 3,
                persons = persons + 17,
                events = events * 3 + 29
            WHERE ({_KEY}) NOT IN (SELECT ({_KEY}) FROM shown)
                -- A count of 0 would be published.
                AND numerator <> 0
            """
        ).fetchall()[0][0]
        turned = 0
        for table in SCORECARDS:
            turned += connection.execute(
                f"""
                UPDATE indicators.{table}
                SET
                    value = 0.123456789,
                    previous_value = 0.987654321,
                    change = -0.864197532,
                    status = CASE status
                        WHEN 'met' THEN 'not_met' WHEN 'not_met' THEN 'met' ELSE status
                    END
                WHERE value IS NOT NULL AND NOT EXISTS (
                    SELECT * FROM shown
                    WHERE shown.indicator = {table}.indicator
                        AND shown.area_type = {table}.area_type AND shown.area = {table}.area
                        AND shown.period_type = 'year' AND shown.period = {table}.year
                        AND shown.breakdown = {table}.breakdown
                        AND shown.breakdown_value = {table}.breakdown_value
                )
                """
            ).fetchall()[0][0]
    return changed, turned


@pytest.fixture(scope="module")
def twins(iso_sos: Path, tmp_path_factory: pytest.TempPathFactory) -> Twins:
    root = tmp_path_factory.mktemp("twins")
    # A publication keeps what it withholds beside the warehouse.
    warehouses = [root / name / "warehouse.duckdb" for name in ("one", "other")]
    for warehouse in warehouses:
        warehouse.parent.mkdir()
        shutil.copyfile(iso_sos / "warehouse.duckdb", warehouse)
    before = root / "2018.1"
    publish(warehouses[0], before, year=2018)
    (before / manifest.MANIFEST).write_text("{}")

    solve = disclosure._solve
    solved: list[disclosure._Year] = []

    def remember(*given: object) -> disclosure._Year:
        solved.append(solve(*given))  # type: ignore[arg-type]
        return solved[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disclosure, "_solve", remember)
        one = write(warehouses[0], root / "releases_one", before)
        changed, turned = change_what_is_not_published(
            warehouses[1], one / "indicators.parquet", before / "indicators.parquet"
        )
        # The same rows are withheld, whatever their numbers are.
        again = iter(list(solved))
        patch.setattr(disclosure, "_solve", lambda *_: next(again))
        other = write(warehouses[1], root / "releases_other", before)
    return Twins(one, other, (warehouses[0], warehouses[1]), changed, turned)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in all_files(folder)}


def test_the_warehouses_differ_in_what_is_withheld(twins: Twins) -> None:
    assert twins.changed > 1_000
    assert twins.turned > 10


def test_every_file_but_the_manifest_is_the_same(twins: Twins) -> None:
    one, other = files(twins.one), files(twins.other)
    assert one.keys() == other.keys()
    # Values, workbooks with what they remember of cells, pages with charts, the report.
    kinds = {name.rpartition(".")[2] for name in one}
    assert {"csv", "parquet", "xlsx", "html", "pdf", "json"} <= kinds
    assert [name for name in one if one[name] != other[name] and name != manifest.MANIFEST] == []


def test_the_manifest_differs_in_the_mark_of_the_internal_one_at_most(twins: Twins) -> None:
    told = [json.loads((folder / manifest.MANIFEST).read_bytes()) for folder in twins[:2]]
    for one in told:
        # Made with a key of the house from what it keeps of the release: it tells nothing outside.
        del one["submissions"]["internal_manifest_mac"]
    assert told[0] == told[1]


def test_a_line_of_a_scorecard_that_told_of_a_withheld_value_would_be_seen(
    twins: Twins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "_SCORECARD_STATUS", "given.status")
    tables = [
        compose(warehouse, twins.one / "indicators.parquet", INFO, tmp_path / str(number)).folder
        for number, warehouse in enumerate(twins.warehouses)
    ]
    differing = [
        table
        for table in publication.TABLES
        if len({(folder / f"{table}.parquet").read_bytes() for folder in tables}) > 1
    ]
    assert "aikumetod_scorecard" in differing
    assert set(differing) <= set(SCORECARDS)
