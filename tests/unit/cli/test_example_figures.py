"""How many of the example's expected values releases publish."""

from __future__ import annotations

from pathlib import Path

import duckdb

from vuosikello.cli.example_figures import Published, count_published

KEY = "indicator,area_type,area,period_type,period,breakdown,breakdown_value"


def test_published_withheld_and_unplanned_values_are_counted_apart(tmp_path: Path) -> None:
    expected = tmp_path / "expected.csv"
    rows = [f"some.count,organisation,{area},year,2019,none,all" for area in ("a", "b", "c")]
    expected.write_text("\n".join([KEY, *rows]) + "\n")
    released = tmp_path / "indicators.parquet"
    duckdb.execute(
        f"""
        COPY (
            SELECT 'some.count' AS indicator, 'organisation' AS area_type, area,
                'year' AS period_type, '2019' AS period, 'none' AS breakdown,
                'all' AS breakdown_value, status
            FROM (VALUES ('a', 'published'), ('b', 'suppressed'), ('x', 'published'))
                AS given (area, status)
        ) TO '{released}' (FORMAT parquet)
        """
    )
    assert count_published([released], expected) == Published(1, 1, 1)
