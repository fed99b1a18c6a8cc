"""A changed definition changes published values without a submission: diff says that it did."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from common import clock
from common.home import Home
from vuosikello.cli.output import explanation
from vuosikello.cli.output.console import out
from vuosikello.lineage.diff import Difference, difference
from vuosikello.lineage.diff.moments import NOT_SEEN, earlier_state
from vuosikello.lineage.explain import explain
from vuosikello.warehouse.publications import keep_replaced, publications, published_at


@pytest.fixture
def home(tmp_path: Path, iso_sos: Path) -> Home:
    """A home that publishes the example's warehouse."""
    shutil.copyfile(iso_sos / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    return Home(tmp_path)


def publish_as_if_built_by(
    home: Home,
    source: Path,
    project_hash: str,
    built_at: datetime,
    statements: tuple[str, ...] = (),
) -> None:
    """Publish a copy of a warehouse as a build by other models would."""
    draft = home.root / "draft.duckdb"
    shutil.copyfile(source, draft)
    with duckdb.connect(str(draft)) as connection:
        connection.execute(
            "update staging.build_info set project_hash = ?, built_at = ?, newest_known_at = ?",
            [project_hash, *[built_at.replace(tzinfo=None)] * 2],
        )
        for statement in (*VERSIONS, *statements):
            connection.execute(statement)
    keep_replaced(home, project_hash)
    draft.replace(home.warehouse)


VERSIONS = (
    "alter table indicators.indicator_catalogue add column if not exists version integer",
    "alter table indicators.indicator_catalogue add column if not exists valid_from date",
    "update indicators.indicator_catalogue set version = 1, valid_from = '2019-01-01'",
)
# Another definition: home visits were not counted; the value of the whole country is one less.
EARLIER_DEFINITION = (
    "update indicators.indicator_values set numerator = numerator - 1, value = value - 1 "
    "where indicator = 'outreach.visits' and area = 'FI' and breakdown = 'none'",
)
NEW_VERSION = (
    "update indicators.indicator_catalogue set version = 2, valid_from = '2026-03-01' "
    "where indicator = 'outreach.visits'",
)
FEBRUARY = datetime(2026, 2, 1, 12, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def redefined(tmp_path: Path, iso_sos: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """In February built by earlier models, in March by those of now; nothing was submitted."""
    home = Home(tmp_path)
    source = iso_sos / "warehouse.duckdb"
    publish_as_if_built_by(home, source, "earlier models", FEBRUARY, EARLIER_DEFINITION)
    monkeypatch.setattr(clock, "now", lambda: MARCH)
    publish_as_if_built_by(home, source, "models of now", MARCH, NEW_VERSION)
    return home


def compared(home: Home, moment: datetime) -> Difference:
    """Nothing was submitted since, so the warehouse as of any moment has the values of now."""
    state = earlier_state(home, moment)
    return difference(
        home.warehouse, home.warehouse, published=state.published, remarks=state.remarks
    )


def test_values_that_only_a_definition_has_changed_are_found_and_the_definition_named(
    redefined: Home,
) -> None:
    result = compared(redefined, FEBRUARY + timedelta(days=1))
    assert result.is_published
    assert result.total > 0
    assert set(result.counts) == {"outreach.visits"}
    assert {(value.why, value.is_redefined) for value in result.values} == {("definition", True)}
    for value in result.values:
        assert value.submissions == []
        assert value.before is not None and value.now is not None
        assert value.now["value"] == (value.before["value"] or 0) + 1
    (definition,) = result.definitions
    assert (definition.indicator, definition.version_before, definition.version_now) == (
        "outreach.visits",
        1,
        2,
    )
    assert definition.valid_from == date(2026, 3, 1)
    assert definition.values == result.total
    assert result.remarks == []


def test_a_value_that_a_submission_changed_too_names_both(
    redefined: Home, iso_sos: Path, tmp_path: Path
) -> None:
    """As of February one visit less was known: outreach of 2019 was another file then."""
    earlier = tmp_path / "earlier.duckdb"
    shutil.copyfile(iso_sos / "warehouse.duckdb", earlier)
    with duckdb.connect(str(earlier)) as connection:
        for relation in ("stg_current_submissions", "stg_submissions"):
            connection.execute(
                f"update staging.{relation} set submission_id = 'earlier' "
                "where file = 'kainuun-sote/outreach/2019.csv'"
            )
        connection.execute("delete from marts.fct_outreach_visit where visit_id = 'KAI-0053'")
        connection.execute(
            "update indicators.indicator_values set numerator = numerator - 1, value = value - 1 "
            "where indicator = 'outreach.visits' and area = 'FI' and period = '2019' "
            "and breakdown = 'none'"
        )
        connection.execute("update staging.build_info set project_hash = 'models of now'")
    state = earlier_state(redefined, FEBRUARY + timedelta(days=1))
    result = difference(redefined.warehouse, earlier, published=state.published)
    country = {
        value.period: value
        for value in result.values
        if value.area == "FI" and value.breakdown == "none" and value.period_type == "year"
    }
    assert country["2018"].why == "definition"
    assert country["2018"].submissions == []
    # Published then and known then are the same number here: only the submission changed it.
    assert country["2019"].why in ("own", "replaced")
    assert country["2019"].submissions
    assert not country["2019"].is_redefined


def test_explain_says_what_was_published_then(redefined: Home) -> None:
    state = earlier_state(redefined, FEBRUARY + timedelta(days=1))
    result = explain(
        redefined.warehouse,
        "outreach.visits",
        area="FI",
        period="2019",
        earlier=redefined.warehouse,
        published=state.published,
    )
    assert result.numbers is not None and result.change is not None
    assert result.change.before == result.numbers
    assert result.change.published is not None
    assert result.change.published["value"] == (result.numbers["value"] or 0) - 1


def test_where_models_are_the_same_nothing_is_kept_and_nothing_remarked(
    home: Home, iso_sos: Path
) -> None:
    publish_as_if_built_by(home, iso_sos / "warehouse.duckdb", "models of now", FEBRUARY)
    publish_as_if_built_by(home, iso_sos / "warehouse.duckdb", "models of now", MARCH)
    assert len(list(home.published.glob("*.duckdb"))) == 1  # the fixture's, by other models
    state = earlier_state(home, FEBRUARY + timedelta(days=1))
    assert (state.published, state.remarks) == (None, [])


def test_where_what_was_published_is_not_known_it_says_what_cannot_be_seen(home: Home) -> None:
    state = earlier_state(home, FEBRUARY)
    assert (state.known_at, state.published) == (FEBRUARY, None)
    assert NOT_SEEN in state.remarks[0]
    result = compared(home, FEBRUARY)
    assert (result.total, result.is_published) == (0, False)
    assert NOT_SEEN in result.remarks[0]
    with out.capture() as captured:
        explanation.difference(result)
    shown = " ".join(captured.get().split())
    assert NOT_SEEN in shown
    assert "no value has changed." not in shown
    assert "no value has changed by what was submitted." in shown


def test_where_the_values_were_not_kept_the_last_kept_moment_is_named(
    tmp_path: Path, iso_sos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    source = iso_sos / "warehouse.duckdb"
    days = [FEBRUARY, FEBRUARY + timedelta(days=7), MARCH]
    for day, models in zip(days, ["earlier", "earlier", "of now"], strict=True):
        monkeypatch.setattr(clock, "now", lambda day=day: day)
        publish_as_if_built_by(home, source, models, day)
    state = earlier_state(home, FEBRUARY + timedelta(days=1))
    assert state.published is None
    assert NOT_SEEN in state.remarks[0]
    named = datetime.fromisoformat(state.remarks[0].rsplit("--from ", 1)[1])
    assert earlier_state(home, named).published is not None


def test_the_published_warehouse_of_each_moment_is_known(redefined: Home, iso_sos: Path) -> None:
    known = publications(redefined)
    assert [one.project_hash for one in known] == ["earlier models", "models of now"]
    assert published_at(known, FEBRUARY - timedelta(days=1)) is None
    assert published_at(known, FEBRUARY) == known[0]
    assert published_at(known, MARCH - timedelta(seconds=1)) == known[0]
    assert published_at(known, MARCH) == known[1]


def test_a_line_of_a_build_that_was_killed_before_it_published_does_not_count(
    redefined: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_replaced(redefined, "models of tomorrow")
    assert [one.project_hash for one in publications(redefined)] == [
        "earlier models",
        "models of now",
    ]
    later = MARCH + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    keep_replaced(redefined, "models of tomorrow")
    assert publications(redefined)[-1].replaced_at is None
    assert published_at(publications(redefined), later + timedelta(days=9)) is not None
