"""Releases: the published figures of a year, as a folder that is written once.

A release is a folder ``<year>.<n>`` that appears whole or not at all and is never changed: the
indicators after disclosure control, what people read of them (open data, workbook, pages, social
report), and a public manifest with the SHA-256 of every file and what it was made with. What it was
made from, submission by submission, is written beside it for the house. The same warehouse,
sign-off, earlier releases and key of marks give the same bytes, manifests included.

This module must not know the time, nor where submissions, contracts, models and checks come from:
its caller passes what belongs in the manifest. Of the warehouse only the schema ``indicators`` is
read.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import duckdb

from common.files import sync_folder
from common.formats import LANGUAGES
from common.progress import Progress
from exports.disclosure import DisclosureResult, Protection, control, save_withheld
from exports.disclosure.report import write_report
from exports.indicator_files import reader, write_indicators
from exports.internal_manifest import InternalManifest, internal_manifest, save
from exports.manifest import (
    FORMAT,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    CoverageStatement,
    EarlierRelease,
    Manifest,
    PublicManifest,
    SignOffStatement,
    SubmissionsStatement,
    SuiteStatement,
    Versions,
)
from exports.publication import Publication, ReleaseInfo, compose
from exports.release_files import all_files, release_files, sha256, statement_of

BEFORE = "published_before.parquet"


@dataclass(frozen=True, slots=True)
class Release:
    """A release that lies in its folder.

    Attributes:
        name: ``2019.1``.
        folder: where it lies.
        manifest: what it is, what it was made with, and its files.
    """

    name: str
    folder: Path
    manifest: Manifest

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


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a release was made from and with.

    Attributes:
        sign_off_number: of the sign-off, in its year.
        suites: the suites that were judged when it was signed.
        versions: what the release is made with; public.
        submissions: what is known of each submission, for the internal manifest.
        mac_key: the key of the house for the marks of this release.
    """

    sign_off_number: int
    suites: tuple[SuiteStatement, ...]
    versions: Versions
    submissions: tuple[Mapping[str, Any], ...] = field(repr=False)
    mac_key: bytes = field(repr=False)


class Signer(Protocol):
    """Signs releases; a private key is its own affair."""

    def public_key(self) -> bytes:
        """Return the public key, in PEM form."""

    def sign(self, message: bytes) -> bytes | None:
        """Return the signature of a message; None where it cannot be made."""


def releases(folder: Path) -> list[Release]:
    """Return the releases in a folder, by year and number; unfinished ones are left out.

    Args:
        folder: the folder of all releases; it need not exist.
    """
    found = [
        Release(path.name, path, Manifest.read(path / MANIFEST))
        for path in (folder.iterdir() if folder.is_dir() else ())
        if _is_name(path.name) and (path / MANIFEST).is_file()
    ]
    return sorted(found, key=lambda one: (one.year, one.number))


def write_release(
    warehouse: Path,
    folder: Path,
    info: ReleaseInfo,
    *,
    provenance: Provenance,
    protection: Protection,
    earlier: Sequence[Release] = (),
    signer: Signer | None = None,
    internal: Path | None = None,
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
        provenance: what it was made from and with.
        protection: of disclosure control.
        earlier: releases before it, oldest first.
        signer: signs the manifest, and so the release; its public key is part of the release. None
            leaves it unsigned.
        internal: the file of the internal manifest, outside the release; None writes none.
        published_before: ``indicators.parquet`` of what was published before other than by a
            release; where it has values of the year, a copy is part of the release, since
            disclosure control took it into account.
        withheld: the folder that keeps what publications withhold, for the next ones; None keeps
            nothing.
        disclosure_report: the page for the officer responsible for disclosure control, in English;
            beside it stand those in the other languages. They are not published. None writes none.
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
        result, coverage = _write_files(
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
        if signer is not None:
            (draft / PUBLIC_KEY).write_bytes(signer.public_key())
        kept = internal_manifest(
            info, provenance.submissions, provenance.mac_key, protection, result
        )
        manifest = _manifest(draft, info, provenance, coverage, earlier, kept)
        _write_signed(draft, manifest.to_bytes(), signer)
        for path in all_files(draft):
            path.chmod(0o444)
        _sync_all(draft)
        # A release is never there without its internal manifest.
        if internal is not None:
            save(kept, internal)
        draft.rename(target)
        sync_folder(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Release(info.name, target, Manifest.read(target / MANIFEST)), result


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
) -> tuple[DisclosureResult, tuple[CoverageStatement, ...]]:
    """Write every file of a release except the manifest; return what the manifest tells of them."""
    from exports.open_data.package import write_open_data
    from exports.pages import write_pages
    from exports.social_report import write_social_report
    from exports.workbook import write_workbook

    steps = _Steps(
        progress,
        ("disclosure control", "tables", "open data", "workbooks", "social report", "pages"),
    )
    steps.begin("disclosure control")
    published = published_of_linked_years(info.year, earlier)
    if published_before is not None and _has_values_of(published_before, _linked(info.year)):
        published.append(published_before)
        shutil.copyfile(published_before, draft / BEFORE)
    with reader(warehouse) as connection:
        result = control(
            connection,
            "warehouse.indicators",
            protection=protection,
            years=[info.year],
            earlier=published,
        )
        *_, values = write_indicators(connection, draft)
        if withheld is not None:
            save_withheld(connection, values, withheld)
        if disclosure_report is not None:
            title = f"Vuosikello {info.name}"
            for language in LANGUAGES:
                page = _in_language(disclosure_report, language)
                write_report(connection, result, page, title=title, language=language)
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
    coverage = _coverage(publication)
    shutil.rmtree(tables)
    steps.end()
    return result, coverage


def _coverage(publication: Publication) -> tuple[CoverageStatement, ...]:
    """Return of which feeds organisations have values of the year: what the values tell already."""
    rows = publication.rows(
        """
        SELECT
            given.area AS organisation,
            catalogue.base_feed AS feed,
            bool_or(given.period_type = 'year') AS has_year,
            count(DISTINCT given.period) FILTER (given.period_type = 'month') AS months
        FROM "values" AS given
        INNER JOIN catalogue USING (indicator)
        WHERE given.area_type = 'organisation' AND left(given.period, 4) = $year
            AND given.status IN ('published', 'suppressed')
        GROUP BY ALL
        ORDER BY ALL
        """,
        {"year": str(publication.info.year)},
    )
    return tuple(CoverageStatement(**row) for row in rows)


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


def published_of_linked_years(year: int, releases: Sequence[Release]) -> list[Path]:
    """Return the values of the releases that a release of a year has to take into account.

    Some measures of a year are measures of the year before, so that the years beside it count too.

    Args:
        year: the year of the release.
        releases: those made before it.
    """
    return [release.indicators for release in releases if release.year in _linked(year)]


def _linked(year: int) -> tuple[int, ...]:
    return year - 1, year, year + 1


def _in_language(english: Path, language: str) -> Path:
    """Return the file of a page in a language: 2019.1.html, 2019.1.fi.html, 2019.1.sv.html."""
    return english if language == "en" else english.with_suffix(f".{language}.html")


def _has_values_of(published: Path, years: Sequence[int]) -> bool:
    """Return whether a file of published values has any of some years."""
    row = duckdb.execute(
        "SELECT count(*) FROM read_parquet($path) WHERE list_contains($years, left(period, 4))",
        {"path": str(published), "years": [f"{year:04d}" for year in years]},
    ).fetchone()
    return bool(row and row[0])


def _write_signed(draft: Path, manifest: bytes, signer: Signer | None) -> None:
    """Write the public manifest and, beside it, its signature."""
    (draft / MANIFEST).write_bytes(manifest)
    signature = signer.sign(manifest) if signer is not None else None
    if signature is not None:
        (draft / SIGNATURE).write_bytes(signature)


def _manifest(
    draft: Path,
    info: ReleaseInfo,
    provenance: Provenance,
    coverage: tuple[CoverageStatement, ...],
    earlier: Sequence[Release],
    internal: InternalManifest,
) -> PublicManifest:
    """Return the public manifest of a release whose files lie in a folder."""
    return PublicManifest(
        format=FORMAT,
        release=info.name,
        year=info.year,
        corrects=info.corrects,
        frozen_at=info.frozen_at.isoformat(),
        released_on=info.released_on.isoformat(),
        sign_off=SignOffStatement(
            number=provenance.sign_off_number,
            by=info.signed.by,
            at=info.signed.at.isoformat(),
            reason=info.signed.reason,
            override_reason=info.signed.override_reason,
        ),
        checks=provenance.suites,
        versions=provenance.versions,
        submissions=SubmissionsStatement(
            number=len(internal.submissions),
            raw_file_macs=internal.raw_file_macs,
            internal_manifest_mac=internal.mac,
        ),
        coverage=coverage,
        earlier_releases=tuple(
            EarlierRelease(one.name, sha256(one.folder / MANIFEST)) for one in earlier
        ),
        files=tuple(statement_of(path, draft) for path in release_files(draft)),
    )


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


def _sync_all(folder: Path) -> None:
    """Make every file of a folder durable, then its folders."""
    for path in all_files(folder):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        sync_folder(path)
