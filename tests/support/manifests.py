"""Manifests of a made-up release, of both forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from exports.disclosure import DisclosureResult, Protection
from exports.internal_manifest import InternalManifest, internal_manifest
from exports.manifest import (
    FORMAT,
    ContractVersion,
    CoverageStatement,
    EarlierRelease,
    FileStatement,
    LibraryVersion,
    PublicManifest,
    SignOffStatement,
    SubmissionsStatement,
    SuiteStatement,
    Versions,
)
from exports.publication import ReleaseInfo, SignedOff

# Whoever adds a path here decides that everybody may read it.
PATHS = {
    "format",
    "release",
    "year",
    "corrects",
    "frozen_at",
    "released_on",
    "sign_off.number",
    "sign_off.by",
    "sign_off.at",
    "sign_off.reason",
    "sign_off.override_reason",
    "checks[].suite",
    "checks[].passed",
    "checks[].evaluated",
    "checks[].failed",
    "checks[].warned",
    "versions.vuosikello",
    "versions.code_sha256",
    "versions.models_sha256",
    "versions.publication_plan_sha256",
    "versions.contracts[].feed",
    "versions.contracts[].version",
    "versions.contracts[].sha256",
    "versions.libraries[].name",
    "versions.libraries[].version",
    "submissions.number",
    "submissions.raw_file_macs[]",
    "submissions.internal_manifest_mac",
    "coverage[].organisation",
    "coverage[].feed",
    "coverage[].has_year",
    "coverage[].months",
    "earlier_releases[].release",
    "earlier_releases[].manifest_sha256",
    "files[].path",
    "files[].bytes",
    "files[].sha256",
}

MOMENT = datetime(2020, 2, 3, 8, 30, tzinfo=UTC)
RESULT = DisclosureResult(
    cells=120,
    primary=7,
    complementary=11,
    published=102,
    information_kept=0.875,
    loss=50.0,
    least_loss=48.0,
    sensitive=7,
    narrowest=1.5,
    earlier=0,
    given_away=0,
    known_anyway=(),
    not_proved=(),
    public=0,
    assumptions_relaxed=0,
    exact_components=1,
    large_components=0,
    years_taken_over=(),
    threshold=5,
    homogeneous=10,
    width=5.0,
    share=0.1,
    seconds=0.1,
)
SUBMISSION: dict[str, Any] = {
    "submission_id": "01J0000000000000000000000A",
    "organisation": "kainuun-sote",
    "feed": "outreach",
    "period": "2019",
    "file": "kainuun-sote/outreach/2019.csv",
    "sha256": "ab" * 32,
    "rows_loaded": 1,
}


def paths(values: Any, at: str = "") -> Iterator[str]:
    """Yield the path of every plain value; a place in a list does not count."""
    if isinstance(values, dict):
        for name, value in values.items():
            yield from paths(value, f"{at}.{name}" if at else name)
    elif isinstance(values, list):
        for value in values:
            yield from paths(value, f"{at}[]")
    else:
        yield at


def info() -> ReleaseInfo:
    """What the made-up release is."""
    failure = {"expectation": "submitted.contacts", "organisation": "sosteri", "message": "None."}
    signed = SignedOff("knowledge manager", MOMENT, "All has come.", None, 3, 0, 1, (failure,))
    return ReleaseInfo(2019, 2, MOMENT, date(2020, 2, 3), signed, corrects="2019.1")


def internal(key: bytes, *submissions: dict[str, Any]) -> InternalManifest:
    """The internal manifest of the release."""
    return internal_manifest(info(), submissions or (SUBMISSION,), key, Protection(), RESULT)


def public(kept: InternalManifest | None = None, **changes: Any) -> PublicManifest:
    """The public manifest of the release, with every optional field filled in."""
    kept = kept or internal(bytes(range(32)))
    made = PublicManifest(
        format=FORMAT,
        release="2019.2",
        year=2019,
        corrects="2019.1",
        frozen_at=MOMENT.isoformat(),
        released_on="2020-02-03",
        sign_off=SignOffStatement(
            4, "knowledge manager", MOMENT.isoformat(), "All has come.", "It is known."
        ),
        checks=(SuiteStatement("readiness", True, 3, 0, 1),),
        versions=Versions(
            vuosikello="0.1.0",
            code_sha256="1" * 64,
            models_sha256="2" * 64,
            publication_plan_sha256="3" * 64,
            contracts=(ContractVersion("outreach", "2.0", "4" * 64),),
            libraries=(LibraryVersion("duckdb", "1.5.5"),),
        ),
        submissions=SubmissionsStatement(len(kept.submissions), kept.raw_file_macs, kept.mac),
        coverage=(CoverageStatement("kainuun-sote", "outreach", True, 12),),
        earlier_releases=(EarlierRelease("2019.1", "5" * 64),),
        files=(FileStatement("indicators.csv", 10, "6" * 64),),
    )
    return replace(made, **changes)


def former() -> dict[str, Any]:
    """The one manifest of the same release, as it was before there were two."""
    return {
        "release": "2019.2",
        "year": 2019,
        "number": 2,
        "corrects": "2019.1",
        "status": "correction",
        "frozen_at": MOMENT.isoformat(),
        "released_on": "2020-02-03",
        "sign_off": {
            "by": "knowledge manager",
            "at": MOMENT.isoformat(),
            "reason": "All has come.",
            "override_reason": "It is known.",
        },
        "checks": {"evaluated": 3, "failed": 0, "warned": 1, "failures": []},
        "disclosure_control": {
            "threshold": 7,
            "width": None,
            "share": 0.2,
            "values": 120,
            "published": 102,
            "suppressed_primary": 7,
            "suppressed_complementary": 11,
            "information_kept": 0.875,
        },
        "earlier_releases": [{"release": "2019.1", "manifest_sha256": "5" * 64}],
        "sign_off_number": 4,
        "submissions": [SUBMISSION],
        "contracts": {"outreach": {"version": "2.0", "sha256": "4" * 64}},
        "models": {"sha256": "2" * 64},
        "code": {"vuosikello": "0.1.0", "sha256": "1" * 64, "duckdb": "1.5.5"},
        "files": [{"path": "indicators.csv", "bytes": 10, "sha256": "6" * 64}],
        "reproduce": "vuosikello reproduce 2019.2",
    }
