"""The data package: the tables of a release as open data, for further analysis.

Tidy tables of codes, as CSV and Parquet, described by a Frictionless Data Package; the names of the
codes in Finnish, Swedish and English stand once, in tables of their own that foreign keys lead to.
Beside them the same values as JSON-stat cubes with the names in them. Whoever reads in Excel has
the workbook instead.

This module reads a publication; it must not know how the publication was made. The same publication
gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import yaml

from common import formats
from common.files import atomic_replace
from common.formats import Language
from common.indicator_key import KEY
from common.sql import literal
from exports.missing_values import open_publication
from exports.open_data.json_stat import write_json_stat
from exports.publication import Publication

LICENCE: Mapping[str, str] = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0 International",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}

PRIMARY_KEYS: Mapping[str, tuple[str, ...]] = {
    "values": KEY,
    "catalogue": ("indicator",),
    "areas": ("area_type", "area"),
    "breakdown_values": ("breakdown", "breakdown_value"),
    "labels": ("kind", "code"),
    "aikumetod_scorecard": ("recommendation", "line", "area_type", "area", "year"),
    "strategy_map": ("success_factor", "line", "area_type", "area", "year"),
    "revisions": KEY,
}
"""The tables of the open data, each with its primary key."""

# Columns that are a row of another table, wherever all of them occur.
_FOREIGN_KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("catalogue", ("indicator",)),
    ("areas", ("area_type", "area")),
    ("breakdown_values", ("breakdown", "breakdown_value")),
)

_STATUSES = ("published", "suppressed", "missing")
_SCORES = ("met", "not_met", "no_target", "no_data", "suppressed")
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "values.status": _STATUSES,
    "revisions.old_status": _STATUSES,
    "revisions.new_status": _STATUSES,
    "aikumetod_scorecard.status": _SCORES,
    "strategy_map.status": _SCORES,
}

_TYPES: Mapping[str, str] = {
    "VARCHAR": "string",
    "DOUBLE": "number",
    "BIGINT": "integer",
    "INTEGER": "integer",
    "BOOLEAN": "boolean",
}

# The columns left out here are for presenting the figures, and are not part of the open data.
_QUERIES: Mapping[str, str] = {
    "values": "FROM complete",
    "catalogue": "SELECT COLUMNS(name -> name NOT IN "
    "('version', 'valid_from', 'position', 'key_figure_in', 'charts')) FROM catalogue",
}

_FORMATS: Mapping[str, str] = {
    "csv": "FORMAT csv, HEADER",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}
_MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "txt": "text/plain",
}


def write_open_data(publication: Publication, out: Path) -> tuple[Path, ...]:
    """Write a release as open data.

    Args:
        publication: what is published.
        out: the folder for the files; created if it does not exist.

    Returns:
        The files: ``README.txt``, each table of ``PRIMARY_KEYS`` as CSV and Parquet,
        ``jsonstat/…``, and ``datapackage.json``, which describes all the others, last.
    """
    out.mkdir(parents=True, exist_ok=True)
    texts = yaml.safe_load(Path(__file__).with_name("texts.yaml").read_text(encoding="utf-8"))
    readme = out / "README.txt"
    with atomic_replace(readme) as draft:
        draft.write_text(texts["readme"].format(**_named(publication)), encoding="utf-8")
    files = [readme]
    resources: list[dict[str, Any]] = []
    with open_publication(publication) as tables:
        connection = tables.connection
        for table in PRIMARY_KEYS:
            query = _QUERIES.get(table, f'FROM "{table}"')
            for suffix, options in _FORMATS.items():
                file = out / f"{table}.{suffix}"
                with atomic_replace(file) as draft:
                    connection.execute(f"COPY ({query}) TO {literal(draft)} ({options})")
                files.append(file)
                resources.append(_table(publication, connection, texts, table, query, file))
    for file in write_json_stat(publication, out / "jsonstat"):
        files.append(file)
        content = json.loads(file.read_text(encoding="utf-8"))
        resources.append(
            {
                "name": f"jsonstat-{file.stem.replace('.', '-')}",
                **_stored(file, out),
                "type": "file",
                **_translated("title", texts["files"]["json_stat"], title=content["label"]),
            }
        )
    resources.append(
        {
            "name": "readme",
            "type": "file",
            **_stored(readme, out),
            **_translated("title", texts["files"]["readme"]),
        }
    )
    package = out / "datapackage.json"
    with atomic_replace(package) as draft:
        content = _package(publication, texts["package"]) | {"resources": resources}
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return (*files, package)


def _named(publication: Publication) -> dict[str, Any]:
    """Return the names that the texts of a release refer to."""
    info = publication.info
    days = {
        f"day_{language}": formats.format_date(info.released_on, language)
        for language in formats.LANGUAGES
    }
    return {"release": info.name, "year": info.year, "day": info.released_on.isoformat(), **days}


def _package(publication: Publication, texts: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the release as a whole, as a Data Package does."""
    info = publication.info
    names = _named(publication)
    organisations = publication.rows(
        "SELECT label_fi, label_sv, label_en FROM areas WHERE area_type = 'organisation' "
        "ORDER BY area"
    )
    listed: dict[Language, str] = {
        language: ", ".join(row[f"label_{language}"] for row in organisations)
        for language in formats.LANGUAGES
    }
    source: dict[str, str] = {
        ("title" if suffix == "" else f"title{suffix}"): texts["source"][language].format(
            organisations=listed[language]
        )
        for suffix, language in _suffixes()
    }
    return {
        "profile": "data-package",
        "name": f"vuosikello-{info.name}",
        **_translated("title", texts["title"], **names),
        **_translated("description", texts["description"], **names),
        "languages": list(formats.LANGUAGES),
        "version": info.name,
        "created": f"{info.released_on.isoformat()}T00:00:00Z",
        "keywords": texts["keywords"],
        "licenses": [dict(LICENCE)],
        "sources": [source],
        "temporal": {"start": str(min(publication.years or (info.year,))), "end": str(info.year)},
        "release": {
            "year": info.year,
            "number": info.number,
            "corrects": info.corrects,
            "frozen_at": info.frozen_at.isoformat(),
            "override_reason": info.signed.override_reason,
            "protection": info.protection,
        },
    }


def _table(
    publication: Publication,
    connection: duckdb.DuckDBPyConnection,
    texts: Mapping[str, Any],
    table: str,
    query: str,
    file: Path,
) -> dict[str, Any]:
    """Describe a file of a table as a Tabular Data Resource."""
    suffix = file.suffix.removeprefix(".")
    names = _named(publication)
    described = texts["tables"][table]
    title = described["title"]
    if suffix != "csv":
        title = {
            language: texts["files"]["parquet"][language].format(title=title[language])
            for language in formats.LANGUAGES
        }
    columns = [
        (name, kind) for name, kind, *_ in connection.execute(f"DESCRIBE ({query})").fetchall()
    ]
    present = {name for name, _ in columns}
    key = PRIMARY_KEYS[table]
    about = {
        **_stored(file, file.parent),
        **_translated("title", title, **names),
        **_translated("description", described["description"], **names),
    }
    if suffix != "csv":
        # Parquet has its own types: the Data Package only names the table and the hash. Tools that
        # read Parquet through pandas would call empty whole numbers wrong.
        return {"name": f"{table}-{suffix}", "type": "file", "table": table, **about}
    schema: dict[str, Any] = {
        "fields": [_field(table, name, kind, texts["fields"]) for name, kind in columns],
        "primaryKey": list(key),
        "missingValues": [""],
    }
    foreign = [
        {"fields": list(fields), "reference": {"resource": other, "fields": list(fields)}}
        for other, fields in _FOREIGN_KEYS
        if other != table and present.issuperset(fields)
    ]
    if foreign:
        schema["foreignKeys"] = foreign
    return {
        "name": table,
        "type": "table",
        "profile": "tabular-data-resource",
        **about,
        "schema": schema,
    }


def _field(table: str, name: str, kind: str, texts: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a column; one without texts is described by its name and type."""
    field: dict[str, Any] = {"name": name, "type": _TYPES[kind]}
    text = texts.get(f"{table}.{name}") or texts.get(name)
    if text is not None:
        field |= _translated("title", text["title"]) | _translated(
            "description", text["description"]
        )
    constraints: dict[str, Any] = {}
    if name in PRIMARY_KEYS[table]:
        constraints["required"] = True
    if allowed := _ALLOWED.get(f"{table}.{name}"):
        constraints |= {"required": True, "enum": list(allowed)}
    if constraints:
        field["constraints"] = constraints
    return field


def _suffixes() -> tuple[tuple[str, Language], ...]:
    return (("", "en"), ("_fi", "fi"), ("_sv", "sv"), ("_en", "en"))


def _translated(what: str, texts: Mapping[str, str], **names: Any) -> dict[str, str]:
    """Return a text as a Data Package can hold it: in English under its name, and in each language.

    The specification knows one language; readers of it find the English text, whoever wants another
    finds ``title_fi``, ``title_sv``.
    """
    return {f"{what}{suffix}": texts[language].format(**names) for suffix, language in _suffixes()}


def _stored(file: Path, folder: Path) -> dict[str, Any]:
    """Return where a file is, its format, size and hash."""
    suffix = file.suffix.removeprefix(".")
    content = file.read_bytes()
    return {
        "path": file.relative_to(folder).as_posix(),
        "format": suffix,
        "mediatype": _MEDIA_TYPES[suffix],
        **({} if suffix == "parquet" else {"encoding": "utf-8"}),
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
