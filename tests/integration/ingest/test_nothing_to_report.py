"""A header without rows says that there is nothing to report; no header says nothing."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest import receiver
from ingest.receipts import Status
from tests.support.house import House, csv_text, good, goods, rules
from tests.support.tables import workbook

HEADER = csv_text("outreach", [])


def empty_parquet() -> bytes:
    """Return the columns of a feed without a row."""
    out = io.BytesIO()
    pq.write_table(pa.table({name: pa.array([], pa.string()) for name in good("outreach")}), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (HEADER.encode(), "2019.csv"),
        (HEADER.rstrip("\n").encode(), "2019.csv"),
        ((HEADER + "\n\n" + "," * HEADER.count(",") + "\n").encode(), "2019.csv"),
        (HEADER.encode("utf-16"), "2019.csv"),
        (workbook([list(good("outreach"))]), "2019.xlsx"),
        (workbook([list(good("outreach")), [" "], [None]]), "2019.xlsx"),
        (empty_parquet(), "2019.parquet"),
    ],
)
def test_a_header_without_rows_is_accepted(house: House, content: bytes, name: str) -> None:
    receipt = house.receive(content, name=name)
    assert receipt.status is Status.ACCEPTED, rules(receipt)
    assert (receipt.rows_read, receipt.rows_loaded, receipt.rows_rejected) == (0, 0, 0)
    assert rules(receipt) == [(None, None, "nothing_to_report")]
    assert [finding.severity for finding in receipt.errors] == ["warn"]
    assert house.rows(receipt) == []
    assert house.current() == receipt.submission_id


def test_a_title_and_totals_of_nothing_are_nothing_to_report(house: House) -> None:
    receipt = house.receive(f"Otsikko\n{HEADER}Yhteensä,,,0\n")
    assert receipt.status is Status.ACCEPTED
    assert [rule for *_, rule in rules(receipt)] == [
        "nothing_to_report",
        "lines_above_header",
        "totals_row",
    ]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (csv_text("outreach", goods("outreach", 3)).partition("\n")[2], "2019.csv"),
        ("ei mitään\n", "2019.csv"),
        ("\n", "2019.csv"),
        ("\n", "2019.jsonl"),
        ("{}\n", "2019.jsonl"),
        ("[]\n", "2019.jsonl"),
        ('{"a": 1}\n', "2019.jsonl"),
        (workbook([["ei mitään"]]), "2019.xlsx"),
        (workbook([]), "2019.xlsx"),
    ],
)
def test_a_file_without_a_header_is_refused_and_told_how_to_report_nothing(
    house: House, content: bytes | str, name: str
) -> None:
    receipt = house.receive(content, name=name)
    assert receipt.status is Status.REFUSED
    assert rules(receipt) == [(None, None, "no_header")]
    texts = (receipt.errors[0].message_fi, receipt.errors[0].message_sv)
    for text, told in zip(texts, ("pelkkä otsikkorivi", "endast rubrikraden"), strict=True):
        assert told in text


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_told_how_to_report_nothing(house: House, content: bytes) -> None:
    receipt = house.receive(content)
    assert rules(receipt) == [(None, None, "empty_file")]
    assert "pelkkä otsikkorivi" in receipt.errors[0].message_fi


def test_a_line_too_long_to_read_is_not_nothing(house: House) -> None:
    receipt = house.receive(HEADER + "x" * (17 << 20) + "\n")
    assert receipt.status is Status.REFUSED
    assert rules(receipt) == [(2, None, "row_too_long")]


@pytest.mark.parametrize("decision", [None, "accept", "refuse"])
def test_one_that_waits_has_a_table_of_its_findings_like_any_other(
    house: House, decision: str | None
) -> None:
    house.receive(csv_text("outreach", goods("outreach", 5)))
    receipt = house.receive(HEADER)
    assert receipt.status is Status.HELD
    table = house.home.held / receipt.submission_id / "work" / "errors.csv"
    if decision is not None:
        if decision == "accept":
            receipt = receiver.accept_held(house.home, receipt.submission_id, by="Tilastoija")
        else:
            receipt = receiver.refuse_held(
                house.home, receipt.submission_id, by="Tilastoija", reason="Väärä tiedosto"
            )
        table = house.home.receipts / f"{receipt.submission_id}.errors.csv"
    with table.open(encoding="utf-8", newline="") as file:
        found = [(row["rule"], row["message_fi"]) for row in csv.DictReader(file)]
    assert found == [(one.rule, one.message_fi) for one in receipt.errors]
    assert found
