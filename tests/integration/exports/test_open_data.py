"""Open data: read back with programs that know nothing of this one."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import pytest
from pyjstat import pyjstat

from common import formats
from common.indicator_key import KEY
from exports.open_data import json_stat
from exports.open_data import package as open_data
from exports.publication import Publication
from tests.support.correction import corrected
from tests.support.places import ROOT


@pytest.fixture(scope="module")
def correction(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Publication:
    return corrected(publication, tmp_path_factory.mktemp("correction") / "tables")


@pytest.fixture(scope="module")
def folder(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("open_data")
    files = open_data.write_open_data(publication, out)
    assert sorted(files) == sorted(path for path in out.rglob("*") if path.is_file())
    assert len(set(files)) == len(files)
    return out


@pytest.fixture(scope="module")
def package(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "datapackage.json").read_text())
    return content


def read_values(folder: Path) -> list[dict[str, str]]:
    with (folder / "values.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_frictionless_finds_nothing_to_say(folder: Path) -> None:
    report = frictionless.validate(folder / "datapackage.json")
    assert report.valid, report.flatten(["name", "type", "note"])
    assert report.stats["warnings"] == 0
    rows = {task.name: task.stats.get("rows") for task in report.tasks}
    assert rows["values"] == len(read_values(folder))


def test_frictionless_finds_nothing_to_say_on_the_command_line(folder: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("frictionless"), "validate", "--json", "datapackage.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["valid"]


@pytest.mark.parametrize(
    ("file", "before", "after", "error"),
    [
        ("areas.csv", "Kuhmo", "Kuhmi", "hash-count"),
        ("catalogue.csv", "outreach.visits,", "outreach.visitz,", "foreign-key"),
        ("jsonstat/outreach.sv.json", "Kuhmo", "Kuhmi", "hash-count"),
        ("README.txt", "2019.1", "2019.2", "hash-count"),
    ],
)
def test_a_file_that_was_changed_is_found(
    folder: Path, tmp_path: Path, file: str, before: str, after: str, error: str
) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(folder, changed)
    text = (changed / file).read_text(encoding="utf-8")
    assert before in text
    (changed / file).write_text(text.replace(before, after), encoding="utf-8")
    report = frictionless.validate(changed / "datapackage.json")
    assert error in {kind for (kind,) in report.flatten(["type"])}


def test_the_package_names_its_release_and_licence(
    package: dict[str, Any], publication: Publication
) -> None:
    assert package["version"] == publication.info.name
    assert package["created"].startswith(publication.info.released_on.isoformat())
    assert [licence["name"] for licence in package["licenses"]] == ["CC-BY-4.0"]
    assert package["release"]["override_reason"] == publication.info.signed.override_reason
    for language in formats.LANGUAGES:
        assert publication.info.name in package[f"title_{language}"]
    assert publication.info.signed.by not in json.dumps(package)


def test_every_file_and_column_is_explained_in_every_language(
    package: dict[str, Any], folder: Path
) -> None:
    listed = {resource["path"] for resource in package["resources"]}
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files - listed == {"datapackage.json"}
    for resource in package["resources"]:
        described = [resource, *resource.get("schema", {}).get("fields", [])]
        for language in formats.LANGUAGES:
            assert all(part[f"title_{language}"] for part in described), resource["name"]
            assert all(part[f"description_{language}"] for part in described[1:])


@pytest.mark.parametrize("table", open_data.PRIMARY_KEYS)
def test_csv_and_parquet_are_the_same_rows(
    folder: Path, package: dict[str, Any], table: str
) -> None:
    (schema,) = [
        resource["schema"] for resource in package["resources"] if resource["name"] == table
    ]
    kinds = {"string": "VARCHAR", "number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN"}
    columns = {field["name"]: kinds[field["type"]] for field in schema["fields"]}
    with duckdb.connect() as connection:
        text = connection.execute(
            f"FROM read_csv('{folder / table}.csv', header = true, columns = {columns})"
        ).fetchall()
        typed = connection.execute(f"FROM '{folder / table}.parquet'").fetchall()
    assert text == typed
    assert typed or table == "revisions"


def test_zero_suppressed_and_missing_are_three_different_things(folder: Path) -> None:
    rows = read_values(folder)
    numbers = ("numerator", "denominator", "value", "persons", "events")
    by_status: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_status.setdefault(row["status"], []).append(row)
    assert set(by_status) == {"published", "suppressed", "missing"}
    assert all(row["value"] != "" for row in by_status["published"])
    assert any(float(row["value"]) == 0 for row in by_status["published"])
    for status in ("suppressed", "missing"):
        assert all(row[number] == "" for row in by_status[status] for number in numbers)
    missing = [
        row
        for row in by_status["missing"]
        if row["area"] == "sosteri" and row["indicator"] == "caseload.open_clients"
    ]
    assert {row["period"] for row in missing} >= {"2019", "2019-12"}


def test_of_parts_and_municipalities_nobody_says_that_they_are_missing(folder: Path) -> None:
    for row in read_values(folder):
        if row["status"] == "missing":
            assert row["breakdown"] == "none" and row["area_type"] != "municipality"


def test_a_correction_is_valid_too_and_says_why(correction: Publication, tmp_path: Path) -> None:
    open_data.write_open_data(correction, tmp_path)
    package = json.loads((tmp_path / "datapackage.json").read_text())
    assert (package["version"], package["release"]["corrects"]) == ("2019.2", "2019.1")
    resources = {resource["name"]: resource for resource in package["resources"]}
    described = resources["revisions"]["schema"]["fields"]
    assert all("description_sv" in field for field in described)
    with (tmp_path / "revisions.csv").open(encoding="utf-8", newline="") as lines:
        assert [row["why"] for row in csv.DictReader(lines)] == ["replaced", "disclosure_control"]
    report = frictionless.validate(tmp_path / "datapackage.json")
    assert report.valid, report.flatten(["name", "type", "note"])


def test_what_disclosure_control_let_through_is_there_and_nothing_else(
    folder: Path, publication: Publication
) -> None:
    released = publication.rows('FROM "values"')
    with duckdb.connect() as connection:
        written = connection.execute(
            f"SELECT * FROM '{folder}/values.parquet' WHERE status <> 'missing'"
        )
        names = [column[0] for column in written.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in written.fetchall()]

    def by_key(rows: list[dict[str, Any]]) -> dict[tuple[str, ...], dict[str, Any]]:
        return {tuple(row[name] for name in KEY): row for row in rows}

    assert by_key(rows) == by_key(released)
    assert len(rows) == len(released)


def test_no_number_of_a_suppressed_value_is_in_any_file(
    folder: Path, publication: Publication, iso_sos: Path
) -> None:
    """Numbers with many digits cannot be there by chance."""
    with publication.connect() as connection:
        connection.execute(f"ATTACH '{iso_sos / 'warehouse.duckdb'}' AS warehouse (READ_ONLY)")
        secrets = {
            text
            for (text,) in connection.execute(
                """
                SELECT DISTINCT CAST(known.value AS VARCHAR)
                FROM warehouse.indicators.indicator_values AS known
                INNER JOIN "values" AS released USING (
                    indicator, area_type, area, period_type, period, breakdown, breakdown_value
                )
                WHERE released.status = 'suppressed' AND length(CAST(known.value AS VARCHAR)) > 14
                    AND known.value NOT IN (SELECT value FROM "values" WHERE value IS NOT NULL)
                    AND known.value NOT IN (
                        SELECT change FROM comparison WHERE change IS NOT NULL
                    )
                """
            ).fetchall()
        }
    assert len(secrets) > 30
    for file in folder.rglob("*"):
        if file.suffix in (".csv", ".json", ".txt"):
            numbers = set(re.findall(r"-?\d+\.\d{4,}", file.read_text(encoding="utf-8")))
            assert not secrets & numbers, file.name


@pytest.mark.parametrize("language", formats.LANGUAGES)
def test_an_independent_reader_finds_every_number_in_json_stat(folder: Path, language: str) -> None:
    expected: dict[tuple[str, ...], dict[str, str]] = {}
    for row in read_values(folder):
        place = (
            row["indicator"],
            f"{row['area_type']}:{row['area']}",
            row["period"],
            f"{row['breakdown']}:{row['breakdown_value']}",
        )
        assert place not in expected
        expected[place] = row
    found = 0
    collection = json.loads((folder / "jsonstat" / f"collection.{language}.json").read_text())
    for item in collection["link"]["item"]:
        text = (folder / "jsonstat" / item["href"]).read_text(encoding="utf-8")
        dataset = pyjstat.Dataset.read(text)
        status = json.loads(text)["status"]
        frame = dataset.write("dataframe", naming="id")
        columns = [frame[name].tolist() for name in (*json_stat.DIMENSIONS, "value")]
        for cell, (*place, value) in enumerate(zip(*columns, strict=True)):
            row = expected.get(tuple(place))
            sign = status.get(str(cell))
            if row is None:
                assert value != value and sign is None
                continue
            found += 1
            if row["status"] == "published":
                assert value == float(row["value"]) and sign is None
            else:
                assert value != value
                assert sign == {"suppressed": "‥", "missing": "–"}[row["status"]]
    assert found == len(expected)


def test_json_stat_says_what_its_signs_and_numbers_mean(folder: Path) -> None:
    for language in formats.LANGUAGES:
        content = json.loads((folder / "jsonstat" / f"outreach.{language}.json").read_text())
        assert content["version"] == "2.0" and content["updated"] == "2020-02-03"
        assert set(content["extension"]["status"]["label"]) == {"‥", "–"}
        assert content["role"] == {
            "metric": ["indicator"],
            "geo": ["area"],
            "time": ["period"],
        }
        units = content["dimension"]["indicator"]["category"]["unit"]
        assert units["outreach.visits"]["decimals"] == 0
        assert units["outreach.topic_share"]["decimals"] == 3
        for dimension in content["dimension"].values():
            assert set(dimension["category"]["label"]) == set(dimension["category"]["index"])
            for parent, children in dimension["category"].get("child", {}).items():
                assert {parent, *children} <= set(dimension["category"]["index"])
    finnish = json.loads((folder / "jsonstat" / "outreach.fi.json").read_text())
    breakdown = finnish["dimension"]["breakdown"]["category"]["label"]
    assert breakdown["none:all"] == "kaikki yhteensä"
    assert breakdown["topic:economy"].startswith("aihe: ")


def test_the_readme_speaks_three_languages(folder: Path) -> None:
    text = (folder / "README.txt").read_text(encoding="utf-8")
    assert "{" not in text
    for words in ("3. helmikuuta 2020", "3 februari 2020", "3 February 2020", "CC BY 4.0"):
        assert words in text


def test_the_examples_of_the_documentation_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = ROOT / "docs" / "reference" / "open_data.md"
    blocks = re.findall(r"```(\w+)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(folder)
    with duckdb.connect() as connection:
        (query,) = (text for kind, text in blocks if kind == "sql")
        visits = connection.execute(query).fetchall()
    assert len(visits) == 4 and all(status == "published" for _, _, status in visits)
    for code in (text for kind, text in blocks if kind == "python"):
        exec(compile(code, str(page), "exec"), {})
    printed = capsys.readouterr().out
    assert "Kainuun sosiaali" in printed and "Jalkautumiset" in printed


def test_the_same_publication_gives_the_same_bytes(
    folder: Path, publication: Publication, tmp_path: Path
) -> None:
    again = open_data.write_open_data(publication, tmp_path / "again")
    for file in again:
        first = folder / file.relative_to(tmp_path / "again")
        assert file.read_bytes() == first.read_bytes()
