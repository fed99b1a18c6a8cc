"""The command as a person runs it: a process of its own, and what it printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``vuosikello`` with these words on a home, in a terminal 100 columns wide."""
    return subprocess.run(
        [sys.executable, "-m", "vuosikello.cli.app", *words],
        env=os.environ | {"VUOSIKELLO_HOME": str(home), "COLUMNS": "100"} | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
