"""The declarations of the indicators: one YAML file each, and what is generated from them.

``dbt_project/indicators/<theme>/<code>.yml`` holds all that is said of an indicator: its texts, how
it is computed, what is aimed at, and how it is presented. From the files come the seed
``indicator_declarations.csv`` and the reference pages; both are committed, and lint checks them:

    python -m vuosikello.warehouse.indicator_declarations [--check]

A wrong declaration is reported in a sentence with its file, the field, and what to write. This
package reads files of the repository only; it must not know dbt, a warehouse or a home folder.
"""

from __future__ import annotations

from vuosikello.warehouse.indicator_declarations.generate import differences, generated
from vuosikello.warehouse.indicator_declarations.model import (
    IndicatorDeclaration,
    WrongDeclaration,
    file_of,
    parse,
)
from vuosikello.warehouse.indicator_declarations.read import read_declarations

__all__ = [
    "IndicatorDeclaration",
    "WrongDeclaration",
    "differences",
    "file_of",
    "generated",
    "parse",
    "read_declarations",
]
