"""What may be read outside: the tables of a release, and how numbers are written."""

from __future__ import annotations

from datetime import date

import pytest

from common import formats
from exports import wording
from exports.publication import TABLES, Publication


def test_every_table_has_rows_but_the_revisions_of_a_first_release(
    publication: Publication,
) -> None:
    with publication.connect() as connection:
        counts = {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchall()[0][0]
            for table in TABLES
        }
    assert counts.pop("revisions") == 0
    assert min(counts.values()) > 0
    assert publication.years == (2018, 2019)


def test_of_earlier_years_only_yearly_values_are_told(publication: Publication) -> None:
    rows = publication.rows(
        'SELECT DISTINCT left(period, 4) AS year, period_type FROM "values" ORDER BY ALL'
    )
    assert [(row["year"], row["period_type"]) for row in rows] == [
        ("2018", "year"),
        ("2019", "month"),
        ("2019", "year"),
    ]


@pytest.mark.parametrize("table", ["values", "comparison", "aikumetod_scorecard", "strategy_map"])
def test_a_suppressed_value_has_no_number_in_any_table(
    publication: Publication, table: str
) -> None:
    rows = publication.rows(f"SELECT * FROM \"{table}\" WHERE status = 'suppressed'")
    assert rows
    for row in rows:
        assert row["value"] is None
        assert row.get("numerator") is None
        assert row.get("change") is None
        assert row.get("organisation_rank") is None


def test_values_stand_beside_the_wider_areas_and_the_year_before(publication: Publication) -> None:
    (row,) = publication.rows(
        """
        SELECT * FROM comparison
        WHERE indicator = 'outreach.visits' AND area = 'kainuun-sote' AND breakdown = 'none'
        """
    )
    assert row["welfare_area_value"] == row["value"]
    assert row["country_value"] > row["value"]
    assert row["change"] == row["value"] - row["previous_value"]
    assert (row["organisation_rank"], row["ranked_by"]) == (2, "highest")


def test_every_code_has_a_name_in_every_language(publication: Publication) -> None:
    for language in formats.LANGUAGES:
        words = wording.words(publication, language)
        for row in publication.rows('SELECT DISTINCT area_type, area FROM "values"'):
            assert (row["area_type"], row["area"]) in words.areas
        for row in publication.rows('SELECT DISTINCT breakdown, breakdown_value FROM "values"'):
            assert (row["breakdown"], row["breakdown_value"]) in words.breakdown_values
            assert ("breakdown", row["breakdown"]) in words.labels
        for row in publication.rows("SELECT DISTINCT theme, unit FROM catalogue"):
            assert ("theme", row["theme"]) in words.labels
            assert ("unit", row["unit"]) in words.labels


@pytest.mark.parametrize(
    ("value", "unit", "language", "status", "written"),
    [
        (0.137, "share", "fi", "published", "14\N{NO-BREAK SPACE}%"),
        (0.0137, "share", "sv", "published", "1,4\N{NO-BREAK SPACE}%"),
        (0.137, "share", "en", "published", "14%"),
        (1.0, "share", "fi", "published", "100\N{NO-BREAK SPACE}%"),
        (0.0, "share", "fi", "published", "0\N{NO-BREAK SPACE}%"),
        (1386, "persons", "fi", "published", "1\N{NO-BREAK SPACE}386"),
        (1386, "persons", "en", "published", "1,386"),
        (4.4375, "points", "fi", "published", "4,44"),
        (60.25, "relationships_per_worker", "sv", "published", "60,2"),
        (0, "visits", "en", "published", "0"),
        (None, "visits", "en", "suppressed", "‥"),
        (None, "visits", "en", "missing", "–"),
    ],
)
def test_values_are_written_by_the_rules_of_the_language(
    value: float | None, unit: str, language: formats.Language, status: str, written: str
) -> None:
    assert wording.value(value, unit, language, status) == written


@pytest.mark.parametrize(
    ("before", "now", "unit", "written"),
    [
        (0.5, 0.45, "share", "−5\N{NO-BREAK SPACE}%-yks."),
        (10, 12, "visits", "+2"),
        (10, 10, "visits", "±0"),
        (None, 10, "visits", ""),
    ],
)
def test_a_change_has_its_sign(
    before: float | None, now: float | None, unit: str, written: str
) -> None:
    assert wording.change(before, now, unit, "fi") == written


def test_days_and_periods_are_written_in_words() -> None:
    assert formats.format_date(date(2020, 2, 3), "fi") == "3. helmikuuta 2020"
    assert formats.format_date(date(2020, 2, 3), "en") == "3 February 2020"
    assert formats.format_period("2019-03", "sv") == "mars 2019"
    assert formats.format_period("2019-03", "fi", short=True) == "maalis"
    assert formats.format_period("2019", "fi") == "2019"
