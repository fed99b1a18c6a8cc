"""What becomes of the published warehouse when a build fails, is killed, or is read meanwhile."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import psutil
import pytest
from filelock import FileLock

from tests.support.tiny_lake import CONTACT, Built, TinyLake
from vuosikello.warehouse import build
from vuosikello.warehouse.dbt_run import DbtRun

READER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
for _ in sys.stdin:
    print(connection.execute("select count(*) from marts.fct_contact").fetchone()[0], flush=True)
"""

BUILDER = """
import sys
from pathlib import Path
from vuosikello.warehouse.build import build
build(Path(sys.argv[1]), progress=lambda done, total, now: print(done, total, flush=True))
"""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def writers(home: Path) -> list[Path]:
    return sorted((home / "build").glob("writer-*"))


def copy_of(built: Built, target: Path) -> Path:
    """The same home elsewhere, its published warehouse included."""
    shutil.copytree(built.home, target, dirs_exist_ok=True)
    return target


def test_a_build_that_breaks_keeps_the_published_file_and_says_what_to_mend(
    tiny: Built, tmp_path: Path
) -> None:
    home = copy_of(tiny, tmp_path / "home")
    before = digest(home / "warehouse.duckdb")
    lake = TinyLake(home)
    twice = {**CONTACT, "contact_id": "K9", "occurred_on": "2019-12-01"}
    lake.submit("sosteri", "contacts", "2019", [twice, twice], received_at="2020-02-01T08:00:00Z")
    lost = lake.submit("sosteri", "plans", "2019", [], received_at="2020-02-01T08:01:00Z")
    (home / f"lake/accepted/plans/sosteri/{lost}.parquet").unlink()

    result = build.build(home)

    assert digest(home / "warehouse.duckdb") == before
    assert not result.is_published
    broken_test, missing_file = sorted(result.failures, key=lambda failure: "stg_plans" in failure)
    assert broken_test.startswith(
        "The data test unique_key_fct_contact_organisation__contact_id found 1 rows"
    )
    assert missing_file.startswith("The model stg_plans could not be run")
    assert "bring it back from the backup" in missing_file
    (writer,) = writers(home)
    assert str(writer) in broken_test
    with duckdb.connect(str(writer / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute(
            "select count(*) from marts.fct_contact where contact_id = 'K9'"
        ).fetchone() == (2,)


def test_a_killed_build_changes_nothing_and_the_next_one_sweeps_up_under_an_open_reader(
    tiny: Built, tmp_path: Path
) -> None:
    # The name of a home folder is a person's choice: patterns, quotes and spaces are just letters.
    home = copy_of(tiny, tmp_path / "o'home [1] *")
    published = home / "warehouse.duckdb"
    before = digest(published)
    lake = TinyLake(home)
    lake.submit(
        "sosteri",
        "contacts",
        "2019",
        [{**CONTACT, "contact_id": "K8", "occurred_on": "2019-12-01"}],
        received_at="2020-02-01T08:00:00Z",
    )

    builder = subprocess.Popen(
        [sys.executable, "-c", BUILDER, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert builder.stdout is not None
    assert any(int(line.split()[0]) >= 40 for line in builder.stdout)
    dbt = psutil.Process(builder.pid).children(recursive=True)
    builder.send_signal(signal.SIGKILL)
    builder.wait()

    _, still_running = psutil.wait_procs(dbt, timeout=60)
    assert dbt, "dbt ran as a process of its own"
    assert still_running == [], "dbt ends with the build that started it"
    assert digest(published) == before
    assert len(writers(home)) == 1

    with subprocess.Popen(
        [sys.executable, "-c", READER, str(published)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None

        def ask() -> int:
            assert reader.stdin is not None
            assert reader.stdout is not None
            reader.stdin.write("how many?\n")
            reader.stdin.flush()
            return int(reader.stdout.readline())

        assert ask() == 3
        result = build.build(home)
        assert result.failures == []
        assert writers(home) == []
        assert ask() == 3, "who has the old file open keeps it"
        reader.stdin.close()
    with duckdb.connect(str(published), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.fct_contact").fetchone() == (4,)


def test_a_build_waits_for_another_of_the_same_home_and_says_so_when_it_gives_up(
    tmp_path: Path,
) -> None:
    reported: list[str] = []
    (tmp_path / "locks").mkdir()
    with FileLock(tmp_path / "locks" / "build.lock"):
        result = build.build(
            tmp_path, wait_seconds=0.2, progress=lambda _done, _total, now: reported.append(now)
        )
    assert reported == ["(waiting for another build to end)"]
    assert len(result.failures) == 1
    assert result.failures[0].startswith("Another build of")
    assert not (tmp_path / "warehouse.duckdb").exists()


def test_a_build_that_cannot_publish_says_so(
    new_home: Callable[[], Path], monkeypatch: pytest.MonkeyPatch, tiny: Built
) -> None:
    def full(_source: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    def copied(writer: Path, *_rest: object) -> DbtRun:
        shutil.copyfile(tiny.result.path, writer)
        return DbtRun()

    home = new_home()
    monkeypatch.setattr(build, "publish", full)
    monkeypatch.setattr(build, "run_dbt", copied)
    result = build.build(home)
    assert len(result.failures) == 1
    assert "No space left on device" in result.failures[0]
    assert not (home / "warehouse.duckdb").exists()


def test_a_broken_project_is_told_in_a_sentence(
    new_home: Callable[[], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: [", encoding="utf-8")
    monkeypatch.setattr(build, "PROJECT", tmp_path)
    started = time.monotonic()
    result = build.build(new_home())
    assert time.monotonic() - started < 120
    assert len(result.failures) == 1
    assert result.failures[0].startswith("dbt ")
    assert "Traceback" not in result.failures[0]
