"""The page for the officer responsible for a publication: what is withheld, and why it is safe.

It is written from the temp tables of :func:`exports.disclosure.control` and contains no true number
of a withheld row: counts of rows, shares, and intervals as multiples of the width they must have.
The same result gives the same page. This module must not know how long anything took, nor how rows
were chosen.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from common.formats import LANGUAGES, format_number
from exports.rows import query_rows

if TYPE_CHECKING:
    from exports.disclosure import DisclosureResult

_TEMPLATES = Path(__file__).parent / "templates"

_RULES = """
SELECT
    count(*) FILTER (has_few_persons) AS persons,
    count(*) FILTER (has_few_on_numerator AND NOT has_few_persons) AS numerator,
    count(*) FILTER (
        has_few_on_other_side AND NOT has_few_on_numerator AND NOT has_few_persons
    ) AS other_side,
    count(*) FILTER (
        is_unknown AND NOT has_few_on_other_side AND NOT has_few_on_numerator
        AND NOT has_few_persons
    ) AS unknown,
    count(*) FILTER (
        is_homogeneous AND NOT is_unknown AND NOT has_few_on_other_side
        AND NOT has_few_on_numerator AND NOT has_few_persons
    ) AS homogeneous
FROM disclosure_row
WHERE publication = 0
"""

_COUNTS_BY = """
SELECT
    {group} AS name,
    count(*) AS cells,
    count(*) FILTER (reason = 'primary') AS is_primary,
    count(*) FILTER (reason = 'complementary') AS complementary,
    1 - coalesce(sum(weight) FILTER (reason IS NOT NULL), 0) / sum(weight) AS kept
FROM disclosure_weighed
GROUP BY name
"""

_AREA_ORDER = "list_position(['country', 'welfare_area', 'organisation', 'municipality'], name)"

_THEMES = _COUNTS_BY.format(group="split_part(indicator, '.', 1)") + "ORDER BY name"
_AREA_TYPES = _COUNTS_BY.format(group="area_type") + f"ORDER BY {_AREA_ORDER}"
# The indicators of which most is withheld to protect others: the officer should check them first.
_MOST_WITHHELD = (
    _COUNTS_BY.format(group="indicator")
    + "HAVING complementary > 0 ORDER BY complementary DESC, name LIMIT 15"
)


def write_report(
    connection: duckdb.DuckDBPyConnection,
    result: DisclosureResult,
    out: Path,
    *,
    title: str,
    language: str,
) -> None:
    """Write the page, one file that refers to no other.

    Args:
        connection: disclosure control has run on it.
        result: what it returned.
        out: the file; its folder is created if it does not exist.
        title: what the page is about, for example the release.
        language: ``fi``, ``sv`` or ``en``.

    Raises:
        ValueError: the page does not exist in that language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"The report is written in {', '.join(LANGUAGES)}, not in {language!r}.")
    words = yaml.safe_load((_TEMPLATES / "disclosure.yaml").read_text(encoding="utf-8"))
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: format_number(value, "fi")
    environment.filters["percent"] = (
        _percent_en
        if language == "en"
        else lambda value: _percent_en(value).replace(".", ",").replace("%", "\N{NO-BREAK SPACE}%")
    )
    text = environment.get_template("disclosure.html.j2").render(
        title=title,
        language=language,
        words={name: texts[language] for name, texts in words.items()},
        result=result,
        rules=query_rows(connection, _RULES)[0],
        themes=query_rows(connection, _THEMES),
        areas=query_rows(connection, _AREA_TYPES),
        changes=_changes(connection),
        look=query_rows(connection, _MOST_WITHHELD),
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8", newline="\n")


def _percent_en(value: float) -> str:
    return f"{value:.1%}"


def _changes(connection: duckdb.DuckDBPyConnection) -> dict[str, Any] | None:
    """Count the rows whose status is not that of the last earlier publication that had them."""
    (changes,) = query_rows(
        connection,
        """
        SELECT
            count(*) FILTER (was = 'suppressed' AND status = 'published') AS shown,
            count(*) FILTER (was = 'published' AND status = 'suppressed') AS withheld,
            count(*) FILTER (was IS NULL) AS new,
            count(*) FILTER (was IS NOT NULL) AS known
        FROM disclosure_compared
        """,
    )
    return changes if changes["known"] else None
