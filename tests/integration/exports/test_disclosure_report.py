"""The page for the officer: what was withheld and why, without a number that is."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from exports.disclosure import DisclosureResult, Protection, control
from exports.disclosure.report import write_report
from exports.indicator_files import reader
from tests.support.small_tables import Person, write_small

# Numbers that nothing else on the page could be.
TABLE = [
    *[Person("one", "a", "2019-01", "x", n % 2 == 0) for n in range(3)],
    *[Person("one", "b", "2019-01", "x", n % 2 == 0) for n in range(7919)],
    *[Person("two", "c", "2019-02", "y", n % 3 == 0) for n in range(6007)],
]


def page(folder: Path, language: str = "en") -> tuple[str, DisclosureResult]:
    """Write the page of the table."""
    folder.mkdir(exist_ok=True)
    warehouse = folder / "small.duckdb"
    if not warehouse.exists():
        write_small(warehouse, TABLE)
    with reader(warehouse) as connection:
        result = control(connection, "warehouse.indicators", protection=Protection(), years=None)
        out = folder / "report" / f"{language}.html"
        write_report(connection, result, out, title="Release <1>", language=language)
    return out.read_text(encoding="utf-8"), result


def test_the_page_tells_the_figures_and_no_number_that_is_withheld(tmp_path: Path) -> None:
    text, result = page(tmp_path)
    words = re.sub(r"<[^>]*>", " ", text[text.index("<main>") :]).replace("\N{NO-BREAK SPACE}", "")
    for number in (result.cells, result.primary, result.complementary, result.published):
        assert re.search(rf"\b{number}\b", words)
    assert result.complementary > 0
    for number in ("7919", "7922", "6007"):
        assert number not in words
    assert f"{result.information_kept:.1%}" in words


def test_the_page_stands_alone_and_can_be_read_by_everyone(tmp_path: Path) -> None:
    text, _ = page(tmp_path)
    assert "<script" not in text
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", text)
    assert '<html lang="en">' in text
    assert "Release &lt;1&gt;" in text
    assert text.count("<h1>") == 1
    assert re.findall(r"<th(?! scope)", text.replace("<thead", "")) == []

    class Balanced(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open_tags: list[str] = []

        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "link"):
                self.open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open_tags.pop() == tag

    parser = Balanced()
    parser.feed(text)
    assert parser.open_tags == []


@pytest.mark.parametrize(
    ("language", "word"), [("fi", "Tietosuojakontrolli"), ("sv", "Röjandekontroll")]
)
def test_the_page_is_written_in_three_languages(tmp_path: Path, language: str, word: str) -> None:
    assert word in page(tmp_path, language)[0]


def test_the_same_control_gives_the_same_page(tmp_path: Path) -> None:
    assert page(tmp_path / "one")[0] == page(tmp_path / "two")[0]


def test_another_language_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fi, sv, en"):
        page(tmp_path, "de")
