"""What the files for contributors name is there."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]


def test_the_security_page_gives_the_contact_that_is_set_or_says_that_there_is_none() -> None:
    contact = PROJECT["tool"]["vuosikello"]["contacts"]["security"]
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert f"\nContact: {contact or 'none is set.'}\n" in page


def test_owners_are_teams_and_own_folders_that_exist() -> None:
    for line in (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        pattern, *owners = line.split()
        assert owners
        assert all(re.fullmatch(r"@[\w-]+/[\w-]+", owner) for owner in owners), line
        assert pattern == "*" or (ROOT / pattern.strip("/")).exists(), pattern


def test_the_hooks_are_valid_and_call_only_locked_tools() -> None:
    subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml"],
        cwd=ROOT,
        check=True,
    )
    for repository in HOOKS:
        assert repository["repo"] == "local"
        for hook in repository["hooks"]:
            assert hook["language"] == "system"
            program = hook["entry"].split()[0]
            assert program.startswith(".venv/bin/")
            assert Path(sys.executable).with_name(Path(program).name).exists(), program


def test_the_workflow_runs_both_speeds_of_tests_apart_and_pins_its_actions() -> None:
    jobs = WORKFLOW["jobs"]
    commands = {name: [step.get("run") for step in job["steps"]] for name, job in jobs.items()}
    assert "make quick" in commands["quick"]
    assert ".ci/run" in commands["full"]
    assert not any("needs" in job for job in jobs.values())
    assert all("timeout-minutes" in job for job in jobs.values())
    # YAML reads the key `on` as true.
    assert WORKFLOW[True]["schedule"]
    assert WORKFLOW["permissions"] == {"contents": "read"}
    used = [step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", action) for action in used), used


def test_the_changelog_has_the_version_of_the_project() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)
    assert versions[0] == "Unreleased"
    assert versions[1] == PROJECT["project"]["version"]
