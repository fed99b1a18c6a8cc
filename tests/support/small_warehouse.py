"""A warehouse small enough to write by hand, with the relations that the suites read.

Rows are made from the contracts: a row that a test says nothing of is valid, so a test names only
what is wrong. The relations have the columns of the real models; the scenario test holds the two
together by running the suites on a warehouse that dbt built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from expectations.engine.catalog import Catalog, read_catalog
from expectations.engine.checks import Check, CheckedRelation
from expectations.engine.no_failures import failure_of
from ingest.contracts import Contract, Kind, codes, load_contracts
from ingest.periods import parse_period

PSEUDONYM = "k1:" + "0" * 64
DAY = date(2019, 6, 3)
RECEIVED = datetime(2020, 1, 15, 10, 0)
# The shares of a response sum to 100.
_WHOLE_SHARES = {"worker_survey": {"alloc_development": 100, "process_documentation": 100}}

_SUBMISSION_COLUMNS = (
    "submission_id varchar, organisation varchar, feed varchar, period varchar, period_start date, "
    "period_end date, file varchar, sha256 varchar, received_at timestamp, status varchar, "
    "rows_loaded bigint, rows_rejected bigint"
)


def valid_row(contract: Contract, number: int) -> dict[str, Any]:
    """Return a row that breaks nothing: its required columns filled, the others empty."""
    row: dict[str, Any] = {}
    key = {column.name for column in contract.key}
    for column in contract.columns:
        value: Any = None
        if column.required:
            match column.kind:
                case Kind.TEXT:
                    value = f"{contract.feed} {number}"
                case Kind.DATE:
                    value = DAY
                case Kind.BOOLEAN:
                    value = False
                case Kind.INTEGER | Kind.NUMBER:
                    value = (column.minimum or 0) + (number % 100 if column.name in key else 0)
                case Kind.CODE:
                    listed = codes(column.code_list or "")
                    value = listed[number % len(listed) if column.name in key else 0]
                case Kind.CODES:
                    value = [codes(column.code_list or "")[0]]
                case Kind.ID | Kind.WORKER | Kind.PERSON:
                    value = f"k1:{number:064x}"
        row[column.name] = value
    return row | _WHOLE_SHARES.get(contract.feed, {})


@dataclass
class SmallWarehouse:
    """A DuckDB file that holds what a test puts into it."""

    path: Path
    built_on: date = date(2020, 2, 1)
    contracts: Mapping[str, Contract] = field(default_factory=load_contracts)

    def __post_init__(self) -> None:
        self.connection = duckdb.connect(str(self.path))
        self.run("BEGIN")
        self._submissions = 0
        self._rows = 0
        for schema in ("staging", "intermediate", "marts", "indicators", "codes"):
            self.run(f"CREATE SCHEMA {schema}")
        self.run(f"CREATE TABLE staging.stg_submissions ({_SUBMISSION_COLUMNS})")
        for contract in self.contracts.values():
            self.run(f"CREATE TABLE staging.stg_{contract.feed} ({_columns(contract)})")
        self.run("CREATE TABLE marts.dim_welfare_area AS SELECT '12' AS welfare_area")
        self.run("CREATE TABLE marts.dim_municipality AS SELECT '491' AS municipality")
        self.run("CREATE TABLE marts.annual_clock AS SELECT 'collect' AS stage, '11-01' AS begins")
        self.run(
            "CREATE TABLE marts.dim_organisation (organisation varchar, welfare_area varchar, "
            "valid_from date, valid_to date)"
        )

    def run(self, statement: str, parameters: Sequence[object] | None = None) -> list[Any]:
        """Run a statement and return its rows."""
        return self.connection.execute(statement, parameters).fetchall()

    def organisation(
        self, code: str, valid_from: date | None = None, valid_to: date | None = None
    ) -> None:
        """Add an organisation of welfare area 12."""
        self.run(
            "INSERT INTO marts.dim_organisation VALUES (?, '12', ?, ?)",
            [code, valid_from, valid_to],
        )

    def submit(
        self,
        feed: str | None,
        period: str | None,
        rows: Iterable[Mapping[str, Any]] = ({},),
        *,
        organisation: str | None = "essote",
        status: str = "accepted",
        rejected: int = 0,
        sha256: str | None = None,
    ) -> str:
        """Add a submission; each row says in what it differs from a valid one.

        Returns:
            The submission's id. A later submission was received later.
        """
        self._submissions += 1
        identifier = f"{self._submissions:026d}"
        received = RECEIVED + timedelta(minutes=self._submissions)
        stated = parse_period(period) if period else None
        loaded = 0
        if status.startswith("accepted") and feed is not None:
            contract = self.contracts[feed]
            for changes in rows:
                self._rows += 1
                loaded += 1
                row = valid_row(contract, self._rows) | dict(changes)
                values = {
                    "organisation": organisation,
                    "submission_id": identifier,
                    "received_at": received,
                    **row,
                }
                marks = ", ".join("?" for _ in values)
                self.run(
                    f"INSERT INTO staging.stg_{feed} ({', '.join(values)}) VALUES ({marks})",
                    list(values.values()),
                )
        self.run(
            f"INSERT INTO staging.stg_submissions VALUES ({', '.join('?' * 12)})",
            [
                identifier,
                organisation,
                feed,
                period,
                stated.first if stated else None,
                stated.last if stated else None,
                f"{period}.csv",
                sha256 or f"hash {identifier}",
                received,
                status,
                loaded,
                rejected,
            ],
        )
        return identifier

    def finish(self) -> Path:
        """Derive what models make of the rows that the suites read, and close the file."""
        self.run("""
            CREATE TABLE staging.stg_current_submissions AS
            SELECT *, row_number() OVER (ORDER BY received_at) AS arrival_no
            FROM staging.stg_submissions
            WHERE status IN ('accepted', 'accepted_with_rejects')
            QUALIFY row_number() OVER (
                PARTITION BY organisation, feed, period ORDER BY received_at DESC
            ) = 1
        """)
        if {"clients", "workers"} <= set(self.contracts):
            self._derive_states()
        self.run(f"""
            CREATE TABLE marts.dim_period AS
            SELECT
                'month' AS period_type, strftime(day, '%Y-%m') AS period, day::date AS first_day,
                least(day + INTERVAL 1 MONTH - INTERVAL 1 DAY, DATE '{self.built_on}')::date
                    AS last_day
            FROM (SELECT unnest(generate_series(
                TIMESTAMP '2018-01-01', TIMESTAMP '{self.built_on}', INTERVAL 1 MONTH)) AS day)
            UNION ALL
            SELECT
                'year', strftime(day, '%Y'), day::date,
                least(day + INTERVAL 1 YEAR - INTERVAL 1 DAY, DATE '{self.built_on}')::date
            FROM (SELECT unnest(generate_series(
                TIMESTAMP '2018-01-01', TIMESTAMP '{self.built_on}', INTERVAL 1 YEAR)) AS day)
        """)
        self.run("""
            CREATE TABLE marts.fct_coverage AS
            SELECT DISTINCT organisation, feed, period_type, dim_period.period
            FROM staging.stg_current_submissions
            INNER JOIN marts.dim_period
                ON
                    -- As in the model: the calendar's last day, also of a period under way.
                    period_start < first_day + to_months(
                        CASE period_type WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 ELSE 12 END
                    )
                    AND period_end >= first_day
        """)
        self.run("COMMIT")
        self.connection.close()
        return self.path

    def _derive_states(self) -> None:
        """Derive photographs and spells; of clients and workers only the last file's rows stay."""
        self.run("""
            CREATE TABLE intermediate.int_client_photograph AS
            SELECT organisation, client_id, submission_id, period, period_start, period_end
            FROM staging.stg_clients
            INNER JOIN staging.stg_current_submissions USING (organisation, submission_id)
        """)
        for feed, key in (("clients", "client_id"), ("workers", "worker_id, started_on, post")):
            self.run(f"""
                CREATE OR REPLACE TABLE staging.stg_{feed} AS
                SELECT feed_rows.*
                FROM staging.stg_{feed} AS feed_rows
                INNER JOIN staging.stg_current_submissions AS submissions USING (submission_id)
                QUALIFY rank() OVER (
                    PARTITION BY feed_rows.organisation, {key}
                    ORDER BY submissions.period_end DESC, submissions.received_at DESC
                ) = 1
            """)
        self.run("""
            CREATE TABLE marts.dim_worker_spell AS
            SELECT
                organisation, worker_id, started_on, post, ended_on,
                DATE '0001-01-01' AS valid_from, DATE '9999-12-31' AS valid_to, fte
            FROM staging.stg_workers
        """)


def catalog_of(path: Path) -> Catalog:
    """Read what a warehouse file holds, as the suites do."""
    from sqlalchemy import create_engine

    from expectations.engine import duckdb_dialect

    duckdb_dialect.register()
    engine = create_engine(duckdb_dialect.URL, connect_args=duckdb_dialect.connect_arguments(path))
    with engine.connect() as connection:
        catalog = read_catalog(connection)
    engine.dispose()
    return catalog


def failing(relations: Iterable[CheckedRelation], path: Path) -> dict[str, list[dict[str, Any]]]:
    """Run the checks' queries as they are and return the failures by check."""
    checks = [check for relation in relations for check in relation.checks]
    found: dict[str, list[dict[str, Any]]] = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        for query in dict.fromkeys(check.query for check in checks):
            result = connection.execute(query)
            names = [column[0] for column in result.description or ()]
            for values in result.fetchall():
                row = dict(zip(names, values, strict=True))
                check = _named(checks, row["check"])
                found.setdefault(check.id, []).append(failure_of(row, check.message))
    return found


def _named(checks: Iterable[Check], identifier: str) -> Check:
    return next(check for check in checks if check.id == identifier)


def _columns(contract: Contract) -> str:
    columns = ["organisation varchar", "submission_id varchar", "received_at timestamp"]
    for column in contract.columns:
        columns.append(f"{column.name} {column.sql_type}")
        if column.kind is Kind.PERSON:
            columns += ["birth_year integer DEFAULT 1980", "sex varchar DEFAULT 'female'"]
    return ", ".join([*columns, "warnings varchar[]"])
