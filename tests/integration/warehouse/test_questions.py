"""The questions worked in the documentation are answered as the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.support.places import ROOT

PAGE = (ROOT / "docs" / "how_to" / "questions.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^## (\d+) (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
NUMBERS = [number for number, _, _ in QUESTIONS]
WORKED = re.compile(r"```sql\n(.*?)```\n\n((?:\|[^\n]*\n)+)", re.DOTALL)


@pytest.fixture(scope="module")
def warehouse(iso_sos: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(iso_sos / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


@pytest.mark.parametrize(("number", "question", "text"), QUESTIONS, ids=NUMBERS)
def test_a_worked_question_is_answered_as_the_page_says(
    number: str, question: str, text: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    ((query, table),) = WORKED.findall(text)
    head, _, *lines = table.splitlines()
    answer = warehouse.execute(query)
    assert [column[0] for column in answer.description or []] == cells(head)
    rows = [["" if value is None else str(value) for value in row] for row in answer.fetchall()]
    assert rows == [cells(line) for line in lines]
    assert rows


@pytest.mark.parametrize(("number", "question", "text"), QUESTIONS, ids=NUMBERS)
def test_a_worked_question_is_asked_in_words_and_says_what_to_mind(
    number: str, question: str, text: str
) -> None:
    assert question.endswith("?")
    after = WORKED.split(text)[-1]
    assert after.strip().startswith("Mind: ")


@pytest.mark.parametrize(("number", "question", "text"), QUESTIONS, ids=NUMBERS)
def test_the_answer_does_not_hang_on_the_order_in_which_rows_are_found(
    number: str, question: str, text: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    """Each answer is ordered, and by columns that tell its rows apart."""
    ((query, _),) = WORKED.findall(text)
    order = query.rpartition("order by")[2].replace(" desc", "").split(",")
    by = [one.strip().split(".")[-1] for one in order]
    rows = warehouse.execute(f"select {', '.join(by)} from ({query})").fetchall()
    assert len(set(rows)) == len(rows)


def test_there_are_ten_questions_and_they_are_numbered() -> None:
    assert [int(number) for number, _, _ in QUESTIONS] == list(range(1, 11))
