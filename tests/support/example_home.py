"""The home of the ISO SOS example, received and built once for all workers."""

from __future__ import annotations

from pathlib import Path

from common.home import Home
from tests.support.built_homes import built_home
from tests.support.places import EXAMPLE


def example_home() -> Path:
    """Return the home folder of the example, made once; only to be read."""
    home, _ = built_home("iso-sos", _receive_and_build)
    return home


def _receive_and_build(home: Path) -> None:
    from ingest import receiver
    from vuosikello.warehouse import build

    receiver.receive(Home(home), [EXAMPLE / "inbox"])
    assert build.build(home).failures == []
