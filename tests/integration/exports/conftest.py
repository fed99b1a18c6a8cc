"""A publication of the ISO SOS example: the release 2019.1 after 2018.1, composed once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from exports.indicator_files import publish
from exports.pages import write_pages
from exports.publication import Publication, ReleaseInfo, SignedOff, compose
from tests.support.built_homes import ALL_ROOMS, built_home

SOURCES = (*ALL_ROOMS, "tests/integration/exports/conftest.py")
# Where the pages of the example say that the other files of the release are.
DOWNLOADS = {"workbook": "../workbook/vuosikello-2019.1.{language}.xlsx", "csv": "../values.csv"}


def info(year: int, number: int = 1) -> ReleaseInfo:
    moment = datetime(year + 1, 2, 3, 8, 30, tzinfo=UTC)
    signed = SignedOff(
        by="knowledge manager",
        at=moment,
        reason="All that is missing is known.",
        override_reason="Three areas submitted outreach only; the report says so.",
        checks=101,
        failed=1,
        warned=1,
        failures=(
            {
                "expectation": "submitted.contacts",
                "organisation": "sosteri",
                "feed": "contacts",
                "period": str(year),
                "severity": "critical",
                "message": f"sosteri has submitted no contacts for {year} (months due: 12).",
            },
        ),
    )
    return ReleaseInfo(year, number, moment, date(year + 1, 2, 3), signed)


@pytest.fixture(scope="session")
def publication(iso_sos: Path) -> Publication:
    """The tables of the release 2019.1, with 2018 from its own release; only to be read."""
    warehouse = iso_sos / "warehouse.duckdb"

    def make(folder: Path) -> Publication:
        for year in (2018, 2019):
            publish(warehouse, folder / str(year), year=year)
        return compose(
            warehouse,
            folder / "2019" / "indicators.parquet",
            info(2019),
            folder / "tables",
            earlier=[("2018.1", folder / "2018" / "indicators.parquet")],
        )

    return built_home("publication", make, SOURCES)[1]


@pytest.fixture(scope="session")
def site(publication: Publication) -> Path:
    """The pages of the example, written once; only to be read."""

    def make(folder: Path) -> None:
        write_pages(publication, folder / "pages", downloads=DOWNLOADS)

    return built_home("site", make, SOURCES)[0] / "pages"
