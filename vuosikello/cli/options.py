"""Options that several commands take, and the values that an option allows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

import typer

from common import clock


class Suite(StrEnum):
    """A suite of the validation."""

    FEEDS = "feeds"
    WAREHOUSE = "warehouse"
    READINESS = "readiness"


class Language(StrEnum):
    """A language of texts."""

    FI = "fi"
    SV = "sv"
    EN = "en"


class AreaType(StrEnum):
    """What an area of an indicator is."""

    COUNTRY = "country"
    WELFARE_AREA = "welfare_area"
    ORGANISATION = "organisation"
    MUNICIPALITY = "municipality"
    TEAM = "team"


class FileFormat(StrEnum):
    """A format of simulated files."""

    CSV = "csv"
    PARQUET = "parquet"


def parse_moment(text: str) -> datetime:
    """Return a moment in UTC; one without a time zone is Finnish time.

    Raises:
        typer.BadParameter: it is no moment.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            "write a time such as 2026-01-31 or 2026-01-31T12:00:00Z"
        ) from None
    return moment.replace(tzinfo=moment.tzinfo or clock.FINLAND).astimezone(UTC)


def parse_day(text: str) -> date:
    """Return a day.

    Raises:
        typer.BadParameter: it is no day.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a day such as 2027-01-31") from None


def parse_period(text: str) -> str:
    """Return the text of a period.

    Raises:
        typer.BadParameter: it is no year, month or day.
    """
    from ingest import periods

    if periods.parse_period(text) is None:
        raise typer.BadParameter("write a year, month or day, such as 2019 or 2019-03")
    return text


YearOption = Annotated[int | None, typer.Option("--year", min=1950, max=2100, help="The year.")]
RequiredYearOption = Annotated[int, typer.Option("--year", min=1950, max=2100, help="The year.")]
