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
BLIND = "indicator = 'access.blind_spots' AND area_type = 'country' AND breakdown = 'none'"
RATIO = (
    "indicator = 'outreach.contacts_per_visit' AND period = '2019' AND breakdown = 'none' AND area"
)
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
        f"SET numerator = numerator + 1 WHERE {BLIND}",
        f"SET numerator = numerator + 1 WHERE {RATIO} = 'FI'",
    ],
}


@pytest.fixture(scope="module")
def copy(iso_sos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(
        shutil.copyfile(
            iso_sos / "warehouse.duckdb", tmp_path_factory.mktemp("copy") / "copy.duckdb"
        )
    )


def failures(connection: duckdb.DuckDBPyConnection, home: Path, test: str) -> int:
    """Run a data test as dbt compiled it, and count the rows that it finds."""
    compiled = home / "build" / "dbt" / "target" / "compiled"
    (query,) = compiled.rglob(f"{test}_*.sql")
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


def test_the_country_may_have_more_of_a_ratio_than_the_organisations_with_a_value_never_less(
    copy: Path, iso_sos: Path
) -> None:
    test = "organisations_make_the_country"
    values = "indicators.indicator_values"
    with duckdb.connect(str(copy)) as connection:
        connection.execute("BEGIN")
        # As if Essote had met people and made no visit to divide them by.
        connection.execute(f"DELETE FROM {values} WHERE {RATIO} = 'essote'")
        connection.execute(
            f"UPDATE {values} SET denominator = denominator - 57 WHERE {RATIO} = 'FI'"
        )
        assert failures(connection, iso_sos, test) == 0
        connection.execute(f"UPDATE {values} SET numerator = 1 WHERE {RATIO} = 'FI'")
        assert failures(connection, iso_sos, test) > 0
        connection.execute("ROLLBACK")


def test_the_quantiles_of_the_organisations_need_not_add_up_to_that_of_the_country(
    copy: Path, iso_sos: Path
) -> None:
    test = "organisations_make_the_country"
    values = "indicators.indicator_values"
    days = "indicator = 'process.days_to_start'"
    with duckdb.connect(str(copy)) as connection:
        connection.execute("BEGIN")
        # As if Essote had assessments with the same waits as Kainuu, so the same quantiles.
        added = connection.execute(
            f"INSERT INTO {values} SELECT * REPLACE ('essote' AS area) FROM {values} "
            f"WHERE {days} AND area = 'kainuun-sote'"
        ).fetchall()
        assert added[0][0] > 0
        connection.execute(
            f"UPDATE {values} SET events = 2 * events, persons = 2 * persons "
            f"WHERE {days} AND area_type = 'country'"
        )
        assert failures(connection, iso_sos, test) == 0
        connection.execute(
            f"UPDATE {values} SET events = events - 1 WHERE {days} AND area_type = 'country'"
        )
        assert failures(connection, iso_sos, test) > 0
        connection.execute("ROLLBACK")


@pytest.mark.parametrize(
    "change",
    [
        "SET breakdown = 'nature' WHERE indicator = 'staff.turnover'",
        "SET breakdown = 'profession' WHERE indicator = 'process.plan_coverage'",
        "SET breakdown = NULL, breakdown_value = NULL WHERE indicator = 'outcome.method_share'",
    ],
)
def test_a_line_of_a_scorecard_that_can_have_no_value_is_found(
    change: str, copy: Path, iso_sos: Path
) -> None:
    with duckdb.connect(str(copy)) as connection:
        assert failures(connection, iso_sos, "a_line_can_have_a_value") == 0
        connection.execute("BEGIN")
        connection.execute(f"UPDATE codes.scorecard_lines {change}")
        assert failures(connection, iso_sos, "a_line_can_have_a_value") > 0
        connection.execute("ROLLBACK")
