"""Row numbers: a finding points at the row as a person counts it, the header being row 1."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.contracts import load_contracts
from tests.support.house import House, csv_text, good, goods, rules
from tests.support.tables import workbook

NAMES = [column.name for column in load_contracts()["outreach"].columns]
BAD = {"feeling": 9}


def bad(number: int) -> dict[str, object]:
    """Return a row that is rejected."""
    return good("outreach", number, **BAD)


def found(house: House, content: bytes | str, name: str = "2019.csv") -> list[int | None]:
    """Return the rows of the findings."""
    receipt = house.receive(content, name=name)
    assert receipt.rows_loaded > 0, rules(receipt)
    return [row for row, *_ in rules(receipt)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_text_rows_are_counted_in_every_encoding_and_line_end(
    house: House, newline: str, encoding: str
) -> None:
    rows = [good("outreach", 0, place_id="Äänekoski"), bad(1), *goods("outreach", 40, 2), bad(99)]
    content = csv_text("outreach", rows, newline=newline).encode(encoding)
    assert found(house, content) == [3, 44]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "utf-16"])
def test_blank_lines_between_rows_count(house: House, newline: str, encoding: str) -> None:
    lines = csv_text(
        "outreach", [good("outreach", 0, place_id="Ähtäri"), bad(1), *goods("outreach", 40, 2)]
    ).splitlines()
    lines += ["", "", "", csv_text("outreach", [bad(98)]).splitlines()[1], "", "", ""]
    lines[1:1] = [""]
    content = newline.join(lines).encode(encoding)
    assert found(house, content) == [4, 48]


def test_malformed_rows_count_wherever_they_stand(house: House) -> None:
    lines = csv_text("outreach", [bad(0), *goods("outreach", 80), bad(81)]).splitlines()
    lines.insert(1, "a,b")
    lines.insert(40, ",".join("abcdefghijkl"))
    lines.insert(41, 'x,"y"z,1,2,3,4,5,6,7')
    lines.append("last,one")
    assert found(house, "\n".join(lines)) == [2, 3, 41, 42, 86, 87]


def test_a_row_with_a_line_break_in_quotes_is_one_row(house: House) -> None:
    rows = [
        good("outreach", 1, place_id='"two\nlines"'),
        bad(2),
        good("outreach", 3, place_id='"three\n\nlines\n"'),
        *goods("outreach", 60, 4),
        bad(99),
    ]
    lines = csv_text("outreach", rows)
    assert found(house, lines + "too,short\n") == [3, 65, 66]


def test_blank_lines_and_line_breaks_in_quotes_are_told_apart(house: House) -> None:
    head, *lines = csv_text("outreach", [*goods("outreach", 40), bad(99)]).splitlines()
    quoted = csv_text("outreach", [good("outreach", 77, place_id='"a\n\n""b""\n"')])
    quoted = quoted.partition("\n")[2].rstrip("\n")
    content = "\n".join([head, "", quoted, "", *lines, "", quoted.replace("v77", "v78"), "x,y"])
    # 1 header, 2 blank, 3 quoted, 4 blank, 5–44 good, 45 bad, 46 blank, 47 quoted, 48 malformed
    assert found(house, content) == [45, 48]


def test_a_line_break_in_the_header_is_part_of_it(house: House) -> None:
    lines = csv_text("outreach", [*goods("outreach", 20), bad(21)])
    assert found(house, lines.replace("feeling", '"feeling\n"', 1)) == [22]


def test_a_malformed_row_with_a_line_break_is_rejected_alone(house: House) -> None:
    lines = csv_text("outreach", goods("outreach", 20))
    receipt = house.receive(lines + 'v77,"a\nb",1,2,3,4,5,6,7,8,9,10\n')
    assert rules(receipt) == [(22, None, "malformed_row")]
    assert "12" in receipt.errors[0].message_fi
    assert "10" in receipt.errors[0].message_fi


def test_a_quote_that_swallows_lines_refuses_rather_than_lose_them(house: House) -> None:
    lines = csv_text("outreach", goods("outreach", 20)).splitlines()
    lines[5] = lines[5].replace("v5", '"v5')
    receipt = house.receive("\n".join(lines))
    assert rules(receipt) == [(6, None, "unterminated_quote")]
    lines[9] = lines[9].replace("v9", 'v9"x')
    receipt = house.receive("\n".join(lines))
    assert rules(receipt) == [(6, None, "unterminated_quote")]


def test_json_lines_are_counted_as_lines(house: House) -> None:
    """JSON lines have no header; the first line is row 1."""
    lines = [json.dumps(row) for row in [bad(0), *goods("outreach", 60), bad(99)]]
    assert found(house, "\n".join(lines), "2019.jsonl") == [1, 62]
    lines[30:30] = ["", "{", ""]
    assert found(house, "\n".join(lines) + "\n\n", "2019.jsonl") == [1, 32, 65]


def test_spreadsheet_rows_are_those_of_the_sheet(house: House) -> None:
    rows = [bad(0), *goods("outreach", 60), bad(99)]
    cells = [NAMES, *[[row.get(name) for name in NAMES] for row in rows]]
    assert found(house, workbook(cells), "2019.xlsx") == [2, 63]


def test_empty_spreadsheet_rows_at_the_end_are_none_and_between_rows_count(house: House) -> None:
    rows = [*goods("outreach", 60), {}, bad(99), {}, {"place_id": "  "}]
    cells = [NAMES, *[[row.get(name) for name in NAMES] for row in rows]]
    receipt = house.receive(workbook(cells), name="2019.xlsx")
    assert receipt.rows_read == 62
    assert rules(receipt) == [(62, "visit_id", "key_empty"), (63, "feeling", "range")]


def test_parquet_rows_are_counted_as_below_a_header(house: House) -> None:
    rows: list[dict[str, object]] = [bad(0), *goods("outreach", 60), bad(99)]
    names = [name for name in NAMES if name in rows[0]]
    out = io.BytesIO()
    table = pa.table({name: [str(row[name]) for row in rows] for name in names})
    pq.write_table(table, out, row_group_size=7)
    assert found(house, out.getvalue(), "2019.parquet") == [2, 63]


def test_rows_of_a_file_larger_than_the_readers_buffers_are_counted_right(house: House) -> None:
    """The text reader reads part by part, and no part knows how many lines went before."""
    good_line = csv_text("outreach", [good("outreach", 7)]).splitlines()[1] + "\n"
    count = 100_000
    lines = [good_line.replace("v7", f"v{n}", 1) for n in range(count)]
    planted = {100: "a,b\n", 49_999: lines[49_999].replace(",4\n", ",9\n"), 70_000: "\n"}
    planted |= {80_000: lines[80_000].replace(",4\n", ",9\n"), 99_998: "a,b\n"}
    for place, line in planted.items():
        lines[place] = line
    receipt = house.receive(csv_text("outreach", []) + "".join(lines))
    assert [row for row, *_ in rules(receipt)] == [102, 50_001, 80_002, 100_000]
    assert receipt.rows_loaded == count - 5
