"""The receipt as a page: in three languages, readable by everybody, and safe to open."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.messages import message
from ingest.receipts import Finding, Receipt, Status, write

LANGUAGES = ("fi", "sv", "en")
HEADINGS = {
    "accepted": ("Tiedosto otettiin vastaan", "Filen togs emot", "The file was received"),
    "accepted_with_rejects": (
        "Tiedosto otettiin vastaan, osa riveistä hylättiin",
        "Filen togs emot, en del av raderna avvisades",
        "The file was received, some rows were rejected",
    ),
    "refused": ("Tiedostoa ei otettu vastaan", "Filen togs inte emot", "The file was not received"),
    "duplicate": (
        "Tiedosto oli jo otettu vastaan",
        "Filen hade redan tagits emot",
        "The file had already been received",
    ),
    "held": (
        "Tiedosto odottaa vahvistusta",
        "Filen väntar på bekräftelse",
        "The file waits for confirmation",
    ),
}


class Page(HTMLParser):
    """A page's elements with the language, section and text that each stands in."""

    def __init__(self, text: str) -> None:
        """Read the page."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = dict.fromkeys((*LANGUAGES, ""), "")
        self.headings: dict[str, list[tuple[str, str]]] = {language: [] for language in LANGUAGES}
        self.open: list[str] = []
        self.section = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember an element."""
        self.elements.append((tag, dict(attrs)))
        if tag == "section":
            self.section = dict(attrs)["lang"] or ""
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element; every one must be closed in its turn."""
        assert self.open.pop() == tag
        if tag == "section":
            self.section = ""

    def handle_data(self, data: str) -> None:
        """Remember a text by its section."""
        if self.open and self.open[-1] in ("style", "title"):
            return
        self.texts[self.section] += data
        if self.section and self.open[-1] in ("h2", "h3"):
            self.headings[self.section].append((self.open[-1], data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all elements of a tag."""
        return [attributes for name, attributes in self.elements if name == tag]


def _finding(row: int | None, key: str, severity: str = "reject", **values: object) -> Finding:
    texts = message(key, **values)
    return Finding(
        row=row,
        column=None if row is None else "topics",
        rule=key,
        severity=severity,
        message_fi=texts.fi,
        message_sv=texts.sv,
        message_en=texts.en,
        allowed="" if row is None else "economy, housing",
    )


def _receipt(**changes: object) -> Receipt:
    values: dict[str, object] = {
        "submission_id": "01KAN8W3Z5V0Q4T7M2X9B6C1DE",
        "organisation": "sosteri",
        "organisation_name": {"fi": "Itä-Savo", "sv": "Östra Savolax", "en": "East Savo"},
        "feed": "outreach",
        "feed_name": {"fi": "Jalkautuminen", "sv": "Uppsökande arbete", "en": "Outreach"},
        "period": "2019",
        "file": "sosteri/outreach/2019.csv",
        "sha256": "9f" * 32,
        "received_at": "2026-11-22T05:00:00.123456Z",
        "contract_version": "1.0.0",
        "status": "accepted",
        "rows_read": 1404,
        "rows_loaded": 1404,
    }
    return Receipt.model_validate(values | changes)


def _page(receipt: Receipt, folder: Path) -> tuple[Page, str]:
    write(receipt, folder)
    text = (folder / "receipt.html").read_text(encoding="utf-8")
    return Page(text), text


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_said_in_plain_words_in_three_languages(
    status: Status, tmp_path: Path
) -> None:
    page, _ = _page(_receipt(status=status), tmp_path)
    assert [section["lang"] for section in page.all("section")] == list(LANGUAGES)
    for language, heading in zip(LANGUAGES, HEADINGS[status.value], strict=True):
        assert page.headings[language][0] == ("h2", heading)
        # Then what to do, and what was sent.
        assert len(page.headings[language]) >= 3
    assert page.all("html") == [{"lang": "fi"}]


def test_a_status_without_words_cannot_come_to_be() -> None:
    assert set(HEADINGS) == {status.value for status in Status}


def test_the_counts_and_the_place_are_told(tmp_path: Path) -> None:
    changes = {"status": "accepted_with_rejects", "rows_loaded": 1403, "rows_rejected": 1}
    page, _ = _page(_receipt(**changes), tmp_path)
    # Thousands are parted by a space that does not break.
    assert "Tiedostosta ladattiin 1\N{NO-BREAK SPACE}403\N{NO-BREAK SPACE}riviä" in page.texts["fi"]
    assert "1\N{NO-BREAK SPACE}rivi hylättiin" in page.texts["fi"]
    assert "1\N{NO-BREAK SPACE}rad avvisades" in page.texts["sv"]
    assert "1\N{NO-BREAK SPACE}row was rejected" in page.texts["en"]
    for language, label in zip(
        LANGUAGES, ("Jalkautuminen", "Uppsökande arbete", "Outreach"), strict=True
    ):
        assert f"{label} (outreach)" in page.texts[language]
        assert "sosteri/outreach/2019.csv" in page.texts[language]
    assert "22.11.2026 klo 7.00" in page.texts["fi"]


def test_every_error_stands_in_the_table_in_each_language(tmp_path: Path) -> None:
    errors = [
        _finding(14, "type_date"),
        _finding(20, "codes", list="topic"),
        _finding(51, "duplicate_key", "warn"),
    ]
    page, _ = _page(
        _receipt(status="accepted_with_rejects", errors=errors, errors_total=3), tmp_path
    )
    for language in LANGUAGES:
        for error in errors:
            assert getattr(error, f"message_{language}") in page.texts[language]
            assert str(error.row) in page.texts[language]
    assert "economy, housing" in page.texts["fi"]
    assert ("Virhe" in page.texts["fi"], "Tarkista" in page.texts["fi"]) == (True, True)


def test_what_concerns_the_whole_file_stands_above_the_table_and_not_in_it(tmp_path: Path) -> None:
    errors = [_finding(None, "period_derived", "warn", derived="2018", stated="2019")]
    page, _ = _page(_receipt(errors=errors, errors_total=1, derived_period="2018"), tmp_path)
    for language in LANGUAGES:
        assert page.texts[language].count(getattr(errors[0], f"message_{language}")) == 1
    assert page.all("table") == []
    assert "Ajanjakso rivien päivien mukaan" in page.texts["fi"]


def test_a_file_whose_place_told_nothing_still_has_a_page(tmp_path: Path) -> None:
    nothing = ("organisation", "organisation_name", "feed", "feed_name", "period")
    changes = dict.fromkeys((*nothing, "contract_version"))
    errors = [_finding(None, "path_does_not_fit")]
    page, _ = _page(_receipt(status="refused", errors=errors, errors_total=1, **changes), tmp_path)
    assert page.texts["fi"].count("ei selvinnyt tiedoston paikasta") == 3
    assert "None" not in "".join(page.texts.values())


def test_a_long_list_links_to_the_whole_of_it(tmp_path: Path) -> None:
    errors = [_finding(row, "type_date") for row in range(2, 12)]
    page, _ = _page(_receipt(status="refused", errors=errors, errors_total=4001), tmp_path)
    links = [link["href"] for link in page.all("a")]
    assert links.count("01KAN8W3Z5V0Q4T7M2X9B6C1DE.errors.csv") == 3
    assert "4\N{NO-BREAK SPACE}001" in page.texts["sv"]
    page, _ = _page(_receipt(status="refused", errors=errors, errors_total=10), tmp_path)
    assert not any("errors.csv" in str(link["href"]) for link in page.all("a"))


def test_names_from_outside_are_shown_and_never_obeyed(tmp_path: Path) -> None:
    name = "<script>alert(1)</script>\"'&/kesä.csv"
    page, text = _page(_receipt(status="refused", file=name), tmp_path)
    assert name in page.texts["fi"]
    assert page.all("script") == []
    assert "<script" not in text


def test_the_page_needs_nothing_from_outside(tmp_path: Path) -> None:
    page, text = _page(_receipt(), tmp_path)
    for tag in ("script", "link", "img", "iframe", "object", "form"):
        assert page.all(tag) == []
    assert not re.search(r"https?:|url\(|@import", text)
    assert "default-src 'none'" in text


def test_headings_tables_and_links_can_be_followed_without_sight(tmp_path: Path) -> None:
    errors = [_finding(2, "type_date"), _finding(3, "type_date")]
    page, _ = _page(_receipt(status="refused", errors=errors, errors_total=2), tmp_path)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("table")) == len(page.all("caption")) == 3
    assert {header["scope"] for header in page.all("th")} == {"col", "row"}
    identities = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(identities)) == len(identities)
    for _, attributes in page.elements:
        assert attributes.get("aria-labelledby", identities[0]) in identities
    for link in page.all("a"):
        assert str(link["href"]).removeprefix("#") in identities
    # What scrolls by itself can be reached and scrolled with the keyboard.
    scrolling = [box for box in page.all("div") if box.get("class") == "scroll"]
    assert [box["tabindex"] for box in scrolling] == ["0", "0", "0"]


def test_every_colour_of_text_stands_out_from_its_ground(tmp_path: Path) -> None:
    _, text = _page(_receipt(), tmp_path)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", text))
    pairs = [(name, "#ffffff") for name in ("ink", "soft", "link", "bad", "part")]
    pairs += [(name, colours[f"{name}-tint"]) for name in ("good", "part", "bad", "same")]
    pairs += [("ink", ground) for name, ground in colours.items() if name.endswith("tint")]
    assert len(pairs) == 14
    for name, ground in pairs:
        assert _contrast(colours[name], ground) >= 4.5, (name, ground)


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, 1.4.3), from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
