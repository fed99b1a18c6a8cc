"""The values of a theme as a cube that statistical software reads: JSON-stat 2.0.

One file per theme and language, because a JSON-stat file has the names of its codes in one
language; the codes and the numbers are the same in all three. Cells are sparse: a cell that nothing
is known of is not there at all, one that is suppressed or missing has a status and no value.

This module reads a publication and its words; it must not know how the publication was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from common import formats
from common.files import atomic_replace
from common.formats import Language
from exports import wording
from exports.missing_values import open_publication
from exports.publication import Publication
from exports.wording import Words

Row = Mapping[str, Any]

DIMENSIONS = ("indicator", "area", "period", "breakdown")
SIGNS: Mapping[str, str] = {"suppressed": wording.SUPPRESSED, "missing": wording.MISSING}

_AREA_TYPES = "['country', 'welfare_area', 'organisation', 'municipality']"

# What the values of a theme are, with the names of the codes that a cube needs: a code of an area
# or a breakdown value is its own only within its kind, so the kind stands before it.
_CELLS = """
CREATE TEMP TABLE cells AS
SELECT
    catalogue.theme,
    complete.indicator,
    concat_ws(':', complete.area_type, complete.area) AS area,
    complete.period,
    concat_ws(':', complete.breakdown, complete.breakdown_value) AS breakdown,
    complete.value,
    complete.status
FROM complete
INNER JOIN catalogue USING (indicator)
"""

_THEMES = """
SELECT DISTINCT cells.theme, labels.position
FROM cells LEFT JOIN labels ON labels.kind = 'theme' AND labels.code = cells.theme
ORDER BY labels.position, cells.theme
"""

# The categories of each dimension, in the order of the cube.
_CATEGORIES: Mapping[str, str] = {
    "indicator": """
        SELECT DISTINCT catalogue.*, cells.indicator AS id
        FROM cells INNER JOIN catalogue USING (indicator)
        WHERE cells.theme = $theme
        ORDER BY id""",
    "area": f"""
        SELECT DISTINCT
            areas.area_type, areas.area, areas.welfare_area, cells.area AS id,
            list_position({_AREA_TYPES}, areas.area_type) AS place
        FROM cells
        INNER JOIN areas ON cells.area = concat_ws(':', areas.area_type, areas.area)
        WHERE cells.theme = $theme
        ORDER BY place, areas.area""",
    "period": """
        SELECT DISTINCT period AS id FROM cells WHERE theme = $theme ORDER BY left(id, 4), id""",
    "breakdown": """
        SELECT DISTINCT
            parts.breakdown, parts.breakdown_value, cells.breakdown AS id, labels.position AS place,
            parts.position
        FROM cells
        INNER JOIN breakdown_values AS parts
            ON cells.breakdown = concat_ws(':', parts.breakdown, parts.breakdown_value)
        LEFT JOIN labels ON labels.kind = 'breakdown' AND labels.code = parts.breakdown
        WHERE cells.theme = $theme
        ORDER BY parts.breakdown <> 'none', place, parts.breakdown, parts.position, id""",
}

_POSITIONS = """
SELECT
    ((list_position($indicator, indicator) - 1) * len($area)
        + list_position($area, area) - 1) * len($period) * len($breakdown)
    + (list_position($period, period) - 1) * len($breakdown)
    + list_position($breakdown, breakdown) - 1 AS cell,
    value,
    status
FROM cells
WHERE theme = $theme
ORDER BY cell
"""


def write_json_stat(publication: Publication, out: Path) -> tuple[Path, ...]:
    """Write the values of a publication as JSON-stat.

    Args:
        publication: what is published.
        out: the folder for the files; created if it does not exist.

    Returns:
        ``<theme>.<language>.json`` of every theme that has values, and of each language a
        ``collection.<language>.json`` that lists them; by name.
    """
    out.mkdir(parents=True, exist_ok=True)
    texts: Mapping[str, Mapping[Language, str]] = yaml.safe_load(
        Path(__file__).with_name("texts.yaml").read_text(encoding="utf-8")
    )["json_stat"]
    written = [wording.words(publication, language) for language in formats.LANGUAGES]
    files: list[Path] = []
    listed: dict[Language, list[dict[str, str]]] = {words.language: [] for words in written}
    with open_publication(publication) as tables:
        tables.connection.execute(_CELLS)
        for row in tables.rows(_THEMES):
            theme = row["theme"]
            categories = {
                name: tables.rows(query, {"theme": theme}) for name, query in _CATEGORIES.items()
            }
            places = {name: [row["id"] for row in rows] for name, rows in categories.items()}
            cells = tables.rows(_POSITIONS, {"theme": theme, **places})
            for words in written:
                text = {name: by_language[words.language] for name, by_language in texts.items()}
                dataset = _dataset(publication, theme, categories, cells, words, text)
                file = out / f"{theme}.{words.language}.json"
                _write(file, dataset)
                files.append(file)
                listed[words.language].append(
                    {"class": "dataset", "href": file.name, "label": dataset["label"]}
                )
    for language, items in listed.items():
        file = out / f"collection.{language}.json"
        _write(
            file,
            {
                "version": "2.0",
                "class": "collection",
                "label": texts["collection"][language].format(release=publication.info.name),
                "updated": publication.info.released_on.isoformat(),
                "link": {"item": items},
            },
        )
        files.append(file)
    return tuple(sorted(files))


def _dataset(
    publication: Publication,
    theme: str,
    categories: Mapping[str, Sequence[Row]],
    cells: Sequence[Row],
    words: Words,
    text: Mapping[str, str],
) -> dict[str, Any]:
    """Put a theme's cube together in one language."""
    release = publication.info.name
    return {
        "version": "2.0",
        "class": "dataset",
        "label": text["label"].format(theme=words.label("theme", theme), release=release),
        "source": text["source"],
        "updated": publication.info.released_on.isoformat(),
        "note": [text["signs"], text["codes"], text["partial"]],
        "id": list(DIMENSIONS),
        "size": [len(categories[name]) for name in DIMENSIONS],
        "role": {"metric": ["indicator"], "geo": ["area"], "time": ["period"]},
        "dimension": {
            name: {
                "label": text[f"dimension_{name}"],
                "category": {
                    "index": [row["id"] for row in categories[name]],
                    **_names(name, categories[name], words),
                },
            }
            for name in DIMENSIONS
        },
        "value": {
            str(row["cell"]): _plain(row["value"]) for row in cells if row["status"] == "published"
        },
        "status": {
            str(row["cell"]): SIGNS[row["status"]] for row in cells if row["status"] in SIGNS
        },
        "link": {
            "alternate": [
                {"type": "application/json", "href": f"{theme}.{other}.json"}
                for other in formats.LANGUAGES
                if other != words.language
            ]
        },
        "extension": {
            "release": release,
            "language": words.language,
            "license": "https://creativecommons.org/licenses/by/4.0/",
            "status": {"label": {sign: text[status] for status, sign in SIGNS.items()}},
        },
    }


def _names(dimension: str, rows: Sequence[Row], words: Words) -> dict[str, Any]:
    """Return the names of a dimension's categories, with notes and units where it has any."""
    if dimension == "indicator":
        return {
            "label": {row["id"]: row[f"label_{words.language}"] for row in rows},
            "note": {row["id"]: [row[f"definition_{words.language}"]] for row in rows},
            "unit": {
                row["id"]: {
                    "label": words.label("unit", row["unit"]),
                    # Of a share as it stands here, a fraction of one: 13.7 % is 0.137.
                    "decimals": wording.decimals(row["unit"]) + 2 * (row["unit"] == "share"),
                }
                for row in rows
            },
        }
    if dimension == "area":
        return {
            "label": {
                row["id"]: words.area(row["area_type"], row["area"])
                if row["area_type"] == "country"
                else f"{words.area(row['area_type'], row['area'])} "
                f"({words.label('area_type', row['area_type'])})"
                for row in rows
            },
            **_children(
                rows,
                (
                    (
                        "country:FI"
                        if row["area_type"] == "welfare_area"
                        else f"welfare_area:{row['welfare_area']}",
                        row["id"],
                    )
                    for row in rows
                    if row["area_type"] != "country"
                ),
            ),
        }
    if dimension == "period":
        return {
            "label": {row["id"]: formats.format_period(row["id"], words.language) for row in rows},
            **_children(rows, ((row["id"][:4], row["id"]) for row in rows if len(row["id"]) > 4)),
        }
    return {
        "label": {
            row["id"]: words.label("breakdown", "none")
            if row["breakdown"] == "none"
            else f"{words.label('breakdown', row['breakdown'])}: "
            f"{words.part(row['breakdown'], row['breakdown_value'])}"
            for row in rows
        }
    }


def _children(
    rows: Sequence[Row], pairs: Iterable[tuple[str, str]]
) -> dict[str, dict[str, list[str]]]:
    """Return which category lies in which, where both are listed; nothing where none does."""
    known = {row["id"] for row in rows}
    children: dict[str, list[str]] = {}
    for parent, child in pairs:
        if parent in known:
            children.setdefault(parent, []).append(child)
    return {"child": children} if children else {}


def _plain(value: float) -> float | int:
    """Return a whole number as an integer, so that it is written without decimals."""
    return int(value) if value.is_integer() else value


def _write(file: Path, content: Mapping[str, Any]) -> None:
    with atomic_replace(file) as draft:
        draft.write_text(
            json.dumps(content, ensure_ascii=False, indent=None, separators=(",", ":")) + "\n",
            encoding="utf-8",
        )
