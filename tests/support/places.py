"""Where the tests find the repository and the ISO SOS example."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "iso_sos"
SUPPORT = ROOT / "tests" / "support"
