"""A small release folder that is signed as a real one is."""

from __future__ import annotations

from dataclasses import replace

from common.home import Home
from exports.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE, EarlierRelease
from exports.release_files import release_files, statement_of
from exports.releases import Release, releases
from tests.support.manifests import MOMENT, internal, public
from vuosikello.reporting.release_keys import HouseKey, house_key

FILES = {"indicators.csv": "a,b\n1,2\n", "pages/fi/index.html": "<p>Arvo</p>\n"}


def write(home: Home, name: str = "2019.2", *, key: HouseKey | None = None) -> Release:
    """Write a small signed release into a home, and its internal manifest beside it."""
    folder = home.releases / name
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    key = key or house_key(home, releases(home.releases))
    (folder / PUBLIC_KEY).write_bytes(key.public_key())
    kept = internal(bytes(range(32)))
    year, _, number = name.partition(".")
    moment = MOMENT.replace(year=int(year) + 1, hour=int(number))
    made = public(
        kept,
        release=name,
        year=int(year),
        earlier_releases=(EarlierRelease("2019.1", "5" * 64),),
        files=tuple(statement_of(path, folder) for path in release_files(folder)),
    )
    made = replace(made, sign_off=replace(made.sign_off, at=moment.isoformat()))
    (folder / MANIFEST).write_bytes(made.to_bytes())
    (folder / SIGNATURE).write_bytes(key.sign(made.to_bytes()))
    home.internal_manifests.mkdir(parents=True, exist_ok=True)
    (home.internal_manifests / f"{name}.json").write_bytes(kept.content)
    return next(one for one in releases(home.releases) if one.name == name)
