"""An attacker who counts topics: what visits with topics say of each other, by what a topic is.

He knows, beyond what every attacker knows, that a visit with a topic is one with any topic, that a
visit with an economic topic has one of them, and how many topics a visit can have. Written from the
definitions and the code list, not from what is declared for disclosure control.
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from tests.integration.exports.test_attacker import attack, publish
from tests.support import attacker
from tests.support.attacker import Cell, Knowledge
from tests.support.places import ROOT

with (ROOT / "ingest" / "codes" / "topic.csv").open(encoding="utf-8", newline="") as lines:
    TOPICS = {row["code"]: row["economic"] == "1" for row in csv.DictReader(lines)}
MOST_TOPICS_BELOW_FOUR = 3


def read_counting_topics(files: Sequence[Path], houses: Sequence[Path]) -> Knowledge:
    """Read publications, and learn what their visits with topics say of each other."""
    knowledge = READ(files, houses)
    places: dict[Cell, dict[tuple[str, str], Cell]] = defaultdict(dict)
    for cell in [*knowledge.known, *knowledge.unknown]:
        places[(*cell[:2], *cell[3:7])][cell[2], cell[8]] = cell
    for cells in places.values():
        of_topic = {
            code: cells[key] for code in TOPICS if (key := ("visits_with_topic", code)) in cells
        }
        if ("visits_with_any_topic", "all") not in cells or not of_topic:
            continue
        visits = cells["visits_with_any_topic", "all"]
        economic = cells["visits_with_economic_topic", "all"]
        only_economy = cells["visits_economy_only", "all"]
        many = cells["visits_with_four_topics", "all"]
        for code, cell in of_topic.items():
            at_most(knowledge, {cell: 1}, {visits: 1})
            if TOPICS[code]:
                at_most(knowledge, {cell: 1}, {economic: 1})
        every = dict.fromkeys(of_topic.values(), 1.0)
        at_most(knowledge, {visits: 1, many: MOST_TOPICS_BELOW_FOUR}, every)
        most = len(TOPICS) - MOST_TOPICS_BELOW_FOUR
        at_most(knowledge, every, {visits: MOST_TOPICS_BELOW_FOUR, many: most})
        of_economy = {cell: 1.0 for code, cell in of_topic.items() if TOPICS[code]}
        at_most(knowledge, {economic: 1}, of_economy)
        at_most(knowledge, {only_economy: 1, many: 1}, {visits: 1})
        at_most(
            knowledge, {only_economy: 1}, {of_topic["economy"]: 1} if "economy" in of_topic else {}
        )
    return knowledge


def at_most(knowledge: Knowledge, one: dict[Cell, float], other: dict[Cell, float]) -> None:
    """Learn that some numbers, each times a factor, are together at most some others."""
    terms: dict[Cell, float] = defaultdict(float)
    least = 0.0
    for sign, side in ((-1, one), (1, other)):
        for cell, factor in side.items():
            if cell in knowledge.known:
                least -= sign * factor * knowledge.known[cell]
            else:
                terms[cell] += sign * factor
    if terms:
        knowledge.relations.append(attacker.Relation(terms, least, is_equality=False))


READ = attacker.read


def test_who_counts_topics_finds_nothing_of_the_example(
    iso_sos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attacker, "read", read_counting_topics)
    warehouse = iso_sos / "warehouse.duckdb"
    got = attack(warehouse, publish(warehouse, tmp_path).files[1])
    assert got.found == []


def test_who_counts_topics_finds_what_is_not_bounded_in_disclosure_control(
    iso_sos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attacker, "read", read_counting_topics)
    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copyfile(iso_sos / "warehouse.duckdb", warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("DELETE FROM indicators.indicator_measure_bound")
    got = attack(warehouse, publish(warehouse, tmp_path / "out").files[1])
    assert {name[1] for name in got.found} <= {
        "outreach.topic_share",
        "outreach.economy_any",
        "outreach.economy_only",
        "outreach.four_or_more_topics",
    }
    assert got.found
