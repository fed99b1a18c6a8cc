"""The public holidays of Finland as the library `holidays` has them, for the seed of the warehouse.

Run as a script it writes the seed anew; `test_working_days.py` holds the seed to the library. Wanted
when the law moves a holiday (and the library follows), or when the calendar comes to its end.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import holidays

SEED = Path(__file__).parents[2] / "dbt_project" / "seeds" / "public_holidays.csv"
# From the first day that any row of a feed may have; dim_day ends with the last of them.
YEARS = range(1950, 2061)
LANGUAGES = {"label_fi": "fi", "label_sv": "sv_FI", "label_en": "en_US"}
COLUMNS = ("day", *LANGUAGES)


def from_the_library() -> list[tuple[str, ...]]:
    """List the public holidays, one per day: ISO date and its names in Finnish, Swedish, English."""
    named = [holidays.FI(years=YEARS, language=language) for language in LANGUAGES.values()]
    return [(day.isoformat(), *(names[day] for names in named)) for day in sorted(named[0])]


if __name__ == "__main__":
    with SEED.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        rows.writerows(from_the_library())
    sys.stdout.write(f"{SEED.name} written.\n")
