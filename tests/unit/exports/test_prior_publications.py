"""Prior publications: what decides that a year is published as it was."""

from __future__ import annotations

import pkgutil
from pathlib import Path

from exports import disclosure
from exports.disclosure.prior_publications import method_sources


def test_every_module_of_disclosure_control_is_part_of_the_method() -> None:
    folder = Path(disclosure.__file__).parent
    hashed = {
        ".".join(source.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        for source in method_sources()
    }
    modules = {module.name for module in pkgutil.iter_modules(disclosure.__path__)}
    of_relations = {
        f"relations.{module.name}" for module in pkgutil.iter_modules([str(folder / "relations")])
    }
    assert "relations.parts" in of_relations
    assert modules | of_relations | {"__init__"} == hashed
