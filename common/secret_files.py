"""Secret files: made once, whole, and readable by their owner only.

The module knows nothing about what a secret is for, and never shows one.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def create_once(path: Path, make: Callable[[], str]) -> bool:
    """Create a secret file unless it exists; if several processes try at once, one succeeds.

    Args:
        path: the file; its folder is created for the owner only where there is none.
        make: makes the secret, in ASCII; called only where there is no file yet.

    Returns:
        Whether this call created it.
    """
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, (make() + "\n").encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(aside, path)
    except FileExistsError:
        return False
    finally:
        aside.unlink()
    return True
