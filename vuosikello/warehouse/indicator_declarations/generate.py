"""Writing what is generated from the declarations, or comparing it with what is committed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from common.files import write_text
from vuosikello.warehouse.grains import read_models
from vuosikello.warehouse.indicator_declarations.model import WrongDeclaration
from vuosikello.warehouse.indicator_declarations.pages import PAGES, pages, read_unit_tests
from vuosikello.warehouse.indicator_declarations.read import (
    REPOSITORY,
    SEEDS,
    read_declarations,
    read_labels,
)
from vuosikello.warehouse.indicator_declarations.seed import seed

COMMAND = "python -m vuosikello.warehouse.indicator_declarations"
SEED = SEEDS / "indicator_declarations.csv"


def generated(repository: Path = REPOSITORY) -> dict[Path, str]:
    """Make every generated file, by its path in the repository.

    Raises:
        WrongDeclaration: a declaration is wrong.
    """
    declarations = read_declarations(repository)
    models = read_models(repository / "dbt_project")
    tests = read_unit_tests(repository)
    return {
        SEED: seed(declarations),
        **pages(declarations, models, tests, read_labels(repository)),
    }


def differences(files: Mapping[Path, str], repository: Path = REPOSITORY) -> list[str]:
    """Compare generated files with the repository's; return a sentence for each that differs."""
    found: list[str] = []
    for path, text in files.items():
        target = repository / path
        if not target.is_file() or target.read_bytes() != text.encode():
            found.append(f"{path.as_posix()} is not what the declarations say. Run: {COMMAND}")
    for path in superfluous(files, repository):
        found.append(f"{path.as_posix()} belongs to no declaration. Run: {COMMAND}")
    return found


def superfluous(files: Mapping[Path, str], repository: Path = REPOSITORY) -> list[Path]:
    """Find pages of indicators that are no longer declared."""
    there = sorted((repository / PAGES).rglob("*.md"))
    return [path for one in there if (path := one.relative_to(repository)) not in files]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what is generated, or compare it; return 0 if all is well."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Write the seed and the pages from the indicator declarations."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if files differ")
    parser.add_argument("--repository", type=Path, default=REPOSITORY, help="another checkout")
    options = parser.parse_args(arguments)
    try:
        files = generated(options.repository)
    except WrongDeclaration as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        problems = differences(files, options.repository)
        if problems:
            print("\n".join(problems), file=sys.stderr)
        return 1 if problems else 0
    for path, text in files.items():
        target = options.repository / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write_text(target, text)
    for path in superfluous(files, options.repository):
        (options.repository / path).unlink()
    return 0
