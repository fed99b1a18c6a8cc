"""The officer attacks a release: figures for each way of reading it, and never a number."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from common.home import Home
from tests.integration.exports.test_attacker import people, publish, publish_primary_only
from tests.support import signed_release
from tests.support.command_line import Run, command_line
from tests.support.small_tables import Person, write_small
from vuosikello.cli.output import streams
from vuosikello.reporting import attacks

# Nobody else of the table is 37 or 1043, and a name holds neither.
SMALL, NEXT, LARGE = 3, 37, 1043


def table(in_a: int) -> list[Person]:
    return people("one", "a", in_a) + people("one", "b", NEXT) + people("one", "c", LARGE)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose warehouse is a small table, as every release of it was known."""
    home = Home(tmp_path / "home").create()
    home.version.write_text("2")
    monkeypatch.setenv("VUOSIKELLO_HOME", str(home.root))
    monkeypatch.setattr(streams.out, "_width", 200)
    write_small(home.warehouse, table(SMALL))
    monkeypatch.setattr(attacks, "known_at", lambda *_: home.warehouse)
    return home


@pytest.fixture
def run(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return command_line(monkeypatch, capsys)


def release(home: Home, name: str, *, primary_only: bool = False) -> Path:
    """Release what the warehouse of the home holds."""
    folder = signed_release.write(home, name).folder
    file = folder / "indicators.parquet"
    if primary_only:
        return publish_primary_only(home.warehouse, file)
    publish(home.warehouse, folder)
    return file


def figures(out: str, what: str) -> list[int]:
    """The figures in a line of the table: attacked, exact, within one, narrower."""
    (line,) = (line for line in out.splitlines() if what in line and "Found" not in line)
    return [int(number) for number in re.findall(r"\d+", line.partition(what)[2])]


def test_of_a_protected_release_nothing_is_found(home: Home, run: Run) -> None:
    release(home, "2019.1")
    code, out, _ = run("attack", "2019.1")
    assert code == 0
    attacked, *found = figures(out, "the release alone")
    assert attacked > 5
    assert found == [0, 0, 0]
    assert "Nothing that 2019.1 withholds was found out." in out


def test_what_is_found_is_named_and_not_told(home: Home, run: Run) -> None:
    release(home, "2019.1", primary_only=True)
    code, out, _ = run("attack")
    assert code == 1
    attacked, exact, within_one, narrower = figures(out, "the release alone")
    assert 0 < exact <= within_one <= narrower <= attacked
    assert "test.people, municipality a, 2019: known exactly, withheld by 2019.1" in out
    named = out[out.index("Found") :]
    assert not re.search(rf"\b({SMALL}|{NEXT}|{LARGE})\b", named)


def test_the_same_as_json(home: Home, run: Run) -> None:
    release(home, "2019.1", primary_only=True)
    code, out, _ = run("attack", "2019", "--json")
    assert code == 1
    told: dict[str, Any] = json.loads(out)
    (attempt,) = told["attempts"]
    finding = attempt["result"]["findings"][0]
    assert set(finding) == {
        *("publication", "indicator", "area_type", "area", "period", "breakdown"),
        *("breakdown_value", "what", "is_exact", "is_within_one"),
    }
    assert told["is_safe"] is False


def test_two_releases_are_read_together(home: Home, run: Run) -> None:
    release(home, "2019.1")
    # Five more in the small one: nothing is small any more, and nobody remembers what was.
    home.warehouse.unlink()
    write_small(home.warehouse, table(SMALL + 5))
    folder = signed_release.write(home, "2019.2").folder
    publish(home.warehouse, folder)
    code, out, _ = run("attack", "2019.2")
    assert code == 1
    assert figures(out, "the release alone")[1:] == [0, 0, 0]
    assert figures(out, "with what was published before it")[1] > 0
    assert "withheld by 2019.1" in out


def test_the_export_is_read_too(home: Home, run: Run) -> None:
    release(home, "2019.1")
    code, _, error = run("attack", "--exports")
    assert code == 1
    assert "There is no export" in error and "vuosikello export" in error
    publish(home.warehouse, home.exports, earlier=[home.releases / "2019.1" / "indicators.parquet"])
    code, out, _ = run("attack", "--exports")
    assert code == 0
    assert figures(out, "with every release and the present export")[1:] == [0, 0, 0]
    publish_primary_only(home.warehouse, home.exported_indicators)
    code, out, _ = run("attack", "--exports")
    assert code == 1
    assert figures(out, "the release alone")[1:] == [0, 0, 0]


def test_a_release_that_is_not_there(home: Home, run: Run) -> None:
    assert "Nothing has been released yet" in run("attack")[2]
    release(home, "2019.1")
    code, _, error = run("attack", "2020")
    assert code == 1
    assert "There is no release 2020. There are: 2019.1." in error
