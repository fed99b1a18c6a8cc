"""Where things change, the files tell so: each sentence of the table is asked of the files."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from simulation import Simulated
from tests.support.simulated import CONTRACTS, table_of

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
    "the posts of one worker add up to no more than full working time": """
        select max(total) <= 1.001 from (
            select sum(other.fte) as total
            from workers as one inner join workers as other using (organisation, worker_id, period)
            where other.started_on <= one.started_on
                and (other.ended_on is null or other.ended_on >= one.started_on)
            group by organisation, worker_id, period, one.started_on, one.post
        )
    """,
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
        for feed in changing.feeds:
            connection.execute(
                f"CREATE TABLE {feed} AS FROM ({table_of(feed, changing.folder)}) "
                "WHERE file = period || '.csv'"
            )
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


@pytest.mark.parametrize("feed", ["outreach", "assessments", "observations"])
def test_a_month_is_corrected_after_its_year_with_rows_left_out_changed_and_added(
    feed: str, files: duckdb.DuckDBPyConnection
) -> None:
    contract = CONTRACTS[feed]
    (key,) = (column.name for column in contract.key)
    day = contract.period_date
    told = [column.name for column in contract.columns]
    files.execute(
        f"""
        CREATE OR REPLACE VIEW compared AS
        WITH corrections AS (
            FROM {feed} AS one WHERE length(period) = 7 AND EXISTS (
                FROM {feed} AS other
                WHERE other.organisation = one.organisation AND other.period = left(one.period, 4)
            )
        ),
        before AS (
            SELECT {feed}.* FROM {feed} INNER JOIN (
                SELECT DISTINCT organisation, period AS month FROM corrections
            ) AS months
            ON {feed}.organisation = months.organisation
            AND length({feed}.period) = 4 AND strftime({feed}.{day}, '%Y-%m') = months.month
        )
        SELECT
            before.{key} IS NOT NULL AS stood_before,
            corrections.{key} IS NOT NULL AS stands,
            {" AND ".join(f"before.{name} IS NOT DISTINCT FROM corrections.{name}" for name in told)}
                AS is_same,
            coalesce(starts_with(corrections.{day}::VARCHAR, corrections.period), true) AS is_within
        FROM before FULL JOIN corrections
            ON before.organisation = corrections.organisation AND before.{key} = corrections.{key}
        """
    )
    assert files.execute(
        """
        SELECT
            count(*) FILTER (stood_before AND NOT stands) > 0
            AND count(*) FILTER (stands AND NOT stood_before) > 0
            AND count(*) FILTER (stood_before AND stands AND NOT is_same) > 0
            AND count(*) FILTER (is_same) > 0
            AND bool_and(is_within)
        FROM compared
        """
    ).fetchone() == (True,)


def test_a_day_of_a_month_is_corrected_where_a_feed_comes_by_months(
    files: duckdb.DuckDBPyConnection,
) -> None:
    days = files.execute(
        "SELECT DISTINCT period, occurred_on FROM contacts WHERE length(period) = 10"
    ).fetchall()
    assert days
    assert all(period == day.isoformat() for period, day in days)


def test_a_month_in_which_nothing_happened_has_a_file_that_says_so(
    changing: Simulated, files: duckdb.DuckDBPyConnection
) -> None:
    empty = [one for one in changing.made if one.rows == 0]
    assert len(empty) > 3
    for one in empty:
        contract = CONTRACTS[one.feed]
        header = ",".join(column.name for column in contract.columns)
        assert one.path.read_text(encoding="utf-8") == f"{header}\n"
        assert len(one.period) == 7
        assert files.execute(
            f"SELECT count(*) FROM {one.feed} WHERE organisation = '{one.organisation}' "
            f"AND starts_with({contract.period_date}::VARCHAR, '{one.period}')"
        ).fetchone() == (0,)


def test_where_a_feed_comes_by_months_every_month_has_a_file(changing: Simulated) -> None:
    found = {(one.organisation, one.feed, one.period) for one in changing.made}
    by_month = {
        (organisation, feed, period[:4])
        for organisation, feed, period in found
        if len(period) == 7 and (organisation, feed, period[:4]) not in found
    }
    assert {feed for _, feed, _ in by_month} > {"contacts"}
    for organisation, feed, year in by_month:
        months = {f"{year}-{month:02}" for month in range(1, 13)}
        assert months <= {period for *of, period in found if of == [organisation, feed]}


def test_some_files_are_sent_by_mistake_beside_the_right_ones(changing: Simulated) -> None:
    assert {len(one.period) for one in changing.mistaken} == {4, 7}
    paths = {one.path for one in changing.made}
    for one in changing.mistaken:
        assert one.path.name == f"{one.period}.2-mistake.csv"
        right = one.path.with_name(f"{one.period}.csv")
        assert right in paths or right.with_name(f"{one.period[:4]}.csv") in paths
        assert not right.exists() or right.read_bytes() != one.path.read_bytes()


def test_a_photograph_of_a_month_tells_its_own_states(files: duckdb.DuckDBPyConnection) -> None:
    assert files.execute(
        """
        SELECT
            count(*) FILTER (one.intensity <> other.intensity) > 0
            AND count(*) FILTER (one.ended_on IS NULL AND other.ended_on IS NOT NULL) > 0
            AND bool_and(one.ended_on IS NULL OR strftime(one.ended_on, '%Y-%m') <= one.period)
        FROM clients AS one INNER JOIN clients AS other
            ON one.organisation = other.organisation AND one.client_id = other.client_id
            AND length(one.period) = 7 AND other.period = left(one.period, 4)
            AND one.started_on = other.started_on
        """
    ).fetchone() == (True,)


def test_what_happened_on_a_day_is_told_alike_by_every_year(
    files: duckdb.DuckDBPyConnection,
) -> None:
    for feed, (key, *columns) in TOLD_ONCE.items():
        for column in columns:
            assert files.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM {feed} WHERE length(period) = 4 GROUP BY organisation, {key} "
                f"HAVING count(DISTINCT coalesce({column}::VARCHAR, '')) > 1)"
            ).fetchone() == (0,), f"{feed}.{column}"
