"""Lines above the header and a row of totals below: read past, and said so in the receipt."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.contracts import load_contracts
from ingest.receipts import Receipt, Status
from tests.support.house import House, csv_text, good, goods, rules
from tests.support.tables import workbook

NAMES = list(good("outreach"))
BAD = {"feeling": 9}
BLANK = ";" * (len(load_contracts()["outreach"].columns) - 1)


def text(above: str, rows: list[dict[str, object]], below: str = "", delimiter: str = ";") -> str:
    """Return a CSV with lines above and below its table."""
    return above + csv_text("outreach", rows, delimiter=delimiter) + below


def line(**values: object) -> str:
    """Return a line with values in some of the columns."""
    return csv_text("outreach", [values], delimiter=";").splitlines()[1]


def severities(receipt: Receipt) -> set[str]:
    """Return the severities of the findings."""
    return {finding.severity for finding in receipt.errors}


# Above


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;;;"])
def test_a_first_line_that_names_the_delimiter_is_read_past(house: House, first: str) -> None:
    receipt = house.receive(text(first + "\n", goods("outreach", 20)))
    assert receipt.status is Status.ACCEPTED, rules(receipt)
    assert receipt.rows_loaded == 20
    assert rules(receipt) == [(1, None, "delimiter_line")]
    assert severities(receipt) == {"warn"}
    assert receipt.rows_warned == 0


TITLES = [
    f"Käynnit 2019{BLANK}\n{BLANK}\n",
    "Käynnit 2019\n\n",
    "Essote\nKäynnit\nTulostettu 1.2.2020 klo 12.00\n",
    '"Käynnit\n2019";;\nx\n',
    "sep=;\nKäynnit\n",
    "Käynnit municipality\n\n\n",
]


@pytest.mark.parametrize(
    ("title", "delimiter", "encoding"),
    [
        *((title, ";", "utf-8") for title in TITLES),
        *((TITLES[0], delimiter, "utf-8") for delimiter in ",\t"),
        *((TITLES[1], ";", encoding) for encoding in ("utf-8-sig", "windows-1252", "utf-16")),
    ],
)
def test_rows_below_a_title_are_numbered_as_in_the_file(
    house: House, title: str, delimiter: str, encoding: str
) -> None:
    title = title.replace(";", delimiter)
    above = title.count("\n") - title.count("\n2019")
    rows = [*goods("outreach", 30), good("outreach", 99, **BAD)]
    receipt = house.receive(text(title, rows, "", delimiter).encode(encoding))
    header = above + 1
    assert receipt.rows_loaded == 30
    assert rules(receipt) == [
        (header, None, "lines_above_header"),
        (header + 31, "feeling", "range"),
    ]
    assert f"rivi {header}" in receipt.errors[0].message_fi
    assert f"({above} kpl)" in receipt.errors[0].message_fi


def test_blank_and_malformed_lines_below_a_title_keep_their_numbers(house: House) -> None:
    lines = text("Otsikko\n\n", [*goods("outreach", 40), good("outreach", 99, **BAD)]).splitlines()
    lines[10:10] = ["", "a;b", ""]  # rows 11, 12, 13
    lines.append('x;"y"z;1;2;3;4;5;6;7')
    receipt = house.receive("\n".join(lines))
    assert rules(receipt) == [
        (3, None, "lines_above_header"),
        (12, None, "malformed_row"),
        (47, "feeling", "range"),
        (48, None, "malformed_row"),
    ]


def test_ten_lines_above_the_header_are_read_past_and_eleven_are_not(house: House) -> None:
    receipt = house.receive(text("x\n" * 10, goods("outreach", 2)))
    assert rules(receipt) == [(11, None, "lines_above_header")]
    receipt = house.receive(text("x\n" * 11, goods("outreach", 2)), name="2018.csv")
    assert rules(receipt) == [(None, None, "no_header")]


def test_only_blank_lines_above_the_header_need_no_remark(house: House) -> None:
    receipt = house.receive(text("\n\n", [*goods("outreach", 20), good("outreach", 99, **BAD)]))
    assert rules(receipt) == [(24, "feeling", "range")]


def test_where_a_column_is_missing_the_row_of_the_header_and_the_delimiter_are_named(
    house: House,
) -> None:
    content = text("Otsikko\n", goods("outreach", 2)).replace("nature", "other", 1)
    receipt = house.receive(content)
    assert rules(receipt) == [(2, "nature", "missing_columns")]
    assert "rivi 2" in receipt.errors[0].message_fi
    assert "puolipiste" in receipt.errors[0].message_fi
    assert "semikolon" in receipt.errors[0].message_sv
    assert "semicolon" in receipt.errors[0].message_en


def test_a_sheet_may_have_a_title_too(house: House) -> None:
    rows = [*goods("outreach", 30), good("outreach", 99, **BAD)]
    cells: list[list[Any]] = [["Käynnit 2019"], [], NAMES]
    cells += [[row.get(name) for name in NAMES] for row in rows]
    receipt = house.receive(workbook(cells), name="2019.xlsx")
    assert rules(receipt) == [(3, None, "lines_above_header"), (34, "feeling", "range")]


# Below

TOTALS = ["Yhteensä", "YHTEENSÄ:", "yht.", "Summa", "Total", "Totalt", "Sammanlagt", "Sum"]


@pytest.mark.parametrize(
    ("word", "end"),
    [
        *((word, "\n") for word in [*TOTALS, "Yhteensä 20 kpl", "  Total  ", '"Yhteensä"']),
        *(("Yhteensä", end) for end in ("", f"\n{BLANK}\n\n\n")),
    ],
)
def test_a_row_of_totals_is_no_row_and_said_in_the_receipt(
    house: House, word: str, end: str
) -> None:
    total = line(visit_id=word, persons_present=60, persons_contacted=40) + end
    receipt = house.receive(text("", goods("outreach", 20), total))
    assert receipt.status is Status.ACCEPTED, rules(receipt)
    assert (receipt.rows_read, receipt.rows_loaded, receipt.rows_rejected) == (20, 20, 0)
    assert rules(receipt) == [(22, None, "totals_row")]
    assert severities(receipt) == {"warn"}
    assert "22" in receipt.errors[0].message_fi


@pytest.mark.parametrize(
    "total",
    [
        line(municipality="Yhteensä", persons_present=60),
        "Yhteensä;60",
        line(feeling="Yhteensä"),
    ],
)
def test_the_word_may_stand_anywhere_and_the_row_may_be_short(house: House, total: str) -> None:
    receipt = house.receive(text("Otsikko\n", goods("outreach", 20), total))
    assert receipt.rows_loaded == 20
    assert rules(receipt) == [(2, None, "lines_above_header"), (23, None, "totals_row")]


@pytest.mark.parametrize(
    "last",
    [
        good("outreach", 99, place_id="Summa"),
        good("outreach", 99, visit_id="Total"),
        good("outreach", 99, visit_id="Total-99"),
    ],
)
def test_a_whole_row_with_such_a_word_is_a_row(house: House, last: dict[str, object]) -> None:
    receipt = house.receive(text("", [*goods("outreach", 20), last]))
    assert receipt.rows_loaded == 21
    assert receipt.errors == []


def test_only_the_last_row_is_one_of_totals(house: House) -> None:
    lines = text("", goods("outreach", 20)).splitlines()
    lines.insert(10, line(visit_id="Yhteensä", persons_present=60))
    receipt = house.receive("\n".join(lines))
    assert receipt.rows_rejected == 1
    assert {row for row, *_ in rules(receipt)} == {11}


def test_totals_of_numbers_by_municipality(house: House) -> None:
    """The first column of the key is a code, and no code is such a word."""
    content = (
        "municipality;year;population\n049;2019;289731\n205;2019;36567\nYhteensä;2019;326298\n"
    )
    receipt = house.receive(content, feed="population", organisation="reference")
    assert receipt.rows_loaded == 2
    assert rules(receipt) == [(4, None, "totals_row")]


SCORES = "measurement_id;domain;score\nm1;body;60\n"


@pytest.mark.parametrize(
    ("last", "loaded", "found"),
    [
        ("m1;total;61.5", [("m1", "body"), ("m1", "total")], []),
        (";Total;121.5", [("m1", "body")], [(3, None, "totals_row")]),
        ("Yhteensä;;121.5", [("m1", "body")], [(3, None, "totals_row")]),
        (";total;121.5", [("m1", "body")], [(3, None, "totals_row")]),
    ],
)
def test_a_code_that_is_such_a_word_is_a_key(
    house: House,
    last: str,
    loaded: list[tuple[str, str]],
    found: list[tuple[int, None, str]],
) -> None:
    """The list of domains has the code total: the score of a whole instrument."""
    receipt = house.receive(f"{SCORES}{last}\n", feed="measurement_scores")
    assert house.rows(receipt, "measurement_id", "domain") == loaded
    assert rules(receipt) == found


def test_a_code_in_letters_of_another_size_is_a_wrong_code_and_no_row_of_totals(
    house: House,
) -> None:
    rows = [f"m{n};body;60" for n in range(20)]
    receipt = house.receive(
        "\n".join(["measurement_id;domain;score", *rows, "m20;Total;61.5", ""]),
        feed="measurement_scores",
    )
    assert (receipt.rows_loaded, receipt.rows_rejected) == (20, 1)
    assert rules(receipt) == [(22, "domain", "code")]


def test_a_sheet_may_end_with_a_code_that_is_such_a_word(house: House) -> None:
    cells: list[list[Any]] = [["measurement_id", "domain", "score"], ["m1", "total", 61.5]]
    receipt = house.receive(workbook(cells), feed="measurement_scores", name="2019.xlsx")
    assert house.rows(receipt, "measurement_id", "domain") == [("m1", "total")]
    assert receipt.errors == []


def test_a_sheet_may_have_a_row_of_totals_too(house: House) -> None:
    cells: list[list[Any]] = [NAMES]
    cells += [[row.get(name) for name in NAMES] for row in goods("outreach", 20)]
    cells += [[], ["Yhteensä", None, None, None, 60, 40], [None], [" "]]
    receipt = house.receive(workbook(cells), name="2019.xlsx")
    assert (receipt.rows_read, receipt.rows_loaded) == (20, 20)
    assert rules(receipt) == [(23, None, "totals_row")]
