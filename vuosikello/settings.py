"""Settings of an installation, from the environment (``VUOSIKELLO_…``) and a ``.env`` file.

Keys are no settings: :mod:`ingest.keys` reads them itself, so that no settings object holds one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from ingest.validate import MEMORY, REFUSED_ABOVE, Limits
from ingest.volume import CHANGE_SHARE, FROM_ROWS, TIMES_YEAR_BEFORE, Thresholds
from vuosikello.installation import Installation

if TYPE_CHECKING:
    from exports.disclosure import Protection


class Settings(Installation):
    """What may be configured, beside the home.

    Attributes:
        refused_above: the share of rejected rows above which a whole submission is refused.
        hold_change_share: by which share a submission may change its year's rows before it waits
            for a person; 0 is any.
        hold_from_rows: how many rows the volume compared with must have.
        hold_times_year_before: how many times the rows of the year before a year may have before
            a submission waits for a person; 0 is any.
        homogeneity_threshold: a sensitive share of 0 or 1 over fewer people is not published.
        suppression_threshold: a personal value resting on fewer people is not published.
        protection_width: to how narrow an interval everything published may narrow a withheld
            number; None is the threshold.
        protection_share: where it is more, that width as a share of the number.
        settle_seconds: how long a file in the inbox must lie unchanged to be thought whole.
        memory: DuckDB's memory limit while one file is received.
        threads: DuckDB's threads; None is one for each core.
        port: the port of the embedded Airflow's page.
    """

    refused_above: float = Field(default=REFUSED_ABOVE, ge=0, le=1)
    hold_change_share: float | None = Field(default=CHANGE_SHARE, ge=0)
    hold_from_rows: int = Field(default=FROM_ROWS, ge=0)
    hold_times_year_before: float | None = Field(default=TIMES_YEAR_BEFORE, ge=0)
    suppression_threshold: int = Field(default=5, ge=1)
    homogeneity_threshold: int = Field(default=10, ge=1)
    protection_width: float | None = Field(default=None, ge=0)
    protection_share: float = Field(default=0.1, ge=0, le=1)
    settle_seconds: float = Field(default=2.0, ge=0)
    memory: str = MEMORY
    threads: int | None = None
    port: int = 8080

    @property
    def limits(self) -> Limits:
        """What receiving one file may use."""
        volume = Thresholds(
            self.hold_change_share, self.hold_from_rows, self.hold_times_year_before
        )
        return Limits(self.memory, self.threads, self.refused_above, volume)

    @property
    def protection(self) -> Protection:
        """How well numbers that are withheld from what is published are protected."""
        # Receiving needs no solvers.
        from exports.disclosure import Protection

        return Protection(
            threshold=self.suppression_threshold,
            homogeneous=self.homogeneity_threshold,
            width=self.protection_width,
            share=self.protection_share,
        )

    @property
    def publications(self) -> list[Path]:
        """The files of indicators that were published so far, oldest name first."""
        home = self.folders
        return [
            *sorted(home.releases.glob("*/indicators.parquet")),
            *filter(Path.is_file, [home.exported_indicators]),
        ]
