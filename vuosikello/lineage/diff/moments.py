"""By which definitions the values of an earlier moment can be had.

The warehouse of an earlier moment is built again by today's models. Where others were published
then, that build alone cannot show what a changed definition changed: the values that were kept of
the published warehouse can. Where none were kept, a sentence says what cannot be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from common import clock
from common.home import Home
from vuosikello.warehouse.publications import Publication, publications, published_at

NOT_SEEN = (
    "the earlier values are computed with today's definitions; a changed definition cannot be seen."
)


@dataclass(frozen=True, slots=True)
class EarlierState:
    """How to compare with an earlier moment.

    Attributes:
        known_at: the moment to build the earlier warehouse as of.
        published: the values that were published then by other definitions; None: today's
            definitions were in force, or those values were not kept.
        remarks: what cannot be seen, in sentences.
    """

    known_at: datetime
    published: Path | None = None
    remarks: list[str] = field(default_factory=list)


def earlier_state(home: Home, moment: datetime, until: datetime | None = None) -> EarlierState:
    """Find out how to compare with what was published at a moment.

    Args:
        home: the installation's home.
        moment: the earlier moment, with its time zone.
        until: the later moment; None: now.
    """
    known = publications(home)
    then = published_at(known, moment)
    if then is None:
        return EarlierState(
            moment, remarks=[f"It is not known what was published at that moment: {NOT_SEEN}"]
        )
    project_hash = known[-1].project_hash
    later = published_at(known, until) if until else None
    if until and (later is None or later.project_hash != project_hash):
        both = later is not None and later.project_hash == then.project_hash
        remark = (
            "Both sides are computed with today's definitions; the same earlier ones were in force "
            "at both moments."
            if both
            else "The later values are computed with today's definitions, not with those of then."
        )
        if both or then.values is None:
            return EarlierState(moment, remarks=[remark, *_not_kept(known, then)])
        return EarlierState(then.known_at, then.values, [remark])
    if then.project_hash == project_hash:
        return EarlierState(moment)
    if then.values is None:
        return EarlierState(moment, remarks=_not_kept(known, then))
    return EarlierState(then.known_at, then.values)


def _not_kept(known: Sequence[Publication], then: Publication) -> list[str]:
    if then.project_hash == known[-1].project_hash or then.values is not None:
        return []
    kept = [
        one
        for one in known
        if one.project_hash == then.project_hash and one.values and one.built_at > then.built_at
    ]
    remedy = ""
    if kept and kept[0].replaced_at:
        last = (kept[0].replaced_at - timedelta(seconds=1)).astimezone(clock.FINLAND)
        remedy = (
            " The last warehouse with the definitions of then was kept: vuosikello diff --from "
            f"{last.isoformat(timespec='seconds')}"
        )
    return [
        "The warehouse that was published at that moment was built with other models or code "
        f"lists, and its values were not kept: {NOT_SEEN}{remedy}"
    ]
