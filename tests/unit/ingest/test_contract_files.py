"""The contracts of the 20 feeds: whole, in three languages, and as the feeds are specified.

What the feeds hold is written down here a second time, by hand, so that a contract cannot
drift from what was agreed with the organisations without a test saying so.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import open_data_contract_standard
import pytest

from common.yaml_text import parsed
from ingest.contracts import CODES, CONTRACTS, Kind, load_contract
from tests.support.places import SUPPORT

# name[!] type[(code list)] [minimum..maximum][?]; "!" is part of the key, "?" may be empty.
# In the order of the file.
SPECIFICATION = {
    "workers": """
        worker_id! worker, post! text?, team text?, profession code(profession), municipality code(municipalities),
        fte number 0..1, started_on! date, ended_on date?
    """,
    "clients": """
        client_id! id, team text?, person_id person, municipality code(municipalities), started_on date,
        ended_on date?, intensity code(intensity), special_support bool,
        initiated_by code(initiator), primary_reason code(reason)?,
        labour_market_status code(labour_market_status)?, household code(household)?,
        end_reason code(end_reason)?
    """,
    "assignments": """
        assignment_id! text, client_id id, worker_id worker, started_on date, ended_on date?
    """,
    "assessments": """
        assessment_id! text, client_id id, initiated_on date, started_on date?,
        completed_on date?, support_needs codes(support_need)?, opinions_match code(agreement)?,
        multiprofessional bool, instrument code(instrument)?
    """,
    "plans": """
        plan_id! text, client_id id, made_on date, reviewed_on date?, joint bool,
        client_participated bool, goals_set int 0.., goals_met int 0..?
    """,
    "contacts": """
        contact_id! text, client_id id, worker_id worker, occurred_on date,
        channel code(channel), method code(method)?, minutes int 0..1440
    """,
    "outreach": """
        visit_id! text, team text?, occurred_on date, municipality code(municipalities), place_id text?,
        nature code(outreach_nature), persons_present int 0.., persons_contacted int 0..,
        topics codes(topic)?, feeling int 1..5?
    """,
    "measurements": """
        measurement_id! text, client_id id, instrument code(instrument), wave code(wave),
        measured_on date, form_returned bool, form_blank bool
    """,
    "measurement_scores": """
        measurement_id! text, domain! code(domain), score number 0..100
    """,
    "client_feedback": """
        feedback_id! text, question! code(client_question), measurement_id text?,
        answered_on date, score int 1..5
    """,
    "groups": """
        group_id! text, municipality code(municipalities), method code(method), started_on date,
        ended_on date?, sessions int 0.., participants int 0.., women int 0..?, men int 0..?
    """,
    "group_responses": """
        response_id! text, group_id text, phase code(phase), answered_on date,
        s01 int 1..5?, s02 int 1..5?, s03 int 1..5?, s04 int 1..5?, s05 int 1..5?,
        s06 int 1..5?, s07 int 1..5?, s08 int 1..5?, s09 int 1..5?, s10 int 1..5?,
        s11 int 1..5?, s12 int 1..5?, s13 int 1..5?, s14 int 1..5?
    """,
    "worker_survey": """
        response_id! text, year int 1950..2100, profession code(profession), own_clients int 0..?,
        exhaustion int 1..5?, pair_work_relieves bool?, does_pair_work bool?,
        would_try_remote_pair_work bool?, shared_values_discussed bool?,
        participation_meaningful bool?, acts_as_advocate bool?, informing_works int 1..5?,
        pair_work_wanted_in_assessment bool?, multiprofessional_assessment_meaningful bool?,
        uses_service_catalogue bool?, can_tailor_support bool?, instruments_add_value bool?,
        instruments_understood bool?, instruments_difficult bool?, instruments_open_views bool?,
        outreach_extent int 1..5?, outreach_meaningful int 1..5?, community_work_known bool?,
        does_community_work bool?, community_work_meaningful int 1..5?,
        guides_to_low_threshold_places bool?, marketing_important bool?, willing_to_market bool?,
        effectiveness_data_known bool?, client_experience_meaningful bool?,
        wants_preventive_work bool?, hyte_group_familiar int 1..5?,
        can_influence_development int 1..5?, is_heard int 1..5?, interested_in_development bool?,
        willing_to_co_research bool?, development_adds_meaning bool?,
        alloc_social_assistance int 0..100, alloc_service_guidance int 0..100,
        alloc_client_process int 0..100, alloc_documentation int 0..100,
        alloc_groups int 0..100, alloc_non_client int 0..100, alloc_development int 0..100,
        process_assessment int 0..100, process_assessment_instrument int 0..100,
        process_networks int 0..100, process_arranging_support int 0..100,
        process_everyday_support int 0..100, process_groups int 0..100,
        process_informing int 0..100, process_documentation int 0..100
    """,
    "survey_rounds": """
        year! int 1950..2100, sent_to int 0..
    """,
    "time_entries": """
        entry_id! text, worker_id worker, worked_on date, activity code(activity),
        community bool, minutes int 0..1440
    """,
    "observations": """
        observation_id! text, observed_on date, municipality code(municipalities),
        level int 1..2, source code(observation_source), question code(observation_question),
        theme code(theme)
    """,
    "measures": """
        measure_id! text, municipality code(municipalities), theme code(theme),
        proposed_on date, reported_on date?, reported_to code(body)?, decided_on date?,
        decision code(decision)?, implemented_on date?, evaluated_on date?, effect code(effect)?
    """,
    "places": """
        place_id! text, municipality code(municipalities), kind code(place_kind),
        sector code(sector), target_groups codes(target_group), opened_on date, closed_on date?
    """,
    "meetings": """
        meeting_id! text, held_on date, body code(body), municipality code(municipalities)?
    """,
    "population": """
        municipality! code(municipalities), year! int 1950..2100, population int 0..
    """,
}

# The date by which a feed's rows are dated; a feed that is not here has none.
PERIOD_DATES = {
    "assessments": "initiated_on",
    "client_feedback": "answered_on",
    "contacts": "occurred_on",
    "group_responses": "answered_on",
    "measurements": "measured_on",
    "meetings": "held_on",
    "observations": "observed_on",
    "outreach": "occurred_on",
    "plans": "made_on",
    "time_entries": "worked_on",
}

# The rows that a column of another feed is about.
REFERENCES = {
    ("assignments", "client_id"): "clients.client_id",
    ("assignments", "worker_id"): "workers.worker_id",
    ("assessments", "client_id"): "clients.client_id",
    ("plans", "client_id"): "clients.client_id",
    ("contacts", "client_id"): "clients.client_id",
    ("contacts", "worker_id"): "workers.worker_id",
    ("outreach", "place_id"): "places.place_id",
    ("measurements", "client_id"): "clients.client_id",
    ("measurement_scores", "measurement_id"): "measurements.measurement_id",
    ("client_feedback", "measurement_id"): "measurements.measurement_id",
    ("group_responses", "group_id"): "groups.group_id",
    ("time_entries", "worker_id"): "workers.worker_id",
}

ALLOC = (
    "alloc_social_assistance",
    "alloc_service_guidance",
    "alloc_client_process",
    "alloc_documentation",
    "alloc_groups",
    "alloc_non_client",
    "alloc_development",
)
PROCESS = (
    "process_assessment",
    "process_assessment_instrument",
    "process_networks",
    "process_arranging_support",
    "process_everyday_support",
    "process_groups",
    "process_informing",
    "process_documentation",
)


DOCUMENTS: dict[str, dict[str, Any]] = {
    path.stem: parsed(path.read_text(encoding="utf-8")) for path in sorted(CONTRACTS.glob("*.yaml"))
}
FEEDS = sorted(DOCUMENTS)
SPECIFIED = sorted(SPECIFICATION)
# By feed and rule: its severity, rows that keep it and rows that break it.
RULES: dict[str, dict[str, dict[str, Any]]] = parsed(
    (SUPPORT / "row_rules.yaml").read_text(encoding="utf-8")
)
DECLARED_RULES = [
    (feed, rule["id"])
    for feed, document in DOCUMENTS.items()
    for rule in document["schema"][0].get("quality", [])
]

_COLUMN = re.compile(
    r"(?P<name>\w+)(?P<key>!?) (?P<kind>\w+)(?:\((?P<codes>\w+)\))?"
    r"(?: (?P<minimum>\d+)\.\.(?P<maximum>\d*))?(?P<optional>\??)"
)
_TYPES = {
    "text": ("string", "VARCHAR"),
    "id": ("string", "VARCHAR"),
    "worker": ("string", "VARCHAR"),
    "person": ("string", "VARCHAR"),
    "code": ("string", "VARCHAR"),
    "codes": ("array", "VARCHAR[]"),
    "date": ("date", "DATE"),
    "bool": ("boolean", "BOOLEAN"),
    "int": ("integer", "INTEGER"),
    "number": ("number", "DOUBLE"),
}
_KINDS = {"bool": Kind.BOOLEAN, "int": Kind.INTEGER}
# The widest values that a typed cell can hold, whatever range its column has.
_LARGEST = {
    "VARCHAR": "repeat('ä', 10000)",
    "VARCHAR[]": "['a', 'b']",
    "DATE": "date '9999-12-31'",
    "BOOLEAN": "true",
    "INTEGER": "2147483647",
    "DOUBLE": "1.7976931348623157e308::double",
}


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    """Return an engine to evaluate rules with."""
    return duckdb.connect()


def test_the_twenty_specified_feeds_are_there() -> None:
    assert set(SPECIFICATION) <= set(FEEDS)
    assert len(SPECIFICATION) == 20


@pytest.mark.parametrize("feed", FEEDS)
def test_the_contract_passes_the_standards_own_schema(feed: str) -> None:
    schema = Path(open_data_contract_standard.__file__).with_name("schema.json")
    validator = jsonschema.Draft201909Validator(json.loads(schema.read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(DOCUMENTS[feed])] == []


@pytest.mark.parametrize("feed", FEEDS)
def test_feed_name_file_name_and_schema_name_are_the_same(feed: str) -> None:
    document = DOCUMENTS[feed]
    (table,) = document["schema"]
    assert document["name"] == table["name"] == feed
    assert document["id"] == f"urn:vuosikello:feed:{feed}"
    assert document["slaProperties"][0]["element"] == feed


@pytest.mark.parametrize("feed", SPECIFIED)
def test_the_columns_are_the_specified_ones_in_order(feed: str) -> None:
    specified = [
        (match["name"], match["kind"], match["codes"], match["minimum"], match["maximum"] or None)
        for match in _specified(feed)
    ]
    assert [_declared(column) for column in _columns(feed)] == specified


@pytest.mark.parametrize("feed", SPECIFIED)
def test_the_columns_that_may_be_empty_are_the_specified_ones(feed: str) -> None:
    assert [column["name"] for column in _columns(feed) if not column["required"]] == [
        match["name"] for match in _specified(feed) if match["optional"]
    ]


@pytest.mark.parametrize("feed", SPECIFIED)
def test_the_key_is_the_specified_one(feed: str) -> None:
    keys = [column for column in _columns(feed) if column.get("primaryKey")]
    assert [column["name"] for column in keys] == [
        match["name"] for match in _specified(feed) if match["key"]
    ]
    assert [column["primaryKeyPosition"] for column in keys] == list(range(1, len(keys) + 1))
    assert any(column["required"] for column in keys)


VERSION_2 = (
    *("assessments", "assignments", "clients", "contacts", "measurements", "outreach", "plans"),
    "workers",
)


def test_the_feeds_of_version_2_say_what_differs_from_version_1_and_no_other_does() -> None:
    contracts = {feed: load_contract(CONTRACTS / f"{feed}.yaml") for feed in SPECIFIED}
    assert [feed for feed in SPECIFIED if contracts[feed].version == "2.0.0"] == list(VERSION_2)
    for feed, contract in contracts.items():
        assert [change.version for change in contract.changes] == (
            ["2.0.0"] if feed in VERSION_2 else []
        )
        for change in contract.changes:
            texts = [change.text.fi, change.text.sv, change.text.en]
            _assert_three_texts(f"{feed} {change.version}", texts)
            new = [column.name for column in contract.columns if column.name in ("post", "team")]
            ids = [column.name for column in contract.columns if column.kind is Kind.ID]
            assert all(name in text for name in new + ids for text in texts)


@pytest.mark.parametrize("feed", SPECIFIED)
def test_the_receiver_reads_what_the_contract_says(feed: str) -> None:
    contract = load_contract(CONTRACTS / f"{feed}.yaml")
    assert [
        (column.name, column.kind, column.required, column.key) for column in contract.columns
    ] == [
        (
            match["name"],
            _KINDS.get(match["kind"]) or Kind(match["kind"]),
            not match["optional"],
            bool(match["key"]),
        )
        for match in _specified(feed)
    ]
    assert [(feed, rule.id) for rule in contract.rules] == [
        declared for declared in DECLARED_RULES if declared[0] == feed
    ]
    assert contract.period_date == PERIOD_DATES.get(feed)
    assert contract.retention_days == 730


@pytest.mark.parametrize("feed", SPECIFIED)
def test_the_date_that_tells_the_period_is_a_required_date(feed: str) -> None:
    name = _custom(DOCUMENTS[feed]).get("periodDate")
    assert name == PERIOD_DATES.get(feed)
    if name is not None:
        (column,) = (column for column in _columns(feed) if column["name"] == name)
        assert (column["logicalType"], column["required"]) == ("date", True)


def test_references_point_at_columns_of_the_same_kind_in_other_feeds() -> None:
    declared = {
        (feed, column["name"]): _custom(column)["references"]
        for feed in FEEDS
        for column in _columns(feed)
        if "references" in _custom(column)
    }
    specified = {place: target for place, target in declared.items() if place[0] in SPECIFICATION}
    assert specified == REFERENCES
    for (feed, name), target in declared.items():
        other, _, other_name = target.partition(".")
        assert other != feed
        column, other_column = _column(feed, name), _column(other, other_name)
        assert _declared(column)[1] == _declared(other_column)[1]


@pytest.mark.parametrize("feed", FEEDS)
def test_every_text_stands_in_finnish_swedish_and_english(feed: str) -> None:
    document = DOCUMENTS[feed]
    custom = _custom(document)
    for stem in ("label", "grain"):
        _assert_three_texts(feed, [custom.get(f"{stem}{end}") for end in ("Fi", "Sv", "En")])
    purposes = [custom.get("purposeFi"), custom.get("purposeSv")]
    _assert_three_texts(feed, [*purposes, document["description"]["purpose"]])
    for column in _columns(feed):
        texts = _custom(column)
        labels = [texts.get("labelFi"), texts.get("labelSv"), column.get("businessName")]
        _assert_three_texts(column["name"], labels)
        descriptions = [texts.get("descriptionFi"), texts.get("descriptionSv")]
        _assert_three_texts(column["name"], [*descriptions, column.get("description")])
        # The question mark closes a question of the survey, quoted as it was asked.
        assert all(str(text)[-1] in ".?" for text in [*descriptions, column["description"]])


@pytest.mark.parametrize("feed", FEEDS)
def test_no_two_columns_of_a_feed_have_the_same_label(feed: str) -> None:
    for labels in (
        [_custom(column)["labelFi"] for column in _columns(feed)],
        [_custom(column)["labelSv"] for column in _columns(feed)],
        [column["businessName"] for column in _columns(feed)],
    ):
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("feed", FEEDS)
def test_every_code_list_is_a_file_with_codes_and_labels(feed: str) -> None:
    for column in _columns(feed):
        code_list = _custom(column).get("codeList")
        if code_list is None:
            continue
        with (CODES / f"{code_list}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows, code_list
        assert all(row[f"label_{language}"] for row in rows for language in ("fi", "sv", "en"))
        codes = [row["code"] for row in rows]
        assert len(set(codes)) == len(codes)
        # A list stands in one cell with this sign between its codes.
        assert not any("|" in code for code in codes)


def test_identifiers_are_restricted_and_nothing_else_is() -> None:
    for feed in FEEDS:
        for column in _columns(feed):
            is_identifier = "identifier" in _custom(column)
            assert (column.get("classification") == "restricted") == is_identifier, column["name"]


def test_the_survey_has_one_column_per_closed_question_and_share() -> None:
    with (CODES / "worker_survey_questions.csv").open(encoding="utf-8", newline="") as file:
        questions = {row["column"]: row for row in csv.DictReader(file)}
    columns = {column["name"]: column for column in _columns("worker_survey")}
    answers = {"scale": "integer", "yes_no": "boolean"}
    assert {name: columns[name]["logicalType"] for name in questions} == {
        name: answers[row["answer"]] for name, row in questions.items()
    }
    for name, row in questions.items():
        assert columns[name]["description"].startswith(f"Question {row['question_no']}: ")
    shares = [f"alloc_{code}" for code in _codes("activity")]
    shares += [f"process_{code}" for code in _codes("process_activity")]
    assert [*ALLOC, *PROCESS] == shares
    rest = ["response_id", "year", "profession", "own_clients"]
    assert list(columns) == [*rest, *questions, *shares]


def test_the_inclusion_form_has_one_column_per_statement() -> None:
    names = [column["name"] for column in _columns("group_responses")]
    assert names[-14:] == _codes("statement")


def test_every_rule_has_its_cases_and_every_case_its_rule() -> None:
    assert sorted(DECLARED_RULES) == sorted((feed, rule) for feed in RULES for rule in RULES[feed])
    assert len(set(DECLARED_RULES)) == len(DECLARED_RULES)


@pytest.mark.parametrize(("feed", "rule"), DECLARED_RULES)
def test_a_rule_has_a_known_severity_a_column_and_three_messages(feed: str, rule: str) -> None:
    declared = _rule(feed, rule)
    assert declared["severity"] == RULES[feed][rule]["severity"]
    assert declared["name"] == rule
    assert declared["implementation"]["column"] in {column["name"] for column in _columns(feed)}
    messages = _custom(declared)
    texts = [messages.get(f"message{language}") for language in ("Fi", "Sv", "En")]
    _assert_three_texts(rule, texts)
    # What is wrong, and then how to mend it.
    assert all(str(text).count(".") >= 2 for text in texts)


@pytest.mark.parametrize(("feed", "rule"), DECLARED_RULES)
def test_a_rule_binds_over_typed_columns(
    feed: str, rule: str, engine: duckdb.DuckDBPyConnection
) -> None:
    columns = ", ".join(
        f'null::{column["physicalType"]} as "{column["name"]}"' for column in _columns(feed)
    )
    result = engine.sql(
        f"select {_rule(feed, rule)['implementation']['holds']} from (select {columns}) where false"
    )
    assert [str(kind) for kind in result.types] == ["BOOLEAN"]
    assert result.fetchall() == []


@pytest.mark.parametrize(("feed", "rule"), DECLARED_RULES)
def test_a_rule_holds_where_it_should(
    feed: str, rule: str, engine: duckdb.DuckDBPyConnection
) -> None:
    held_by = RULES[feed][rule]["holds"]
    assert held_by
    for row in [*held_by, {}]:
        assert _holds(engine, feed, rule, row), row


@pytest.mark.parametrize(("feed", "rule"), DECLARED_RULES)
def test_a_rule_is_broken_where_it_should_be(
    feed: str, rule: str, engine: duckdb.DuckDBPyConnection
) -> None:
    broken_by = RULES[feed][rule]["breaks"]
    assert broken_by
    for row in broken_by:
        assert not _holds(engine, feed, rule, row), row


@pytest.mark.parametrize(("feed", "rule"), DECLARED_RULES)
def test_a_rule_survives_the_largest_values_a_cell_can_hold(
    feed: str, rule: str, engine: duckdb.DuckDBPyConnection
) -> None:
    cells = ", ".join(
        f'{_LARGEST[column["physicalType"]]} as "{column["name"]}"' for column in _columns(feed)
    )
    holds = _rule(feed, rule)["implementation"]["holds"]
    assert len(engine.sql(f"select {holds} from (select {cells})").fetchall()) == 1


def test_the_page_of_feeds_says_what_the_contracts_say() -> None:
    page = (CONTRACTS.parents[1] / "docs" / "reference" / "feeds.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if re.match(r"\| `\w+` \| one ", line)]
    reported = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]
    assert [(feed, key, dated_by) for feed, _, key, dated_by in reported] == [
        (
            feed,
            ", ".join(column["name"] for column in _columns(feed) if column.get("primaryKey")),
            _custom(DOCUMENTS[feed]).get("periodDate", ""),
        )
        for feed in FEEDS
    ]
    for feed, grain, *_ in reported:
        assert _custom(DOCUMENTS[feed])["grainEn"].startswith(f"One row is {grain.split(';')[0]}")


def _specified(feed: str) -> list[re.Match[str]]:
    parts = [part.strip() for part in SPECIFICATION[feed].split(",")]
    matches = [match for part in parts if (match := _COLUMN.fullmatch(part))]
    assert len(matches) == len(parts), "a column of the specification above is not readable"
    return matches


def _declared(column: dict[str, Any]) -> tuple[str, str, str | None, str | None, str | None]:
    """Return name, kind, code list, minimum and maximum as the specification writes them."""
    custom = _custom(column)
    options = column.get("logicalTypeOptions", {})
    types = (column["logicalType"], column["physicalType"])
    kinds = [kind for kind, pair in _TYPES.items() if pair == types]
    if "codeList" in custom:
        kinds = [kind for kind in kinds if kind in ("code", "codes")]
    elif "identifier" in custom:
        kinds = [kind for kind in kinds if kind == custom["identifier"]]
    kind = kinds[0] if kinds else f"{types} does not fit together"
    limits = [options.get(limit) for limit in ("minimum", "maximum")]
    minimum, maximum = (None if limit is None else str(limit) for limit in limits)
    return column["name"], kind, custom.get("codeList"), minimum, maximum


def _columns(feed: str) -> list[dict[str, Any]]:
    columns: list[dict[str, Any]] = DOCUMENTS[feed]["schema"][0]["properties"]
    return columns


def _column(feed: str, name: str) -> dict[str, Any]:
    (column,) = (column for column in _columns(feed) if column["name"] == name)
    return column


def _rule(feed: str, rule: str) -> dict[str, Any]:
    rules: list[dict[str, Any]] = DOCUMENTS[feed]["schema"][0]["quality"]
    (found,) = (declared for declared in rules if declared["id"] == rule)
    return found


def _custom(item: Mapping[str, Any]) -> dict[str, Any]:
    return {entry["property"]: entry["value"] for entry in item.get("customProperties", [])}


def _codes(code_list: str) -> list[str]:
    with (CODES / f"{code_list}.csv").open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file)]


def _assert_three_texts(what: str, texts: list[object]) -> None:
    """Assert that a text is given, as text, in each language (YAML reads a bare `no` as false)."""
    assert all(isinstance(text, str) and text.strip() == text != "" for text in texts), (
        what,
        texts,
    )


def _holds(
    engine: duckdb.DuckDBPyConnection, feed: str, rule: str, row: Mapping[str, object]
) -> bool:
    """Evaluate a rule on one row as the receiver does: NULL means that it holds."""
    columns = _columns(feed)
    assert set(row) <= {column["name"] for column in columns}
    cells = ", ".join(f'?::{column["physicalType"]} as "{column["name"]}"' for column in columns)
    holds = _rule(feed, rule)["implementation"]["holds"]
    values = [row.get(column["name"]) for column in columns]
    answer = engine.execute(f"select {holds} from (select {cells})", values).fetchone()
    assert answer is not None
    return answer[0] is not False
