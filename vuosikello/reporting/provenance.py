"""What a release was made from: submissions, contracts, models, and the code that wrote it."""

from __future__ import annotations

import hashlib
import importlib.metadata
from pathlib import Path

import duckdb

from exports import releases as written
from exports.manifest import ContractVersion, LibraryVersion, Manifest, SuiteStatement, Versions
from exports.publication import ReleaseInfo
from exports.publication_plan import PLAN
from exports.release_files import sha256
from exports.releases import Provenance
from ingest.contracts import CONTRACTS, load_contracts
from vuosikello.reporting.sign_off import SignOff

# What decides the bytes of a release beside its data: dbt makes the numbers, the others write them.
LIBRARIES = (
    "babel",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "highspy",
    "jinja2",
    "numpy",
    "pyarrow",
    "pydyf",
    "pyyaml",
    "scipy",
    "vl-convert-python",
    "weasyprint",
    "xlsxwriter",
)


def provenance(source: Path, signed: SignOff, info: ReleaseInfo, mac_key: bytes) -> Provenance:
    """Return what a release was made from and with, for its two manifests.

    Args:
        source: the warehouse that it is made of.
        signed: the sign-off that it stands for.
        info: the release.
        mac_key: the key of the marks of the release.
    """
    with duckdb.connect(str(source), read_only=True) as connection:
        submissions = connection.execute(
            """
            SELECT submission_id, organisation, feed, period, file, sha256, received_at,
                contract_version, status, rows_loaded, rows_rejected
            FROM staging.stg_current_submissions
            WHERE period_start <= make_date($year, 12, 31)
            ORDER BY organisation, feed, period
            """,
            {"year": info.year},
        )
        names = [column[0] for column in submissions.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in submissions.fetchall()]
        (project,) = connection.execute("SELECT project_hash FROM staging.build_info").fetchall()[0]
    readiness = signed.readiness
    return Provenance(
        sign_off_number=signed.number,
        suites=(
            SuiteStatement(
                suite="readiness",
                passed=readiness.success,
                evaluated=readiness.evaluated,
                failed=readiness.failed,
                warned=readiness.warned,
            ),
        ),
        versions=Versions(
            vuosikello=importlib.metadata.version("vuosikello"),
            code_sha256=_code_hash(),
            models_sha256=project,
            publication_plan_sha256=sha256(PLAN),
            contracts=tuple(
                ContractVersion(feed, contract.version, sha256(CONTRACTS / f"{feed}.yaml"))
                for feed, contract in sorted(load_contracts().items())
            ),
            libraries=tuple(
                LibraryVersion(name, importlib.metadata.version(name)) for name in LIBRARIES
            ),
        ),
        submissions=tuple(
            {**row, "received_at": f"{row['received_at'].isoformat()}Z"} for row in rows
        ),
        mac_key=mac_key,
    )


def changes_since(then: Manifest, now: Manifest) -> list[str]:
    """Return what a release was made with that is not the same today, in plain sentences.

    Args:
        then: the manifest of the release.
        now: the manifest of the same release, made again.
    """
    changes = [
        f"{name} was {version} and is {now.libraries[name]} now."
        for name, version in then.libraries.items()
        # A library that no longer decides anything is not named any more.
        if name in now.libraries and now.libraries[name] != version
    ]
    if then.code_sha256 != now.code_sha256:
        changes.append("The code that writes releases is not the same as then.")
    if then.models_sha256 != now.models_sha256:
        changes.append("The models and code lists are not the same as then.")
    if then.publication_plan_sha256 not in (None, now.publication_plan_sha256):
        changes.append("The plan of what is published is not the same as then.")
    changes += [
        f"The contract {feed} is not the same as then."
        for feed, contract in then.contracts.items()
        if now.contracts.get(feed) != contract
    ]
    if then.is_former and not now.is_former:
        changes.append(
            "The manifest has another form now: what it told of submissions stays in the house."
        )
    return changes


def needed_for_same_bytes(then: Manifest) -> str:
    """Return what it takes to make the very bytes of a release again, in plain words.

    Args:
        then: its manifest.
    """
    return (
        "The release stands as it was written. To make its very bytes again, run reproduce with "
        "what made it, on a copy of this home: the program of that day (vuosikello "
        f"{then.program}, released on {then.released_on}) with its models, contracts and "
        "libraries, all named in its manifest."
    )


def _code_hash() -> str:
    """SHA-256 over the files that decide how a release is written."""
    digest = hashlib.sha256()
    root = Path(written.__file__).resolve().parent
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix in (".py", ".yaml", ".j2", ".css", ".sql"):
            digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
