"""Spreadsheets and Parquet, whose values have types of their own."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from ingest.receipts import Receipt, Status
from tests.support.house import House, good, goods, rules
from tests.support.tables import workbook

NAMES = list(good("outreach"))
DAY = date(2019, 3, 14)


def sheet(house: House, rows: list[dict[str, Any]], feed: str = "outreach") -> Receipt:
    """Receive rows as a workbook, values with the types they have."""
    names = list(rows[0])
    content = workbook([names, *[[row.get(name) for name in names] for row in rows]])
    return house.receive(content, feed=feed, name="2019.xlsx")


def parquet(house: House, columns: dict[str, Any], feed: str = "outreach") -> Receipt:
    """Receive columns as Parquet; those not named hold what good rows hold."""
    count = len(next(iter(columns.values())))
    filled = {name: [row[name] for row in goods(feed, count)] for name in good(feed)}
    out = io.BytesIO()
    pq.write_table(pa.table(filled | columns), out)
    return house.receive(out.getvalue(), feed=feed, name="2019.parquet")


def test_dates_numbers_and_booleans_of_a_spreadsheet_are_taken_as_they_are(house: House) -> None:
    rows = [
        good("time_entries", 1, worked_on=DAY, minutes=60, community=True),
        good("time_entries", 2, worked_on=DAY, minutes=60.0, community=False),
        good("time_entries", 3, worked_on="14.3.2019", minutes="60", community="kyllä"),
        good("time_entries", 4, worked_on="2019-03-14", minutes="60,0", community="1"),
        good("time_entries", 5, worked_on=datetime(2019, 3, 14, 13, 45), community=1),
    ]
    receipt = sheet(house, rows, "time_entries")
    assert receipt.status is Status.ACCEPTED, rules(receipt)
    assert house.rows(receipt, "worked_on", "minutes", "community") == [
        (DAY, 60, expected) for expected in (True, False, True, True, True)
    ]


def test_decimals_of_a_spreadsheet_are_read_to_nine_places(house: House) -> None:
    shares = [0.1, 0.75, 1, 1 / 3, 1e-3, "0,5"]
    rows = [good("workers", n, fte=share) for n, share in enumerate(shares)]
    receipt = sheet(house, rows, "workers")
    assert house.column(receipt, "fte") == [0.1, 0.75, 1.0, 0.333333333, 0.001, 0.5]


def test_codes_and_keys_that_a_spreadsheet_made_numbers_of(house: House) -> None:
    rows = [
        good("outreach", 1, visit_id=1001, municipality=49, place_id=7),
        good("outreach", 2, visit_id=1002.0, municipality="049", place_id="007"),
        good("outreach", 3, visit_id=12345678901, municipality="49", place_id=7.5),
    ]
    receipt = sheet(house, rows)
    assert receipt.status is Status.ACCEPTED, rules(receipt)
    assert house.rows(receipt, "visit_id", "municipality", "place_id") == [
        ("1001", "049", "7"),
        ("1002", "049", "007"),
        ("12345678901", "049", "7.5"),
    ]


def test_a_formula_is_read_as_the_value_it_last_had(house: House) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, NAMES)
        page.write_row(1, 0, list(good("outreach").values()))
        page.write_formula(1, NAMES.index("persons_present"), "=1+2", None, 3)
        page.write_formula(1, NAMES.index("visit_id"), '="v"&1', None, "v1")
    receipt = house.receive(out.getvalue(), name="2019.xlsx")
    assert receipt.status is Status.ACCEPTED, rules(receipt)
    assert house.rows(receipt, "visit_id", "persons_present") == [("v1", 3)]


def test_a_spreadsheet_header_is_matched_as_any_other(house: House) -> None:
    row = good("outreach")
    cells = [[f" {name.upper()} " for name in row] + ["Muuta", None], [*row.values(), "x", "y"]]
    receipt = house.receive(workbook(cells), name="2019.xlsx")
    assert receipt.status is Status.ACCEPTED, rules(receipt)
    assert [rule for *_, rule in rules(receipt)] == ["unknown_column"] * len(receipt.errors)
    assert (1, "Muuta", "unknown_column") in rules(receipt)


def test_parquet_types_are_taken_as_they_are(house: House) -> None:
    receipt = parquet(
        house,
        {
            "occurred_on": pa.array([DAY] * 3),
            "municipality": pa.array([49, 49, 491]),
            "persons_present": pa.array([3, 3, 3], pa.int8()),
            "persons_contacted": pa.array([2.0, 2.0, 2.0]),
            "topics": pa.array([["economy", "housing"], [], None]),
            "feeling": pa.array([4, None, 5], pa.uint64()),
        },
    )
    assert receipt.status is Status.ACCEPTED, rules(receipt)
    assert house.rows(receipt, "occurred_on", "municipality", "persons_contacted", "topics") == [
        (DAY, "049", 2, ["economy", "housing"]),
        (DAY, "049", 2, None),
        (DAY, "491", 2, None),
    ]
    assert house.column(receipt, "feeling") == [4, None, 5]


@pytest.mark.parametrize(
    "days",
    [
        pa.array([datetime(2019, 3, 14, 13, 45)], pa.timestamp("us")),
        pa.array([datetime(2019, 3, 14)], pa.timestamp("ns")),
        pa.array([DAY], pa.date64()),
        pa.array(["14.3.2019"]),
        pa.array(["2019-03-14"], pa.large_string()),
        pa.array(["2019-03-14"]).dictionary_encode(),
    ],
)
def test_every_kind_of_parquet_date_is_a_date(house: House, days: pa.Array) -> None:
    receipt = parquet(house, {"occurred_on": days})
    assert house.column(receipt, "occurred_on") == [DAY], rules(receipt)


def test_parquet_lists_may_be_written_as_text(house: House) -> None:
    receipt = parquet(house, {"topics": ["economy|housing", "", "x"]})
    assert receipt.status is Status.REFUSED
    assert rules(receipt)[1:] == [(4, "topics", "codes")]


def test_parquet_booleans_and_decimals(house: House) -> None:
    receipt = parquet(house, {"community": pa.array([True, False])}, "time_entries")
    assert house.column(receipt, "community") == [True, False]
    decimals = pa.array([0, 1], pa.int8()).cast(pa.decimal128(5, 2))
    receipt = parquet(house, {"fte": decimals}, "workers")
    assert house.column(receipt, "fte") == [0.0, 1.0]


def test_a_required_parquet_boolean_that_is_null_is_missing(house: House) -> None:
    communities = pa.array([True] * 20 + [None])
    receipt = parquet(house, {"community": communities}, "time_entries")
    assert rules(receipt) == [(22, "community", "required")]


def test_parquet_of_several_compressions_and_row_groups_keeps_its_order(house: House) -> None:
    rows = goods("outreach", 1000)
    table = pa.table({name: [row[name] for row in rows] for name in NAMES})
    for compression in ("snappy", "zstd", "gzip", "none"):
        out = io.BytesIO()
        pq.write_table(table, out, compression=compression, row_group_size=99)
        receipt = house.receive(out.getvalue(), name=f"2019.{compression}.parquet")
        assert house.column(receipt, "visit_id") == [f"v{n}" for n in range(1, 1001)]


def test_parquet_that_duckdb_wrote_is_read(house: House) -> None:
    path = house.home.root.parent / "x.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'v1' AS visit_id, DATE '2019-03-14' AS occurred_on, "
            "'491' AS municipality, 'home_visit' AS nature, 3::HUGEINT AS persons_present, "
            "2::DECIMAL(9, 1) AS persons_contacted, "
            f"['economy'] AS topics) TO '{path}'"
        )
    receipt = house.receive(path.read_bytes(), name="2019.parquet")
    assert house.rows(receipt, "persons_present", "persons_contacted", "topics") == [
        (3, 2, ["economy"])
    ], rules(receipt)


def test_a_missing_column_refuses_in_every_format(house: House) -> None:
    rows = [{name: value for name, value in good("outreach").items() if name != "nature"}]
    assert rules(sheet(house, rows)) == [(1, "nature", "missing_columns")]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    receipt = house.receive(out.getvalue(), name="2018.parquet")
    assert rules(receipt) == [(1, "nature", "missing_columns")]
