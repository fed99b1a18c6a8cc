"""Texts are brought into one form before they are judged, in SQL and in Python alike."""

from __future__ import annotations

import unicodedata

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers.cleaning import NOTHING, cleaned, cleaned_sql, without_nothing_sql
from ingest.receipts import Status
from tests.support.house import House, csv_text, good, goods, rules

INVISIBLE = [
    *(" ", "\t", "\n", "\r", "\x1f", "\x7f", "\x85", "\N{NO-BREAK SPACE}"),
    *("\N{NARROW NO-BREAK SPACE}", "\N{SOFT HYPHEN}", "\N{ZERO WIDTH SPACE}"),
    *("\N{ZERO WIDTH JOINER}", "\N{WORD JOINER}", "\N{ZERO WIDTH NO-BREAK SPACE}"),
    *("\N{LEFT-TO-RIGHT MARK}", "\N{LINE SEPARATOR}", "\N{IDEOGRAPHIC SPACE}"),
]
ENGINE = duckdb.connect()
LETTERS = ["a", "Z", "0", "-", "ä", "a\N{COMBINING DIAERESIS}", "å", "\N{ANGSTROM SIGN}", "日"]


def in_sql(text: str, ends: str | None = None) -> str:
    """Clean a text by the SQL."""
    query = f"SELECT {cleaned_sql('v', ends)} FROM (SELECT $v AS v)"
    ((found,),) = ENGINE.execute(query, {"v": text}).fetchall()
    return str(found)


@given(st.lists(st.sampled_from([*LETTERS, *INVISIBLE]), max_size=8).map("".join))
@settings(max_examples=300, deadline=None)
def test_sql_and_python_clean_alike(text: str) -> None:
    assert in_sql(text) == cleaned(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\t x y \r\n", "x y"),
        ("x\N{ZERO WIDTH SPACE}y", "xy"),
        ("\N{SOFT HYPHEN}kylä\N{SOFT HYPHEN}talo\N{SOFT HYPHEN}", "kylä\N{SOFT HYPHEN}talo"),
        (unicodedata.normalize("NFD", "Äänekoski"), "Äänekoski"),
        ("a\tb", "a\tb"),
        ("\x00ä", "ä"),
        ("ä\x00b", "äb"),
        ("\N{NO-BREAK SPACE}\x07", ""),
        ("", ""),
    ],
)
def test_what_cleaning_does(text: str, expected: str) -> None:
    assert cleaned(text) == expected
    assert in_sql(text) == expected


def test_a_clean_text_of_ascii_stays_whatever_it_may_end_with() -> None:
    for ends in (None, "", " ", " \t\r\n"):
        assert in_sql("K1-x", ends) == "K1-x"
    assert in_sql("K1 ", " ") == "K1"


@pytest.mark.parametrize("word", [*NOTHING, *(word.upper() for word in NOTHING)])
def test_a_word_for_nothing_is_empty(word: str) -> None:
    query = f"SELECT {without_nothing_sql('v')} FROM (SELECT $v AS v)"
    assert ENGINE.execute(query, {"v": word}).fetchall() == [("",)]


@pytest.mark.parametrize(
    "text", ["K1", "N1", "n", "null1", "nan-1", "U7", "#1", "(1)", "-5", "None of these", "\\x"]
)
def test_another_text_is_none(text: str) -> None:
    query = f"SELECT {without_nothing_sql('v')} FROM (SELECT $v AS v)"
    assert ENGINE.execute(query, {"v": text}).fetchall() == [(text,)]


# In a file

WRITTEN = [
    *("v1", " v1 ", "v\N{ZERO WIDTH SPACE}1", "\N{ZERO WIDTH NO-BREAK SPACE}v1"),
    *("v1\N{SOFT HYPHEN}", '"v1\n"', '"\tv1\r\n"', "v1\N{NO-BREAK SPACE}"),
]


def test_a_key_written_with_invisible_characters_is_the_same_key(house: House) -> None:
    rows = [*goods("outreach", 200), *(good("outreach", 0, visit_id=each) for each in WRITTEN)]
    receipt = house.receive(csv_text("outreach", rows))
    assert receipt.rows_loaded == 200
    assert {rule for *_, rule in rules(receipt)} == {"duplicate_key"}
    assert receipt.rows_rejected == len(WRITTEN)


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_tabs_and_line_ends_at_the_end_of_a_quoted_value_are_dropped(
    house: House, delimiter: str
) -> None:
    """Nothing else in such a file says that its values may need cleaning."""
    for year, end in ((2018, "\t"), (2019, "\n"), (2020, "\r\n"), (2021, "\r")):
        rows = [good("outreach", 1, place_id=f'"p1{end}"')]
        content = csv_text("outreach", rows, delimiter=delimiter)
        receipt = house.receive(content, name=f"{year}.csv")
        assert house.column(receipt, "place_id") == ["p1"]


def test_decomposed_and_composed_letters_are_the_same_worker(house: House) -> None:
    composed = "Äijälä"
    written = [composed, unicodedata.normalize("NFD", composed)]
    rows = [good("contacts", n, worker_id=each) for n, each in enumerate(written)]
    receipt = house.receive(csv_text("contacts", rows), feed="contacts")
    assert len(set(house.column(receipt, "worker_id"))) == 1


@pytest.mark.parametrize("word", ["NULL", "null", "#N/A", "#PUUTTUU!", "-", "nan", "None", "N/A"])
def test_words_for_nothing_are_no_identifier_and_no_key(house: House, word: str) -> None:
    rows = [*goods("contacts", 40), good("contacts", 77, worker_id=word)]
    rows += [good("contacts", 78, contact_id=word)]
    receipt = house.receive(csv_text("contacts", rows), feed="contacts")
    assert receipt.rows_loaded == 40
    assert rules(receipt) == [(42, "worker_id", "required"), (43, "contact_id", "key_empty")]


def test_in_another_text_such_a_word_is_a_text(house: House) -> None:
    receipt = house.receive(csv_text("outreach", [good("outreach", place_id="-")]))
    assert house.column(receipt, "place_id") == ["-"]


def test_names_of_columns_are_cleaned_too(house: House) -> None:
    head, *lines = csv_text("outreach", goods("outreach", 2)).splitlines()
    head = head.replace("nature", "\N{ZERO WIDTH SPACE}Na\N{ZERO WIDTH SPACE}ture\N{SOFT HYPHEN}")
    head = head.replace("feeling", "\N{NO-BREAK SPACE}FEELING\N{NO-BREAK SPACE}")
    receipt = house.receive("\n".join([head, *lines]))
    assert receipt.status is Status.ACCEPTED
    assert receipt.errors == []
    assert house.column(receipt, "feeling") == [4, 4]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"occurred_on": ""}, ("Kirjoita päivä", "Skriv dagen", "Write the day")),
        ({"persons_present": ""}, ("kirjoita 0", "skriv 0", "write 0")),
        ({"municipality": ""}, ("Täytä arvo", "Fyll i värdet", "Fill in the value")),
        (
            {"nature": "kotikäynti"},
            ("koodistossa outreach_nature", "kodlistan outreach_nature", "list outreach_nature"),
        ),
        ({"topics": "economy|x"}, ("koodistossa topic", "kodlistan topic", "list topic")),
        ({"nature": "x"}, ("feeds.fi.html", "feeds.sv.html", "feeds.en.html")),
        ({"persons_present": "36.125"}, ("pyöristä", "avrunda", "round")),
    ],
)
def test_a_message_says_what_to_write(
    house: House, changes: dict[str, object], said: tuple[str, str, str]
) -> None:
    rows = [*goods("outreach", 20), good("outreach", 21, **changes)]
    (finding,) = house.receive(csv_text("outreach", rows)).errors
    texts = (finding.message_fi, finding.message_sv, finding.message_en)
    assert [part in text for part, text in zip(said, texts, strict=True)] == [True] * 3
    # Only a number can be nought.
    assert ("nought" in finding.message_en) == (changes == {"persons_present": ""})


def test_a_wrong_code_is_answered_with_those_of_a_short_list(house: House) -> None:
    rows = [*goods("outreach", 20), good("outreach", 21, nature="kotikäynti")]
    (finding,) = house.receive(csv_text("outreach", rows)).errors
    assert "home_visit" in finding.allowed.split(", ")
