"""The public manifest of a release: what may be read outside of how the release was made.

It is built from the classes below and from nothing else. What is not a field of one of them cannot
get in, and a test holds the list of all fields. Rows per submission, hashes of submitted files and
figures of disclosure control are in the internal manifest (:mod:`exports.internal_manifest`), which
stays in the house.

:class:`Manifest` reads it. Releases that were made before the two manifests were parted have one of
another form; this is the only module that knows both forms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
PUBLIC_KEY = "signing_key.pub"
FORMAT = 2


@dataclass(frozen=True, slots=True)
class SignOffStatement:
    """Who signed the year off, when (UTC), why, and why failed checks were overridden."""

    number: int
    by: str
    at: str
    reason: str
    override_reason: str | None


@dataclass(frozen=True, slots=True)
class SuiteStatement:
    """A suite that the year was checked by, and how many of its checks did not hold."""

    suite: str
    passed: bool
    evaluated: int
    failed: int
    warned: int


@dataclass(frozen=True, slots=True)
class ContractVersion:
    """The contract of a feed that was in use."""

    feed: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LibraryVersion:
    """A library that decides the bytes of a release."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Versions:
    """What the release was made with.

    Attributes:
        vuosikello: the version of the program.
        code_sha256: of the code that writes releases.
        models_sha256: of the models, code lists and definitions of indicators.
        publication_plan_sha256: of the plan of what is published.
        contracts, libraries: by name.
    """

    vuosikello: str
    code_sha256: str
    models_sha256: str
    publication_plan_sha256: str
    contracts: tuple[ContractVersion, ...]
    libraries: tuple[LibraryVersion, ...]


@dataclass(frozen=True, slots=True)
class SubmissionsStatement:
    """How many submissions the release rests on, and marks by which the house can prove which.

    Attributes:
        number: how many.
        raw_file_macs: of each submitted file the HMAC-SHA256 of its SHA-256, under a key of the
            house for this submission in this release; sorted, so that their order tells nothing.
        internal_manifest_mac: the HMAC-SHA256 of the internal manifest, under a key of the house
            for this release.
    """

    number: int
    raw_file_macs: tuple[str, ...]
    internal_manifest_mac: str


@dataclass(frozen=True, slots=True)
class CoverageStatement:
    """Of what feed an organisation has values in the release: no more than the values tell.

    Attributes:
        organisation: its code.
        feed: the feed.
        has_year: whether it has a value of the year, published or suppressed.
        months: of how many months it has one.
    """

    organisation: str
    feed: str
    has_year: bool
    months: int


@dataclass(frozen=True, slots=True)
class EarlierRelease:
    """A release that was there before, and the SHA-256 of its public manifest."""

    release: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class FileStatement:
    """A file of the release, by its path in the folder."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PublicManifest:
    """The whole public manifest, in the order in which it is written.

    Attributes:
        format: the form of the manifest.
        release: ``2019.1``.
        year: the reporting year.
        corrects: the release that this one replaces; None for a year's first.
        frozen_at: the moment (UTC) whose knowledge the release shows.
        released_on: the day of the release, in Finland.
        sign_off: what was signed, and by whom.
        checks: by suite, what was found when it was signed.
        versions: what the release was made with.
        submissions: how many it rests on.
        coverage: by organisation and feed.
        earlier_releases: oldest first.
        files: every file but the manifest and its signature, by path.
    """

    format: int
    release: str
    year: int
    corrects: str | None
    frozen_at: str
    released_on: str
    sign_off: SignOffStatement
    checks: tuple[SuiteStatement, ...]
    versions: Versions
    submissions: SubmissionsStatement
    coverage: tuple[CoverageStatement, ...]
    earlier_releases: tuple[EarlierRelease, ...]
    files: tuple[FileStatement, ...]

    def to_bytes(self) -> bytes:
        """Return the bytes of the file; the same manifest gives the same bytes."""
        return json_bytes(asdict(self))


def json_bytes(values: Mapping[str, Any]) -> bytes:
    """Return plain values as JSON for people and programs, in UTF-8."""
    return (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


class Manifest:
    """A manifest as it lies in a release, of either form.

    A value is looked up when it is asked for.

    Args:
        values: the plain values of ``manifest.json``.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read a manifest.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is no manifest.
        """
        return cls.parse(path.read_bytes())

    @classmethod
    def parse(cls, content: bytes) -> Manifest:
        """Read the bytes of a manifest.

        Raises:
            ValueError: they are none.
        """
        values = json.loads(content)
        if not isinstance(values, dict):
            raise ValueError("A manifest is a JSON object.")
        return cls(values)

    @property
    def is_former(self) -> bool:
        """Whether it was written before the internal manifest was parted from the public one."""
        return "format" not in self.values

    @property
    def release(self) -> str:
        """The release's name."""
        return str(self.values["release"])

    @property
    def corrects(self) -> str | None:
        """The release that it replaces; None for a year's first."""
        corrects: str | None = self.values["corrects"]
        return corrects

    @property
    def frozen_at(self) -> datetime:
        """The moment whose knowledge the release shows."""
        return datetime.fromisoformat(self.values["frozen_at"])

    @property
    def released_on(self) -> date:
        """The day it was released, in Finland."""
        return date.fromisoformat(self.values["released_on"])

    @property
    def signed_by(self) -> str:
        """Who signed the year off."""
        return str(self.values["sign_off"]["by"])

    @property
    def signed_at(self) -> datetime:
        """When the year was signed off."""
        return datetime.fromisoformat(self.values["sign_off"]["at"])

    @property
    def sign_off_number(self) -> int:
        """The number of the sign-off in its year."""
        if self.is_former:
            return int(self.values["sign_off_number"])
        return int(self.values["sign_off"]["number"])

    @property
    def submissions(self) -> int:
        """How many submissions it rests on."""
        given = self.values["submissions"]
        return len(given) if self.is_former else int(given["number"])

    @property
    def earlier(self) -> tuple[str, ...]:
        """The names of the releases before it, oldest first."""
        return tuple(one["release"] for one in self.values["earlier_releases"])

    @property
    def files(self) -> Mapping[str, FileStatement]:
        """Every file but the manifest and its signature, by path."""
        return {
            str(one["path"]): FileStatement(str(one["path"]), int(one["bytes"]), str(one["sha256"]))
            for one in self.values["files"]
        }

    @property
    def program(self) -> str:
        """The version of the program that made it."""
        return str(self._part("code" if self.is_former else "versions")["vuosikello"])

    @property
    def libraries(self) -> Mapping[str, str]:
        """The versions of the program and of the libraries that decide its bytes, by name."""
        if self.is_former:
            return {name: one for name, one in self._part("code").items() if name != "sha256"}
        versions = self._part("versions")
        return {"vuosikello": versions["vuosikello"]} | {
            one["name"]: one["version"] for one in versions["libraries"]
        }

    @property
    def code_sha256(self) -> str:
        """The SHA-256 of the code that wrote it."""
        if self.is_former:
            return str(self._part("code")["sha256"])
        return str(self._part("versions")["code_sha256"])

    @property
    def models_sha256(self) -> str | None:
        """The SHA-256 of the models, code lists and definitions."""
        if self.is_former:
            return self._part("models").get("sha256")
        return str(self._part("versions")["models_sha256"])

    @property
    def publication_plan_sha256(self) -> str | None:
        """The SHA-256 of the publication plan; None where the manifest does not tell it."""
        return None if self.is_former else str(self._part("versions")["publication_plan_sha256"])

    @property
    def contracts(self) -> Mapping[str, tuple[str, str]]:
        """The version and the SHA-256 of every contract, by feed."""
        if self.is_former:
            given = self._part("contracts")
            return {feed: (one["version"], one["sha256"]) for feed, one in given.items()}
        return {
            one["feed"]: (one["version"], one["sha256"])
            for one in self._part("versions")["contracts"]
        }

    @property
    def internal_manifest_mac(self) -> str | None:
        """The MAC of the internal manifest; None where there is none."""
        return None if self.is_former else str(self._part("submissions")["internal_manifest_mac"])

    @property
    def former_internal(self) -> Mapping[str, Any] | None:
        """What the former form told that is now in the internal manifest; else None."""
        if not self.is_former:
            return None
        return {name: self.values[name] for name in ("disclosure_control", "submissions")}

    def _part(self, name: str) -> Mapping[str, Any]:
        part: Mapping[str, Any] = self.values[name]
        return part
