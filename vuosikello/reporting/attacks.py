"""An attack on a release: how much somebody can find out who has read everything published.

The attacker (:mod:`attacker`) is run in the house by the officer who vouches for a release: what he
must not find is counted from the warehouse as it was known when the release froze, and the true
numbers of what was withheld are those that the house kept. This module brings them together; it
must not know how numbers are found.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import attacker
from attacker import Attack, Promise, Published
from common.home import Home
from common.progress import Progress
from exports import releases as written
from exports.disclosure import Protection
from exports.disclosure.prior_publications import find_withheld
from exports.publication_plan import publication_plan
from exports.releases import Release
from vuosikello.reporting.internal_manifests import read_internal
from vuosikello.reporting.release_problem import ReleaseProblem
from vuosikello.reporting.releases import known_at


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attack: what was read together, and what came of it.

    Attributes:
        what: ``alone``, ``with_earlier`` or ``with_exports``.
        result: what was found.
    """

    what: str
    result: Attack


@dataclass(frozen=True, slots=True)
class Attacked:
    """The attacks on a release.

    Attributes:
        release: its name.
        attempts: one attack for each way of reading it: alone, with what was published before it,
            and with every release and the present export.
        is_safe: none found anything.
        seconds: how long it took.
    """

    release: str
    attempts: tuple[Attempt, ...]
    is_safe: bool
    seconds: float


def attack_release(
    home: Path,
    name: str | None = None,
    *,
    exports: bool = False,
    progress: Progress | None = None,
) -> Attacked:
    """Attack a release: alone, with what was published before it, and with the present export.

    Args:
        home: the installation's home folder.
        name: the release, such as ``2019.1``, or a year for its newest one; None for the release
            made last.
        exports: whether to attack every release and the present export together as well.
        progress: called with how many of how many steps are done, and what comes next.

    Raises:
        ReleaseProblem: there is no such release or no export, or what the release was made of is
            gone.
    """
    started = time.monotonic()
    folders = Home(home.expanduser().absolute())
    known = written.releases(folders.releases)
    release = _named(known, name)
    if exports and not folders.exported_indicators.is_file():
        raise ReleaseProblem(
            "There is no export to attack together with the release. Leave --exports out, or "
            "export first: vuosikello export"
        )
    if exports and not folders.warehouse.is_file():
        raise ReleaseProblem(
            "There is no warehouse, and so nothing to judge the export by: vuosikello build"
        )
    promise = _promise(read_internal(folders, release).protection)
    alone = _published(folders, release, progress, is_judged=True)
    before = [
        one for one in known if one.name in release.manifest.earlier and one.name != release.name
    ]
    earlier = [
        *(_published(folders, one, progress) for one in before),
        *_export_before(release),
    ]
    readings: list[tuple[str, list[Published]]] = [("alone", [alone])]
    if earlier:
        readings.append(("with_earlier", [*earlier, alone]))
    if exports:
        later = [one for one in known if one not in before and one is not release]
        after = [_published(folders, one, progress) for one in later]
        present = _file("export", folders.exported_indicators, folders.warehouse)
        readings.append(("with_exports", [*earlier, alone, *after, present]))
    attempts = []
    for number, (what, publications) in enumerate(readings):
        if progress:
            progress(number, len(readings), " + ".join(one.name for one in publications))
        attempts.append(Attempt(what, attacker.attack(publications, promise)))
    if progress:
        progress(len(readings), len(readings), "")
    return Attacked(
        release.name,
        tuple(attempts),
        all(one.result.narrower == 0 for one in attempts),
        time.monotonic() - started,
    )


def _named(known: Sequence[Release], name: str | None) -> Release:
    """Return the release of a name, the newest of a year, or the one made last."""
    if not known:
        raise ReleaseProblem(
            "Nothing has been released yet. A release begins with `vuosikello sign-off`."
        )
    if name is None:
        return max(known, key=lambda one: (one.manifest.frozen_at, one.year, one.number))
    found = [one for one in known if name in (one.name, str(one.year))]
    if not found:
        names = ", ".join(one.name for one in known)
        raise ReleaseProblem(f"There is no release {name}. There are: {names}.")
    return found[-1]


def _promise(protection: Protection) -> Promise:
    """Return what a release promised of numbers about few people."""
    plan = publication_plan()
    return Promise(
        threshold=protection.threshold,
        width=protection.least_width,
        share=protection.share,
        homogeneous=protection.homogeneous,
        delicate_breakdowns=plan.sensitive_breakdowns,
        delicate_indicators=plan.sensitive_indicators,
    )


def _published(
    folders: Home, release: Release, progress: Progress | None, *, is_judged: bool = False
) -> Published:
    """Return a release with what the house knows of it.

    What one published before withheld is told by the file that the house kept of it; only the
    release that is judged, and one without that file, need the warehouse that they were made of.
    """
    needs_warehouse = is_judged or find_withheld(release.indicators) is None
    warehouse = known_at(folders, release.manifest.frozen_at, progress) if needs_warehouse else None
    return _file(release.name, release.indicators, warehouse)


def _export_before(release: Release) -> list[Published]:
    """Return the export that was out when a release was made, where it kept one."""
    kept = release.folder / written.BEFORE
    if not kept.is_file() or find_withheld(kept) is None:
        return []
    return [_file(f"the export before {release.name}", kept, None)]


def _file(name: str, published: Path, warehouse: Path | None) -> Published:
    return Published(name, published, warehouse, find_withheld(published))
