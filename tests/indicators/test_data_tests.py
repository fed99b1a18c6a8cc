"""The data tests of the values see what they are for: on a copy of the example, made wrong."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest

VISITS = "indicator = 'outreach.visits' AND period = '2019' AND area = 'kainuun-sote'"
COUNTRY = "indicator = 'caseload.clients_per_worker' AND area_type = 'country'"
ALLOCATION = "indicator = 'time.allocation' AND breakdown_value = 'development'"
SHARE = "indicator = 'caseload.intensive_share' AND area_type = 'municipality'"
WRONG = {
    "share_between_0_and_1": [
        f"SET numerator = denominator + 1, value = (denominator + 1) / denominator WHERE {SHARE}",
        f"SET value = value / 2 WHERE {SHARE}",
        f"SET denominator = NULL, value = numerator WHERE {SHARE}",
        f"SET denominator = 10 WHERE {VISITS}",
        f"SET numerator = NULL WHERE {VISITS}",
    ],
    "parts_make_the_whole": [
        f"SET numerator = numerator + 60 WHERE {ALLOCATION}",
        f"SET numerator = numerator - 60 WHERE {ALLOCATION}",
        f"SET numerator = 1 WHERE {VISITS} AND breakdown = 'none'",
    ],
    "organisations_make_the_country": [
        f"SET numerator = numerator + 1 WHERE {COUNTRY}",
        f"SET denominator = denominator + 1 WHERE {COUNTRY}",
        f"SET events = events - 1 WHERE {COUNTRY}",
        f"SET persons = persons + 1 WHERE {COUNTRY}",
        f"SET numerator = numerator + 1 WHERE {VISITS}",
    ],
}


@pytest.fixture(scope="module")
def copy(iso_sos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(
        shutil.copy(iso_sos / "warehouse.duckdb", tmp_path_factory.mktemp("copy") / "copy.duckdb")
    )


def failures(connection: duckdb.DuckDBPyConnection, home: Path, test: str) -> int:
    """Run a data test as dbt compiled it, and count the rows that it finds."""
    compiled = home / "build" / "dbt" / "target" / "compiled"
    (query,) = compiled.rglob(f"{test}_indicator_values_.sql")
    text = re.sub(r'"warehouse"\.', "", query.read_text(encoding="utf-8"))
    return len(connection.execute(text).fetchall())


@pytest.mark.parametrize(
    ("test", "change"), [(test, change) for test, changes in WRONG.items() for change in changes]
)
def test_a_data_test_finds_values_that_are_wrong(
    test: str, change: str, copy: Path, iso_sos: Path
) -> None:
    with duckdb.connect(str(copy)) as connection:
        assert failures(connection, iso_sos, test) == 0
        connection.execute("BEGIN")
        changed = connection.execute(f"UPDATE indicators.indicator_values {change}").fetchall()
        assert changed[0][0] > 0
        assert failures(connection, iso_sos, test) > 0
        connection.execute("ROLLBACK")
