"""An attacker who counts topics: what visits with topics say of each other, by what a topic is."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from tests.integration.exports.test_attacker import attack, publish

OF_TOPICS = {
    "outreach.topic_share",
    "outreach.economy_any",
    "outreach.economy_only",
    "outreach.four_or_more_topics",
}


def test_who_counts_topics_finds_what_is_not_bounded_in_disclosure_control(
    iso_sos: Path, tmp_path: Path
) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copyfile(iso_sos / "warehouse.duckdb", warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("DELETE FROM indicators.indicator_measure_bound")
    got = attack(warehouse, publish(warehouse, tmp_path / "out").files[1])
    assert got.findings
    assert {one.indicator for one in got.findings} <= OF_TOPICS
