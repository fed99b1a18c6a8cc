"""What a build makes of a lake."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.support.tiny_lake import CONTRACTS, Built
from vuosikello.warehouse import build

PROJECT = build.PROJECT
READER = """
import json, sys, duckdb
connection = duckdb.connect()
connection.execute(f"attach '{sys.argv[1]}' as somewhere (read_only)")
print(json.dumps([connection.execute(query).fetchall() for query in sys.argv[2:]]))
"""


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_a_build_is_published_and_says_what_it_did(tiny: Built) -> None:
    assert tiny.result.failures == []
    assert tiny.result.is_published
    assert tiny.result.path == tiny.home / "warehouse.duckdb"
    assert tiny.result.models >= 63
    assert tiny.result.tests >= 50
    assert tiny.result.newest_submission == "01M" + "9".zfill(23)


def test_progress_names_every_step_and_counts_up(tiny: Built) -> None:
    done = [step[0] for step in tiny.reported]
    total = tiny.reported[0][1]
    assert sorted(done) == list(range(total))
    assert {"stg_contacts", "fct_contact", "municipalities"} <= {step[2] for step in tiny.reported}


def test_nothing_but_the_published_file_and_what_dbt_remembers_is_left(tiny: Built) -> None:
    assert [path.name for path in (tiny.home / "build").iterdir()] == ["dbt"]
    assert list(tiny.home.glob("*.wal")) == []


def test_the_schemas_are_called_exactly_as_documented(
    published: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        published,
        "select distinct schema_name from (select schema_name from duckdb_tables() union all "
        "select schema_name from duckdb_views() where not internal) order by all",
    )
    assert [schema for (schema,) in found] == [
        "codes",
        "indicators",
        "intermediate",
        "marts",
        "semantic",
        "staging",
    ]


def test_an_empty_home_gives_every_relation_without_rows(empty: Built, tiny: Built) -> None:
    relations = (
        "select schema_name, table_name from duckdb_tables() union all "
        "select schema_name, view_name from duckdb_views() where not internal order by all"
    )
    assert empty.result.failures == []
    assert empty.result.newest_submission is None
    with empty.connect() as nothing, tiny.connect() as something:
        assert rows(nothing, relations) == rows(something, relations)
        of_rows_sent = [
            (schema, name)
            for schema, name in rows(nothing, relations)
            if name.startswith(("stg_", "fct_")) or name in ("dim_client", "dim_worker")
        ]
        assert len(of_rows_sent) > 40
        for schema, name in of_rows_sent:
            assert rows(nothing, f"select count(*) from {schema}.{name}") == [(0,)], name
        assert rows(nothing, "select count(*) from marts.dim_welfare_area") == [(23,)]


def test_every_relation_and_every_column_says_what_it_means(
    published: duckdb.DuckDBPyConnection,
) -> None:
    silent = rows(
        published,
        """
        select schema_name, table_name from duckdb_tables() where coalesce(comment, '') = ''
        union all
        select schema_name, view_name from duckdb_views()
        where not internal and coalesce(comment, '') = ''
        union all
        select schema_name, table_name || '.' || column_name from duckdb_columns()
        where not internal and coalesce(comment, '') = ''
        """,
    )
    assert silent == []


def test_a_description_of_a_model_or_code_list_begins_with_its_grain() -> None:
    described = [
        (item["name"], item.get("description", ""))
        for path in PROJECT.rglob("*.yml")
        if path.is_relative_to(PROJECT / "models") or path.is_relative_to(PROJECT / "seeds")
        for kind in ("models", "seeds")
        for item in yaml.safe_load(path.read_text(encoding="utf-8")).get(kind) or []
    ]
    assert len(described) > 90
    assert [name for name, text in described if not text.startswith("One row per ")] == []


def test_every_model_stands_beside_its_description() -> None:
    models = {path.stem for path in (PROJECT / "models").rglob("*.sql")}
    described = {
        item["name"]
        for path in (PROJECT / "models").rglob("*.yml")
        for item in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []
    }
    assert models == described


def test_staging_and_marts_are_held_to_their_contracts() -> None:
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    layers = project["models"]["vuosikello"]
    for layer in ("staging", "intermediate", "marts", "semantic"):
        assert layers[layer]["+contract"] == {"enforced": True}


@pytest.mark.parametrize("feed", sorted(CONTRACTS))
def test_a_staging_model_has_the_columns_and_types_of_the_feeds_contract(
    feed: str, published: duckdb.DuckDBPyConnection
) -> None:
    of_everyone = ("organisation", "submission_id", "received_at", "birth_year", "sex", "warnings")
    found = rows(published, f"describe staging.stg_{feed}")
    assert [(name, type_) for name, type_, *_ in found if name not in of_everyone] == [
        (column.name, column.sql_type) for column in CONTRACTS[feed].columns
    ]


def test_every_code_list_is_a_seed_with_its_leading_zeros(
    published: duckdb.DuckDBPyConnection,
) -> None:
    files = {path.stem for path in (PROJECT.parent / "ingest" / "codes").glob("*.csv")}
    seeds = rows(published, "select table_name from duckdb_tables() where schema_name = 'codes'")
    assert files - {name for (name,) in seeds} == set()
    assert rows(published, "select min(code), max(code) from codes.welfare_areas")[0][0] == "01"
    assert rows(published, "select label_fi from codes.municipalities where code = '005'") == [
        ("Alajärvi",)
    ]


def test_every_code_list_is_held_to_unique_codes() -> None:
    text = (PROJECT / "tests" / "code_lists_have_unique_codes.sql").read_text(encoding="utf-8")
    for path in (PROJECT.parent / "ingest" / "codes").glob("*.csv"):
        assert f"'{path.stem}'" in text


@pytest.mark.parametrize(
    ("column", "type_"),
    [
        ("channel.outside_office", "BOOLEAN"),
        ("municipalities.valid_to", "DATE"),
        ("organisations.valid_from", "DATE"),
        ("organisations.valid_to", "DATE"),
        ("profession.carries_clients", "BOOLEAN"),
        ("statement.reverse", "BOOLEAN"),
        ("topic.economic", "BOOLEAN"),
    ],
)
def test_a_flag_or_day_of_a_code_list_is_a_flag_or_day(
    column: str, type_: str, published: duckdb.DuckDBPyConnection
) -> None:
    table, name = column.split(".")
    assert rows(
        published,
        "select data_type from duckdb_columns() where schema_name = 'codes' "
        f"and table_name = '{table}' and column_name = '{name}'",
    ) == [(type_,)]


def test_of_a_key_in_two_files_the_row_received_last_wins(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        published,
        "select organisation, contact_id, minutes, submission_id "
        "from staging.stg_contacts order by all",
    ) == [
        ("essote", "K1", 30, "01M" + "7".zfill(23)),
        ("kainuun-sote", "K1", 45, "01M" + "4".zfill(23)),
        ("kainuun-sote", "K2", 30, "01M" + "3".zfill(23)),
    ]


def test_a_torn_line_hides_no_other_and_refused_ones_are_history_only(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        published, "select status, count(*) from staging.stg_submissions group by all order by all"
    ) == [("accepted", 7), ("duplicate", 1), ("refused", 1)]
    assert rows(published, "select count(*) from staging.stg_current_submissions") == [(7,)]


def test_a_column_that_an_older_contract_did_not_have_is_empty(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(published, "select visit_id, feeling from staging.stg_outreach order by all") == [
        ("V1", None),
        ("V2", 4),
    ]


def test_a_contact_finds_its_client_and_worker_and_says_when_it_does_not(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        published,
        "select organisation, contact_id, person_id, municipality, worker_profession, "
        "is_client_known, is_worker_known from marts.fct_contact order by all",
    ) == [
        ("essote", "K1", None, None, None, False, False),
        ("kainuun-sote", "K1", "k1:p1", "049", "social_worker", True, True),
        ("kainuun-sote", "K2", "k1:p1", "049", "social_worker", True, True),
    ]


def test_orphans_are_warned_of_in_a_sentence_that_counts_them(tiny: Built) -> None:
    assert sorted(tiny.result.warnings) == [
        "1 contacts whose client relationship stands in no current submission of the feed clients.",
        "1 contacts whose worker stands in no current submission of the feed workers.",
    ]


def test_a_view_can_be_read_from_any_folder_and_under_any_name(tiny: Built, tmp_path: Path) -> None:
    queries = [
        "select count(*) from somewhere.staging.stg_contacts",
        "select count(*) from somewhere.staging.stg_outreach",
    ]
    reading = subprocess.run(
        [sys.executable, "-c", READER, str(tiny.result.path), *queries],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(reading.stdout) == [[[3]], [[2]]]


def test_the_warehouse_says_how_it_was_built(
    tiny: Built, published: duckdb.DuckDBPyConnection
) -> None:
    relation = published.execute("from staging.build_info")
    names = [column[0] for column in relation.description or []]
    found = dict(zip(names, relation.fetchall()[0], strict=True))
    assert found["as_of"] is None
    assert found["built_on"] == max(
        last for (last,) in rows(published, "select last_day from marts.dim_period")
    )
    assert found["newest_submission_id"] == tiny.result.newest_submission
    assert found["duckdb_version"] == duckdb.__version__
    assert found["project_hash"] == build.project_hash()
    assert isinstance(found["built_on"], date)
