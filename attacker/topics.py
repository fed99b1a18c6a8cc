"""What visits with topics say of each other, by what a topic is.

A visit with a topic is one with any topic, a visit with an economic topic has one of them, and a
visit has so many topics at most. Written from the definitions and the code list of topics.

This module must not know what is declared for disclosure control.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from attacker.cells import Cell
from attacker.facts import ECONOMIC_TOPICS, TOPICS

MOST_TOPICS_BELOW_FOUR = 3
# Measures of visits: with any topic, with an economic one, with nothing else, with four and more.
_OF_ALL = (
    "visits_with_any_topic",
    "visits_with_economic_topic",
    "visits_economy_only",
    "visits_with_four_topics",
)


def by_counting_topics(shown: Iterable[Cell]) -> Iterable[Mapping[Cell, float]]:
    """Yield sums that are never negative: cells with their factors.

    Args:
        shown: the cells of one publication, published or withheld.
    """
    places: dict[Cell, dict[tuple[str, str], Cell]] = defaultdict(dict)
    for cell in shown:
        places[(*cell[:2], *cell[3:7])][cell[2], cell[8]] = cell
    for cells in places.values():
        with_topic = {
            code: cells[name]
            for code in sorted(TOPICS)
            if (name := ("visits_with_topic", code)) in cells
        }
        if not with_topic or any((measure, "all") not in cells for measure in _OF_ALL):
            continue
        visits, economic, only_economy, many = (cells[measure, "all"] for measure in _OF_ALL)
        every = dict.fromkeys(with_topic.values(), 1.0)
        of_economy = {cell: 1.0 for code, cell in with_topic.items() if code in ECONOMIC_TOPICS}
        at_most: list[tuple[dict[Cell, float], dict[Cell, float]]] = [
            *(({cell: 1.0}, {visits: 1.0}) for cell in with_topic.values()),
            *(({cell: 1.0}, {economic: 1.0}) for cell in of_economy),
            ({visits: 1, many: MOST_TOPICS_BELOW_FOUR}, every),
            (
                every,
                {
                    visits: MOST_TOPICS_BELOW_FOUR,
                    many: len(TOPICS) - MOST_TOPICS_BELOW_FOUR,
                },
            ),
            ({economic: 1}, of_economy),
            ({only_economy: 1, many: 1}, {visits: 1}),
            (
                {only_economy: 1},
                {with_topic["economy"]: 1} if "economy" in with_topic else {},
            ),
        ]
        for less, more in at_most:
            terms: dict[Cell, float] = defaultdict(float)
            for cell, factor in more.items():
                terms[cell] += factor
            for cell, factor in less.items():
                terms[cell] -= factor
            yield terms
