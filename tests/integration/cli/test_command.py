"""The command, run as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import run

GOOD = "meeting_id,held_on,body,municipality\nM1,2019-02-12,board,\nM2,2019-03-12,council,\n"
BAD = "meeting_id,held_on,body,municipality\nM1,2019-02-12,nobody,\n"


def drop(home: Path, place: str, text: str) -> Path:
    path = home / "inbox" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_receiving_good_files_ends_with_0_and_empties_the_inbox(tmp_path: Path) -> None:
    path = drop(tmp_path, "kainuun-sote/meetings/2019.csv", GOOD)
    done = run(tmp_path, "receive")
    assert done.returncode == 0, done.stderr
    assert "accepted" in done.stdout
    assert not path.exists()


def test_a_refused_file_ends_with_1_and_the_table_says_why(tmp_path: Path) -> None:
    drop(tmp_path, "kainuun-sote/meetings/2019.csv", BAD)
    done = run(tmp_path, "receive")
    assert done.returncode == 1
    assert "refused" in done.stdout
    assert "not in the code list" in done.stdout


def test_json_on_standard_output_is_the_receipts_and_nothing_else(tmp_path: Path) -> None:
    drop(tmp_path, "kainuun-sote/meetings/2019.csv", GOOD)
    done = run(tmp_path, "receive", "--json")
    (receipt,) = json.loads(done.stdout)
    kept = json.loads((tmp_path / "receipts" / f"{receipt['submission_id']}.json").read_text())
    assert receipt == kept


def test_the_word_about_a_new_key_names_the_file_and_never_the_key(tmp_path: Path) -> None:
    drop(tmp_path, "kainuun-sote/meetings/2019.csv", GOOD)
    done = run(tmp_path, "receive")
    key = (tmp_path / "keys" / "pseudonym.key").read_text().strip()
    assert "pseudonym.key" in done.stderr.replace("\n", "")
    assert key not in done.stdout + done.stderr
    assert "key" not in run(tmp_path, "receive").stderr


def test_check_tells_what_receiving_would_and_keeps_nothing(tmp_path: Path) -> None:
    file = tmp_path / "2019.csv"
    file.write_text(BAD, encoding="utf-8")
    home = tmp_path / "home"
    words = ("--feed", "meetings", "--organisation", "kainuun-sote", "--period", "2019")
    done = run(home, "check", str(file), *words, "--json")
    assert done.returncode == 1
    receipt = json.loads(done.stdout)
    assert receipt["status"] == "refused"
    assert [(e["row"], e["column"], e["rule"]) for e in receipt["errors"] if e["row"]] == [
        (2, "body", "code")
    ]
    assert not home.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("receive", "no-such-file.csv"),
        ("check", "no-such-file.csv", "--feed", "f", "--organisation", "o", "--period", "2019"),
        ("validate", "--suite", "nonsense"),
        ("build", "--as-of", "yesterday"),
        ("nonsense",),
    ],
)
def test_wrong_usage_ends_with_2_and_without_a_traceback(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = run(tmp_path, *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["validate", "export"])
def test_without_a_warehouse_a_sentence_says_what_to_do(tmp_path: Path, command: str) -> None:
    done = run(tmp_path, command)
    assert done.returncode == 1
    assert "vuosikello build" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_that_cannot_be_used_is_told_without_repeating_it(tmp_path: Path) -> None:
    drop(tmp_path, "kainuun-sote/meetings/2019.csv", GOOD)
    done = run(tmp_path, "receive", VUOSIKELLO_PSEUDONYM_KEY="swordfish")
    assert done.returncode == 1
    assert "64 hexadecimal digits" in done.stderr.replace("\n", " ")
    assert "swordfish" not in done.stdout + done.stderr
    assert (tmp_path / "inbox" / "kainuun-sote" / "meetings" / "2019.csv").exists()


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "status", VUOSIKELLO_REFUSED_ABOVE="many")
    assert done.returncode == 2
    assert "VUOSIKELLO_REFUSED_ABOVE" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("home", ["a-file", "a-file/below", "/proc/nowhere"])
def test_a_home_that_cannot_be_written_to_is_told_in_a_sentence(tmp_path: Path, home: str) -> None:
    (tmp_path / "a-file").write_text("not a folder")
    done = run(tmp_path / home, "receive")
    assert done.returncode == 1
    assert "Error" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_home_may_stand_before_or_after_the_command(tmp_path: Path) -> None:
    first = run(tmp_path / "x", "--home", str(tmp_path / "a"), "receive")
    second = run(tmp_path / "x", "receive", "--home", str(tmp_path / "b"))
    assert first.returncode == second.returncode == 0
    assert (tmp_path / "a" / "inbox").is_dir()
    assert (tmp_path / "b" / "inbox").is_dir()
    assert not (tmp_path / "x").exists()
