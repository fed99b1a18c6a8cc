"""Corrections over time: what was another number yesterday, and which submissions changed it."""

from __future__ import annotations

import functools
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from common.home import Home
from common.indicator_key import CELL
from ingest import receiver
from tests.support.built_homes import ALL_ROOMS, changeable_home
from tests.support.places import EXAMPLE
from vuosikello.lineage.diff import Difference, ValueChange, difference
from vuosikello.lineage.explain import explain
from vuosikello.warehouse import build

pytestmark = pytest.mark.slow

BEFORE_ANYTHING = datetime(2020, 1, 1, tzinfo=UTC)
NUMBERS = ("numerator", "denominator", "value", "persons", "events")


@dataclass(frozen=True)
class Corrected:
    """The example, and what Kainuu has corrected in it.

    Outreach of 2019: one visit is gone, one is new, one met three more persons. The workers: W001
    is a social counsellor, which changes numbers whose own rows are the same. Meetings of 2018: a
    feed and year nobody had submitted. Places are sent again with another order of the rows only.
    """

    home: Path
    moment: datetime
    earlier: Path
    now: Path

    def values(self, path: Path) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        with duckdb.connect(str(path), read_only=True) as connection:
            rows = connection.execute(
                f"select indicator, {', '.join(CELL)}, {', '.join(NUMBERS)} "
                "from indicators.indicator_values"
            ).fetchall()
        return {row[:7]: row[7:] for row in rows}


def corrections(inbox: Path) -> None:
    """Put the corrected files in the inbox."""

    def correct(name: str, change: Callable[[list[str]], list[str]], as_name: str = "") -> None:
        source = EXAMPLE / "inbox" / "kainuun-sote" / name
        head, *rows = source.read_text(encoding="utf-8-sig").splitlines()
        target = inbox / "kainuun-sote" / (as_name or name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join([head, *change(rows)]) + "\n", encoding="utf-8")

    correct("outreach/2019.csv", corrected_visits, "outreach/2019.corrected.csv")
    correct(
        "workers/2019.csv",
        lambda rows: [
            row.replace("social_worker", "social_counsellor") if row.startswith("W001,") else row
            for row in rows
        ],
        "workers/2019.corrected.csv",
    )
    correct("meetings/2019.csv", lambda rows: ["M90,2018-03-12,board,"], "meetings/2018.csv")
    correct("places/2019.csv", lambda rows: rows[::-1], "places/2019.again.csv")


def corrected_visits(rows: list[str]) -> list[str]:
    """KAI-0053 (May, 205) is gone, KAI-0054 (January, 765) met three more, KAI-9999 is new."""
    kept = [row for row in rows if not row.startswith("KAI-0053,")]
    index = next(i for i, row in enumerate(kept) if row.startswith("KAI-0054,"))
    cells = kept[index].split(",")
    cells[5] = str(int(cells[5]) + 3)
    cells[6] = str(int(cells[6]) + 3)
    kept[index] = ",".join(cells)
    return [*kept, "KAI-9999,2019-07-01,205,,partner,2,1,economy,5"]


def publish_by_earlier_models(source: Path, target: Path, moment: datetime) -> None:
    """Publish the example as other models did: by their definition Essote's visits are one less."""
    shutil.copyfile(source, target)
    with duckdb.connect(str(target)) as connection:
        connection.execute(
            "update staging.build_info "
            "set project_hash = 'earlier models', built_at = $1, newest_known_at = $1",
            [moment.replace(tzinfo=None)],
        )
        connection.execute(
            "update indicators.indicator_values set numerator = numerator - 1, value = value - 1 "
            "where indicator = 'outreach.visits' and area = 'essote' and breakdown = 'none'"
        )


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory, iso_sos: Path) -> Iterator[Corrected]:
    def make(home: Path) -> Corrected:
        for part in ("lake", "ledger", "keys", "receipts", "build"):
            shutil.copytree(iso_sos / part, home / part)
        moment = datetime.now(UTC)
        publish_by_earlier_models(iso_sos / "warehouse.duckdb", home / "warehouse.duckdb", moment)
        inbox = tmp_path_factory.mktemp("corrections")
        corrections(inbox)
        received = receiver.receive(Home(home), [inbox])
        assert {receipt.status for receipt in received} == {"accepted"}, received
        result = build.build(home)
        assert result.failures == []
        earlier = build.known_at(home, moment)
        assert earlier.failures == []
        assert build.known_at(home, BEFORE_ANYTHING).failures == []
        return Corrected(home, moment, earlier.path, result.path)

    sources = (*ALL_ROOMS, "tests/scenarios/test_corrections.py")
    with changeable_home("corrected", make, sources) as (_, corrected):
        yield corrected


@pytest.fixture(scope="module")
def reported(corrected: Corrected, tmp_path_factory: pytest.TempPathFactory) -> Difference:
    return difference(corrected.now, corrected.earlier)


def test_the_earlier_warehouse_is_used_again(corrected: Corrected) -> None:
    before = corrected.earlier.stat().st_mtime_ns
    again = build.known_at(corrected.home, corrected.moment)
    assert (again.path, again.seconds) == (corrected.earlier, 0.0)
    assert corrected.earlier.stat().st_mtime_ns == before


def test_a_warehouse_is_read_only_on_disk_and_the_next_build_replaces_it(
    corrected: Corrected,
) -> None:
    for path in (corrected.now, corrected.earlier):
        assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_diff_lists_exactly_the_values_that_are_not_what_they_were(
    corrected: Corrected, tmp_path: Path
) -> None:
    file = tmp_path / "values.parquet"
    reported = difference(corrected.now, corrected.earlier, values_to=file)
    then, now = corrected.values(corrected.earlier), corrected.values(corrected.now)
    changed = {key for key in then.keys() | now.keys() if then.get(key) != now.get(key)}
    columns = ", ".join(
        ["indicator", *CELL, *(f"{n}_before" for n in NUMBERS), *(f"{n}_now" for n in NUMBERS)]
    )
    written = duckdb.sql(f"select {columns} from '{file}'").fetchall()
    assert {row[:7] for row in written} == changed
    nothing = (None,) * len(NUMBERS)
    for row in written:
        assert row[7:12] == then.get(row[:7], nothing)
        assert row[12:] == now.get(row[:7], nothing)
    assert reported.total == len(written)


def test_diff_names_the_submission_that_did_it(reported: Difference) -> None:
    files = {one.submission_id: one.file for one in reported.submissions}
    assert set(files.values()) == {
        "kainuun-sote/outreach/2019.corrected.csv",
        "kainuun-sote/workers/2019.corrected.csv",
        "kainuun-sote/meetings/2018.csv",
    }
    by_theme: dict[str, set[str]] = {}
    for value in reported.values:
        assert value.submissions, value
        theme = value.indicator.split(".")[0]
        by_theme.setdefault(theme, set()).update(files[name] for name in value.submissions)
    assert by_theme["outreach"] == {"kainuun-sote/outreach/2019.corrected.csv"}
    assert by_theme["caseload"] == {"kainuun-sote/workers/2019.corrected.csv"}
    assert by_theme["time"] == {"kainuun-sote/workers/2019.corrected.csv"}
    assert reported.without_effect == ["kainuun-sote/places/2019.again.csv"]


def test_diff_tells_which_file_a_correction_replaced(reported: Difference) -> None:
    replaced = {one.file: one.superseded_file for one in reported.submissions}
    assert replaced["kainuun-sote/outreach/2019.corrected.csv"] == "kainuun-sote/outreach/2019.csv"
    assert replaced["kainuun-sote/meetings/2018.csv"] is None


def value_of(
    reported: Difference, indicator: str, area: str, period: str, part: str
) -> ValueChange:
    (value,) = (
        value
        for value in reported.values
        if (value.indicator, value.area, value.period, value.breakdown_value)
        == (indicator, area, period, part)
        # A month and the rolling year that ends with it have one name.
        and value.period_type != "rolling_year"
    )
    return value


def test_diff_tells_how_the_rows_did_it(reported: Difference) -> None:
    gone = value_of(reported, "outreach.visits", "205", "2019-05", "all")
    assert gone.why == "replaced"
    appeared = value_of(
        reported, "structural.decision_maker_meetings", "kainuun-sote", "2018", "all"
    )
    assert (appeared.change, appeared.before) == ("appeared", None)
    counsellors = value_of(
        reported, "time.client_process_share", "kainuun-sote", "2019", "social_counsellor"
    )
    assert counsellors.why == "other"


def test_explain_tells_the_value_then_and_the_rows_that_have_changed(
    corrected: Corrected,
) -> None:
    result = explain(
        corrected.now,
        "outreach.contacts_per_visit",
        area="kainuun-sote",
        period="2019",
        earlier=corrected.earlier,
    )
    change = result.change
    assert result.is_exact and change is not None and change.before is not None
    assert (change.before["numerator"], change.before["denominator"]) == (287, 77)
    # KAI-0053 met three and is gone, KAI-9999 met one and is new, KAI-0054 met three more.
    assert result.numbers is not None
    assert (result.numbers["numerator"], result.numbers["denominator"]) == (288, 77)
    assert (change.rows_added, change.rows_removed, change.rows_changed) == (1, 1, 1)
    assert {(row.change, row.key["visit_id"], row.why) for row in change.rows} == {
        ("added", "KAI-9999", "own"),
        ("removed", "KAI-0053", "replaced"),
        ("changed", "KAI-0054", "own"),
    }
    (source,) = change.submissions
    assert source.file == "kainuun-sote/outreach/2019.corrected.csv"
    assert source.superseded_file == "kainuun-sote/outreach/2019.csv"
    assert source.changes == 3
    # What the rows changed by is what the value changed by.
    by_rows = sum(
        ((row.now or {}).get("numerator") or 0) - ((row.before or {}).get("numerator") or 0)
        for row in change.rows
    )
    assert by_rows == 288 - 287


def test_explain_names_the_other_feed_where_the_rows_are_the_same(corrected: Corrected) -> None:
    result = explain(
        corrected.now,
        "time.client_process_share",
        area="kainuun-sote",
        period="2019",
        breakdown="profession=social_counsellor",
        earlier=corrected.earlier,
    )
    assert result.change is not None and result.change.rows_added > 0
    assert {row.why for row in result.change.rows} == {"other"}
    assert [source.file for source in result.change.submissions] == [
        "kainuun-sote/workers/2019.corrected.csv"
    ]


def test_explain_tells_of_a_value_that_is_no_more(corrected: Corrected) -> None:
    """KAI-0053 was the only visit of May to 205 on which immigration came up."""
    result = explain(
        corrected.now,
        "outreach.topic_share",
        area="205",
        period="2019-05",
        breakdown="topic=immigration",
        earlier=corrected.earlier,
    )
    assert result.numbers is None
    assert result.missing is not None and "no row counts there" in result.missing
    assert result.change is not None and result.change.before is not None
    assert result.change.before["numerator"] == 1
    assert [(row.change, row.key) for row in result.change.rows if row.change == "removed"] == [
        ("removed", {"visit_id": "KAI-0053"})
    ]


def test_what_has_not_changed_is_told_as_that(corrected: Corrected) -> None:
    result = explain(
        corrected.now, "outreach.visits", area="essote", period="2019", earlier=corrected.earlier
    )
    assert result.change is not None
    assert (result.change.rows, result.change.submissions) == ([], [])


def test_the_commands_tell_it_to_a_person(corrected: Corrected) -> None:
    moment = corrected.moment.isoformat()
    done = run(corrected.home, "diff", "--from", moment)
    assert done.returncode == 0, done.stderr
    assert "kainuun-sote/outreach/2019.corrected.csv" in done.stdout
    assert "in place of kainuun-sote/outreach/2019.csv" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    as_json = json.loads(run(corrected.home, "diff", "--from", moment, "--json").stdout)
    assert sum(sum(kinds.values()) for kinds in as_json["counts"].values()) > 0
    explained = run(
        corrected.home,
        *("explain", "outreach.visits", "--area", "20", "--period", "2019-05", "--as-of", moment),
    )
    assert explained.returncode == 0, explained.stderr
    assert "1 removed" in explained.stdout
    assert max(map(len, explained.stdout.splitlines())) <= 100


def test_diff_compares_published_with_published_after_a_definition_has_changed(
    corrected: Corrected,
) -> None:
    """The build has replaced a warehouse of other models, and kept the values it published."""
    moment = corrected.moment.isoformat()
    done = run(corrected.home, "diff", "--from", moment, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["is_published"] is True
    essote = [value for value in result["values"] if value["area"] == "essote"]
    assert essote
    for value in essote:
        assert (value["indicator"], value["why"]) == ("outreach.visits", "definition")
        assert value["now"]["value"] == value["before"]["value"] + 1
        assert value["submissions"] == []
    assert [(one["indicator"], one["values"]) for one in result["definitions"]] == [
        ("outreach.visits", len(essote))
    ]
    others = [value for value in result["values"] if value["area"] != "essote"]
    assert others
    assert {value["is_redefined"] for value in others} == {False}
    shown = run(corrected.home, "diff", "--from", moment).stdout
    assert "By these definitions" in shown
    assert "as published then" in shown
    assert max(map(len, shown.splitlines())) <= 100
    explained = run(
        corrected.home,
        *("explain", "outreach.visits", "--area", "essote", "--period", "2019"),
        *("--as-of", moment),
    )
    assert explained.returncode == 0, explained.stderr
    assert "Published then, by another definition" in explained.stdout


def test_before_anything_was_sent_there_was_nothing(corrected: Corrected) -> None:
    """So every value has appeared, each by its own submissions, the zeros by being covered."""
    nothing = build.known_at(corrected.home, BEFORE_ANYTHING)
    assert nothing.failures == []
    reported = difference(corrected.now, nothing.path, indicator="outreach.visits")
    assert reported.total > 0
    assert {value.change for value in reported.values} == {"appeared"}
    organisations = {one.submission_id: one.organisation for one in reported.submissions}
    for value in reported.values:
        senders = {organisations[name] for name in value.submissions}
        assert senders, value
        if value.area_type == "organisation":
            assert senders - {"reference"} == {value.area}
        is_zero = value.now is not None and value.now["numerator"] == 0
        if value.indicator == "outreach.visits":
            assert value.why == ("coverage" if is_zero else "own"), value

    result = explain(
        corrected.now, "outreach.visits", area="205", period="2019-05", earlier=nothing.path
    )
    assert result.change is not None and result.change.before is None
    assert {row.change for row in result.change.rows} == {"added"}
    assert result.change.rows_added == 2
    assert [source.file for source in result.change.submissions] == [
        "kainuun-sote/outreach/2019.corrected.csv"
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "yesterday"), "write a time such as"),
        (("--from", "2026-01-31", "--to", "2026-01-30"), "after --from"),
        (("--from", "2999-01-01"), "lies in the future"),
    ],
)
def test_moments_that_cannot_be_are_refused(
    corrected: Corrected, words: tuple[str, ...], said: str
) -> None:
    done = run(corrected.home, "diff", *words)
    assert done.returncode in (1, 2)
    assert said in " ".join(done.stderr.replace("│", " ").split())


@functools.cache
def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command that changes nothing; the same words are run once."""
    return subprocess.run(
        [sys.executable, "-m", "vuosikello.cli.app", *words, "--home", str(home)],
        env=os.environ | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
