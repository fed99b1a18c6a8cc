"""Values of JSON lines and Parquet whose type does not fit, and moments with and without offset."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.receipts import Receipt, Status
from tests.support.house import House, good, goods, rules


def json_lines(house: House, rows: list[dict[str, object]], feed: str = "outreach") -> Receipt:
    """Receive rows as JSON lines."""
    content = "".join(json.dumps(row) + "\n" for row in rows)
    return house.receive(content, feed=feed, name="2019.jsonl")


def parquet(house: House, columns: dict[str, Any], feed: str = "outreach") -> Receipt:
    """Receive columns as Parquet; those not named hold what good rows hold."""
    count = len(next(iter(columns.values())))
    filled = {name: [row[name] for row in goods(feed, count)] for name in good(feed)}
    out = io.BytesIO()
    pq.write_table(pa.table(filled | columns), out)
    return house.receive(out.getvalue(), feed=feed, name="2019.parquet")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("feeling", {"value": 4}),
        ("feeling", [4]),
        ("feeling", []),
        ("feeling", True),
        ("place_id", {"id": "p1"}),
        ("place_id", ["p1"]),
        ("place_id", False),
        ("visit_id", ["v1"]),
        ("occurred_on", {"$date": "2019-03-14"}),
        ("nature", ["home_visit"]),
        ("topics", {"economy": True}),
        ("topics", [["economy"]]),
        ("topics", [{"code": "economy"}]),
        ("topics", ["economy", True]),
    ],
)
def test_a_json_value_of_a_type_that_does_not_fit_is_rejected(
    house: House, column: str, value: object
) -> None:
    receipt = json_lines(house, [*goods("outreach", 20), good("outreach", 99, **{column: value})])
    assert rules(receipt) == [(21, column, "value_of_other_type")]
    assert receipt.rows_loaded == 20


def test_numbers_of_json_are_taken_as_they_are(house: House) -> None:
    rows = [good("outreach", n) for n in range(1, 4)]
    content = "".join(
        json.dumps(row).replace('"persons_present": "3"', f'"persons_present": {number}') + "\n"
        for row, number in zip(rows, ("3.000", "3e0", "36"), strict=True)
    )
    receipt = house.receive(content, name="2019.jsonl")
    assert house.column(receipt, "persons_present") == [3, 3, 36], rules(receipt)


def test_a_whole_number_in_a_json_or_parquet_identifier_has_no_decimals(house: House) -> None:
    receipt = json_lines(house, [good("outreach", visit_id=1001.0, place_id=7.5)])
    assert house.rows(receipt, "visit_id", "place_id") == [("1001", "7.5")]
    receipt = parquet(house, {"visit_id": pa.array([1001.0, 1002.0])})
    assert house.column(receipt, "visit_id") == ["1001", "1002"]


def test_decimals_of_parquet_are_taken_as_they_are(house: House) -> None:
    three = pa.array([3], pa.int16()).cast(pa.decimal128(9, 3))
    receipt = parquet(house, {"persons_present": three})
    assert house.column(receipt, "persons_present") == [3], rules(receipt)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("feeling", {"value": 4}),
        ("feeling", [4]),
        ("feeling", True),
        ("place_id", [["p1"]]),
        ("place_id", b"\xff\xfe"),
        ("topics", [{"code": "economy"}]),
        ("topics", [True]),
        ("occurred_on", {"day": 14}),
    ],
)
def test_a_parquet_column_of_a_type_that_does_not_fit_is_rejected_where_it_has_a_value(
    house: House, column: str, value: object
) -> None:
    receipt = parquet(house, {column: [None] * 20 + [value]})
    found = {(row, rule) for row, name, rule in rules(receipt) if name == column and row}
    assert (22, "value_of_other_type") in found
    others = {rule for row, rule in found if row != 22}
    assert others == ({"required"} if column == "occurred_on" else set())


def test_old_texts_of_parquet_are_texts(house: House) -> None:
    receipt = parquet(house, {"place_id": pa.array(["Kylä".encode(), None])})
    assert house.column(receipt, "place_id") == ["Kylä", None]


# Moments

MOMENTS = [
    (datetime(2018, 12, 31, 22, 0, tzinfo=UTC), date(2019, 1, 1)),
    (datetime(2018, 12, 31, 21, 59, 59, tzinfo=UTC), date(2018, 12, 31)),
    (datetime(2019, 6, 30, 21, 0, tzinfo=UTC), date(2019, 7, 1)),
    (datetime(2019, 3, 31, 0, 59, 59, tzinfo=UTC), date(2019, 3, 31)),
    (datetime(2019, 1, 1, 9, 0, tzinfo=timezone(timedelta(hours=11))), date(2019, 1, 1)),
    (datetime(2019, 1, 1, 8, 59, tzinfo=timezone(timedelta(hours=11))), date(2018, 12, 31)),
]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_moment_of_parquet_is_a_day_in_finland(house: House, unit: str) -> None:
    days = pa.array([moment for moment, _ in MOMENTS], pa.timestamp(unit, "UTC"))
    receipt = parquet(house, {"occurred_on": days})
    assert house.column(receipt, "occurred_on") == [day for _, day in MOMENTS], rules(receipt)


def test_a_time_of_parquet_without_zone_is_taken_as_it_stands(house: House) -> None:
    days = pa.array([datetime(2018, 12, 31, 23, 30), datetime(2019, 1, 1, 0, 0)])
    receipt = parquet(house, {"occurred_on": days})
    assert house.column(receipt, "occurred_on") == [date(2018, 12, 31), date(2019, 1, 1)]


def test_a_moment_of_json_is_a_day_in_finland(house: House) -> None:
    rows = [
        good("outreach", n, occurred_on=moment.isoformat()) for n, (moment, _) in enumerate(MOMENTS)
    ]
    receipt = json_lines(house, rows)
    assert house.column(receipt, "occurred_on") == [day for _, day in MOMENTS], rules(receipt)


# What the whole file says


def test_a_file_of_another_format_than_its_name_is_told_so(house: House) -> None:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(goods("outreach", 2)), out)
    receipt = house.receive(out.getvalue(), name="2019.csv")
    assert rules(receipt) == [(None, None, "other_format")]
    assert "Parquet" in receipt.errors[0].message_fi
    receipt = house.receive(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, name="2018.xlsx")
    assert rules(receipt) == [(None, None, "other_format")]
    assert "XLS" in receipt.errors[0].message_en


def test_a_byte_that_no_encoding_has_is_named_with_its_line(house: House) -> None:
    receipt = house.receive(b"visit_id;occurred_on\nv1;2019-01-01\nv2;\x81\n")
    assert rules(receipt) == [(None, None, "encoding_unknown")]
    assert "line 3 has the byte 81" in receipt.errors[0].message_en


def test_a_required_boolean_that_is_empty_in_every_row_is_remarked_on(house: House) -> None:
    rows = [good("time_entries", n, community="") for n in range(1, 21)]
    receipt = json_lines(house, rows, "time_entries")
    assert receipt.status is Status.ACCEPTED
    assert rules(receipt) == [(None, "community", "boolean_empty")]
    assert [finding.severity for finding in receipt.errors] == ["warn"]
    assert house.column(receipt, "community") == [False] * 20
    marked = [*rows, good("time_entries", 99, community="x")]
    assert json_lines(house, marked, "time_entries").errors == []


def test_a_refusal_for_many_rows_names_the_error_that_most_of_them_have(house: House) -> None:
    rows = [good("outreach", n, feeling={"value": 4}) for n in range(3)]
    receipt = json_lines(house, [*rows, good("outreach", 9, municipality="999")])
    first, *others = receipt.errors
    assert first.rule == "too_many_rejected"
    assert "sarakkeessa feeling (3 riviä)" in first.message_fi
    assert others[0].message_fi in first.message_fi
    assert others[0].message_sv in first.message_sv
