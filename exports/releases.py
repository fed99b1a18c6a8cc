"""Releases: the published figures of a year, as a folder that is written once.

A release is a folder ``<year>.<n>`` that appears whole or not at all and is never changed: the
indicators after disclosure control, what people read of them (open data, workbook, pages, social
report), and a manifest with the SHA-256 of every file and all that the release was made from. The
same warehouse, sign-off and earlier releases give the same bytes, manifest included.

This module must not know the time, nor where submissions, contracts, models and checks come from:
its caller passes what belongs in the manifest. Of the warehouse only the schema ``indicators`` is
read.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from common.files import sync_folder
from common.formats import LANGUAGES
from common.progress import Progress
from exports.disclosure import DisclosureResult, Protection, control, save_withheld
from exports.disclosure.report import write_report
from exports.indicator_files import reader, write_indicators
from exports.publication import Publication, ReleaseInfo, compose

MANIFEST = "manifest.json"
BEFORE = "published_before.parquet"


@dataclass(frozen=True, slots=True)
class Release:
    """A release that lies in its folder.

    Attributes:
        name: ``2019.1``.
        folder: where it lies.
        manifest: what it is, what it was made from, and its files, as plain values.
    """

    name: str
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def year(self) -> int:
        """The reporting year."""
        return int(self.name.partition(".")[0])

    @property
    def number(self) -> int:
        """1 for the year's first release, 2 for its first correction."""
        return int(self.name.partition(".")[2])

    @property
    def indicators(self) -> Path:
        """The values that it published."""
        return self.folder / "indicators.parquet"

    @property
    def files(self) -> Mapping[str, str]:
        """SHA-256 of every file but the manifest, by path."""
        return {one["path"]: one["sha256"] for one in self.manifest["files"]}


def releases(folder: Path) -> list[Release]:
    """Return the releases in a folder, by year and number; unfinished ones are left out.

    Args:
        folder: the folder of all releases; it need not exist.
    """
    found = [
        Release(path.name, path, json.loads((path / MANIFEST).read_text(encoding="utf-8")))
        for path in (folder.iterdir() if folder.is_dir() else ())
        if _is_name(path.name) and (path / MANIFEST).is_file()
    ]
    return sorted(found, key=lambda one: (one.year, one.number))


def write_release(
    warehouse: Path,
    folder: Path,
    info: ReleaseInfo,
    *,
    provenance: Mapping[str, Any],
    protection: Protection,
    earlier: Sequence[Release] = (),
    published_before: Path | None = None,
    withheld: Path | None = None,
    disclosure_report: Path | None = None,
    reasons: Path | None = None,
    progress: Progress | None = None,
) -> tuple[Release, DisclosureResult]:
    """Write a release; it gets its name in one rename, when every file is complete.

    Args:
        warehouse: what was known at the moment the release freezes.
        folder: the folder of all releases.
        info: what release it is.
        provenance: what it was made from, as plain values for the manifest.
        protection: of disclosure control.
        earlier: releases before it, oldest first.
        published_before: ``indicators.parquet`` of what was published before other than by a
            release; where it has values of the year, a copy is part of the release, since
            disclosure control took it into account.
        withheld: the folder that keeps what publications withhold, for the next ones; None keeps
            nothing.
        disclosure_report: the page for the officer responsible for disclosure control; it is not
            published. None writes none.
        reasons: as for :func:`exports.publication.compose`.
        progress: called for every step: how many are done, of how many, and which one is next.

    Returns:
        The release and what disclosure control did.

    Raises:
        FileExistsError: there is a release of that name.
    """
    target = folder / info.name
    if target.exists():
        raise FileExistsError(f"There is a release {info.name} already; releases never change.")
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{info.name}.{uuid.uuid4().hex}"
    draft.mkdir()
    try:
        result = _write_files(
            draft,
            warehouse,
            info,
            protection,
            earlier,
            published_before,
            withheld,
            disclosure_report,
            reasons,
            progress,
        )
        _write_manifest(draft, info, provenance, protection, earlier, result)
        for path in (*_files(draft), draft / MANIFEST):
            path.chmod(0o444)
        _sync_all(draft)
        draft.rename(target)
        sync_folder(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    manifest = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    return Release(info.name, target, manifest), result


def damages(release: Release) -> list[str]:
    """Compare the files of a release with its manifest; return a sentence for each that differs.

    Args:
        release: the release as it lies in its folder.
    """
    present = {_relative(path, release.folder): path for path in _files(release.folder)}
    found = [f"{name} is missing." for name in sorted(release.files.keys() - present.keys())]
    found += [f"{name} does not belong to it." for name in sorted(present.keys() - release.files)]
    found += [
        f"{name} has been changed."
        for name in sorted(present.keys() & release.files.keys())
        if _sha256(present[name]) != release.files[name]
    ]
    return found


def differences(one: Path, other: Path) -> list[str]:
    """Compare two release folders byte for byte; return a sentence for each file that differs.

    Args:
        one: the folder of a release.
        other: the folder of another; manifests are compared too.
    """
    first = {_relative(path, one): path for path in _files(one, with_manifest=True)}
    second = {_relative(path, other): path for path in _files(other, with_manifest=True)}
    found = [f"{name} is there only once." for name in sorted(first.keys() ^ second.keys())]
    found += [
        f"{name} differs."
        for name in sorted(first.keys() & second.keys())
        if _sha256(first[name]) != _sha256(second[name])
    ]
    return found


def _write_files(
    draft: Path,
    warehouse: Path,
    info: ReleaseInfo,
    protection: Protection,
    earlier: Sequence[Release],
    published_before: Path | None,
    withheld: Path | None,
    disclosure_report: Path | None,
    reasons: Path | None,
    progress: Progress | None,
) -> DisclosureResult:
    """Write every file of a release except the manifest."""
    from exports.open_data.package import write_open_data
    from exports.pages import write_pages
    from exports.social_report import write_social_report
    from exports.workbook import write_workbook

    steps = _Steps(
        progress,
        ("disclosure control", "tables", "open data", "workbooks", "social report", "pages"),
    )
    steps.begin("disclosure control")
    same_year = [release.indicators for release in earlier if release.year == info.year]
    if published_before is not None and _has_values_of(published_before, info.year):
        same_year.append(published_before)
        shutil.copyfile(published_before, draft / BEFORE)
    with reader(warehouse) as connection:
        result = control(
            connection,
            "warehouse.indicators",
            protection=protection,
            years=[info.year],
            earlier=same_year,
        )
        *_, values = write_indicators(connection, draft)
        if withheld is not None:
            save_withheld(connection, values, withheld)
        if disclosure_report is not None:
            write_report(
                connection,
                result,
                disclosure_report,
                title=f"Vuosikello {info.name}",
                language="en",
            )
    steps.begin("tables")
    tables = draft / ".tables"
    publication = compose(
        warehouse,
        draft / "indicators.parquet",
        info,
        tables,
        earlier=[(release.name, release.indicators) for release in earlier],
        reasons=reasons,
    )
    steps.begin("open data")
    write_open_data(publication, draft / "open_data")
    steps.begin("workbooks")
    for language in LANGUAGES:
        write_workbook(
            publication, draft / "workbook" / f"vuosikello-{info.name}.{language}.xlsx", language
        )
    steps.begin("social report")
    for language in LANGUAGES:
        write_social_report(publication, draft / "report", language)
    steps.begin("pages")
    write_pages(publication, draft / "pages", downloads=_downloads(publication))
    shutil.rmtree(tables)
    steps.end()
    return result


def _downloads(publication: Publication) -> dict[str, str]:
    """Return where the pages find the files to download, relative to them."""
    name = publication.info.name
    return {
        "workbook": f"../workbook/vuosikello-{name}.{{language}}.xlsx",
        "report_pdf": "../report/social-report.{language}.pdf",
        "report_html": "../report/social-report.{language}.html",
        "csv": "../open_data/values.csv",
        "parquet": "../open_data/values.parquet",
        "data_package": "../open_data/datapackage.json",
        "manifest": "../manifest.json",
    }


def _has_values_of(published: Path, year: int) -> bool:
    """Return whether a file of published values has any of a year."""
    row = duckdb.execute(
        "SELECT count(*) FROM read_parquet($path) WHERE left(period, 4) = $year",
        {"path": str(published), "year": f"{year:04d}"},
    ).fetchone()
    return bool(row and row[0])


def _write_manifest(
    draft: Path,
    info: ReleaseInfo,
    provenance: Mapping[str, Any],
    protection: Protection,
    earlier: Sequence[Release],
    result: DisclosureResult,
) -> None:
    files = [
        {
            "path": _relative(path, draft),
            "bytes": path.stat().st_size,
            "sha256": _sha256(path),
        }
        for path in _files(draft)
    ]
    manifest = {
        "release": info.name,
        "year": info.year,
        "number": info.number,
        "corrects": info.corrects,
        "status": "correction" if info.corrects else "first release",
        "frozen_at": info.frozen_at.isoformat(),
        "released_on": info.released_on.isoformat(),
        "sign_off": {
            "by": info.signed.by,
            "at": info.signed.at.isoformat(),
            "reason": info.signed.reason,
            "override_reason": info.signed.override_reason,
        },
        "checks": {
            "evaluated": info.signed.checks,
            "failed": info.signed.failed,
            "warned": info.signed.warned,
            "failures": list(info.signed.failures),
        },
        "disclosure_control": {
            **asdict(protection),
            "values": result.cells,
            "published": result.published,
            "suppressed_primary": result.primary,
            "suppressed_complementary": result.complementary,
            "information_kept": round(result.information_kept, 6),
        },
        "earlier_releases": [
            {"release": one.name, "manifest_sha256": _sha256(one.folder / MANIFEST)}
            for one in earlier
        ],
        **provenance,
        "files": files,
        "reproduce": f"vuosikello reproduce {info.name}",
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2, default=str) + "\n"
    (draft / MANIFEST).write_text(text, encoding="utf-8")


class _Steps:
    """Reports the progress of writing a release."""

    def __init__(self, progress: Progress | None, names: Sequence[str]) -> None:
        self._progress, self._names = progress, list(names)

    def begin(self, name: str) -> None:
        if self._progress:
            self._progress(self._names.index(name), len(self._names), name)

    def end(self) -> None:
        if self._progress:
            self._progress(len(self._names), len(self._names), "")


def _is_name(name: str) -> bool:
    year, dot, number = name.partition(".")
    return bool(dot) and year.isdecimal() and len(year) == 4 and number.isdecimal()


def _files(folder: Path, *, with_manifest: bool = False) -> Iterator[Path]:
    """Yield every file of a release in the order of its path; the manifest only if asked for."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (with_manifest or path != folder / MANIFEST):
            yield path


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_all(folder: Path) -> None:
    """Make every file of a folder durable, then its folders."""
    for path in _files(folder, with_manifest=True):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        sync_folder(path)
