"""Keys of releases: the one of the marks by which the house proves what a release was made from.

Nothing here prints, logs or returns a private key in a text.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from common.home import Home
from ingest.keys import pseudonym_key


def mac_key(home: Home, release: str) -> bytes:
    """Return the key of the marks of one release: 32 bytes, derived for this purpose only.

    It follows from the key of pseudonyms (HKDF with SHA-256, RFC 5869), which cannot be calculated
    from it. So the house has no further secret to keep, and a mark is of one release only.

    Args:
        home: the installation.
        release: its name.

    Raises:
        KeyProblem: the key of pseudonyms is not there.
    """
    derive = HKDF(SHA256(), 32, salt=None, info=f"vuosikello release {release} marks".encode())
    return derive.derive(pseudonym_key(home, create=False).secret)
