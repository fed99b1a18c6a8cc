"""The benchmark of receiving runs, and does not let contenders win that do other work.

No time is asserted: the sizes are so small that start-up is all there is.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.places import ROOT

BENCH = ROOT / "bench"


def bench(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(BENCH / "receiving.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any], Path]:
    """Run it once on a tiny size; return what it printed, its JSON and its temporary folder."""
    folder = tmp_path_factory.mktemp("bench")
    results, temporary = folder / "results", folder / "temporary"
    temporary.mkdir()
    done = bench(
        *("--rows", 3000, "--sample", "1_400", "--repeat", 1, "--rejects", 0.01, "--one-way"),
        *("--folder", temporary, "--results", results),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (kept,) = results.glob("receiving-*.json")
    return done.stdout, json.loads(kept.read_text("utf-8")), temporary


def test_it_prints_every_contender_and_every_target_with_its_ratio(
    run: tuple[str, dict[str, Any], Path],
) -> None:
    printed, result, _ = run
    for entry in [*result["whole"], *result["sampled"]]:
        assert entry["label"] in printed
    assert [entry["contender"] for entry in result["whole"]] == [
        "bare",
        "vuosikello",
        "vuosikello",
        "dlt_import",
    ]
    assert [entry["contender"] for entry in result["sampled"]] == ["vuosikello", "dlt_rows"]
    ratios = {target["name"]: target["value"] for target in result["targets"]}
    assert len(ratios) == 7
    assert ratios["clean file, times bare DuckDB"] > 0
    for target in result["targets"]:
        assert target["wanted"] in printed


def test_the_ratios_are_those_of_the_times_that_it_keeps(
    run: tuple[str, dict[str, Any], Path],
) -> None:
    _, result, _ = run
    bare, clean, bad, bulk = (entry["runs"][0] for entry in result["whole"])
    ratios = [target["value"] for target in result["targets"]]
    assert ratios[0] == pytest.approx(clean["seconds"] / bare["seconds"])
    assert ratios[1] == pytest.approx(bad["seconds"] / bare["seconds"])
    assert ratios[2] == pytest.approx(clean["seconds"] / bulk["seconds"])
    assert ratios[-1] == max(clean["peak_bytes"], bad["peak_bytes"])
    for one in (bare, clean, bad, bulk):
        assert 0 < one["seconds"] < one["process_seconds"]
        assert one["cpu_seconds"] > 0
        assert one["peak_bytes"] > 20 << 20


def test_it_leaves_nothing_behind_but_the_figures(run: tuple[str, dict[str, Any], Path]) -> None:
    _, _, temporary = run
    assert list(temporary.iterdir()) == []


def test_the_file_of_contacts_is_the_same_for_the_same_arguments_and_counts_its_bad_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    import contacts_file

    first = contacts_file.write(tmp_path / "first.csv", 7000, 0.01)
    second = contacts_file.write(tmp_path / "second.csv", 7000, 0.01)
    assert first.path.read_bytes() == second.path.read_bytes()
    assert (first.rejected, first.warned) == (60, 10)
    with first.path.open(encoding="utf-8", newline="") as text:
        header, *rows = csv.reader(text)
    assert tuple(header) == contacts_file.COLUMNS
    assert len(rows) == 7000
    short = [row for row in rows if len(row) < len(header)]
    whole = [dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)]
    assert len(short) == 10
    assert sum(row["channel"] == "fax" for row in whole) == 10
    assert sum(int(row["minutes"]) > 1440 for row in whole) == 10
    assert sum(row["client_id"] == "" for row in whole) == 10
    assert len(whole) - len({row["contact_id"] for row in whole}) == 10
    assert sum(not row["occurred_on"].startswith("2025") for row in whole) == 10


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"rows_rejected": 1}, "rows_rejected 1, expected 0"),
        ({"relation": "(SELECT * FROM rows LIMIT 2)"}, "2 rows loaded of 3"),
        ({"relation": "(SELECT * REPLACE (minutes + 1 AS minutes) FROM rows)"}, "other values"),
        ({"relation": "(SELECT * REPLACE (worker_id || 'x' AS worker_id) FROM rows)"}, "other"),
    ],
)
def test_a_contender_that_comes_to_other_rows_is_not_compared(
    found: dict[str, Any], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    import contacts_file
    import receiving
    from measuring import Measured

    file = contacts_file.write(tmp_path / "three.csv", 3)
    rows = f"read_csv('{file.path}')"
    seen: dict[tuple[Path, bool], int] = {}

    def agree(reported: dict[str, Any]) -> None:
        entry = receiving.Entry("a contender", "vuosikello", file)
        receiving._agree(entry, Measured(1, 1, 1, 1, reported), seen)

    honest = {"relation": rows, "rows_rejected": 0}
    agree(honest)
    agree(honest)
    changed = {name: str(v).replace("FROM rows", f"FROM {rows}") for name, v in found.items()}
    with pytest.raises(receiving.Disagreement, match=says):
        agree(honest | {n: int(v) if v.isdigit() else v for n, v in changed.items()})
