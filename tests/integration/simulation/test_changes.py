"""Where things change, the files tell so: each sentence of the table is asked of the files."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from simulation import Simulated
from tests.support.simulated import table_of

STATES = {
    "clients": (
        "client_id",
        "municipality",
        "team",
        "intensity",
        "special_support",
        "labour_market_status",
        "household",
    ),
    "workers": (
        "(worker_id, post, started_on)",
        "municipality",
        "team",
        "profession",
        "fte",
    ),
    "places": ("place_id", "municipality", "kind", "sector", "target_groups"),
}
TOLD_ONCE = {
    "clients": ("client_id", "person_id", "started_on", "initiated_by", "primary_reason"),
    "places": ("place_id", "opened_on"),
}

SENTENCES = {
    "some workers hold two half posts from the same day": """
        select count(*) > 3 and bool_and(posts = ['P1', 'P2']) from (
            select list(distinct post order by post) as posts
            from workers where post is not null and length(period) = 4
            group by organisation, worker_id, started_on, period having count(*) > 1
        )
    """,
    "a photograph knows no end that came after it": """
        select bool_and(ended_on is null or ended_on <= (left(period, 4) || '-12-31')::date)
        from (
            select period, ended_on from clients
            union all select period, ended_on from workers
            union all select period, ended_on from assignments
            union all select period, ended_on from groups
        )
    """,
    "an end that one photograph does not know stands in the next": """
        select count(*) > 20 from clients as one inner join clients as other
            using (organisation, client_id)
        where one.period = '2023' and other.period = '2024'
            and one.ended_on is null and other.ended_on is not null
    """,
}


@pytest.fixture(scope="module")
def files(changing: Simulated) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for feed in ("clients", "workers", "places", "assignments", "groups"):
            connection.execute(f"CREATE TABLE {feed} AS {table_of(feed, changing.folder)}")
        yield connection


@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_looks_like_the_work(sentence: str, files: duckdb.DuckDBPyConnection) -> None:
    assert files.execute(SENTENCES[sentence]).fetchall() == [(True,)]


@pytest.mark.parametrize(
    ("feed", "state"), [(feed, state) for feed, (_, *states) in STATES.items() for state in states]
)
def test_a_state_changes_from_one_year_to_the_next_for_some_and_not_for_most(
    feed: str, state: str, files: duckdb.DuckDBPyConnection
) -> None:
    key = STATES[feed][0]
    both = files.execute(
        f"SELECT count(*), count(*) FILTER (states > 1) FROM (SELECT "
        f"count(DISTINCT coalesce({state}::VARCHAR, '')) AS states FROM {feed} "
        f"WHERE length(period) = 4 GROUP BY organisation, {key} HAVING count(*) > 1)"
    ).fetchone()
    assert both is not None
    assert 0 < both[1] < both[0] / 2


def test_what_happened_on_a_day_is_told_alike_by_every_photograph(
    files: duckdb.DuckDBPyConnection,
) -> None:
    for feed, (key, *columns) in TOLD_ONCE.items():
        for column in columns:
            assert files.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM {feed} GROUP BY organisation, {key} "
                f"HAVING count(DISTINCT coalesce({column}::VARCHAR, '')) > 1)"
            ).fetchone() == (0,), f"{feed}.{column}"
