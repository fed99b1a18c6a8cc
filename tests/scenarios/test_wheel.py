"""The wheel that the repository builds works where it is installed: an empty environment outside.

The environment gets every locked package, with hashes, from the cache that setting up the checkout
has filled; where there is no such cache, from the registry.
"""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from common.resources import resource

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
WHEEL = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"][
    "build"
]["targets"]["wheel"]
PACKAGES = {
    *("attacker", "common", "dags", "expectations", "exports", "ingest", "simulation", "vuosikello")
}

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Installed:
    """The wheel in an environment of its own, and an empty folder to work in."""

    wheel: Path
    environment: Path
    folder: Path

    def run(self, *command: str) -> str:
        """Run a program of the environment in the empty folder, and return what it printed."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("VUOSIKELLO", "PYTHON", "AIRFLOW", "DBT_", "VIRTUAL_ENV"))
        }
        done = subprocess.run(
            [self.environment / "bin" / command[0], *command[1:]],
            cwd=self.folder,
            env=inherited,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def files(self) -> set[Path]:
        """Everything in the environment but compiled Python."""
        files = (path.relative_to(self.environment) for path in self.environment.rglob("*"))
        return {path for path in files if "__pycache__" not in path.parts}


def _uv(*arguments: str | Path, environment: Path | None = None) -> None:
    variables = os.environ | ({"VIRTUAL_ENV": str(environment)} if environment else {})
    offline = subprocess.run([UV, *arguments, "--offline"], env=variables, capture_output=True)
    if offline.returncode:
        subprocess.run([UV, *arguments], env=variables, check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [UV, "build", "--quiet", "--wheel", "--no-build-isolation", "--offline"]
    command += ["--python", sys.executable, "--out-dir", folder, ROOT]
    subprocess.run(command, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    folder = tmp_path_factory.mktemp("outside")
    environment = folder / "venv"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    override = ("--override", ROOT / "overrides.txt")
    locked = ("--constraint", ROOT / "requirements.txt")
    _uv("pip", "install", "--quiet", *locked, *override, wheel, environment=environment)
    (folder / "empty").mkdir()
    yield Installed(wheel, environment, folder / "empty")


def test_only_packages_lie_at_the_top_of_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.startswith("vuosikello-")} == PACKAGES


def test_the_wheel_holds_what_git_holds_and_nothing_else(wheel: Path) -> None:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    command += WHEEL["only-include"]
    known = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    moved = WHEEL["sources"]
    expected = {
        "/".join([moved.get(path.split("/")[0], path.split("/")[0]), *path.split("/")[1:]])
        for path in known.split("\0")
        if path and (ROOT / path).exists()
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.startswith("vuosikello-")}
    assert held == expected


def test_the_wheel_brings_the_override_and_the_locked_versions_along(installed: Installed) -> None:
    for name in ("overrides.txt", "requirements.txt"):
        brought = installed.environment / "share" / "vuosikello" / name
        assert brought.read_bytes() == (ROOT / name).read_bytes()


def test_the_installed_command_receives_builds_and_documents_and_changes_no_file_of_its_own(
    installed: Installed,
) -> None:
    where = installed.run("python", "-c", "import common; print(common.__file__)").strip()
    assert Path(where).is_relative_to(installed.environment)
    before = installed.files()
    for command in ((), ("receive",), ("build",), ("docs",)):
        assert "Usage" in installed.run("vuosikello", *command, "--help")

    home = installed.folder / "home"
    shutil.copytree(resource("examples/iso_sos") / "inbox", home / "inbox")
    installed.run("vuosikello", "receive", "--home", str(home))
    installed.run("vuosikello", "build", "--home", str(home))
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        (values,) = warehouse.sql("select count(*) from indicators.indicator_values").fetchall()[0]
        (codes,) = warehouse.sql("select count(*) from marts.dim_municipality").fetchall()[0]
    assert values > 0
    assert codes > 300

    installed.run("vuosikello", "docs", "--home", str(home))
    for page in ("index.html", "feeds.fi.html", "indicators.fi.html", "guide.questions.html"):
        assert (home / "docs" / page).is_file()
    assert installed.files() == before
    assert sorted(path.name for path in installed.folder.iterdir()) == ["home"]


def test_the_installed_command_finds_the_example_and_the_population(installed: Installed) -> None:
    code = (
        "from simulation.request import POPULATION; "
        "from vuosikello.cli.example_figures import EXAMPLE; "
        "from vuosikello.orchestration import local_airflow; "
        "print(POPULATION, EXAMPLE, local_airflow.dags_folder(), sep='\\n')"
    )
    found = [Path(line) for line in installed.run("python", "-c", code).split("\n")[-4:-1]]
    for path in found:
        assert path.exists(), path
        assert path.is_relative_to(installed.environment)
    installed.run("vuosikello", "simulate", "--help")
