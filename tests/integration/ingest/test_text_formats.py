"""Text as organisations write it: encodings, delimiters, line ends, quotes, dates, numbers."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from unittest import mock

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers import encoding
from ingest.receipts import Receipt, Status
from tests.support.house import House, csv_text, good, goods, rules

BOM = b"\xef\xbb\xbf"


def read(
    house: House, column: str, texts: Iterable[str], feed: str = "outreach"
) -> dict[str, object]:
    """Return what texts are read as in a column of one file, or the rule that each breaks."""
    texts = list(texts)
    rows = [good(feed, n, **{column: text}) for n, text in enumerate(texts, 1)]
    rows += goods(feed, 10 * len(texts), start=len(texts) + 1)
    receipt = house.receive(csv_text(feed, rows), feed=feed)
    assert {where for _, where, _ in rules(receipt)} <= {column}
    broken = {row: rule for row, _, rule in rules(receipt)}
    assert len(broken) == receipt.rows_rejected == len(receipt.errors)
    values = iter(house.column(receipt, column))
    return {text: broken[n] if n in broken else next(values) for n, text in enumerate(texts, 2)}


# Space

SPACES = [" ", "  ", "\N{NO-BREAK SPACE}", "\N{EM SPACE}", "\N{IDEOGRAPHIC SPACE}"]


@pytest.mark.parametrize("space", SPACES)
def test_space_around_a_value_is_no_part_of_it(house: House, space: str) -> None:
    plain = good("outreach", 1, place_id="x y", topics="housing|economy")
    spaced = {name: f"{space}{value}{space}" for name, value in plain.items()}
    receipts = [
        house.receive(csv_text("outreach", [row]), name=f"{year}.csv")
        for year, row in ((2019, plain), (2020, spaced))
    ]
    assert [receipt.rows_loaded for receipt in receipts] == [1, 1]
    before, after = (house.rows(receipt, *plain) for receipt in receipts)
    assert before == after


def blank_lines(text: bytes) -> bool:
    """Whether a line that something follows is blank, read line by line."""
    lines = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n").split(b"\n")
    return b"" in lines[:-1]


@given(st.lists(st.sampled_from([b"a", b"bb", b"\n", b"\r\n", b"\r", b","])).map(b"".join))
@settings(max_examples=500)
def test_no_blank_line_escapes_the_fingerprint(text: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "text")
        path.write_bytes(text)
        for chunk in (3, 4, 1 << 20):
            with mock.patch.object(encoding, "CHUNK", chunk):
                found = encoding.fingerprint(path, as_text=True)
            assert found.sha256 == hashlib.sha256(text).hexdigest()
            assert (found.is_ascii, found.marks) == (True, "")
            assert found.may_have_blank_line or not blank_lines(text)


# Encodings


@pytest.mark.parametrize(
    ("encoding", "prefix"),
    [("utf-8", b""), ("utf-8", BOM), ("windows-1252", b""), ("iso-8859-1", b""), ("utf-16", b"")],
)
def test_every_encoding_of_the_field_is_read(house: House, encoding: str, prefix: bytes) -> None:
    name = "Kylätalo Åkerö" + ("" if encoding == "iso-8859-1" else " – €")
    content = csv_text("outreach", [good("outreach", place_id=name)]).encode(encoding)
    receipt = house.receive(prefix + content)
    assert receipt.status is Status.ACCEPTED
    assert house.column(receipt, "place_id") == [name]


def test_a_byte_of_another_encoding_at_the_very_end_is_still_read(house: House) -> None:
    rows = [*goods("outreach", 400), good("outreach", 999, place_id="Pöytyä")]
    receipt = house.receive(csv_text("outreach", rows).encode("windows-1252"))
    assert house.column(receipt, "place_id")[-1] == "Pöytyä"


@pytest.mark.parametrize(
    "content",
    [
        csv_text("outreach", goods("outreach", 1)).encode() + b"\0",
        csv_text("outreach", [good("outreach", place_id="x")]).encode() + b"\x81\x8d",
    ],
)
def test_bytes_that_are_no_text_are_refused(house: House, content: bytes) -> None:
    receipt = house.receive(content)
    assert rules(receipt) == [(None, None, "encoding_unknown")]


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-16-le", "UTF-16 LE"), ("utf-16-be", "UTF-16 BE")]
)
def test_utf_16_without_a_byte_order_mark_is_named(house: House, encoding: str, name: str) -> None:
    content = csv_text("outreach", [good("outreach", place_id="Äänekoski")]).encode(encoding)
    receipt = house.receive(content)
    assert rules(receipt) == [(None, None, "encoding_utf16")]
    (finding,) = receipt.errors
    for text in (finding.message_fi, finding.message_sv, finding.message_en):
        assert name in text
        assert "UTF-8" in text


# Delimiters, line ends and quotes


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_told_apart(
    house: House, delimiter: str, newline: str
) -> None:
    content = csv_text("outreach", goods("outreach", 2), delimiter=delimiter, newline=newline)
    receipt = house.receive(content)
    assert receipt.status is Status.ACCEPTED
    assert house.column(receipt, "visit_id") == ["v1", "v2"]
    assert house.column(receipt, "feeling") == [4, 4]


@pytest.mark.parametrize("order", [("\n", "\r\n"), ("\r\n", "\n"), ("\r\n", "\r"), ("\r", "\n")])
def test_a_file_put_together_from_several_with_other_line_ends_is_read(
    house: House, order: tuple[str, str]
) -> None:
    lines = csv_text("outreach", [*goods("outreach", 30), good("outreach", 99, feeling=9)])
    head, *rest = lines.splitlines()
    content = head + order[0] + order[1].join(rest[:3]) + order[0] + order[0].join(rest[3:])
    receipt = house.receive(content)
    assert (receipt.rows_read, receipt.rows_loaded) == (31, 30)
    assert rules(receipt) == [(32, "feeling", "range")]


def test_a_semicolon_file_may_hold_decimal_commas(house: House) -> None:
    rows = [good("workers", 1, fte="0,75"), good("workers", 2, fte="0.5")]
    receipt = house.receive(csv_text("workers", rows, delimiter=";"), feed="workers")
    assert house.column(receipt, "fte") == [0.75, 0.5]


def test_quoted_fields_hold_delimiters_quotes_and_line_breaks(house: House) -> None:
    texts = ["a,b", 'say "hei"', "two\nlines", "two\r\nlines", ";", "'", " x "]
    rows = [
        good("outreach", n, place_id='"' + text.replace('"', '""') + '"')
        for n, text in enumerate(texts, 1)
    ]
    receipt = house.receive(csv_text("outreach", rows))
    assert house.column(receipt, "place_id") == [text.strip() for text in texts]


def test_quotes_inside_an_unquoted_field_are_text(house: House) -> None:
    assert read(house, "place_id", ['Kerho 7"']) == {'Kerho 7"': 'Kerho 7"'}


def test_a_last_line_without_line_end_is_a_row(house: House) -> None:
    receipt = house.receive(csv_text("outreach", goods("outreach", 2)).rstrip("\n"))
    assert receipt.rows_loaded == 2


# Columns


def test_column_order_is_free(house: House) -> None:
    lines = [line.split(",") for line in csv_text("outreach", goods("outreach", 2)).splitlines()]
    receipt = house.receive("\n".join(",".join(reversed(line)) for line in lines))
    assert receipt.status is Status.ACCEPTED
    assert house.rows(receipt, "visit_id", "feeling") == [("v1", 4), ("v2", 4)]


@pytest.mark.parametrize("quote", ["", '"'])
def test_header_names_are_matched_without_regard_to_case_and_space(
    house: House, quote: str
) -> None:
    head, *rest = csv_text("outreach", goods("outreach", 1)).splitlines()
    names = [f"{quote}  {name.upper()} {quote}" for name in head.split(",")]
    receipt = house.receive("\n".join([",".join(names), *rest]))
    assert receipt.status is Status.ACCEPTED
    assert receipt.errors == []


def test_an_unknown_column_is_a_warning_and_not_loaded(house: House) -> None:
    lines = csv_text("outreach", goods("outreach", 2)).splitlines()
    receipt = house.receive(
        "\n".join([lines[0] + ",huomautus", *(f"{x},SECRET" for x in lines[1:])])
    )
    assert receipt.status is Status.ACCEPTED
    assert rules(receipt) == [(1, "huomautus", "unknown_column")]
    assert [finding.severity for finding in receipt.errors] == ["warn"]
    assert receipt.rows_warned == 0
    assert b"SECRET" not in house.accepted(receipt).read_bytes()


def test_an_optional_column_may_be_missing(house: House) -> None:
    names = "visit_id,occurred_on,municipality,nature,persons_present,persons_contacted"
    receipt = house.receive(f"{names}\nv1,2019-03-14,491,home_visit,3,2\n")
    assert receipt.status is Status.ACCEPTED
    assert house.rows(receipt, "place_id", "topics", "feeling") == [(None, None, None)]


@pytest.mark.parametrize("missing", ["visit_id", "occurred_on", "persons_contacted"])
def test_a_missing_required_column_refuses(house: House, missing: str) -> None:
    content = csv_text("outreach", goods("outreach", 2)).replace(missing, "other", 1)
    receipt = house.receive(content)
    assert receipt.status is Status.REFUSED
    assert rules(receipt) == [(1, missing, "missing_columns")]
    assert missing in receipt.errors[0].message_fi


def test_empty_cells_beyond_the_header_leave_no_trace_in_the_lake(house: House) -> None:
    text = csv_text("outreach", goods("outreach", 3))
    plain = house.receive(text)
    header, *lines = text.splitlines()
    receipt = house.receive("\n".join([header, *(f"{line},," for line in lines)]) + "\n")
    assert receipt.status is Status.ACCEPTED
    assert receipt.rows_loaded == 3
    with duckdb.connect() as connection:
        before, after = (
            connection.execute(
                "describe from read_parquet(?)", [str(house.accepted(one))]
            ).fetchall()
            for one in (plain, receipt)
        )
    assert [name for name, *_ in after] == [name for name, *_ in before]


def test_a_column_that_stands_twice_refuses(house: House) -> None:
    content = csv_text("outreach", goods("outreach", 2)).replace("place_id", " FEELING ", 1)
    receipt = house.receive(content)
    assert rules(receipt) == [(1, None, "duplicate_columns")]


# Values


def test_dates_are_read_both_ways_and_nothing_else_is_a_date(house: House) -> None:
    expected: dict[str, object] = {
        "2019-03-14": date(2019, 3, 14),
        "14.3.2019": date(2019, 3, 14),
        "14.03.2019": date(2019, 3, 14),
        "04.03.2019": date(2019, 3, 4),
        " 2019-03-04 ": date(2019, 3, 4),
        "2019-03-14 00:00:00": date(2019, 3, 14),
        "2019-03-14T00:00:00": date(2019, 3, 14),
        "2019-03-14 0:00": date(2019, 3, 14),
        "14.3.2019 0:00": date(2019, 3, 14),
        "14.3.2019 00:00": date(2019, 3, 14),
        "14.3.2019 0:00:00": date(2019, 3, 14),
        "14.3.2019 00.00.00": date(2019, 3, 14),
        "14.3.2019 klo 0.00": date(2019, 3, 14),
        # In winter Finland is two hours before UTC, in summer three.
        "2019-03-13T22:00:00.000Z": date(2019, 3, 14),
        "2019-03-13T21:59:59Z": date(2019, 3, 13),
        "2019-06-30T21:00Z": date(2019, 7, 1),
        "2019-06-30T20:59Z": date(2019, 6, 30),
        "2019-03-13 22:00:00+00": date(2019, 3, 14),
        "2019-03-13 22:00:00 +0000": date(2019, 3, 14),
        "2019-03-14T00:30:00+05:00": date(2019, 3, 13),
        "2019-03-13T18:30:00-04:30": date(2019, 3, 14),
        "2019-03-13T22:00:00": date(2019, 3, 13),
        "2019-03-13 23:59:59.999": date(2019, 3, 13),
        "14.3.2019 13:45": "type_date",
        "14.3.2019 0:01": "type_date",
        "14.3.2019 24:00": "type_date",
        "31.2.2019 0:00": "type_date",
        "2019-03-13T22:00:00+25:00": "type_date",
        "2019-03-13Z": "type_date",
        "31.2.2019": "type_date",
        "2019-02-29": "type_date",
        "14.3.19": "type_date",
        "2019-03-1O": "type_date",
        "2019-03-14x": "type_date",
        "2019-3-10x": "type_date",
        "0000-00-00": "type_date",
        "14/3/2019": "type_date",
        "3/14/2019": "type_date",
        "20190314": "type_date",
        "43538": "type_date",
        "2019": "type_date",
        "epoch": "type_date",
        "infinity": "type_date",
        "-infinity": "type_date",
        "today": "type_date",
        "2019-03-14 (BC)": "type_date",
        "maaliskuu": "type_date",
        "": "required",
        "  ": "required",
    }
    assert read(house, "occurred_on", expected) == expected


def test_decimals_have_a_point_or_a_comma(house: House) -> None:
    expected: dict[str, object] = {
        "0.5": 0.5,
        '"0,5"': 0.5,
        " 1 ": 1.0,
        ".5": 0.5,
        "5e-1": 0.5,
        "+0.5": 0.5,
        "0": 0.0,
        "0.125": 0.125,
        '"0,125"': 0.125,
        "1.000": 1.0,
        "1.5": "range",
        "1 000,5".replace(",", "."): "range",
        "-0.1": "range",
        "NaN": "type_number",
        "inf": "type_number",
        "-Infinity": "type_number",
        "1e309": "type_number",
        "0x1": "type_number",
        "0_1": "type_number",
        '"0.000,5"': "type_number",
        "0,5 htv".replace(",", "."): "type_number",
        "50 %": "type_number",
        "yksi": "type_number",
        "١": "type_number",
        "": "required",
    }
    assert read(house, "fte", expected, "workers") == expected


def test_whole_numbers_are_whole(house: House) -> None:
    expected: dict[str, object] = {
        "0": 0,
        "1440": 1440,
        "30.0": 30,
        '"30,0"': 30,
        "007": 7,
        "1 440": 1440,
        "1\N{NO-BREAK SPACE}440": 1440,
        "1\N{NARROW NO-BREAK SPACE}440": 1440,
        "1\N{THIN SPACE}440": 1440,
        "1\N{FIGURE SPACE}440.0": 1440,
        "1\N{NARROW NO-BREAK SPACE}000\N{NARROW NO-BREAK SPACE}000": "range",
        "1 44": "type_integer",
        "14 40": "type_integer",
        "1  440": "type_integer",
        "1.000": "number_ambiguous",
        '"1,000"': "number_ambiguous",
        "-1.000": "number_ambiguous",
        "+36.000": "number_ambiguous",
        "30.125": "number_ambiguous",
        "0.000": "number_ambiguous",
        "1.0000": 1,
        "1.00": 1,
        '"1.000,0"': "type_integer",
        "1.000.000": "type_integer",
        "1441": "range",
        "-1": "range",
        "30.5": "type_integer",
        "99999999999999999999": "type_integer",
        "1e400": "type_integer",
        "1_000": "type_integer",
        "30 min": "type_integer",
        "true": "type_integer",
        "2019-03-14": "type_integer",
    }
    assert read(house, "minutes", expected, "contacts") == expected


@pytest.mark.parametrize(
    ("feed", "column", "allowed"),
    [
        ("contacts", "minutes", "0–1440"),
        ("workers", "fte", "0–1"),
        ("outreach", "persons_contacted", "≥ 0"),
    ],
)
def test_where_a_number_is_missed_the_receipt_says_which_are_allowed(
    house: House, feed: str, column: str, allowed: str
) -> None:
    rows = [good(feed, 1, **{column: "many"}), good(feed, 2, **{column: "-1"})]
    receipt = house.receive(csv_text(feed, rows), feed=feed)
    reported = {finding.row: finding.allowed for finding in receipt.errors if finding.row}
    assert reported == {2: allowed, 3: allowed}


def booleans(house: House, *texts: str, column: str = "community") -> Receipt:
    """Receive time entries whose boolean column holds these texts."""
    rows = [good("time_entries", n, **{column: text}) for n, text in enumerate(texts, 1)]
    return house.receive(csv_text("time_entries", rows), feed="time_entries")


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("1", "0"),
        ("true", "false"),
        ("kyllä", "ei"),
        ("yes", "no"),
        ("x", ""),
        ("ja", "nej"),
        ("tosi", "epätosi"),
        ("1.0", "0.0"),
    ],
)
def test_every_notation_of_yes_and_no_is_read(house: House, true: str, false: str) -> None:
    written = [true, false, true.upper(), false.upper(), f" {true} ", f" {false} "]
    receipt = booleans(house, *written)
    assert receipt.status is Status.ACCEPTED
    assert house.column(receipt, "community") == [True, False] * 3


def test_an_empty_column_of_marks_means_no_everywhere(house: House) -> None:
    assert house.column(booleans(house, "", "", ""), "community") == [False, False, False]


def test_an_empty_cell_among_words_is_missing(house: House) -> None:
    receipt = booleans(house, "yes", *["no"] * 20, "")
    assert rules(receipt) == [(23, "community", "required")]
    assert house.column(receipt, "community") == [True, *[False] * 20]


def test_another_word_is_neither_yes_nor_no(house: House) -> None:
    texts = ["joo", "2", "-", "y", "T", "nejj", "truee", "0x1"]
    expected = dict.fromkeys(texts, "type_boolean")
    assert read(house, "community", texts, "time_entries") == expected


def test_lists_have_bars_between_their_codes(house: House) -> None:
    expected: dict[str, object] = {
        "economy": ["economy"],
        "economy|housing": ["economy", "housing"],
        " housing | economy ": ["housing", "economy"],
        "housing||economy|": ["housing", "economy"],
        "economy|economy": ["economy"],
        "": None,
        "|": None,
        "economy|nonsense": "codes",
        "economy,housing".replace(",", ";"): "codes",
        "Economy": "codes",
    }
    assert read(house, "topics", expected) == expected


def test_a_municipality_gets_back_its_leading_zeros(house: House) -> None:
    expected: dict[str, object] = {
        "049": "049",
        "49": "049",
        "5": "005",
        "49.0": "049",
        " 049 ": "049",
        "0049": "code",
        "4.9": "code",
        "999": "code",
        "Espoo": "code",
        "-49": "code",
        "": "required",
    }
    assert read(house, "municipality", expected) == expected


# Lines that are no rows


@pytest.mark.parametrize(
    "end", ["", "\n", "\n\n\n", ",,,,,,,,,\n", ",,,,,,,,,\n\n,,,,,,,,,\n\n", "   \n", "\r\n\r\n"]
)
def test_empty_lines_at_the_end_are_no_rows(house: House, end: str) -> None:
    newline = "\r\n" if "\r" in end else "\n"
    receipt = house.receive(csv_text("outreach", goods("outreach", 2), newline=newline) + end)
    assert receipt.status is Status.ACCEPTED
    assert (receipt.rows_read, receipt.rows_loaded) == (2, 2)


def test_a_row_of_empty_cells_between_rows_is_a_row_without_key(house: House) -> None:
    content = csv_text("outreach", [*goods("outreach", 10), {}, *goods("outreach", 10, start=11)])
    receipt = house.receive(content)
    assert (receipt.rows_read, receipt.rows_rejected) == (21, 1)
    assert (12, "visit_id", "key_empty") in rules(receipt)


# JSON lines


def json_lines(rows: list[dict[str, object]]) -> str:
    """Return rows as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_json_lines_hold_numbers_booleans_and_lists_as_they_are(house: House) -> None:
    typed = {"persons_present": 3, "persons_contacted": 2.0, "feeling": None}
    rows = [
        good("outreach", 1, **typed, topics=["economy", "housing"], municipality=49),
        good("outreach", 2, topics="economy|housing", municipality="049"),
        good("outreach", 3, topics=[], place_id='Ääni "7"\nkaksi'),
    ]
    receipt = house.receive(json_lines(rows), name="2019.jsonl")
    assert receipt.status is Status.ACCEPTED, rules(receipt)
    assert house.rows(receipt, "municipality", "persons_contacted", "topics", "feeling") == [
        ("049", 2, ["economy", "housing"], None),
        ("049", 2, ["economy", "housing"], 4),
        ("491", 2, None, 4),
    ]
    assert house.column(receipt, "place_id")[2] == 'Ääni "7"\nkaksi'


def test_json_booleans_are_taken_as_they_are(house: House) -> None:
    rows = [good("time_entries", n, community=n == 1) for n in (1, 2)]
    receipt = house.receive(json_lines(rows), feed="time_entries", name="2019.jsonl")
    assert house.column(receipt, "community") == [True, False]


def test_json_keys_may_differ_from_line_to_line_and_in_case(house: House) -> None:
    rows = [good("outreach", 1), {key.upper(): value for key, value in good("outreach", 2).items()}]
    del rows[0]["feeling"]
    receipt = house.receive(json_lines(rows), name="2019.jsonl")
    assert receipt.status is Status.ACCEPTED, rules(receipt)
    assert house.column(receipt, "feeling") == [None, 4]


def test_an_unknown_json_key_is_a_warning(house: House) -> None:
    rows = [good("outreach", 1), good("outreach", 2, muuta="x"), good("outreach", 3, muuta="y")]
    receipt = house.receive(json_lines(rows), name="2019.jsonl")
    assert receipt.status is Status.ACCEPTED
    assert [(column, rule) for _, column, rule in rules(receipt)] == [("muuta", "unknown_column")]


def test_blank_lines_of_json_are_counted_from_the_first_on(house: House) -> None:
    lines = [json.dumps(good("outreach", n)) for n in range(1, 21)]
    text = "\n" + "\n".join([*lines, json.dumps(good("outreach", 21, feeling=9))]) + "\n"
    receipt = house.receive(text, name="2019.jsonl")
    assert rules(receipt) == [(22, "feeling", "range")]


def test_a_line_that_is_no_json_object_is_a_rejected_row(house: House) -> None:
    broken = ["[1, 2]", '"text"', "7", "null", '{"visit_id": "v9"', "{]}", "{} {}"]
    lines = json_lines(goods("outreach", 100)).splitlines()
    receipt = house.receive("\n".join([*lines[:5], *broken, *lines[5:]]), name="2019.jsonl")
    assert (receipt.rows_read, receipt.rows_loaded) == (107, 100)
    assert rules(receipt) == [(row, None, "malformed_row") for row in range(6, 13)]
