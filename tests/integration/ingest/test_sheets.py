"""Workbooks: which sheet is read, and cells whose value cannot be read."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import xlsxwriter

from ingest.receipts import Receipt, Status
from tests.support.house import House, good, goods, rules

NAMES = list(good("outreach"))
Cells = list[list[Any]]


def table(rows: list[dict[str, object]], names: list[str] = NAMES) -> Cells:
    """Return a header and rows as cells."""
    return [list(names), *[[row.get(name) for name in names] for row in rows]]


def book(sheets: dict[str, Cells], hidden: str = "", formulas: Any = ()) -> bytes:
    """Write a workbook; formulas are (sheet, row, column, formula, value or None)."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        for name, cells in sheets.items():
            page = workbook.add_worksheet(name)
            for number, values in enumerate(cells):
                page.write_row(number, 0, values)
            if name == hidden:
                page.hide()
            for sheet, row, column, formula, value in formulas:
                if sheet == name:
                    page.write_formula(row, column, formula, None, "" if value is None else value)
    return out.getvalue()


def receive(house: House, content: bytes) -> Receipt:
    """Receive a workbook."""
    return house.receive(content, name="2019.xlsx")


def remarks(receipt: Receipt) -> list[str]:
    """Return the rules of the findings that only remark on the file."""
    return [each.rule for each in receipt.errors if each.severity == "warn"]


# Which sheet


@pytest.mark.parametrize("first", ["Ohje", "Käynnit"])
def test_the_sheet_whose_header_fits_is_read_and_named(house: House, first: str) -> None:
    guide: Cells = [["Lue tämä ensin"], ["x", 1]]
    sheets = {"Käynnit": table(goods("outreach", 2)), "Ohje": guide}
    ordered = {first: sheets.pop(first)} | sheets
    receipt = receive(house, book(ordered))
    assert receipt.status is Status.ACCEPTED, rules(receipt)
    assert house.column(receipt, "visit_id") == ["v1", "v2"]
    assert rules(receipt) == [(None, None, "sheet_read")]
    assert remarks(receipt) == ["sheet_read"]
    for text in (receipt.errors[0].message_fi, receipt.errors[0].message_en):
        assert "Käynnit" in text
        assert "Ohje" in text


@pytest.mark.parametrize("other", [{}, {"Tyhjä": []}])
def test_where_no_other_sheet_holds_anything_there_is_no_remark(
    house: House, other: dict[str, Cells]
) -> None:
    receipt = receive(house, book(other | {"Taul1": table(goods("outreach", 2))}))
    assert receipt.status is Status.ACCEPTED
    assert receipt.errors == []


@pytest.mark.parametrize("hidden", ["", "joulu"])
def test_a_workbook_of_which_two_sheets_fit_is_refused(house: House, hidden: str) -> None:
    sheets = {"marras": table(goods("outreach", 2)), "joulu": table(goods("outreach", 2, 3))}
    receipt = receive(house, book(sheets, hidden))
    assert receipt.status is Status.REFUSED
    assert rules(receipt) == [(None, None, "several_sheets_fit")]
    assert "marras, joulu" in receipt.errors[0].message_fi
    # Two files for the same period would replace one another.
    assert "oma ajanjakso" in receipt.errors[0].message_fi


def test_an_identity_code_in_the_name_of_a_sheet_is_masked(house: House) -> None:
    sheets = {"131052-308T": table(goods("outreach", 2)), "b": table(goods("outreach", 2, 3))}
    receipt = receive(house, book(sheets))
    assert "131052-308T" not in receipt.errors[0].message_fi
    assert "***" in receipt.errors[0].message_fi


def test_where_none_fits_the_sheets_and_the_row_like_a_header_are_named(house: House) -> None:
    names = [name for name in NAMES if name != "nature"]
    sheets = {"Ohje": [["Lue"]], "Data": [["Käynnit"], *table(goods("outreach", 2), names)]}
    receipt = receive(house, book(sheets))
    assert rules(receipt) == [(2, "nature", "missing_columns")]
    assert "taulukon Data rivi 2" in receipt.errors[0].message_fi
    assert "Ohje, Data" in receipt.errors[0].message_fi


@pytest.mark.parametrize("sheets", [{"Ohje": [["Lue"]], "Data": [["a", "b"], [1, 2]]}, {"A": []}])
def test_a_workbook_without_a_header_is_refused_and_told_how_to_report_nothing(
    house: House, sheets: dict[str, Cells]
) -> None:
    receipt = receive(house, book(sheets))
    assert rules(receipt) == [(None, None, "no_header")]
    assert "pelkkä otsikkorivi" in receipt.errors[0].message_fi
    assert "visit_id" in receipt.errors[0].message_fi


def test_a_chart_on_a_sheet_of_its_own_is_no_table(house: House) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet("Data")
        for number, values in enumerate(table(goods("outreach", 2))):
            page.write_row(number, 0, values)
        chart = workbook.add_chart({"type": "bar"})
        chart.add_series({"values": "=Data!$E$2:$E$3"})
        workbook.add_chartsheet("Kaavio").set_chart(chart)
    assert receive(house, out.getvalue()).rows_loaded == 2


# Cells that cannot be read

ERRORS = ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"]


@pytest.mark.parametrize("column", NAMES)
def test_an_error_cell_is_rejected_in_every_column_and_the_rest_loads(
    house: House, column: str
) -> None:
    formula = ("a", 3, NAMES.index(column), "=NA()", "#N/A")
    receipt = receive(house, book({"a": table(goods("outreach", 20))}, formulas=[formula]))
    assert rules(receipt) == [(4, column, "error_cell")]
    assert (receipt.rows_read, receipt.rows_loaded) == (20, 19)


@pytest.mark.parametrize("error", ERRORS)
def test_every_kind_of_error_is_one(house: House, error: str) -> None:
    formula = ("a", 1, NAMES.index("feeling"), "=A1", error)
    receipt = receive(house, book({"a": table(goods("outreach", 20))}, formulas=[formula]))
    assert rules(receipt) == [(2, "feeling", "error_cell")]


def test_an_error_of_a_newer_program_is_one_too(house: House) -> None:
    formula = ("a", 1, NAMES.index("feeling"), "=A1", "#N/A")
    content = book({"a": table(goods("outreach", 20))}, formulas=[formula])
    receipt = receive(house, rewritten(content, b"<v>#N/A</v>", b"<v>#SPILL!</v>"))
    assert rules(receipt) == [(2, "feeling", "error_cell")]


def rewritten(workbook: bytes, old: bytes, new: bytes) -> bytes:
    """Return a workbook with a text of its first sheet replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            text = before.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert old in text
                text = text.replace(old, new)
            after.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize("value", [b"<v></v>", b"<v/>", b""])
@pytest.mark.parametrize("column", ["feeling", "place_id", "occurred_on", "visit_id"])
def test_a_formula_without_a_value_is_rejected(house: House, column: str, value: bytes) -> None:
    names = [*NAMES, "place_id"]
    formula = ("a", 20, names.index(column), "=1+3", 77)
    content = book({"a": table(goods("outreach", 20), names)}, formulas=[formula])
    receipt = receive(house, rewritten(content, b"<f>1+3</f><v>77</v>", b"<f>1+3</f>" + value))
    assert rules(receipt) == [(21, column, "error_cell")]
    assert receipt.rows_loaded == 19


def test_a_row_of_which_every_cell_is_an_error_is_a_rejected_row(house: House) -> None:
    formulas = [("a", 20, place, "=NA()", "#N/A") for place in range(len(NAMES))]
    receipt = receive(house, book({"a": table(goods("outreach", 20))}, formulas=formulas))
    assert (receipt.rows_read, receipt.rows_rejected) == (20, 1)
    assert {(row, rule) for row, _, rule in rules(receipt)} == {(21, "error_cell")}


def test_a_formula_whose_value_is_the_empty_text_is_an_empty_cell(house: House) -> None:
    formula = ("a", 1, NAMES.index("feeling"), '=""', None)
    content = book({"a": table(goods("outreach", 2))}, formulas=[formula])
    content = rewritten(content, b'"><f>""</f>', b'" t="str"><f>""</f>')
    receipt = receive(house, content)
    assert receipt.errors == []
    assert house.column(receipt, "feeling") == [None, 4]


def test_columns_beside_a_table_that_begins_further_right_stay_what_they_are(house: House) -> None:
    cells = [[], [], *[[None, None, *row] for row in table(goods("outreach", 20))]]
    formula = ("a", 5, 2 + NAMES.index("feeling"), "=NA()", "#N/A")
    receipt = receive(house, book({"a": cells}, formulas=[formula]))
    assert rules(receipt) == [(6, "feeling", "error_cell")]
    assert house.column(receipt, "visit_id") == [f"v{n}" for n in range(1, 21) if n != 3]


def test_errors_in_columns_of_marks_and_open_ends_refuse_clients(house: House) -> None:
    """Looked-up end dates and marks that were not found: neither is an empty cell."""
    names = [*good("clients"), "ended_on"]
    rows = [good("clients", n, special_support="") for n in range(1, 21)]
    formulas = [("a", n, names.index("ended_on"), "=NA()", "#N/A") for n in range(1, 21)]
    formulas += [("a", n, names.index("special_support"), "=NA()", "#N/A") for n in range(2, 21, 2)]
    content = book({"a": table(rows, names)}, formulas=formulas)
    receipt = house.receive(content, feed="clients", name="2019.xlsx")
    assert receipt.status is Status.REFUSED
    assert receipt.rows_rejected == 20
    columns = [(column, rule) for row, column, rule in rules(receipt) if row]
    assert columns.count(("ended_on", "error_cell")) == 20
    assert columns.count(("special_support", "error_cell")) == 10
    assert len(columns) == 30
