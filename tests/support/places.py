"""Where the tests find the repository, the ISO SOS example and the reported cases."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "iso_sos"
SUPPORT = ROOT / "tests" / "support"
CASES = ROOT / "tests" / "cases"
