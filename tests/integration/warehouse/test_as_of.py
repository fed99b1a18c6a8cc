"""The warehouse as it was known at a moment."""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from tests.support.tiny_lake import Built
from vuosikello.warehouse import build


def test_as_of_builds_what_was_known_then_beside_the_published_warehouse(
    tiny: Built, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(tiny.home, home)
    published = home / "warehouse.duckdb"
    before = hashlib.sha256(published.read_bytes()).hexdigest()

    # 3 January at ten in Finland is eight in UTC: the yearly contacts have just been received.
    result = build.build(home, as_of=datetime.fromisoformat("2020-01-03T10:00:00+02:00"))

    assert result.failures == []
    assert result.path == home / "as_of" / "2020-01-03T080000Z" / "warehouse.duckdb"
    assert hashlib.sha256(published.read_bytes()).hexdigest() == before
    with duckdb.connect(str(result.path), read_only=True) as connection:
        assert connection.execute(
            "select contact_id, minutes from marts.fct_contact order by all"
        ).fetchall() == [("K1", 30), ("K2", 30)]
        assert connection.execute("select count(*) from staging.stg_outreach").fetchone() == (0,)
        assert connection.execute(
            "select max(last_day)::varchar, max(period) filter (period_type = 'month') "
            "from marts.dim_period"
        ).fetchone() == ("2020-01-03", "2020-01")
        assert connection.execute(
            "select as_of::varchar, built_on::varchar from staging.build_info"
        ).fetchone() == ("2020-01-03 08:00:00", "2020-01-03")


def test_a_moment_without_a_time_zone_is_finnish_time() -> None:
    home = Path("/home")
    summer = build._utc(datetime(2026, 7, 1, 12))
    assert build.published_path(home, summer) == Path(
        "/home/as_of/2026-07-01T090000Z/warehouse.duckdb"
    )


def test_a_moment_that_has_not_come_is_refused(tmp_path: Path) -> None:
    result = build.build(tmp_path, as_of=datetime.now(UTC) + timedelta(days=1))
    assert not result.is_published
    assert "lies in the future" in result.failures[0]
    assert not (tmp_path / "build").exists()
