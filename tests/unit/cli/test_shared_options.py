"""What every command shares: home, JSON, errors, exit codes; and what an option allows."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer

from common import formats
from common.home import Home
from expectations import suite_runner
from simulation import Format
from tests.support.command_line import command_line
from vuosikello.cli.app import app
from vuosikello.cli.options import AreaType, FileFormat, Language, Suite
from vuosikello.lineage import lookup


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command in an empty home; returns exit code, standard output and error."""
    monkeypatch.setenv("VUOSIKELLO_HOME", str(tmp_path / "home"))

    return command_line(monkeypatch, capsys)


def commands(group: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found = {}
    for name, command in group.commands.items():
        found[(*path, name)] = command
        if hasattr(command, "commands"):
            found |= commands(command, (*path, name))
    return found


# They write into the checkout.
WITHOUT_HOME = {("new-feed",), ("new-indicator",)}


def test_every_command_takes_json_and_home_where_it_works_in_one() -> None:
    for path, command in commands(typer.main.get_command(app)).items():
        names = {option for parameter in command.params for option in parameter.opts}
        assert "--json" in names, path
        assert ("--home" in names) == (path not in WITHOUT_HOME), path


def test_a_command_without_a_home_is_not_stopped_by_its_layout(run: Any, tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    home.version.write_text("1\n", "ascii")
    code, _, err = run("new-feed", "contacts")
    assert code == 1
    assert "contacts.yaml is there already" in " ".join(err.split())
    code, _, err = run("new-feed", "contacts", "--home", str(tmp_path))
    assert code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--json", "export"),
        ("export", "--json"),
        ("--json", "validate"),
        ("metrics", "--json"),
    ],
)
def test_an_error_is_json_wherever_json_is_asked_for(run: Any, words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert code == 1
    error = json.loads(out)
    assert error["kind"] == "not_possible"
    assert "no warehouse" in error["error"]
    assert "vuosikello build" in error["hint"]
    assert err == ""


def test_json_before_a_subcommand_is_heeded(run: Any) -> None:
    code, out, _ = run("held", "--json", "accept", "01NONE", "--by", "a tester")
    assert code == 1
    assert json.loads(out)["kind"] == "not_possible"
    code, out, _ = run("--json", "held", "accept", "01NONE", "--by", "a tester")
    assert json.loads(out)["kind"] == "not_possible"
    code, out, _ = run("--json", "held")
    assert (code, json.loads(out)) == (0, [])


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("validate", "--suite", "nonsense"),
        ("explain", "outreach.visits"),
        ("build", "--as-of", "yesterday"),
        ("held", "accept", "01NONE"),
        (),
    ],
)
def test_wrong_usage_is_json_too_and_ends_with_2(run: Any, words: tuple[str, ...]) -> None:
    code, out, err = run(*words, "--json")
    assert code == 2
    error = json.loads(out)
    assert set(error) == {"error", "kind", "hint"}
    assert error["kind"] == "usage"
    assert error["error"]
    assert err == ""


def test_a_setting_that_cannot_be_used_is_json_too(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VUOSIKELLO_REFUSED_ABOVE", "many")
    code, out, _ = run("status", "--json")
    assert code == 2
    error = json.loads(out)
    assert error["kind"] == "settings"
    assert "VUOSIKELLO_REFUSED_ABOVE" in error["error"]


def test_an_unexpected_error_keeps_its_traceback_in_the_home(run: Any, tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    (home.ledger / "2026-01.broken.jsonl").write_text('{"event": "submission"}\n')
    code, out, _ = run("status", "--json")
    assert code == 1
    error = json.loads(out)
    assert error["kind"] == "unexpected"
    (kept,) = home.logs.iterdir()
    assert str(kept) in error["hint"]
    assert "Traceback" in kept.read_text()
    code, _, err = run("status")
    assert code == 1
    assert "Traceback" not in err


def test_the_status_is_json_with_names(run: Any) -> None:
    code, out, _ = run("--json", "status", "--year", "2019", "--language", "fi")
    assert code == 0
    names = json.loads(out)["names"]
    assert names["organisations"]["aanekoski"] == "Äänekosken kaupunki"
    assert names["feeds"]["outreach"] == "Jalkautuminen"


def test_the_status_names_organisations_beside_their_codes(run: Any) -> None:
    _, out, _ = run("status", "--year", "2019")
    assert "(aanekoski)" in out
    _, out, _ = run("status", "--year", "2019", "--language", "fi")
    assert "Äänekosken kaupunki (aanekoski)" in " ".join(out.split())


def test_the_version_is_printed(run: Any) -> None:
    assert run("--version") == (0, f"vuosikello {version('vuosikello')}\n", "")


def test_options_allow_what_the_rooms_know() -> None:
    assert tuple(Suite) == tuple(suite_runner.SUITES)
    assert tuple(Language) == formats.LANGUAGES
    assert tuple(AreaType) == lookup.AREA_TYPES
    assert tuple(FileFormat) == tuple(Format)


def test_help_loads_no_engine() -> None:
    """Rooms are imported when a command runs, so that the help comes at once."""
    script = (
        "import sys, vuosikello.cli.app; "
        "print([m for m in ('duckdb', 'numpy', 'pydantic', 'dbt', 'airflow') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        ("vuosikello check x --feed outr", "outreach"),
        ("vuosikello check x --organisation kainuun", "kainuun-sote"),
        ("vuosikello validate --suite read", "readiness"),
        ("vuosikello reproduce 20", "2019.1"),
    ],
)
def test_the_shell_completes_names(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str, proposed: str
) -> None:
    (tmp_path / "home" / "releases" / "2019.1").mkdir(parents=True)
    monkeypatch.setenv("_VUOSIKELLO_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    _, out, _ = run()
    assert proposed in out.split()
