"""A build after new submissions: what it builds anew, and that it equals a build of everything."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from common.home import Home
from ingest import receiver
from tests.support.built_homes import SOURCES, changeable_home, remember_project
from tests.support.places import EXAMPLE
from tests.support.tiny_lake import TinyLake, bounds
from vuosikello.warehouse import build
from vuosikello.warehouse.incremental import Part, is_whole, part_to_build

# What says when and how it was built, not what was found.
OF_THE_BUILD = {"staging.build_info", "indicators.indicator_model"}


def content(path: Path) -> dict[str, tuple[list[str], list[tuple[object, ...]]]]:
    """Return columns and sorted rows of everything in a warehouse, by relation."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() union all "
            "select schema_name || '.' || view_name from duckdb_views() where not internal"
        ).fetchall()
        found = {}
        for (name,) in names:
            if name not in OF_THE_BUILD:
                rows = connection.execute(f"select * from {name} order by all")
                found[name] = ([column for column, *_ in rows.description or ()], rows.fetchall())
    return found


def models_kept(path: Path) -> set[tuple[str, str]]:
    """Return the models of indicators that a warehouse keeps, with the hash of their SQL."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return set(
            connection.execute(
                "select model, sql_sha256 from indicators.indicator_model"
            ).fetchall()
        )


def drop(home: Path, *files: str) -> None:
    """Receive files of the example."""
    for file in files:
        target = home / "inbox" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(EXAMPLE / "inbox" / file, target)
    receiver.receive(Home(home))


@pytest.fixture(scope="module")
def steps(iso_sos: Path) -> Iterator[list[tuple[build.BuildResult, Path]]]:
    """The example in three parts, each followed by a build, and a build of everything at last."""

    def make(home: Path) -> list[tuple[build.BuildResult, Path]]:
        remember_project(iso_sos, home)
        return build_in_steps(home)

    sources = (*SOURCES, "tests/conftest.py", "tests/integration/warehouse/test_partial.py")
    with changeable_home("in-steps", make, sources) as (_, steps):
        yield steps


def build_in_steps(home: Path) -> list[tuple[build.BuildResult, Path]]:
    """Receive and build part after part; return each build's result, and its warehouse kept aside."""
    everything = [
        path.relative_to(EXAMPLE / "inbox").as_posix()
        for path in sorted((EXAMPLE / "inbox").rglob("*"))
        if path.is_file()
    ]
    correction = [file for file in everything if file.startswith("essote/outreach/2019")]
    later = [file for file in everything if "/clients/" in file or "/places/" in file]
    assert len(correction) >= 2
    assert later
    found = []

    def built(*, full_refresh: bool = False) -> None:
        result = build.build(home, full_refresh=full_refresh)
        assert result.failures == []
        aside = home / f"{len(found)}.duckdb"
        shutil.copy(result.path, aside)
        found.append((result, aside))

    drop(home, *(file for file in everything if file not in {*correction[1:], *later}))
    built()
    for file in correction[1:]:
        drop(home, file)
    built()
    drop(home, *later)
    (home / "inbox" / "essote" / "plans").mkdir(parents=True)
    (home / "inbox" / "essote" / "plans" / "2019.csv").write_text("nothing\nof use\n")
    receiver.receive(Home(home))
    built()
    built()
    built(full_refresh=True)
    return found


def test_only_what_rests_on_the_new_rows_is_built_anew(
    steps: list[tuple[build.BuildResult, Path]],
) -> None:
    whole, outreach, several, nothing, refreshed = (result for result, _ in steps)
    assert whole.feeds is None
    assert outreach.feeds == ("outreach",)
    assert outreach.models < whole.models / 3
    assert several.feeds == ("clients", "places")
    assert nothing.feeds == ()
    assert (nothing.models, refreshed.models) == (5, whole.models)
    assert refreshed.feeds is None


def test_it_equals_a_build_of_everything_value_for_value(
    steps: list[tuple[build.BuildResult, Path]],
) -> None:
    *_, (_, by_parts), (_, at_once) = steps
    parts, whole = content(by_parts), content(at_once)
    assert parts.keys() == whole.keys()
    for name, expected in whole.items():
        assert parts[name] == expected, name
    assert models_kept(by_parts) == models_kept(at_once)


def test_the_first_part_was_another_warehouse(
    steps: list[tuple[build.BuildResult, Path]],
) -> None:
    # Otherwise the comparison above would compare nothing.
    before, after = content(steps[0][1]), content(steps[-1][1])
    changed = {name for name in after if before[name] != after[name]}
    assert {"marts.fct_outreach_visit", "marts.dim_client", "marts.dim_place"} <= changed
    assert "indicators.indicator_values" in changed


@pytest.fixture
def home(
    steps: list[tuple[build.BuildResult, Path]],
) -> Path:
    return steps[0][1].parent


@pytest.fixture
def versions(home: Path) -> build.Versions:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        row = connection.execute("select built_on from staging.build_info").fetchone()
    assert row
    return build._versions(row[0])


def test_nothing_new_asks_for_nothing(home: Path, versions: build.Versions) -> None:
    part = part_to_build(home, home / "warehouse.duckdb", versions)
    assert part is not None
    assert part.feeds == ()
    assert is_whole(part, home / "warehouse.duckdb")
    assert not is_whole(dataclasses.replace(part, submissions=0), home / "warehouse.duckdb")


@pytest.mark.parametrize(
    "changed",
    [
        {"built_on": date(2001, 1, 1)},
        {"code": "another"},
        {"project": "another"},
        {"dbt": "another"},
        {"duckdb": "another"},
    ],
)
def test_another_day_or_version_asks_for_everything(
    home: Path, versions: build.Versions, changed: dict[str, object]
) -> None:
    other = dataclasses.replace(versions, **changed)  # type: ignore[arg-type]
    assert part_to_build(home, home / "warehouse.duckdb", other) is None


def test_a_moved_home_a_lost_ledger_and_a_broken_warehouse_ask_for_everything(
    home: Path, versions: build.Versions, tmp_path: Path
) -> None:
    published = home / "warehouse.duckdb"
    moved = tmp_path / "moved"
    shutil.copytree(home / "ledger", moved / "ledger")
    assert part_to_build(moved, published, versions) is None
    (tmp_path / "lost").mkdir()
    assert part_to_build(tmp_path / "lost", published, versions) is None
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(published.read_bytes()[:1000])
    assert part_to_build(home, broken, versions) is None
    assert part_to_build(home, tmp_path / "none.duckdb", versions) is None


@pytest.mark.parametrize(
    ("period", "status", "feeds"),
    [
        ("2019", "accepted", ("meetings",)),
        ("2019", "refused", ()),
        ("2001", "refused", ()),
        # The periods begin earlier then, and everything has values in them.
        ("2001", "accepted", None),
    ],
)
def test_what_a_new_line_of_the_ledger_asks_for(
    home: Path,
    versions: build.Versions,
    tmp_path: Path,
    period: str,
    status: str,
    feeds: tuple[str, ...] | None,
) -> None:
    # The warehouse's views name the files of its home, so the line is written there and taken back.
    line = {
        "event": "submission",
        "submission_id": "01NEW",
        "organisation": "essote",
        "feed": "meetings",
        "period": period,
        "period_start": bounds(period)[0],
        "status": status,
    }
    ledger = home / "ledger" / "zzz.jsonl"
    ledger.write_text(json.dumps(line) + "\n", encoding="utf-8")
    try:
        part = part_to_build(home, home / "warehouse.duckdb", versions)
    finally:
        ledger.unlink()
    assert (part and part.feeds) == feeds


@pytest.fixture(scope="module")
def parents(
    steps: list[tuple[build.BuildResult, Path]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, set[str]]:
    """What each model refers to, as dbt tells it."""
    home = steps[0][1].parent
    target = tmp_path_factory.mktemp("ls") / "target"
    shutil.copytree(home / "build" / "dbt" / "target", target)
    command = [sys.executable, "-W", "ignore", "-m", "dbt.cli.main", "--quiet", "ls"]
    command += ["--output", "json", "--output-keys", "name depends_on", "--resource-type", "model"]
    reported = subprocess.run(
        command,
        cwd=target.parent,
        env=os.environ | build.dbt_environment(home, target, None, date.today()),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    models = [json.loads(line) for line in reported.splitlines() if line.startswith("{")]
    return {
        model["name"]: {node.split(".")[-1] for node in model["depends_on"]["nodes"]}
        for model in models
    }


def feeds_under(model: str, parents: dict[str, set[str]]) -> set[str]:
    """Return the feeds that a model rests on, directly or not."""
    if model.startswith("stg_"):
        return {model.removeprefix("stg_")}
    return set().union(*(feeds_under(parent, parents) for parent in parents.get(model, ())))


def test_what_rests_on_all_submissions_does_so_feed_by_feed(parents: dict[str, set[str]]) -> None:
    resting = {
        model
        for model, rests_on in parents.items()
        if rests_on & {"stg_submissions", "stg_current_submissions"}
    }
    feeds = {model for model in parents if model.startswith("stg_")}
    photographs = {f"int_{thing}_photograph" for thing in ("client", "worker", "place")}
    assert resting - feeds == {
        "dim_period", "int_covered_stretch", *photographs,
    }  # fmt: skip
    # A photograph is built anew with the rows of its feed.
    for thing in ("client", "worker", "place"):
        assert f"stg_{thing}s" in parents[f"int_{thing}_photograph"]
    # Coverage bears on an indicator by its base feed, whose rows its model counts.
    with_coverage = {model for model, rests_on in parents.items() if "fct_coverage" in rests_on}
    assert with_coverage
    with duckdb.connect() as connection:
        declared = connection.execute(
            "select base_feed, list(distinct indicator) from read_csv(?) group by base_feed",
            [str(build.PROJECT / "seeds" / "indicators" / "indicator_declarations.csv")],
        ).fetchall()
    for feed, indicators in declared:
        counting = {model for model in with_coverage if feed in feeds_under(model, parents)}
        assert counting, (feed, indicators)


def test_each_model_of_indicators_rests_on_the_base_feeds_of_its_indicators(
    steps: list[tuple[build.BuildResult, Path]], parents: dict[str, set[str]]
) -> None:
    with duckdb.connect(str(steps[-1][1]), read_only=True) as connection:
        models = connection.execute(
            "select model, list(distinct base_feed) from indicators.indicator_model, "
            "unnest(indicators) as of_model (indicator) "
            "join indicators.indicator_catalogue using (indicator) group by model"
        ).fetchall()
    assert models
    for model, base_feeds in models:
        assert set(base_feeds) <= feeds_under(model, parents), model


def test_a_submission_received_during_the_build_is_built_too(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Last in this module: it leaves another submission in the home.
    decide = part_to_build
    meeting = {"meeting_id": "M1", "held_on": "2019-05-05", "body": "board"}

    def then_received(*given: object) -> Part | None:
        part = decide(*given)  # type: ignore[arg-type]
        TinyLake(home).submit(
            "essote", "meetings", "2019", [meeting], received_at="2020-01-08T08:00:00Z"
        )
        return part

    monkeypatch.setattr(build, "part_to_build", then_received)
    result = build.build(home)
    assert (result.failures, result.feeds) == ([], None)
    with duckdb.connect(str(result.path), read_only=True) as connection:
        assert connection.execute(
            "select count(*) from marts.fct_meeting where organisation = 'essote'"
        ).fetchone() == (1,)
