"""The codes of a dimension, and which of them was probably meant.

A mistyped code must not look like a code without data. The lists are those that the warehouse
publishes: values of breakdowns (``indicators.indicator_breakdown_value``) and areas
(``indicators.indicator_area``), each with labels in Finnish, Swedish and English.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

import duckdb

_CODES = """
    select breakdown_value, label_fi, label_sv, label_en
    from indicators.indicator_breakdown_value
    where breakdown = $dimension
    union all
    select area, label_fi, label_sv, label_en
    from indicators.indicator_area
    where area_type = $dimension
"""


def codes_of(connection: duckdb.DuckDBPyConnection, dimension: str) -> dict[str, tuple[str, ...]]:
    """Read the codes of a breakdown or of a type of area.

    Args:
        connection: a published warehouse.
        dimension: such as ``nature`` or ``organisation``.

    Returns:
        The labels (Finnish, Swedish, English) by code; nothing where the dimension has no list.
    """
    rows = connection.execute(_CODES, {"dimension": dimension}).fetchall()
    return {code: tuple(label or "" for label in labels) for code, *labels in rows}


def unknown_code(dimension: str, value: str, codes: Mapping[str, Sequence[str]]) -> str:
    """Say that a dimension has no such code, and which was probably meant.

    Args:
        dimension: the dimension's name.
        value: what was written.
        codes: the labels by code; English is the last.
    """
    spellings = {label.lower(): code for code, labels in codes.items() for label in labels if label}
    spellings |= {code.lower(): code for code in codes}
    labels = {code: texts[-1] for code, texts in codes.items() if texts and texts[-1]}
    guess = closest(value, spellings, labels)
    if not guess and codes and len(codes) <= 12:
        guess = f" Its values are {', '.join(sorted(codes))}."
    return f"{dimension} has no value {value}.{guess}"


def closest(
    written: str, spellings: Mapping[str, str], labels: Mapping[str, str] | None = None
) -> str:
    """Name the codes that are spelled, or whose labels are spelled, much like what was written.

    Args:
        written: what was written.
        spellings: the code by each of its spellings, in lower case: code and labels.
        labels: a label by code, added in brackets.

    Returns:
        A question with a space before it, or nothing where no spelling is close.
    """
    found = difflib.get_close_matches(written.lower(), list(spellings), n=4, cutoff=0.6)
    codes = dict.fromkeys(spellings[name] for name in found)
    named = [f"{code} ({labels[code]})" if labels and code in labels else code for code in codes]
    return f" Did you mean {_alternatives(named)}?" if named else ""


def _alternatives(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)
