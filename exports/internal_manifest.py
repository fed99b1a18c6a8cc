"""The internal manifest of a release: the submissions it rests on, and what was withheld.

It never leaves the house. It is kept outside the folder of the release, readable by its owner only,
and holds the keys of the marks in the public manifest. With it the house can prove later which
files a release was made from; without it the marks say nothing, not even to somebody who has
guessed the only row of a file.

The keys come from the caller: this module knows no key of the house.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from common.files import atomic_replace
from exports.disclosure import DisclosureResult, Protection
from exports.manifest import Manifest, json_bytes
from exports.publication import ReleaseInfo

FORMAT = 1


@dataclass(frozen=True, slots=True)
class InternalManifest:
    """What a release was made from, for the house only.

    Attributes:
        content: the bytes of the file.
        values: its plain values.
    """

    content: bytes = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, content: bytes) -> InternalManifest:
        """Read the bytes of an internal manifest.

        Raises:
            ValueError: they are none.
        """
        values = json.loads(content)
        if not isinstance(values, dict) or "submissions" not in values:
            raise ValueError("An internal manifest is a JSON object with submissions.")
        return cls(content, values)

    @property
    def key(self) -> bytes:
        """The key of the release's marks."""
        return bytes.fromhex(self.values["mac_key"])

    @property
    def submissions(self) -> Sequence[Mapping[str, Any]]:
        """The submissions, one mapping each."""
        found: Sequence[Mapping[str, Any]] = self.values["submissions"]
        return found

    @property
    def protection(self) -> Protection:
        """The settings of disclosure control."""
        return protection_of(self.values)

    @property
    def mac(self) -> str:
        """The mark of the whole manifest: HMAC-SHA256 under the key of the release."""
        return _mac(self.key, self.content)

    @property
    def raw_file_macs(self) -> tuple[str, ...]:
        """The mark of every submitted file, sorted."""
        return tuple(sorted(one["raw_file_mac"] for one in self.submissions))


def internal_manifest(
    info: ReleaseInfo,
    submissions: Sequence[Mapping[str, Any]],
    key: bytes,
    protection: Protection,
    result: DisclosureResult,
) -> InternalManifest:
    """Make the internal manifest of a release.

    Args:
        info: the release.
        submissions: what is known of each submission; ``submission_id`` and ``sha256`` at least.
        key: of the house, for the marks of this release; 32 bytes.
        protection: the settings of disclosure control.
        result: what disclosure control did.
    """
    return InternalManifest.parse(
        json_bytes(
            {
                "format": FORMAT,
                "notice": "Internal: it never leaves the house.",
                "release": info.name,
                "mac_key": key.hex(),
                "disclosure_control": {
                    **asdict(protection),
                    "values": result.cells,
                    "published": result.published,
                    "suppressed_primary": result.primary,
                    "suppressed_complementary": result.complementary,
                    "information_kept": round(result.information_kept, 6),
                },
                "failures": list(info.signed.failures),
                "submissions": [_marked(one, key) for one in submissions],
            }
        )
    )


def former_protection(manifest: Manifest) -> Protection | None:
    """Return the settings of disclosure control that a manifest of the former form tells."""
    former = manifest.former_internal
    return None if former is None else protection_of(former)


def protection_of(values: Mapping[str, Any]) -> Protection:
    """Return the settings of disclosure control among the figures of it."""
    given = values["disclosure_control"]
    return Protection(
        **{key: given[key] for key in Protection.__dataclass_fields__ if key in given}
    )


def save(manifest: InternalManifest, path: Path) -> None:
    """Write an internal manifest, whole or not at all, readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with atomic_replace(path) as draft:
        draft.touch(mode=0o600)
        draft.write_bytes(manifest.content)


def _marked(submission: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    """Add the mark of a submitted file, and the key that proves it and no other file."""
    proof_key = hmac.digest(key, submission["submission_id"].encode("utf-8"), "sha256")
    mark = _mac(proof_key, submission["sha256"].encode("ascii"))
    return {**submission, "raw_file_mac": mark, "proof_key": proof_key.hex()}


def _mac(key: bytes, message: bytes) -> str:
    return hmac.digest(key, message, "sha256").hex()
