"""What is made up looks like the work: each sentence of the table is asked of the files.

The queries see one table for each feed, over all organisations and periods, with `organisation` and
`period` beside the columns of the contract; a row that stands in several yearly files stands there
as often, so spells are asked about distinct keys.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from stdnum.fi import hetu

from ingest.contracts import codes, load_contracts
from simulation import Simulated
from tests.support.simulated import table_of

CONTRACTS = load_contracts()

SENTENCES = {
    "a worker carries 30 to 80 clients, some a few more with a second worker's": """
        with days as (select unnest([date '2023-06-30', date '2024-06-30']) as day),
        pairs as (
            select day, organisation, worker_id, count(distinct client_id) as clients
            from assignments, days
            where started_on <= day and coalesce(ended_on, day) >= day
            group by all
        )
        select median(clients) between 30 and 65 and max(clients) < 110 from pairs
    """,
    "caseloads of the organisations' sizes differ": """
        select max(n) > 1.5 * min(n) from (
            select organisation, count(distinct client_id) as n from clients group by all
        )
    """,
    "relationships begin and end, and some are open at the end": """
        select count(*) filter (ended_on is null) between 0.2 * count(*) and 0.8 * count(*)
            and min(started_on) < date '2023-01-01' and max(started_on) > date '2024-12-01'
        from (select distinct organisation, client_id, started_on, ended_on from clients)
    """,
    "some workers have several spells, some of them at the same time": """
        with spells as (
            select distinct organisation, worker_id, started_on, ended_on from workers
        )
        select
            count(distinct (one.organisation, one.worker_id)) > 5
            and count(*) filter (other.started_on <= coalesce(one.ended_on, date '2024-12-31')) > 0
            and count(*) filter (other.started_on > coalesce(one.ended_on, date '2024-12-31')) > 0
        from spells as one inner join spells as other
            on one.organisation = other.organisation and one.worker_id = other.worker_id
            and one.started_on < other.started_on
    """,
    "some workers work part-time": """
        select avg((fte < 1)::int) between 0.1 and 0.7 and min(fte) > 0 from workers
    """,
    "the posts of one worker add up to no more than full working time": """
        select max(total) <= 1.001 from (
            select sum(other.fte) as total
            from workers as one inner join workers as other using (organisation, worker_id, period)
            where other.started_on <= one.started_on
                and (other.ended_on is null or other.ended_on >= one.started_on)
            group by organisation, worker_id, period, one.started_on, one.post
        )
    """,
    "nobody works more than twelve hours a day": """
        select max(total) between 300 and 720 from (
            select sum(minutes) as total from time_entries
            group by organisation, worker_id, worked_on
        )
    """,
    "workers come and go": """
        select count(*) filter (ended_on between date '2023-01-01' and date '2024-12-31') > 5
            and count(*) filter (started_on between date '2023-01-01' and date '2024-12-31') > 5
        from workers
    """,
    "some persons are clients of several organisations": """
        select count(*) > 5 from (
            select person_id from clients group by all having count(distinct organisation) > 1
        )
    """,
    "some persons come again": """
        select count(*) > 5 from (
            select organisation, person_id from clients
            group by all having count(distinct client_id) > 1
        )
    """,
    "most assessments begin in nine days, and a good many do not": """
        select avg((started_on - initiated_on <= 9)::int) between 0.7 and 0.95 from assessments
        where started_on is not null
    """,
    "most assessments are completed in three months, and a good many are not": """
        select avg((completed_on <= started_on + interval 3 month)::int) between 0.7 and 0.9
        from assessments where completed_on is not null
    """,
    "some assessments have not begun, and some are not completed": """
        select count(*) filter (started_on is null) > 10
            and count(*) filter (completed_on is null and started_on is not null) > 10
        from assessments
    """,
    "some plans are reviewed within a year, some later, some never": """
        select min(n) > 10 from (
            select
                case when reviewed_on is null then 'never'
                    when reviewed_on <= made_on + 365 then 'within' else 'later' end as how,
                count(*) as n
            from plans group by all
        ) having count(*) = 3
    """,
    "a contact on a weekend is rare": """
        select avg((isodow(occurred_on) > 5)::int) between 0.002 and 0.08 from contacts
    """,
    "July has fewer contacts than any other month": """
        select arg_min(month, n) = 7 from (
            select month(occurred_on) as month, count(*) as n from contacts group by all
        )
    """,
    "contacts are within the client relationship": """
        select count(*) = 0 from contacts inner join clients using (organisation, client_id)
        where occurred_on not between started_on and coalesce(ended_on, occurred_on)
    """,
    "whoever met a client is a worker of the organisation": """
        select count(*) = 0 from contacts anti join workers using (organisation, worker_id)
    """,
    "a measurement of a start is followed up for some and lost for others": """
        with clients_measured as (
            select organisation, client_id, bool_or(wave <> 'start') as is_followed_up
            from measurements group by all having bool_or(wave = 'start')
        )
        select avg(is_followed_up::int) between 0.2 and 0.8 from clients_measured
    """,
    "most scores rise between measurements, and some fall": """
        with scores as (
            select * from measurement_scores inner join measurements
                using (organisation, measurement_id)
        )
        select avg((later.score > first.score)::int) between 0.55 and 0.9
        from scores as first inner join scores as later
            on first.organisation = later.organisation and first.client_id = later.client_id
            and first.domain = later.domain and first.instrument = later.instrument
        where first.wave = 'start' and later.wave <> 'start'
    """,
    "a domain is one of its instrument": f"""
        select count(*) = 0 from measurement_scores
        inner join measurements using (organisation, measurement_id)
        inner join (
            select code, instrument as own
            from read_csv('{CONTRACTS["groups"].path.parents[1]}/codes/domain.csv')
        ) as domains on domains.code = measurement_scores.domain
        where own is not null and own <> instrument
    """,
    "those who answer at the end of a group are fewer, and a little better off": """
        select
            count(*) filter (phase = 'end') < count(*) filter (phase = 'start')
            and avg(s01) filter (phase = 'end') > avg(s01) filter (phase = 'start')
            and avg(s05) filter (phase = 'end') < avg(s05) filter (phase = 'start')
        from group_responses
    """,
    "more are asked than answer": """
        select bool_and(sent_to >= answered) and sum(answered) > 0.4 * sum(sent_to)
            and sum(answered) < 0.8 * sum(sent_to)
        from survey_rounds left join (
            select organisation, period, count(*) as answered from worker_survey group by all
        ) using (organisation, period)
    """,
    "about eight hours of community work a month, more for some and less for others": """
        with months as (
            select organisation, worker_id, period, sum(minutes) filter (community) / 60 as hours
            from time_entries group by all
        )
        select avg((coalesce(hours, 0) >= 8)::int) between 0.2 and 0.8 from months
    """,
    "a working day is no longer than a day can be": """
        select max(minutes) < 720 from (
            select organisation, worker_id, worked_on, sum(minutes) as minutes
            from time_entries group by all
        )
    """,
    "measures take the steps of the annual clock, and some stop at each": """
        select count(reported_on) < count(*) and count(decided_on) < count(reported_on)
            and count(implemented_on) < count(decided_on)
            and count(evaluated_on) < count(implemented_on) and count(evaluated_on) > 10
            and count(*) filter (month(reported_on) < 6) > count(*) filter (month(reported_on) > 5)
            and count(*) filter (month(reported_on) > 5) > 0
        from measures
    """,
    "outreach goes to places that are open, and elsewhere": """
        select count(place_id) between 0.2 * count(*) and 0.8 * count(*)
            and bool_and(place_id is null or places.municipality = outreach.municipality)
            and bool_and(occurred_on >= coalesce(opened_on, occurred_on))
        from outreach left join (
            select distinct organisation, place_id, municipality, opened_on from places
        ) as places using (organisation, place_id)
    """,
    "nobody has more topics than there are, and most visits have some": """
        select avg((topics is not null)::int) between 0.85 and 0.99
            and count(*) filter (topics like '%|%|%|%') > 10 and count(*) filter (topics = 'economy') > 0
        from outreach
    """,
    "every municipality in force has inhabitants, and those there were are the real ones": """
        select count(distinct municipality) = 309 and min(population) > 50
            and sum(population) filter (year = 2024) between 5400000 and 5700000
        from population
    """,
}


@pytest.fixture(scope="module")
def files(two_years: Simulated) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for feed in CONTRACTS:
            connection.execute(f"CREATE TABLE {feed} AS {table_of(feed, two_years.folder)}")
        yield connection


@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_looks_like_the_work(sentence: str, files: duckdb.DuckDBPyConnection) -> None:
    assert files.execute(SENTENCES[sentence]).fetchall() == [(True,)]


def test_every_code_of_every_list_occurs_in_every_column_of_it(
    files: duckdb.DuckDBPyConnection,
) -> None:
    missing = {}
    for feed, contract in CONTRACTS.items():
        for column in contract.columns:
            # Where an organisation works follows from the population of its area.
            if column.code_list is None or column.code_list == "municipalities":
                continue
            found = files.execute(
                f"SELECT DISTINCT unnest(string_split({column.name}, '|')) FROM {feed} "
                f"WHERE {column.name} IS NOT NULL"
            ).fetchall()
            lacking = set(codes(column.code_list)) - {code for (code,) in found}
            if lacking:
                missing[f"{feed}.{column.name}"] = lacking
    assert missing == {}


def test_every_municipality_of_the_areas_occurs_among_the_clients(
    files: duckdb.DuckDBPyConnection,
) -> None:
    folder = CONTRACTS["clients"].path.parents[1] / "codes"
    assert (
        files.execute(
            f"""
        with areas as (
            select distinct welfare_area
            from read_csv('{folder}/organisations.csv', all_varchar = true)
            where code in (select organisation from clients)
        )
        select code from read_csv('{folder}/municipalities.csv', all_varchar = true)
        inner join areas using (welfare_area)
        where valid_to is null or valid_to >= '2024-12-31'
        except select municipality from clients
        """
        ).fetchall()
        == []
    )


def test_a_personal_identity_code_is_valid_and_can_be_nobodys(
    files: duckdb.DuckDBPyConnection,
) -> None:
    found = [code for (code,) in files.execute("SELECT DISTINCT person_id FROM clients").fetchall()]
    assert len(found) > 1000
    for code in found:
        assert hetu.is_valid(code, allow_temporary=True), code
        assert 900 <= int(code[7:10]) <= 999
    assert {code[6] for code in found} == set("-YXWVUABCDEF")


def test_one_persons_code_is_never_anothers(files: duckdb.DuckDBPyConnection) -> None:
    # A client of one organisation only, who came once, shares the code with nobody.
    assert files.execute(
        """
        select count(*) filter (organisations > 3) < 0.05 * count(*)
        from (
            select person_id, count(distinct organisation) as organisations
            from clients group by all
        )
        """
    ).fetchall() == [(True,)]


def test_what_is_written_of_clients_fits_what_others_say_of_them(
    files: duckdb.DuckDBPyConnection,
) -> None:
    for contract in CONTRACTS.values():
        for column in contract.columns:
            if column.references is None:
                continue
            feed, name = column.references.split(".")
            orphans = files.execute(
                f"SELECT count(*) FROM {contract.feed} AS one "
                f"ANTI JOIN {feed} AS other ON one.organisation = other.organisation "
                f"AND one.{column.name} = other.{name} WHERE one.{column.name} IS NOT NULL"
            ).fetchone()
            assert orphans == (0,), f"{contract.feed}.{column.name}"
