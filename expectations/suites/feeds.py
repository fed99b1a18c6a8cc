"""The suite ``feeds``: what the contracts promise holds for the rows in the lake.

The receiver checked every row on its way in. This suite asks the same of what lies there now, by
other means: through the warehouse's staging views, in SQL compiled from the contracts. It finds
what arrived under an older contract, what a fault of the receiver let through, and what was
changed in the lake since. All conditions on single rows of a feed cost one scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from common.sql import identifier, literal
from expectations.configuration import Thresholds
from expectations.engine.catalog import Catalog
from expectations.engine.checks import (
    CURRENT_SUBMISSIONS,
    Check,
    CheckedRelation,
    RowCondition,
    counted_by_submission,
    text_list,
    values_relation,
)
from ingest.contracts import Column, Contract, Kind, Severity, codes
from ingest.identity_code_sql import holds_identity_code

SCHEMA = "staging"
EARLIEST = "1950-01-01"
PSEUDONYM = "[^:]+:[0-9a-f]{64}"
_TEXTS = (Kind.TEXT, Kind.CODE, Kind.CODES, Kind.ID, Kind.WORKER, Kind.PERSON)
_PREFIX = "{observed} of the {total} rows of {feed} from {organisation} for {period} "
_MEND = (
    " Ask {organisation} to correct and resubmit {feed} for {period}; if the file was right, the "
    "receiver let it through and needs mending."
)


def staging(feed: str) -> str:
    """Return the name of a feed's staging view."""
    return f"stg_{feed}"


def compile_feeds(
    contracts: Mapping[str, Contract], catalog: Catalog, thresholds: Thresholds
) -> tuple[CheckedRelation, ...]:
    """Compile the contracts to checks on the staging views of the feeds that have rows.

    Args:
        contracts: the contracts by feed.
        catalog: what the warehouse holds.
        thresholds: severities, and the shares that optional columns must be filled in.
    """
    return tuple(
        CheckedRelation(
            name=f"feeds.{feed}",
            schema=SCHEMA,
            relation=staging(feed),
            checks=_checks(contract, catalog, thresholds),
        )
        for feed, contract in contracts.items()
        if staging(feed) in catalog.filled
    )


def _checks(contract: Contract, catalog: Catalog, thresholds: Thresholds) -> tuple[Check, ...]:
    present = catalog.columns[(SCHEMA, staging(contract.feed))]
    conditions = tuple(_conditions(contract, present, thresholds))
    severities = {
        condition.id: thresholds.severity_of(f"feeds.{condition.id}") for condition in conditions
    }
    relation = identifier(SCHEMA, staging(contract.feed))
    checks = [_columns_check(contract, thresholds)]
    if all(column.name in present for column in contract.key):
        checks.append(_key_check(contract, relation, thresholds))
    checks += counted_by_submission(relation, contract.feed, conditions, severities)
    return tuple(checks)


def _columns_check(contract: Contract, thresholds: Thresholds) -> Check:
    check_id = f"{contract.feed}.columns"
    listed = values_relation(
        ("column_name", "expected_type"),
        ((column.name, column.sql_type) for column in contract.columns),
    )
    query = f"""\
SELECT
    {literal(check_id)} AS "check",
    NULL::VARCHAR AS organisation,
    {literal(contract.feed)} AS feed,
    NULL::VARCHAR AS period,
    expected.column_name AS "column",
    expected.expected_type,
    coalesce(found.data_type, 'missing') AS observed
FROM {listed} AS expected
LEFT JOIN (
    SELECT column_name, data_type
    FROM duckdb_columns()
    WHERE
        database_name = current_database()
        AND schema_name = {literal(SCHEMA)}
        AND table_name = {literal(staging(contract.feed))}
) AS found ON expected.column_name = found.column_name
WHERE found.data_type IS DISTINCT FROM expected.expected_type"""
    return Check(
        id=check_id,
        title=f"{contract.feed} has the columns and types of contract version {contract.version}",
        meaning="The staging model and the contract tell of the same columns.",
        message=(
            "In the warehouse the column {column} of {feed} is {observed}, the contract says "
            "{expected_type}. Bring the staging model and the contract together and build the "
            "warehouse again."
        ),
        query=query,
        severity=thresholds.severity_of(f"feeds.{check_id}"),
    )


def _key_check(contract: Contract, relation: str, thresholds: Thresholds) -> Check:
    check_id = f"{contract.feed}.key"
    names = [column.name for column in contract.key]
    key = ", ".join(identifier(name) for name in names)
    same = " AND ".join(
        f"rows_read.{identifier(name)} IS NOT DISTINCT FROM repeated.{identifier(name)}"
        for name in ("organisation", *names)
    )
    query = f"""\
WITH repeated AS (
    SELECT organisation, {key}
    FROM {relation}
    GROUP BY organisation, {key}
    HAVING count(*) > 1
),
counted AS (
    SELECT rows_read.organisation, rows_read.submission_id, count(*) AS observed
    FROM {relation} AS rows_read
    INNER JOIN repeated ON {same}
    GROUP BY rows_read.organisation, rows_read.submission_id
)
SELECT
    {literal(check_id)} AS "check",
    counted.organisation,
    {literal(contract.feed)} AS feed,
    submissions.period,
    counted.observed,
    counted.submission_id
FROM counted
LEFT JOIN {CURRENT_SUBMISSIONS} AS submissions
    ON counted.submission_id = submissions.submission_id"""
    described = " and ".join(names)
    return Check(
        id=check_id,
        title=f"{described} stands only once within an organisation",
        meaning=(
            "The key tells one row from another. Where a key stands twice, the row is counted "
            "twice in every indicator."
        ),
        message=(
            f"{{observed}} rows of {{feed}} from {{organisation}} for {{period}} have a "
            f"{described} that stands in several rows. Build the warehouse again; if it stays, the "
            "staging model no longer keeps the row received last."
        ),
        query=query,
        severity=thresholds.severity_of(f"feeds.{check_id}"),
        column=names[0] if len(names) == 1 else None,
        rows=(
            f"SELECT * FROM {relation} QUALIFY count(*) OVER (PARTITION BY organisation, {key}) > 1"
        ),
    )


def _conditions(
    contract: Contract, present: Mapping[str, str], thresholds: Thresholds
) -> Iterator[RowCondition]:
    columns = [column for column in contract.columns if column.name in present]
    for column in columns:
        yield from _column_conditions(contract.feed, column, present, thresholds)
    texts = [column for column in columns if column.kind in _TEXTS]
    if texts:
        yield _identity_code_condition(contract.feed, texts)
    yield from _rule_conditions(contract, present)


def _column_conditions(
    feed: str, column: Column, present: Mapping[str, str], thresholds: Thresholds
) -> Iterator[RowCondition]:
    name = identifier(column.name)

    def condition(
        what: str,
        title: str,
        wrong: str,
        breaks: str,
        meaning: str,
        allowed: float = 0.0,
        shown: str | None = None,
    ) -> RowCondition:
        return RowCondition(
            id=f"{feed}.{column.name}.{what}",
            title=title,
            meaning=f"{column.label.en}: {column.description.en} {meaning}",
            message=_PREFIX + wrong.replace("{", "{{").replace("}", "}}") + _MEND,
            breaks=breaks,
            column=column.name,
            allowed=allowed,
            shown=shown,
        )

    filled = thresholds.filled_share.get(f"{feed}.{column.name}")
    if column.required:
        yield condition(
            "required",
            f"{column.name} is never empty",
            f"have no {column.name}.",
            f"{name} IS NULL",
            "The contract requires it in every row.",
        )
    elif filled is not None:
        yield condition(
            "filled",
            f"{column.name} is filled in {filled:.0%} of the rows",
            f"have no {column.name}; it should be filled in {filled:.0%} of the rows.",
            f"{name} IS NULL",
            "The contract leaves it optional, and too many empty cells make its indicators weak.",
            1.0 - filled,
        )
    match column.kind:
        case Kind.CODE | Kind.CODES:
            yield condition(
                "code",
                f"{column.name} holds only codes of the list {column.code_list}",
                f"have a {column.name} that is not in the code list {column.code_list}.",
                _unlisted(column),
                "A code that is not listed falls out of every breakdown.",
                shown=_unlisted_in_the_warehouse(column),
            )
        case Kind.INTEGER | Kind.NUMBER if (column.minimum, column.maximum) != (None, None):
            bounds = _bounds(column)
            yield condition(
                "range",
                f"{column.name} is {bounds}",
                f"have a {column.name} that is not {bounds}.",
                _outside(column),
                "A number outside is a slip of the pen and bends sums and means.",
            )
        case Kind.DATE:
            if not column.may_be_planned:
                yield condition(
                    "not_in_future",
                    f"{column.name} is not after the day of receipt",
                    f"have a {column.name} after the day on which the file was received.",
                    # The moment of receipt is in UTC; Finland is at most three hours ahead of it.
                    f"{name} > CAST(received_at + INTERVAL 3 HOUR AS DATE)",
                    "What has not happened yet cannot have been recorded.",
                )
            yield condition(
                "not_too_early",
                f"{column.name} is not before {EARLIEST}",
                f"have a {column.name} before {EARLIEST}.",
                f"{name} < DATE '{EARLIEST}'",
                "A date so old is a slip of the pen.",
            )
        case Kind.ID | Kind.WORKER | Kind.PERSON:
            yield condition(
                "pseudonym",
                f"{column.name} holds nothing but pseudonyms",
                f"have a {column.name} that is not a pseudonym.",
                f"NOT regexp_full_match({name}, {literal(PSEUDONYM)})",
                "An identifier must be replaced before the first byte is written to the lake. If "
                "this fails, stop the receiver and treat the lake file as a breach.",
            )
    if column.kind is Kind.PERSON and {"birth_year", "sex"} <= set(present):
        yield condition(
            "derived",
            "birth_year and sex are told by the personal identity code",
            "have a birth year or a sex that no personal identity code can tell.",
            f"{name} IS NOT NULL AND (sex IS NULL OR sex NOT IN ('female', 'male') "
            "OR birth_year IS NULL OR birth_year NOT BETWEEN 1800 AND year(received_at))",
            "They are all that is kept of the code besides its pseudonym.",
        )


def _rule_conditions(contract: Contract, present: Mapping[str, str]) -> Iterator[RowCondition]:
    for rule in contract.rules:
        if contract.column(rule.column).name not in present:
            continue
        is_warning = rule.severity is Severity.WARN
        sentence = rule.message.en.replace("{", "{{").replace("}", "}}")
        yield RowCondition(
            id=f"{contract.feed}.{'warns' if is_warning else 'rule'}.{rule.id}",
            title=_sentence(rule.id),
            meaning=f"{rule.message.en} ({rule.holds})",
            message=_PREFIX
            + ("carry this warning: " if is_warning else "break this rule: ")
            + sentence
            + ("" if is_warning else _MEND),
            breaks=f"NOT ({rule.holds})",
            column=rule.column,
        )


def _identity_code_condition(feed: str, columns: Iterable[Column]) -> RowCondition:
    names = ", ".join(column.name for column in columns)
    return RowCondition(
        id=f"{feed}.no_identity_code",
        title="No text holds a personal identity code",
        meaning=(
            "A Finnish personal identity code must never be in the lake, whatever column it came "
            f"in. Looked at: {names}."
        ),
        message=_PREFIX
        + (
            "hold something that reads as a personal identity code in one of the columns "
            f"{names}. Take the file out of the lake, tell the data protection officer, and ask "
            "{organisation} to resubmit {feed} for {period} with other identifiers."
        ),
        breaks=" OR ".join(_looks_like_identity_code(column) for column in columns),
        shown=" OR ".join(_search(column) for column in columns),
    )


def _looks_like_identity_code(column: Column) -> str:
    """Look into a column for a personal identity code, first where one can be at all.

    A listed code or a pseudonym is none by its own check, so the search runs on few values. It is
    the receiver's own: what that lets through is no code here either.
    """
    name = identifier(column.name)
    match column.kind:
        case Kind.CODE | Kind.CODES:
            doubtful = _unlisted(column)
        case Kind.ID | Kind.WORKER | Kind.PERSON:
            doubtful = f"NOT regexp_full_match({name}, {literal(PSEUDONYM)})"
        case _:
            return _search(column)
    return f"CASE WHEN {doubtful} THEN {_search(column)} ELSE false END"


def _search(column: Column) -> str:
    name = identifier(column.name)
    searched = f"array_to_string({name}, ' ')" if column.kind is Kind.CODES else name
    return f"({holds_identity_code(searched)})"


def _unlisted(column: Column) -> str:
    listed = text_list(codes(column.code_list or ""))
    name = identifier(column.name)
    if column.kind is Kind.CODES:
        return f"NOT list_has_all({listed}, {name}) OR len({name}) <> list_count({name})"
    return f"NOT list_contains({listed}, {name})"


def _unlisted_in_the_warehouse(column: Column) -> str:
    """Write the same by the warehouse's own copy of the code list, which is shorter to read."""
    codes_there = f"(SELECT list(code) FROM {identifier('codes', column.code_list or '')})"
    name = identifier(column.name)
    if column.kind is Kind.CODES:
        return f"NOT list_has_all({codes_there}, {name}) OR len({name}) <> list_count({name})"
    return f"NOT list_contains({codes_there}, {name})"


def _outside(column: Column) -> str:
    name = identifier(column.name)
    parts = []
    if column.minimum is not None:
        parts.append(f"{name} < {column.minimum}")
    if column.maximum is not None:
        parts.append(f"{name} > {column.maximum}")
    return " OR ".join(parts)


def _bounds(column: Column) -> str:
    if column.maximum is None:
        return f"at least {column.minimum}"
    if column.minimum is None:
        return f"at most {column.maximum}"
    return f"from {column.minimum} to {column.maximum}"


def _sentence(name: str) -> str:
    return name.replace("_", " ").capitalize()
