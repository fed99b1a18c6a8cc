"""The year leaves the house: from a sign-off to a release, and back from a release to its proof.

A release is made of what was known at the moment that the sign-off froze, whatever has come since.
What comes later is a correction: it is collected, and published as the next release of the year
once somebody has signed that. A release can be reproduced from the lake byte for byte, by building
the warehouse as of that moment again and writing the release anew.

This module brings the rooms together; the release itself is written by :mod:`exports.releases`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from common import clock
from common.home import Home
from common.progress import Progress
from common.sql import literal
from expectations.results import Severity
from exports import release_files
from exports import releases as written
from exports.disclosure import DisclosureResult, Protection
from exports.publication import ReleaseInfo, SignedOff
from exports.releases import Release, Signer
from ingest import ledger
from ingest.keys import KeyProblem
from vuosikello.reporting.internal_manifests import internal_path, read_internal
from vuosikello.reporting.provenance import changes_since, needed_for_same_bytes, provenance
from vuosikello.reporting.release_keys import SignedWith, house_key, mac_key, repeater
from vuosikello.reporting.release_problem import ReleaseProblem as ReleaseProblem
from vuosikello.reporting.release_state import ReleaseState as ReleaseState
from vuosikello.reporting.release_state import is_released
from vuosikello.reporting.release_state import states as states
from vuosikello.reporting.revision_reasons import write_reasons
from vuosikello.reporting.sign_off import SignOff, latest_sign_off, sign_offs
from vuosikello.reporting.verification import signature_problems
from vuosikello.settings import Settings
from vuosikello.warehouse import build as warehouse


@dataclass(frozen=True, slots=True)
class Released:
    """What a release is and what it holds.

    Attributes:
        name: ``2019.1``.
        folder: where it lies.
        vouching: the page for the officer who vouches for its disclosure control; it stays in the
            house.
        internal: what it was made from, submission by submission; it stays in the house.
        corrects: the release that it replaces; None for a year's first.
        files, size: how many files, and their bytes.
        values, published, primary, complementary: values in all, and what disclosure control did.
        information_kept: the share of information that it kept, 0 to 1.
        revisions: how many values differ from those in the release before.
        submissions: how many submissions it rests on.
        signed_with: the key that it was signed with.
        seconds: how long it took to make.
    """

    name: str
    folder: Path
    vouching: Path
    internal: Path
    corrects: str | None
    files: int
    size: int
    values: int
    published: int
    primary: int
    complementary: int
    information_kept: float
    revisions: int
    submissions: int
    signed_with: SignedWith
    seconds: float


@dataclass(frozen=True, slots=True)
class Reproduced:
    """Whether a release came out again.

    Attributes:
        name: the release.
        is_same: every file came out byte for byte, and none has been changed since.
        files: how many files were compared.
        damages: files of the release that are not as its manifest says.
        differences: files that came out otherwise.
        remarks: what is not as it was when the release was made (versions), in plain sentences.
        needs: what it takes to make the same bytes again, where only the program has changed.
        seconds: how long it took.
    """

    name: str
    is_same: bool
    files: int
    damages: list[str]
    differences: list[str]
    remarks: list[str]
    seconds: float
    needs: str | None = None


def release(
    home: Path,
    year: int,
    *,
    settings: Settings | None = None,
    new_signing_key: bool = False,
    progress: Progress | None = None,
) -> Released:
    """Make the release that the year's last sign-off stands for.

    Args:
        home: the installation's home folder.
        year: the reporting year.
        settings: those of disclosure control; by default of the environment.
        new_signing_key: whether it may be signed with another key than the release before.
        progress: called with how many of how many steps are done, and what comes next.

    Raises:
        ReleaseProblem: the year is not signed off, what was signed has been released, or a key is
            not there.
    """
    started = time.monotonic()
    folders = Home(home.expanduser().absolute())
    protection = (settings or Settings()).protection
    with _alone(folders):
        signed = _to_release(folders, year)
        before = written.releases(folders.releases)
        signer = house_key(folders, before, accept_new=new_signing_key)
        of_year = [one for one in before if one.year == year]
        info = ReleaseInfo(
            year=year,
            number=len(of_year) + 1,
            frozen_at=signed.frozen_at,
            released_on=signed.at.astimezone(clock.FINLAND).date(),
            signed=_signed_off(signed),
            corrects=of_year[-1].name if of_year else None,
            protection=protection.threshold,
        )
        published = folders.exported_indicators
        made, result = _write(
            folders,
            folders.releases,
            info,
            signed,
            protection,
            before,
            published if published.is_file() else None,
            progress,
            mac_key=_mac_key(folders, info.name),
            signer=signer,
        )
    return Released(
        name=made.name,
        folder=made.folder,
        vouching=vouching_page(folders.root, made.name),
        internal=internal_path(folders, made.name),
        corrects=info.corrects,
        files=len(made.manifest.files),
        size=sum(one.bytes for one in made.manifest.files.values()),
        values=result.cells,
        published=result.published,
        primary=result.primary,
        complementary=result.complementary,
        information_kept=result.information_kept,
        revisions=_count_revisions(made),
        submissions=made.manifest.submissions,
        signed_with=signer.signed_with(),
        seconds=time.monotonic() - started,
    )


def reproduce(home: Path, name: str, *, progress: Progress | None = None) -> Reproduced:
    """Make a release again from the lake, beside the one that lies there, and compare the bytes.

    Args:
        home: the installation's home folder.
        name: the release, such as ``2019.1``.
        progress: as for :func:`release`.

    Raises:
        ReleaseProblem: there is no such release, or its sign-off is gone.
    """
    started = time.monotonic()
    folders = Home(home.expanduser().absolute())
    known = written.releases(folders.releases)
    original = next((one for one in known if one.name == name), None)
    if original is None:
        names = ", ".join(one.name for one in known) or "none yet"
        raise ReleaseProblem(f"There is no release {name}. There are: {names}.")
    manifest = original.manifest
    signed = next(
        (
            one
            for one in sign_offs(folders.root, original.year)
            if one.number == manifest.sign_off_number
        ),
        None,
    )
    if signed is None:
        raise ReleaseProblem(
            f"The sign-off of {name} is not in {folders.sign_offs}; bring it back from the backup."
        )
    kept_inside = read_internal(folders, original)
    info = ReleaseInfo(
        year=original.year,
        number=original.number,
        frozen_at=signed.frozen_at,
        released_on=manifest.released_on,
        signed=_signed_off(signed),
        corrects=manifest.corrects,
        protection=kept_inside.protection.threshold,
    )
    kept = original.folder / written.BEFORE
    damages = [
        *release_files.damages(original.folder, manifest.files),
        *signature_problems(original.folder, manifest),
        *kept_inside.damages,
    ]
    folders.releases.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folders.releases, prefix=".reproduce-") as aside:
        again, _ = _write(
            folders,
            Path(aside),
            info,
            signed,
            kept_inside.protection,
            [one for one in known if one.name in manifest.earlier],
            kept if kept.is_file() else None,
            progress,
            mac_key=kept_inside.mac_key,
            signer=repeater(folders, original),
            is_fresh=True,
        )
        differences = release_files.differences(original.folder, again.folder)
        remarks = changes_since(manifest, again.manifest)
    return Reproduced(
        name=name,
        is_same=not damages and not differences,
        files=sum(1 for _ in release_files.all_files(original.folder)),
        damages=damages,
        differences=differences,
        remarks=remarks,
        seconds=time.monotonic() - started,
        needs=needed_for_same_bytes(manifest) if differences and remarks and not damages else None,
    )


def _mac_key(folders: Home, name: str) -> bytes:
    try:
        return mac_key(folders, name)
    except KeyProblem as problem:
        raise ReleaseProblem(f"{name} cannot be released: {problem}.") from None


def vouching_page(home: Path, name: str) -> Path:
    """Where the page lies for the officer who vouches for a release's disclosure control."""
    return Home(home).disclosure_reports / f"{name}.html"


def _to_release(folders: Home, year: int) -> SignOff:
    """Return the sign-off that is to be released."""
    signed = latest_sign_off(folders.root, year)
    if signed is None or signed.decision != "approved":
        why = "Nobody has signed it off" if signed is None else f"{signed.by} has not approved it"
        raise ReleaseProblem(
            f"{year} cannot be released. {why}, and nothing is frozen without that. Look at "
            f"`vuosikello validate --suite readiness --year {year}`, then `vuosikello sign-off "
            f"--year {year}`."
        )
    of_year = [one for one in written.releases(folders.releases) if one.year == year]
    if is_released(signed, of_year):
        raise ReleaseProblem(
            f"What was signed on {signed.at:%Y-%m-%d} is released as {of_year[-1].name}. A "
            "correction needs a sign-off of its own: `vuosikello sign-off "
            f"--year {year}`."
        )
    return signed


def _write(
    folders: Home,
    target: Path,
    info: ReleaseInfo,
    signed: SignOff,
    protection: Protection,
    earlier: list[Release],
    published_before: Path | None,
    progress: Progress | None,
    *,
    mac_key: bytes,
    signer: Signer | None,
    is_fresh: bool = False,
) -> tuple[Release, DisclosureResult]:
    """Build what was known and write the release of it."""
    source = known_at(folders, info.frozen_at, progress, is_fresh=is_fresh)
    of_year = [one for one in earlier if one.year == info.year]
    with tempfile.TemporaryDirectory(prefix="vuosikello-") as aside:
        reasons = None
        if of_year:
            before = of_year[-1].manifest.frozen_at
            reasons = Path(aside) / "reasons.parquet"
            write_reasons(source, known_at(folders, before, progress), reasons)
        return written.write_release(
            source,
            target,
            info,
            provenance=provenance(source, signed, info, mac_key),
            protection=protection,
            earlier=earlier,
            signer=signer,
            internal=None if is_fresh else internal_path(folders, info.name),
            published_before=published_before,
            withheld=None if is_fresh else folders.withheld,
            disclosure_report=None if is_fresh else vouching_page(folders.root, info.name),
            reasons=reasons,
            progress=progress,
        )


def known_at(
    folders: Home, moment: datetime, progress: Progress | None, *, is_fresh: bool = False
) -> Path:
    """Return the warehouse as it was known at a moment.

    The published one is taken where it shows just that; a proof builds it anew in any case.

    Args:
        folders: the installation's home.
        moment: the moment.
        progress: as for :func:`release`.
        is_fresh: whether it is built anew in any case.

    Raises:
        ReleaseProblem: it cannot be built.
    """
    if not is_fresh and _shows(folders, moment):
        return folders.warehouse
    build = warehouse.build if is_fresh else _kept
    result = build(folders.root, as_of=moment, progress=progress)
    if result.failures:
        raise ReleaseProblem(" ".join(result.failures))
    return result.path


def _kept(
    home: Path, *, as_of: datetime, progress: Progress | None = None
) -> warehouse.BuildResult:
    return warehouse.known_at(home, as_of, progress)


def _shows(folders: Home, moment: datetime) -> bool:
    """Whether the published warehouse is just what was known at a moment, by today's models."""
    if not folders.warehouse.is_file():
        return False
    try:
        with duckdb.connect(str(folders.warehouse), read_only=True) as connection:
            row = connection.execute(
                "SELECT built_on, project_hash, newest_known_at FROM staging.build_info"
            ).fetchone()
    except duckdb.Error:  # a warehouse of an older version
        return False
    if row is None or row[2] is None:
        return False
    built_on, project_hash, newest = row
    stamp = ledger.timestamp(moment.astimezone(UTC))
    history = ledger.history(folders)
    known = [ledger.known_at(event) for event in history.submissions]
    known += [event["known_at"] for event in history.withdrawals.values()]
    last = max((one for one in known if one <= stamp), default=None)
    return (
        built_on == moment.astimezone(clock.FINLAND).date()
        and project_hash == warehouse.project_hash()
        and last == ledger.timestamp(newest)
    )


def _signed_off(signed: SignOff) -> SignedOff:
    readiness = signed.readiness
    return SignedOff(
        by=signed.by,
        at=signed.at,
        reason=signed.reason,
        override_reason=signed.override_reason,
        checks=readiness.evaluated,
        failed=readiness.failed,
        warned=readiness.warned,
        failures=tuple(
            {
                name: getattr(failure, name)
                for name in ("expectation", "organisation", "feed", "period", "message")
            }
            | {"severity": str(failure.severity)}
            for failure in readiness.failures
            if failure.severity is not Severity.INFO
        ),
    )


def _count_revisions(made: Release) -> int:
    path = made.folder / "open_data" / "revisions.parquet"
    row = duckdb.execute(f"SELECT count(*) FROM read_parquet({literal(path)})").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _alone(folders: Home) -> Iterator[None]:
    """Make one release at a time."""
    folders.locks.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folders.locks / "release.lock", timeout=3600):
            yield
    except Timeout:
        raise ReleaseProblem(
            "Another release has been in the making for an hour; look whether it still runs."
        ) from None
