"""What pyproject.toml declares is what the code imports, and what the lock holds."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")


def test_tests_and_benchmarks_import_what_the_project_or_its_developers_declare() -> None:
    # Lint compares the rooms with the declared packages; this is the rest of the code.
    rooms = PROJECT["tool"]["deptry"]["known_first_party"]
    helpers = {path.stem for folder in ("tests", "bench") for path in (ROOT / folder).rglob("*.py")}
    first_party = [f"--known-first-party={name}" for name in ("tests", *rooms, *sorted(helpers))]
    command = [sys.executable, "-m", "deptry", "--no-ansi", "tests", "bench"]
    command += ["--ignore=DEP002,DEP004", r"--exclude=\.venv", *first_party]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_locked_package_has_a_version_and_hashes() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_lock_names_no_registry() -> None:
    assert "://" not in LOCK
    assert "--index" not in LOCK
    assert "--find-links" not in LOCK


def test_every_declared_package_is_locked() -> None:
    locked = set(re.findall(r"^([\w.-]+)==", LOCK, re.MULTILINE))
    declared = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]
    for requirement in declared:
        found = re.match(r"[\w.-]+", requirement)
        assert found
        assert re.sub(r"[-_.]+", "-", found[0]).lower() in locked
