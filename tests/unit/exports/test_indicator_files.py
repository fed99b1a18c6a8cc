"""The files of an export: whole, the same each time, and without a number that is withheld."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

import exports
from exports import indicator_files
from exports.disclosure import Protection
from tests.support.indicator_rows import Value, write_warehouse

COLUMNS = [
    "indicator",
    "area_type",
    "area",
    "period_type",
    "period",
    "breakdown",
    "breakdown_value",
    "numerator",
    "denominator",
    "value",
    "persons",
    "events",
    "status",
]
VALUES = [
    Value(),
    Value(numerator=2, numerator_persons=2, other_side_persons=38),
    Value(period="2018"),
    Value(period="2019-03", personal=False),
    Value(period="2018-03"),
    Value(kind="count", numerator=0, denominator=None, persons=None, numerator_persons=0),
]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return write_warehouse(tmp_path / "warehouse.duckdb", VALUES)


def rows(file: Path) -> list[tuple[object, ...]]:
    """Read the rows of an exported file."""
    reader = "read_csv" if file.suffix == ".csv" else "read_parquet"
    options = ", types = {'period': 'VARCHAR', 'area': 'VARCHAR'}" if reader == "read_csv" else ""
    return duckdb.sql(f"SELECT * FROM {reader}('{file}'{options})").fetchall()


def test_both_files_hold_the_values_with_their_status_in_the_order_of_the_key(
    warehouse: Path, tmp_path: Path
) -> None:
    result = exports.publish(warehouse, tmp_path / "out")
    assert [file.name for file in result.files] == ["indicators.csv", "indicators.parquet"]
    assert result.files[0].read_text(encoding="utf-8").splitlines()[0] == ",".join(COLUMNS)
    assert rows(result.files[0]) == rows(result.files[1])
    assert [row[0] for row in rows(result.files[1])] == [f"test.000{n}" for n in range(6)]
    assert (result.published, result.suppressed) == (5, 1)


def test_a_suppressed_row_is_there_without_any_of_its_numbers(
    warehouse: Path, tmp_path: Path
) -> None:
    csv, parquet = exports.publish(warehouse, tmp_path / "out").files
    for file in (csv, parquet):
        suppressed = [row for row in rows(file) if row[-1] == "suppressed"]
        assert [row[0] for row in suppressed] == ["test.0001"]
        assert suppressed[0][7:12] == (None,) * 5
    # Nor does the file keep them anywhere else, in statistics of a column for instance.
    assert "test.0001,municipality,205,year,2019,none,all,,,,,,suppressed" in csv.read_text()
    lows = duckdb.sql(
        f"SELECT stats_min_value FROM parquet_metadata('{parquet}') "
        "WHERE path_in_schema = 'numerator'"
    ).fetchall()
    assert lows == [("0.0",)]


def test_a_zero_is_published_as_zero_and_not_as_missing(warehouse: Path, tmp_path: Path) -> None:
    for file in exports.publish(warehouse, tmp_path / "out").files:
        zero = rows(file)[5]
        assert zero[7:] == (0.0, None, 0.0, None, 0, "published")


def test_a_year_has_its_own_rows_and_those_of_its_months(warehouse: Path, tmp_path: Path) -> None:
    result = exports.publish(warehouse, tmp_path / "out", year=2019)
    assert [row[4] for row in rows(result.files[0])] == ["2019", "2019", "2019-03", "2019"]


def test_the_same_warehouse_gives_the_same_bytes(warehouse: Path, tmp_path: Path) -> None:
    first = exports.publish(warehouse, tmp_path / "first").files
    second = exports.publish(warehouse, tmp_path / "second").files
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_a_warehouse_that_others_read_can_be_exported(warehouse: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        result = exports.publish(warehouse, tmp_path / "out")
        assert result.published == 5
        assert reader.execute("SELECT count(*) FROM indicators.indicator_values").fetchall() == [
            (6,)
        ]


def test_the_warehouse_is_not_changed(warehouse: Path, tmp_path: Path) -> None:
    before = warehouse.read_bytes()
    exports.publish(warehouse, tmp_path / "out")
    assert warehouse.read_bytes() == before
    assert [file.name for file in tmp_path.glob("warehouse*")] == ["warehouse.duckdb"]


def test_an_export_that_fails_leaves_the_files_as_they_were(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [file.read_bytes() for file in exports.publish(warehouse, tmp_path / "out").files]
    second = write_warehouse(tmp_path / "second.duckdb", [replace(VALUES[0], period="2020")])
    monkeypatch.setattr(os, "fsync", _no_space)
    with pytest.raises(OSError, match="No space left"):
        exports.publish(second, tmp_path / "out")
    left = sorted((tmp_path / "out").iterdir())
    assert [file.name for file in left] == ["indicators.csv", "indicators.parquet"]
    assert [file.read_bytes() for file in left] == before


def _no_space(_: int) -> None:
    raise OSError("No space left on device")


def test_a_warehouse_without_values_gives_files_with_a_header(tmp_path: Path) -> None:
    warehouse = write_warehouse(tmp_path / "warehouse.duckdb", [])
    result = exports.publish(warehouse, tmp_path / "out")
    assert (result.published, result.suppressed) == (0, 0)
    assert result.files[0].read_text(encoding="utf-8").strip() == ",".join(COLUMNS)
    assert rows(result.files[1]) == []


def test_a_threshold_below_one_person_is_refused(warehouse: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        exports.publish(warehouse, tmp_path / "out", protection=Protection(threshold=0))


def test_a_missing_warehouse_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"warehouse\.duckdb"):
        exports.publish(tmp_path / "warehouse.duckdb", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_with_a_quote_in_its_name_is_a_folder(warehouse: Path, tmp_path: Path) -> None:
    odd = tmp_path / "o'hare"
    assert all(file.is_file() for file in exports.publish(warehouse, odd).files)


def test_this_room_reads_only_the_indicators() -> None:
    for module in Path(indicator_files.__file__).parent.glob("*.py"):
        text = module.read_text(encoding="utf-8")
        for other in ("marts", "staging", "intermediate", "ingest", "vuosikello", "dags"):
            assert f"{other}." not in text, f"{module.name} names {other}"


def control_of(
    warehouse: Path, out: Path, **options: object
) -> exports.disclosure.DisclosureResult:
    """Publish again, after what lies in the folder."""
    earlier = [out / "indicators.parquet"]
    return exports.publish(warehouse, out, earlier=earlier, **options).disclosure  # type: ignore[arg-type]


def rows_of(out: Path, year: str) -> list[tuple[object, ...]]:
    """Read what was exported of a year."""
    return [row for row in rows(out / "indicators.parquet") if str(row[4]).startswith(year)]


def test_a_year_that_has_not_changed_is_published_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "exports"
    first = write_warehouse(tmp_path / "warehouse.duckdb", VALUES)
    assert control_of(first, out).years_taken_over == ()
    assert control_of(first, out).years_taken_over == (2018, 2019)
    before = rows_of(out, "2018")
    (tmp_path / "warehouse.duckdb").unlink()
    changed = [VALUES[0], replace(VALUES[1], numerator=3, numerator_persons=3), *VALUES[2:]]
    second = write_warehouse(tmp_path / "warehouse.duckdb", changed)
    assert control_of(second, out).years_taken_over == (2018,)
    assert len(before) == 2
    assert rows_of(out, "2018") == before


def test_a_year_is_decided_anew_when_what_decides_of_it_has_changed(tmp_path: Path) -> None:
    out = tmp_path / "exports"
    warehouse = write_warehouse(tmp_path / "warehouse.duckdb", VALUES)
    control_of(warehouse, out)
    assert control_of(warehouse, out, protection=Protection(width=9)).years_taken_over == ()
    control_of(warehouse, out)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("UPDATE indicators.indicator_basis SET numerator_persons = 1")
    assert control_of(warehouse, out).years_taken_over == ()
    control_of(warehouse, out)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("UPDATE indicators.indicator_catalogue SET parts_disjoint = true")
    assert control_of(warehouse, out).years_taken_over == ()


def test_a_year_is_decided_anew_where_the_house_does_not_remember(tmp_path: Path) -> None:
    out = tmp_path / "exports"
    warehouse = write_warehouse(tmp_path / "warehouse.duckdb", VALUES)
    control_of(warehouse, out)
    for file in (tmp_path / "withheld").iterdir():
        file.unlink()
    assert control_of(warehouse, out).years_taken_over == ()
