"""Further forms of what was reported: each kind of case as other programs and people write it."""

from __future__ import annotations

import io
from datetime import date

import pytest
import xlsxwriter

from ingest import receiver
from ingest.receipts import Status
from ingest.withdrawal import withdraw
from tests.support.house import House, csv_text, good, goods, rules

NOTHING = csv_text("outreach", [])


def among_good(house: House, feed: str, column: str, value: str) -> tuple[list[str], object]:
    """Return the rules that a value breaks in a row after twenty good ones, and what is loaded."""
    rows = [*goods(feed, 20), good(feed, 21, **{column: value})]
    receipt = house.receive(csv_text(feed, rows, delimiter=";"), feed=feed)
    broken = [rule for *_, rule in rules(receipt)]
    return broken, house.column(receipt, column)[-1] if receipt.rows_rejected == 0 else None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("36\N{THIN SPACE}000", 36000),
        ("36\N{NARROW NO-BREAK SPACE}000", 36000),
        ("1 000 000", 1000000),
        ("36000,00", 36000),
        ("36'000", "type_integer"),
        ("36\N{RIGHT SINGLE QUOTATION MARK}000", "type_integer"),
        ("1.234.567", "type_integer"),
        ("36.000,00", "type_integer"),
        ("36,000.00", "type_integer"),
        ("36 00", "type_integer"),
        ("36.125", "number_ambiguous"),
    ],
)
def test_thousands_of_other_places(house: House, value: str, expected: object) -> None:
    broken, loaded = among_good(house, "outreach", "persons_present", value)
    assert (broken or loaded) == ([expected] if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("14.3.2019 klo 0.00", date(2019, 3, 14)),
        ("2019-06-30T21:00:00Z", date(2019, 7, 1)),
        ("2019-03-14T23:30:00-05:00", date(2019, 3, 15)),
        ("3/14/2019", "type_date"),
        ("14/3/2019", "type_date"),
        ("14.3.19", "type_date"),
        ("14. maaliskuuta 2019", "type_date"),
        ("2019-W11-4", "type_date"),
        ("43538", "type_date"),
        ("29.2.2019", "type_date"),
    ],
)
def test_days_of_other_notations(house: House, value: str, expected: object) -> None:
    broken, loaded = among_good(house, "outreach", "occurred_on", value)
    assert (broken or loaded) == ([expected] if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    ("feed", "column", "may_lie_ahead"),
    [
        ("workers", "ended_on", True),
        ("clients", "ended_on", True),
        ("clients", "started_on", False),
        ("assessments", "completed_on", False),
    ],
)
def test_only_the_end_of_a_spell_may_lie_ahead(
    house: House, feed: str, column: str, may_lie_ahead: bool
) -> None:
    broken, loaded = among_good(house, feed, column, "2099-12-31")
    if may_lie_ahead:
        assert (broken, loaded) == ([], date(2099, 12, 31))
    else:
        assert broken == ["date_in_future"]


def two_sheets(first_rows: int, second_rows: int) -> bytes:
    """Return a workbook whose two sheets both have the header."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, count in (("marras", first_rows), ("joulu", second_rows)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(good("outreach")))
            for number, row in enumerate(goods("outreach", count), 1):
                sheet.write_row(number, 0, list(row.values()))
    return out.getvalue()


def test_a_sheet_with_the_header_alone_fits_beside_another(house: House) -> None:
    receipt = house.receive(two_sheets(20, 0), name="2019.xlsx")
    assert (receipt.status, rules(receipt)) == (
        Status.REFUSED,
        [(None, None, "several_sheets_fit")],
    )


@pytest.mark.parametrize("error", ["#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"])
def test_every_error_of_a_cell_is_a_wrong_value(house: House, error: str) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Käynnit")
        names = list(good("outreach"))
        sheet.write_row(0, 0, names)
        for number, row in enumerate(goods("outreach", 20), 1):
            sheet.write_row(number, 0, list(row.values()))
        sheet.write_formula(5, names.index("feeling"), "=1/0", None, error)
    receipt = house.receive(out.getvalue(), name="2019.xlsx")
    assert rules(receipt) == [(6, "feeling", "error_cell")]


@pytest.mark.parametrize("first", ["SEP=;\n", '"sep=;"\n', "sep=;\nOtsikko\n", "\n\nOtsikko;;\n"])
def test_other_lines_above_the_header(house: House, first: str) -> None:
    receipt = house.receive(first + csv_text("outreach", goods("outreach", 20), delimiter=";"))
    assert (receipt.status, receipt.rows_loaded) == (Status.ACCEPTED, 20)
    assert [rule for *_, rule in rules(receipt)] in (["delimiter_line"], ["lines_above_header"])


@pytest.mark.parametrize("last", ["Yht.", "SUMMA:", "Totalt", "Sammanlagt", "Grand total"])
def test_other_words_of_totals(house: House, last: str) -> None:
    receipt = house.receive(csv_text("outreach", goods("outreach", 20)) + f"{last},,,,60\n")
    assert rules(receipt) == [(22, None, "totals_row")]


def test_a_month_sent_while_nothing_of_the_year_waits_stays_in_force(house: House) -> None:
    house.receive(csv_text("outreach", goods("outreach", 5)), name="2019-03.csv")
    nothing = house.receive(NOTHING)
    assert nothing.status is Status.HELD
    month = house.receive(csv_text("outreach", goods("outreach", 6)), name="2019-03.csv")
    accepted = receiver.accept_held(house.home, nothing.submission_id, by="Tilastoija")
    # It was received before the month, however late somebody decided.
    assert accepted.out_of_force == []
    withdraw(house.home, accepted.submission_id, by="Tilastoija", reason="Väärä")
    assert house.current(period="2019-03") == month.submission_id


def test_nothing_to_report_is_judged_anew_after_it_was_withdrawn(house: House) -> None:
    first = house.receive(NOTHING, name="2019-03.csv")
    withdraw(house.home, first.submission_id, by="Tilastoija", reason="Väärä")
    again = house.receive(NOTHING, name="2019-03.csv")
    assert again.status is Status.ACCEPTED
    other = house.receive(NOTHING, name="2019-03.csv", organisation="sosteri")
    assert other.status is Status.ACCEPTED
