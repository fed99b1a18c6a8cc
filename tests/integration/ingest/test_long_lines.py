"""A row longer than the reader can hold refuses the file, names the row, and loses nothing."""

from __future__ import annotations

import json
import re

import pytest

from ingest.readers.lines import LONGEST_LINE
from tests.support.house import House, csv_text, good, goods, rules

MB = 1_000_000


def with_long_row(place_id: str, after: int) -> str:
    """Return a file whose row 22 is long, with so many rows after it."""
    rows = [*goods("outreach", 20), good("outreach", 21, place_id=place_id)]
    return csv_text("outreach", [*rows, *goods("outreach", after, 22)])


@pytest.mark.parametrize("after", [40, 0])
@pytest.mark.parametrize("size", [5 * MB, 20 * MB])
@pytest.mark.parametrize("is_quoted", [False, True])
def test_a_long_line_refuses_the_file_and_is_named(
    house: House, size: int, after: int, is_quoted: bool
) -> None:
    long = "k" * size
    receipt = house.receive(with_long_row(f'"{long}"' if is_quoted else long, after))
    assert rules(receipt) == [(22, None, "row_too_long")]
    assert receipt.rows_loaded == 0
    (finding,) = receipt.errors
    for text in (finding.message_fi, finding.message_sv, finding.message_en):
        assert "4 MB" in text
    assert "quotation mark" in finding.message_en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("size", [5 * MB, 10 * MB, 20 * MB])
def test_a_value_that_goes_on_over_many_lines_is_named(
    house: House, size: int, encoding: str
) -> None:
    lines = ("k" * 99 + "\n") * (size // 100)
    receipt = house.receive(with_long_row(f'"{lines}"', 40).encode(encoding))
    assert rules(receipt) == [(22, None, "row_too_long")]


def test_a_quotation_mark_that_is_never_closed_is_named_in_a_large_file(house: House) -> None:
    text = csv_text("outreach", goods("outreach", 150_000))
    assert len(text) > 2 * LONGEST_LINE
    receipt = house.receive(re.sub(r"(?m)^v30,", '"v30,', text))
    assert rules(receipt) == [(31, None, "row_too_long")]


def test_lines_above_the_header_count(house: House) -> None:
    receipt = house.receive("Etsivä työ\n\n" + with_long_row("k" * 20 * MB, 40))
    assert rules(receipt) == [(24, None, "row_too_long")]


@pytest.mark.parametrize("size", [5 * MB, 20 * MB])
def test_a_long_line_of_json_is_named(house: House, size: int) -> None:
    rows = [*goods("outreach", 20), good("outreach", 21, place_id="k" * size)]
    content = "\n".join(json.dumps(row) for row in rows)
    receipt = house.receive(content, name="2019.jsonl")
    assert rules(receipt) == [(21, None, "row_too_long")]


def test_a_row_as_long_as_may_be_is_judged_like_any_other(house: House) -> None:
    receipt = house.receive(with_long_row("k" * (LONGEST_LINE - 1000), 40))
    assert (receipt.rows_loaded, rules(receipt)) == (61, [])
