"""Personal identity codes, checked in SQL, against python-stdnum and the official rule.

python-stdnum knows all separators in force since 2023. It refuses the temporary individual numbers
900–999 unless set otherwise, and knows no future, so no birth that is still to come is tried here.
"""

from __future__ import annotations

from datetime import date
from itertools import product

from stdnum.exceptions import ValidationError
from stdnum.fi import hetu

from ingest.receipts import Receipt
from tests.support.house import House, csv_text, good, goods, rules
from tests.support.tables import CHECK_CHARACTERS, identity_code

CENTURY = {"+": 1800, **dict.fromkeys("-YXWVU", 1900), **dict.fromkeys("ABCDEF", 2000)}
DAYS = ("010100", "290204", "290200", "290203", "310404", "311219", "320101", "000101", "150020")
NUMBERS = (0, 1, 2, 3, 308, 898, 899, 900, 901, 998, 999)


def is_valid(code: str) -> bool:
    """Ask the oracle."""
    try:
        return hetu.validate(code, allow_temporary=True) == code.upper()
    except ValidationError:
        return False


def receive(house: House, codes: list[str]) -> Receipt:
    """Receive clients with these codes among enough good ones."""
    rows = [good("clients", n, person_id=code) for n, code in enumerate(codes, 1)]
    fill = [good("clients", 10**6 + n) for n in range(10 * len(codes))]
    return house.receive(csv_text("clients", rows + fill), feed="clients")


def grid() -> list[str]:
    """Return codes of every separator, day and individual number, right and wrong."""
    codes = []
    for day, separator, number in product(DAYS, CENTURY, NUMBERS):
        remainder = int(day + f"{number:03}") % 31
        for shift in (0, 1, 30):
            check = CHECK_CHARACTERS[(remainder + shift) % 31]
            codes.append(f"{day}{separator}{number:03}{check}")
    return codes


def test_the_check_agrees_with_the_oracle_over_a_grid_of_thousands(house: House) -> None:
    codes = grid()
    assert len(codes) > 3000
    valid = [is_valid(code) for code in codes]
    assert 300 < sum(valid) < len(codes) / 2
    house.drop(
        csv_text("clients", [good("clients", n, person_id=c) for n, c in enumerate(codes)]),
        feed="clients",
    )
    # Most are wrong on purpose, so the file is refused; every finding stands in its table.
    (receipt,) = house.receive_all()
    table = (house.home.receipts / f"{receipt.submission_id}.errors.csv").read_text("utf-8")
    wrong = {
        int(line.split(",", 1)[0]) - 2
        for line in table.splitlines()
        if ",person_id,identity_code_invalid," in line
    }
    disagreements = [c for n, c in enumerate(codes) if valid[n] == (n in wrong)]
    assert disagreements == []


def test_the_oracle_knows_every_separator_in_force() -> None:
    for separator, century in CENTURY.items():
        code = identity_code(date(century + 3, 2, 1), 123, separator)
        assert is_valid(code), f"python-stdnum does not know {separator}"


def test_every_separator_tells_its_century_and_the_number_its_sex(house: House) -> None:
    people = [
        (identity_code(date(century + year, 2, 28), number, separator), century + year, number)
        for separator, century in CENTURY.items()
        for year, number in ((0, 2), (4, 899), (20, 303))
    ]
    receipt = receive(house, [code for code, *_ in people])
    assert receipt.rows_rejected == 0, rules(receipt)
    found = house.rows(receipt, "birth_year", "sex")[: len(people)]
    assert found == [(year, "male" if number % 2 else "female") for _, year, number in people]


def test_temporary_codes_load_with_a_warning(house: House) -> None:
    codes = [identity_code(date(1999, 1, 31), number) for number in (899, 900, 950, 999)]
    receipt = receive(house, codes)
    assert receipt.rows_rejected == 0
    assert rules(receipt) == [(row, "person_id", "identity_code_temporary") for row in (3, 4, 5)]
    assert {finding.severity for finding in receipt.errors} == {"warn"}
    assert receipt.rows_warned == 3
    warned = ["identity_code_temporary"]
    assert house.column(receipt, "warnings")[:4] == [None, warned, warned, warned]


def test_letters_may_be_small_and_space_may_surround(house: House) -> None:
    code = identity_code(date(2004, 2, 29), 77, "A")
    assert code[-1].isalpha()
    variants = [code, code.lower(), f"  {code} ", code[:6] + "a" + code[7:], f"{code}\u00a0"]
    receipt = receive(house, variants)
    assert receipt.rows_rejected == 0
    pseudonyms = house.column(receipt, "person_id")[: len(variants)]
    assert len(set(pseudonyms)) == 1


def test_another_separator_of_the_same_century_is_another_person(house: House) -> None:
    codes = [identity_code(date(1975, 5, 5), 123, separator) for separator in "-YXWVU"]
    receipt = receive(house, codes)
    assert len(set(house.column(receipt, "person_id")[: len(codes)])) == len(codes)


def test_what_is_not_of_the_form_is_invalid(house: House) -> None:
    code = identity_code(date(1952, 10, 13), 308)
    wrong = [
        *(code[:-1], code + "0", code[1:], code.replace("-", ""), code.replace("-", " ")),
        *(code.replace("-", "–"), code.replace("-", "G"), code.replace("-", "Z"), "x" + code),
        *(code[:10] + "O", code[:10] + "I", f"{code};{code}", "131052–308T", "*", "0"),
        *("１３１０５２-308T", f"{code[:6]}\u00a0{code[7:]}", "131052--08T", "+31052-308T"),
        # Born in a century that has not had that day yet.
        identity_code(date(2099, 12, 31), 101, "A"),
    ]
    receipt = receive(house, wrong)
    invalid = [row for row, _, rule in rules(receipt) if rule == "identity_code_invalid"]
    assert [wrong[row - 2] for row in range(2, len(wrong) + 2) if row not in invalid] == []
    assert house.rejected_rows(receipt, "person_id", "birth_year", "sex") == [
        ("***", None, None)
    ] * len(wrong)


def test_an_empty_code_is_missing_not_invalid(house: House) -> None:
    receipt = receive(house, ["", "  "])
    assert rules(receipt) == [(row, "person_id", "required") for row in (2, 3)]


def test_an_identity_code_in_a_text_column_rejects_its_row(house: House) -> None:
    code = identity_code(date(1952, 10, 13), 308)
    texts = [code, f"asiakas {code}", code.lower(), f"({code})", "131052 308T", "13.10.1952 308T"]
    harmless = [
        *(
            "123e4567-e89b-12d3-a456-426614174000",
            "20190314-123456",
            "2019-03-14T10:00",
            "1310523087",
        ),
        *("5f43a1b2c3d4e5f6a7b8c9d0", "131052-308", "ID-131052", f"x{code}", f"{code[:-1]}A"),
    ]
    rows = [good("outreach", n, visit_id=text) for n, text in enumerate([*texts, *harmless])]
    receipt = house.receive(csv_text("outreach", [*rows, *goods("outreach", 100, 50)]))
    assert [row - 2 for row, _, rule in rules(receipt) if rule == "identity_code_in_text"] == list(
        range(len(texts))
    )
    assert house.column(receipt, "visit_id")[: len(harmless)] == harmless
    assert {key for (key,) in house.rejected_rows(receipt, "visit_id")} == {"***"}
