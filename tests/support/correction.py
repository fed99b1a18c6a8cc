"""A correction made up from a publication: the same values, and two revisions."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb

from exports.publication import Publication


def corrected(publication: Publication, folder: Path) -> Publication:
    """Return release 2019.2: one value replaced by a submission, one whose data was withdrawn."""
    shutil.copytree(publication.folder, folder)
    with duckdb.connect() as connection:
        path = folder / "revisions.parquet"
        connection.execute(f"CREATE TABLE revisions AS FROM '{path}'")
        connection.execute(
            """
            INSERT INTO revisions BY NAME
            SELECT
                'outreach.visits' AS indicator, 'organisation' AS area_type,
                'kainuun-sote' AS area, 'year' AS period_type, '2019' AS period,
                'none' AS breakdown, 'all' AS breakdown_value, '2019.1' AS corrects,
                70.0 AS old_value, 'published' AS old_status,
                77.0 AS new_value, 'published' AS new_status, 'replaced' AS why,
                'kainuun-sote/outreach/2019-10 01A|kainuun-sote 01B' AS submissions
            UNION ALL BY NAME
            SELECT
                'time.community_hours' AS indicator, 'organisation' AS area_type,
                'kainuun-sote' AS area, 'month' AS period_type, '2019-10' AS period,
                'none' AS breakdown, 'all' AS breakdown_value, '2019.1' AS corrects,
                'suppressed' AS old_status, 'missing' AS new_status, 'disclosure_control' AS why
            """
        )
        connection.execute(f"COPY revisions TO '{path}' (FORMAT parquet)")
    return replace(
        publication, info=replace(publication.info, number=2, corrects="2019.1"), folder=folder
    )
