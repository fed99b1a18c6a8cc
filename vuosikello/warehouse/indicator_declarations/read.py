"""Reading every declaration of the repository, checked."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from vuosikello.warehouse.grains import read_models
from vuosikello.warehouse.indicator_declarations.checks import Codes, check, check_positions
from vuosikello.warehouse.indicator_declarations.model import (
    DECLARATIONS,
    IndicatorDeclaration,
    Texts,
    WrongDeclaration,
    parse,
)

REPOSITORY = Path(__file__).resolve().parents[3]
SEEDS = Path("dbt_project") / "seeds" / "indicators"


Labels = Mapping[str, Mapping[str, Texts]]
"""By kind (theme, unit, breakdown …) and code, in the order of the seed."""


def read_labels(repository: Path) -> Labels:
    """Read the labels of themes, units, breakdowns and the like from the seed."""
    labels: dict[str, dict[str, Texts]] = {}
    with (repository / SEEDS / "indicator_labels.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            texts = Texts(fi=row["label_fi"], sv=row["label_sv"], en=row["label_en"])
            labels.setdefault(row["kind"], {})[row["code"]] = texts
    return labels


def read_codes(repository: Path) -> Codes:
    """Read the codes that a declaration may name from the seeds and the contracts."""
    labels = read_labels(repository)
    feeds = frozenset(path.stem for path in (repository / "ingest" / "contracts").glob("*.yaml"))
    return Codes(
        themes=tuple(labels["theme"]),
        units=frozenset(labels["unit"]),
        breakdowns=frozenset(labels["breakdown"]) - {"none"},
        feeds=feeds,
    )


def read_declarations(repository: Path = REPOSITORY) -> list[IndicatorDeclaration]:
    """Read and check every declaration, by theme and position.

    Args:
        repository: a checkout of the repository.

    Raises:
        WrongDeclaration: something is wrong; it names every problem found.
    """
    codes = read_codes(repository)
    problems: list[str] = []
    try:
        models = read_models(repository / "dbt_project")
    except ValueError as error:
        raise WrongDeclaration([_relative(str(error), repository)]) from error
    declarations: list[IndicatorDeclaration] = []
    for path in sorted((repository / DECLARATIONS).rglob("*.y*ml")):
        name = path.relative_to(repository).as_posix()
        try:
            declaration = parse(path.read_text(encoding="utf-8"), name)
        except WrongDeclaration as error:
            problems += error.problems
            continue
        problems += check(declaration, name, codes, models)
        declarations.append(declaration)
    problems += check_positions(declarations)
    if problems:
        raise WrongDeclaration(problems)
    places = {theme: place for place, theme in enumerate(codes.themes)}
    return sorted(declarations, key=lambda one: (places[one.theme], one.presentation.position))


def _relative(message: str, repository: Path) -> str:
    return message.replace(f"{repository}/", "")
