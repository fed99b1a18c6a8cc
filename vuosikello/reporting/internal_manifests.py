"""What the house alone keeps of a release, found again: from its internal manifest.

Releases that were made before the two manifests were parted told it in the public one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from common.home import Home
from exports.disclosure import Protection
from exports.internal_manifest import InternalManifest, former_protection
from exports.releases import Release
from vuosikello.reporting.release_problem import ReleaseProblem


@dataclass(frozen=True, slots=True)
class KeptInside:
    """What it takes to make a release again, beside its public manifest.

    Attributes:
        protection: the settings of disclosure control.
        mac_key: the key of the marks of the release.
        damages: a sentence where the internal manifest is not the one of the release.
    """

    protection: Protection
    mac_key: bytes = field(repr=False)
    damages: list[str] = field(default_factory=list)


def internal_path(folders: Home, name: str) -> Path:
    """Where the internal manifest of a release lies."""
    return folders.internal_manifests / f"{name}.json"


def read_internal(folders: Home, release: Release) -> KeptInside:
    """Return what the house keeps of a release.

    Args:
        folders: the installation's home.
        release: the release, with a manifest of either form.

    Raises:
        ReleaseProblem: its internal manifest is not there, or cannot be read.
    """
    protection = former_protection(release.manifest)
    if protection is not None:
        # It has no marks; those of the release made again are compared with nothing.
        return KeptInside(protection, bytes(32))
    path = internal_path(folders, release.name)
    try:
        internal = InternalManifest.parse(path.read_bytes())
        is_same = internal.mac == release.manifest.internal_manifest_mac
        damages = [] if is_same else [f"{path} is not what the release was made with."]
        return KeptInside(internal.protection, internal.key, damages)
    except FileNotFoundError:
        raise ReleaseProblem(
            f"The internal manifest of {release.name} is not in {path}; bring it back from the "
            "backup."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise ReleaseProblem(
            f"The internal manifest {path} cannot be read; bring it back from the backup."
        ) from None
