"""The two detectors of identity codes, in Python and in SQL: the same answer for every notation."""

from __future__ import annotations

from datetime import date
from functools import cache

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.identity_code_sql import holds_identity_code as sql_condition
from ingest.identity_codes import contains_identity_code, masked
from tests.support.tables import CHECK_CHARACTERS, identity_code

NUMBERS = 1_000_000
SPACES = " \u00a0\u2009\u202f\u3000\t"
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\uff0d\ufe63"
SEPARATORS = st.sampled_from([*SPACES, *DASHES, "_", "/", ".", "\u200b", "", " - ", ". "])
BEFORE = st.sampled_from(["", " ", "(", ",", ";", "asiakas ", " (", "_", "/", "-", ":", "1, "])
AFTER = st.sampled_from(["", " ", ")", ",", ";", " asiakas", ") ", "_", "/", "-", ":", ", 1"])
NOT_AROUND = st.sampled_from(["x", "1", "ä", "Ж", "７"])


@cache
def engine() -> duckdb.DuckDBPyConnection:
    """Return an engine with the SQL detector as a macro."""
    connection = duckdb.connect()
    connection.execute(f"CREATE MACRO holds_code(t) AS {sql_condition('t')}")
    return connection


def in_sql(texts: list[str]) -> list[bool]:
    """Ask the SQL detector."""
    found = engine().execute(
        "SELECT holds_code(t) FROM (SELECT unnest($1::VARCHAR[]) AS t)", [texts]
    )
    return [answer for (answer,) in found.fetchall()]


def full_width(text: str) -> str:
    """Write digits and letters of ASCII in their full-width forms."""
    return "".join(chr(ord(c) + 0xFEE0) if c.isalnum() and c.isascii() else c for c in text)


@st.composite
def codes(draw: st.DrawFn, *, check: str = CHECK_CHARACTERS) -> tuple[str, str, str, str]:
    """Draw day, sign, individual number and check character of a code that is right."""
    born = draw(st.dates(date(1900, 1, 1), date(1999, 12, 31)))
    number = draw(st.integers(0, 999))
    sign = draw(st.sampled_from("-YXWVU"))
    code = identity_code(born, number, sign)
    if code[-1] not in check:
        # The next number with a check character that is wanted.
        for other in range(number, number + 62):
            code = identity_code(born, other % 1000, sign)
            if code[-1] in check:
                break
    day = draw(st.sampled_from([f"{born:%d%m%y}", f"{born:%d%m%Y}"]))
    return day, sign, code[7:10], code[10]


LETTERS = "".join(c for c in CHECK_CHARACTERS if c.isalpha())


@settings(max_examples=150, deadline=None)
@given(
    code=codes(check=LETTERS),
    has_sign=st.booleans(),
    separators=st.lists(SEPARATORS, min_size=13, max_size=13),
    around=st.tuples(BEFORE, AFTER),
    is_wide=st.booleans(),
    is_small=st.booleans(),
)
def test_a_code_with_a_letter_is_found_however_it_is_written(
    code: tuple[str, str, str, str],
    has_sign: bool,
    separators: list[str],
    around: tuple[str, str],
    is_wide: bool,
    is_small: bool,
) -> None:
    day, sign, number, check = code
    characters = [*day, *(sign if has_sign else ""), *number]
    parts = zip(characters, separators, strict=False)
    written = "".join(f"{character}{separator}" for character, separator in parts) + check
    written = written.lower() if is_small else written
    written = full_width(written) if is_wide else written
    text = f"{around[0]}{written}{around[1]}"
    assert contains_identity_code(text), ascii(text)
    assert in_sql([text]) == [True], ascii(text)
    assert written not in masked(text)


@settings(max_examples=100, deadline=None)
@given(
    code=codes(),
    separators=st.lists(SEPARATORS, min_size=5, max_size=5),
    dash=st.sampled_from(DASHES),
    around=st.tuples(BEFORE, AFTER),
)
def test_a_code_with_its_sign_is_found_with_separators_beside_its_parts(
    code: tuple[str, str, str, str], separators: list[str], dash: str, around: tuple[str, str]
) -> None:
    day, sign, number, check = code
    sign = dash if sign == "-" else sign
    parts = zip([day[:2], day[2:4], day[4:], sign, number], separators, strict=True)
    text = (
        around[0] + "".join(f"{part}{separator}" for part, separator in parts) + check + around[1]
    )
    assert contains_identity_code(text), ascii(text)
    assert in_sql([text]) == [True], ascii(text)


@settings(max_examples=100, deadline=None)
@given(code=codes(), beside=NOT_AROUND, is_before=st.booleans())
def test_a_code_in_longer_letters_or_digits_is_none(
    code: tuple[str, str, str, str], beside: str, is_before: bool
) -> None:
    written = "".join(code)
    text = beside + written if is_before else written + beside
    assert contains_identity_code(text) == in_sql([text])[0], ascii(text)
    if not beside.isdigit():
        assert not contains_identity_code(text), ascii(text)


@settings(max_examples=300, deadline=None)
@given(
    texts=st.lists(
        st.text(alphabet="0123456789ABTXa-+/._ ()\u2013\u00a0\u200b７Ｔä", max_size=30), max_size=40
    )
)
def test_both_detectors_agree_on_whatever_looks_a_little_like_one(texts: list[str]) -> None:
    assert in_sql(texts) == [contains_identity_code(text) for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        # No sign and a digit to check by; a wrong check character; no day; no year.
        *("1310523087", "131052 3087", "131052-308A", "320152-308T", "13101799308T"),
        # A telephone number, a document number, a moment, a row of a list.
        *("040-123-4567", "+358 40 123 4567", "2019-000123456", "2019-03-14T10:00", "1.2.3-4"),
        *("123e4567-e89b-12d3-a456-426614174000", "", "131052-308"),
    ],
)
def test_what_is_no_code_is_not_taken_for_one(text: str) -> None:
    assert (contains_identity_code(text), in_sql([text])) == (False, [False])


def test_masked_keeps_what_stands_around_and_between() -> None:
    code = identity_code(date(1952, 10, 13), 308)
    assert masked(f"Sari ({code}), 13.10.1952 308 t/2019.csv") == "Sari (***), ***/2019.csv"
    assert masked("131052–308A") == "***", "a mistyped code in the official notation is masked too"
    assert masked("faktura 2019-000123456") == "faktura 2019-000123456"


KINDS = {
    "serial numbers": "printf('%d', hash(i) % 10000000000)",
    "document numbers": "printf('%d-%09d', 2010 + i % 16, i)",
    "mixed serial numbers": (
        "printf('%d%s', hash(i) % 1000000000, substr('ABCDEFHJKLMNPRSTUVWXY', (i % 21 + 1)::INT, 1))"
    ),
    "mobile numbers": "printf('0%d-%03d-%04d', 40 + i % 11, hash(i) % 1000, hash(i, 1) % 10000)",
    "international numbers": "printf('+358 %d %03d %04d', 40 + i % 11, hash(i) % 1000, i % 10000)",
}
# Nine digits and a letter that stand for a day and check by chance are written like a code.
LIKE_A_CODE = {"mixed serial numbers"}


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_million_numbers_that_are_none_few_are_taken_for_codes(kind: str) -> None:
    relation = f"(SELECT {KINDS[kind]} AS t, i FROM range({NUMBERS}) numbers(i))"
    found = engine().execute(f"SELECT count(*) FILTER (WHERE holds_code(t)) FROM {relation}")
    (taken,) = found.fetchone() or (None,)
    print(f"{kind}: {taken} of {NUMBERS} are taken for codes")
    # One check character in 31 is right, and less than one number in eight begins with a day.
    assert taken < (NUMBERS / 31 / 8 if kind in LIKE_A_CODE else 1)
    sample = engine().execute(f"SELECT t FROM {relation} WHERE i % 997 = 0").fetchall()
    texts = [text for (text,) in sample]
    assert in_sql(texts) == [contains_identity_code(text) for text in texts]
