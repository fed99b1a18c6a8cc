"""Which releases a year has, and what waits for the next one: a sign-off, or corrections."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

from common.home import Home
from exports import releases as written
from exports.releases import Release
from ingest import ledger
from vuosikello.reporting.sign_off import SignOff, latest_sign_off


@dataclass(frozen=True, slots=True)
class Correction:
    """What changed a year, or the year before, after the year was frozen.

    It is a submission that came since, or, where ``withdrawn_at`` is given (UTC), one that the
    release may rest on and that was taken back since, by ``withdrawn_by``.
    """

    submission_id: str
    organisation: str
    feed: str
    period: str
    file: str
    received_at: str
    replaces: str | None
    withdrawn_at: str | None = None
    withdrawn_by: str | None = None


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """The releases of a year, and what waits for the next one.

    Attributes:
        year: the year.
        releases: name, day, who signed and what it corrects, oldest first.
        signed: a sign-off that has not been released yet: who, and when.
        corrections: what has come since the last release froze.
    """

    year: int
    releases: list[dict[str, Any]] = field(default_factory=list)
    signed: str | None = None
    corrections: list[Correction] = field(default_factory=list)


def state(home: Path, year: int) -> ReleaseState:
    """Return the releases of a year, and what has come since the last one froze."""
    folders = Home(home.expanduser().absolute())
    of_year = [one for one in written.releases(folders.releases) if one.year == year]
    signed = latest_sign_off(folders.root, year)
    is_open = (
        signed is not None and signed.decision == "approved" and not is_released(signed, of_year)
    )
    return ReleaseState(
        year,
        [
            {
                "release": one.name,
                "released_on": one.manifest.released_on.isoformat(),
                "by": one.manifest.signed_by,
                "corrects": one.manifest.corrects,
                "folder": str(one.folder),
            }
            for one in of_year
        ],
        f"{signed.by}, {signed.at:%Y-%m-%d}" if signed is not None and is_open else None,
        _corrections(folders, year, of_year[-1]) if of_year else [],
    )


def states(home: Path, year: int | None = None) -> list[ReleaseState]:
    """Return the state of every year that has a release or a sign-off, or of one year."""
    if year is not None:
        return [state(home, year)]
    folders = Home(home.expanduser().absolute())
    years = {one.year for one in written.releases(folders.releases)}
    years |= {int(path.stem) for path in folders.sign_offs.glob("[0-9][0-9][0-9][0-9].jsonl")}
    return [state(folders.root, one) for one in sorted(years)]


def _corrections(folders: Home, year: int, last: Release) -> list[Correction]:
    """Return what has become known since a release froze and may change the next one.

    Args:
        folders: the installation's home.
        year: the reporting year.
        last: its last release.
    """
    frozen = ledger.timestamp(last.manifest.frozen_at.astimezone(UTC))
    # Some indicators of a year read the year before: a plan that was reviewed in it.
    first, end = f"{year - 1}-01-01", f"{year}-12-31"
    history = ledger.history(folders)
    found = []
    for event in history.submissions:
        is_of_year = event["status"] in ledger.ACCEPTED and (
            event["period_start"] <= end and event["period_end"] >= first
        )
        withdrawal = history.withdrawals.get(event["submission_id"])
        was_known = ledger.known_at(event) <= frozen
        withdrawn_at = withdrawal["known_at"] if withdrawal else None
        # What came and was taken back since changes nothing.
        is_change = withdrawn_at is None if not was_known else (withdrawn_at or "") > frozen
        if is_of_year and is_change:
            found.append(
                Correction(
                    event["submission_id"],
                    event["organisation"],
                    event["feed"],
                    event["period"],
                    event["file"],
                    event["received_at"],
                    event["supersedes"],
                    withdrawn_at,
                    (withdrawal or {}).get("withdrawn_by"),
                )
            )
    return found


def is_released(signed: SignOff, of_year: list[Release]) -> bool:
    """Return whether one of a year's releases was made from a sign-off."""
    return any(one.manifest.sign_off_number == signed.number for one in of_year)
