"""What the published numbers have to do with each other: the attacker's knowledge as one system.

A row of ``indicator_values`` shows several numbers: a numerator, a denominator, people, events.
Each is a *cell*: a measure in an area, a period and a part of a breakdown. The same cell stands in
many rows (the open clients of an organisation are a count, and the denominator of five shares), so
what one row withholds another may show. Between cells there are relations that anybody knows:

* the country is the sum of its welfare areas, an area of its organisations and of its
  municipalities;
* the undivided number is the sum of its parts, and a cross-classified part (``kykyviisari:1``)
  belongs to the sums of both its halves;
* a year is the sum of its months; a state on the last day is the same in the year as in its last
  month;
* the parts of a whole that do not overlap sum to its denominator; the two sides of a share to it;
* a part is at most its whole, and people are at most what is counted of them.

Whether a family of cells sums over something is read from the numbers, as an attacker would read it
from those that are published. Where parts do not sum exactly to their whole (a municipality that is
not known), what is missing counts as *known to the attacker*: the relation is exact with a
constant. Only where parts overlap on the whole (topics, the people of twelve months) is there no
sum, and each part is at most the whole. Two families of cells that hold the same numbers everywhere
(intensive relationships, and relationships of intensity intensive) are one.

The result is a linear system in the *changes* of the unknown numbers: every relation says that some
changes sum to 0, and no number may fall below 0. This module knows nothing of suppression patterns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from exports.disclosure.protection import Protection

Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Parts exceed their whole by more than this share of it: they overlap, and there is no sum.
OVERLAP = 0.05
# What is left of a whole is far from binding when each number could change by so many times the
# width that means something.
FAR = 3.0
# Below this, two numbers are the same: sums of decimals do not always end alike.
SAME = 1e-6

_SHOWN = """
CREATE OR REPLACE TEMP TABLE disclosure_shown AS
WITH personal_measures AS (
    SELECT numerator_measure AS measure FROM disclosure_year WHERE is_personal
    UNION SELECT denominator_measure FROM disclosure_year WHERE is_personal
    UNION SELECT events_measure FROM disclosure_year WHERE is_personal
),
wholes AS (
    SELECT
        * REPLACE (if(edition = 0, base_feed, base_feed || '@' || edition) AS base_feed),
        CASE WHEN breakdown_rule = 'only' THEN 'none' ELSE breakdown END AS whole_breakdown,
        CASE WHEN breakdown_rule = 'only' THEN 'all' ELSE breakdown_value END AS whole_value
    FROM disclosure_year
),
shown AS (
    SELECT
        row_id, edition, 'numerator' AS role, base_feed, numerator_measure AS measure,
        area_type, area, period_type, period, breakdown, breakdown_value,
        numerator / scale AS number
    FROM wholes
    UNION ALL
    SELECT
        row_id, edition, 'denominator', base_feed, denominator_measure, area_type, area,
        period_type, period, whole_breakdown, whole_value, denominator
    FROM wholes
    -- How many live in a place is no secret of this house.
    WHERE denominator IS NOT NULL AND denominator_measure <> 'population'
    UNION ALL
    SELECT
        row_id, edition, 'persons', base_feed, persons_measure || '_people', area_type, area,
        period_type, period, whole_breakdown, whole_value, coalesce(persons, 0)
    FROM wholes
    WHERE is_personal
    UNION ALL
    SELECT
        row_id, edition, 'events', base_feed, events_measure, area_type, area,
        period_type, period, whole_breakdown, whole_value, events
    FROM wholes
    WHERE events IS NOT NULL
)
SELECT shown.*, round(number, 6) AS rounded
FROM shown
-- People as a numerator (distinct themes) are of no personal indicator.
WHERE measure IN (SELECT measure FROM personal_measures) OR role = 'persons'
"""

# The same measure of the same place with the same number is one cell, whichever feed covers it.
_CELLS = """
CREATE OR REPLACE TEMP TABLE disclosure_cell AS
SELECT
    cast(row_number() OVER (
        ORDER BY measure, area_type, area, period_type, period, breakdown, breakdown_value, rounded
    ) - 1 AS integer) AS cell,
    *
FROM (
    SELECT DISTINCT
        measure, area_type, area, period_type, period, breakdown, breakdown_value, rounded
    FROM disclosure_shown
);
CREATE OR REPLACE TEMP TABLE disclosure_shows AS
SELECT shown.*, cells.cell
FROM disclosure_shown AS shown
INNER JOIN disclosure_cell AS cells
    USING (measure, area_type, area, period_type, period, breakdown, breakdown_value, rounded);
CREATE OR REPLACE TEMP TABLE disclosure_read AS
SELECT
    row_id,
    max(cell) FILTER (WHERE role = 'numerator') AS numerator_cell,
    max(cell) FILTER (WHERE role = 'denominator') AS denominator_cell,
    max(cell) FILTER (WHERE role = 'persons') AS persons_cell
FROM disclosure_shows
GROUP BY row_id;
CREATE OR REPLACE TEMP TABLE disclosure_named AS
SELECT DISTINCT
    edition, base_feed, cell, measure, area_type, area, period_type, period, breakdown,
    breakdown_value, rounded AS number
FROM disclosure_shows;
CREATE OR REPLACE TEMP TABLE disclosure_placed AS
SELECT named.*, areas.welfare_area
FROM disclosure_named AS named
LEFT JOIN {schema}.indicator_area AS areas
    ON named.area_type = areas.area_type AND named.area = areas.area
"""

# Every pair of a whole and one of its parts, by the family whose numbers tell how they sum.
_PARTS = """
CREATE OR REPLACE TEMP TABLE disclosure_part AS
WITH by_area AS (
    SELECT
        wholes.area_type || ' of ' || parts.area_type AS kind,
        parts.base_feed, parts.measure, parts.breakdown AS family,
        wholes.cell AS whole, wholes.number AS whole_number,
        parts.cell AS part, parts.number AS part_number, parts.period,
        parts.area_type AS part_type,
        -- Does the part stand in a welfare area that has a number of its own?
        inner_wholes.cell IS NULL AS is_orphan
    FROM disclosure_placed AS parts
    INNER JOIN disclosure_placed AS wholes
        ON
            parts.base_feed = wholes.base_feed
            AND parts.measure = wholes.measure
            AND parts.period_type = wholes.period_type
            AND parts.period = wholes.period
            AND parts.breakdown = wholes.breakdown
            AND parts.breakdown_value = wholes.breakdown_value
            AND wholes.area_type = 'country'
    LEFT JOIN disclosure_placed AS inner_wholes
        ON
            parts.base_feed = inner_wholes.base_feed
            AND parts.measure = inner_wholes.measure
            AND parts.period_type = inner_wholes.period_type
            AND parts.period = inner_wholes.period
            AND parts.breakdown = inner_wholes.breakdown
            AND parts.breakdown_value = inner_wholes.breakdown_value
            AND inner_wholes.area_type = 'welfare_area'
            AND parts.welfare_area = inner_wholes.area
    WHERE parts.area_type IN ('welfare_area', 'organisation', 'municipality')
),
orphaned AS (
    SELECT
        *,
        bool_or(is_orphan AND part_type = 'municipality') OVER (PARTITION BY whole, base_feed)
            AS has_orphan_places,
        bool_or(is_orphan AND part_type = 'organisation') OVER (PARTITION BY whole, base_feed)
            AS has_orphan_organisations
    FROM by_area
),
by_welfare_area AS (
    SELECT
        'welfare_area of ' || parts.area_type AS kind,
        parts.base_feed, parts.measure, parts.breakdown AS family,
        wholes.cell AS whole, wholes.number AS whole_number,
        parts.cell AS part, parts.number AS part_number, parts.period
    FROM disclosure_placed AS parts
    INNER JOIN disclosure_placed AS wholes
        ON
            parts.base_feed = wholes.base_feed
            AND parts.measure = wholes.measure
            AND parts.period_type = wholes.period_type
            AND parts.period = wholes.period
            AND parts.breakdown = wholes.breakdown
            AND parts.breakdown_value = wholes.breakdown_value
            AND wholes.area_type = 'welfare_area'
            AND parts.welfare_area = wholes.area
    WHERE parts.area_type IN ('organisation', 'municipality')
),
by_period AS (
    SELECT
        'year of months' AS kind,
        parts.base_feed, parts.measure, parts.breakdown AS family,
        wholes.cell AS whole, wholes.number AS whole_number,
        parts.cell AS part, parts.number AS part_number, parts.period
    FROM disclosure_named AS parts
    INNER JOIN disclosure_named AS wholes
        ON
            parts.base_feed = wholes.base_feed
            AND parts.measure = wholes.measure
            AND parts.area_type = wholes.area_type
            AND parts.area = wholes.area
            AND parts.breakdown = wholes.breakdown
            AND parts.breakdown_value = wholes.breakdown_value
            AND parts.period_type = 'month'
            AND wholes.period_type = 'year'
            AND left(parts.period, 4) = wholes.period
),
by_breakdown AS (
    SELECT
        'undivided of ' || parts.breakdown AS kind,
        parts.base_feed, parts.measure, parts.breakdown AS family,
        wholes.cell AS whole, wholes.number AS whole_number,
        parts.cell AS part, parts.number AS part_number, parts.period
    FROM disclosure_named AS parts
    INNER JOIN disclosure_named AS wholes
        ON
            parts.base_feed = wholes.base_feed
            AND parts.measure = wholes.measure
            AND parts.area_type = wholes.area_type
            AND parts.area = wholes.area
            AND parts.period_type = wholes.period_type
            AND parts.period = wholes.period
            AND parts.breakdown <> 'none'
            AND wholes.breakdown = 'none'
),
-- 'kykyviisari:1' of instrument_wave is a part of instrument 'kykyviisari' and of wave '1'.
by_margin AS (
    SELECT
        wholes.breakdown || ' of ' || parts.breakdown AS kind,
        parts.base_feed, parts.measure, parts.breakdown AS family,
        wholes.cell AS whole, wholes.number AS whole_number,
        parts.cell AS part, parts.number AS part_number, parts.period
    FROM disclosure_named AS parts
    INNER JOIN disclosure_named AS wholes
        ON
            parts.base_feed = wholes.base_feed
            AND parts.measure = wholes.measure
            AND parts.area_type = wholes.area_type
            AND parts.area = wholes.area
            AND parts.period_type = wholes.period_type
            AND parts.period = wholes.period
            AND (
                (
                    starts_with(parts.breakdown, wholes.breakdown || '_')
                    AND starts_with(parts.breakdown_value, wholes.breakdown_value || ':')
                )
                OR (
                    ends_with(parts.breakdown, '_' || wholes.breakdown)
                    AND ends_with(parts.breakdown_value, ':' || wholes.breakdown_value)
                )
            )
)
-- A welfare area that sums its own places says nothing where places of another welfare area belong
-- to the sum as well; then only the country sums them all.
SELECT kind, base_feed, measure, family, whole, whole_number, part, part_number, period
FROM orphaned
WHERE
    (part_type = 'welfare_area' AND NOT has_orphan_organisations)
    OR (part_type = 'organisation' AND has_orphan_organisations)
    OR (part_type = 'municipality' AND has_orphan_places)
UNION ALL SELECT * FROM by_welfare_area
UNION ALL SELECT * FROM by_period
UNION ALL SELECT * FROM by_breakdown
UNION ALL SELECT * FROM by_margin
"""

_GROUPS = f"""
CREATE OR REPLACE TEMP TABLE disclosure_group AS
WITH groups AS (
    SELECT
        kind, base_feed, measure, family, whole,
        max(whole_number) AS whole_number,
        sum(part_number) AS sum_of_parts,
        max(part_number) AS largest,
        arg_max(part, period) AS last_part,
        arg_max(part_number, period) AS last_number
    FROM disclosure_part
    GROUP BY kind, base_feed, measure, family, whole
),
families AS (
    SELECT
        kind, base_feed, measure, family,
        sum(greatest(sum_of_parts - whole_number, 0)) > {OVERLAP} * sum(abs(whole_number))
            AS overlaps,
        kind = 'year of months' AND bool_and(abs(last_number - whole_number) <= {SAME})
            AS is_state,
        bool_and(largest <= whole_number + {SAME}) AS is_at_least_each,
        bool_and(sum_of_parts >= whole_number - {SAME}) AS is_at_most_all
    FROM groups
    GROUP BY kind, base_feed, measure, family
)
SELECT
    groups.*,
    CASE
        WHEN families.is_state THEN 'same'
        WHEN NOT families.overlaps THEN 'sum'
        WHEN families.is_at_least_each THEN 'overlap'
        ELSE 'none'
    END AS relation,
    families.is_at_most_all
FROM groups
INNER JOIN families USING (kind, base_feed, measure, family)
ORDER BY kind, base_feed, measure, family, whole
"""

# Families that hold the same numbers wherever both have one are one family by two names. Welfare
# areas, organisations and the country propose them, all areas must agree.
_SAME_FAMILIES = f"""
WITH numbers AS (
    SELECT DISTINCT
        edition, cell, number AS rounded, measure, breakdown, breakdown_value, area_type, area,
        period_type, period
    FROM disclosure_named
),
proposed AS (
    SELECT
        one.measure AS one_measure, one.breakdown AS one_breakdown,
        one.breakdown_value AS one_value,
        other.measure AS other_measure, other.breakdown AS other_breakdown,
        other.breakdown_value AS other_value
    FROM numbers AS one
    INNER JOIN numbers AS other
        ON
            one.edition = other.edition
            AND one.area_type = other.area_type
            AND one.area = other.area
            AND one.period_type = other.period_type
            AND one.period = other.period
            AND one.rounded = other.rounded
            AND (one.measure, one.breakdown, one.breakdown_value)
                < (other.measure, other.breakdown, other.breakdown_value)
    WHERE one.area_type <> 'municipality' AND one.rounded >= $threshold
    GROUP BY ALL
    HAVING count(DISTINCT one.rounded) >= 2
),
compared AS (
    SELECT
        proposed.*,
        one.cell AS one_cell,
        other.cell AS other_cell,
        bool_and(abs(one.rounded - other.rounded) <= {SAME}) OVER (
            PARTITION BY
                one_measure, one_breakdown, one_value, other_measure, other_breakdown, other_value
        ) AS are_the_same
    FROM proposed
    INNER JOIN numbers AS one
        ON
            proposed.one_measure = one.measure
            AND proposed.one_breakdown = one.breakdown
            AND proposed.one_value = one.breakdown_value
    INNER JOIN numbers AS other
        ON
            proposed.other_measure = other.measure
            AND proposed.other_breakdown = other.breakdown
            AND proposed.other_value = other.breakdown_value
            AND one.edition = other.edition
            AND one.area_type = other.area_type
            AND one.area = other.area
            AND one.period_type = other.period_type
            AND one.period = other.period
)
SELECT DISTINCT one_cell, other_cell
FROM compared
WHERE are_the_same AND one_cell <> other_cell
ORDER BY ALL
"""

_SUMS = """
SELECT
    cast(dense_rank() OVER (ORDER BY kind, base_feed, measure, family, whole) - 1 AS integer)
        AS relation,
    whole, part,
    groups.whole_number - groups.sum_of_parts AS remainder
FROM disclosure_part AS parts
INNER JOIN disclosure_group AS groups USING (kind, base_feed, measure, family, whole)
WHERE groups.relation = 'sum'
ORDER BY relation, part
"""

_OVERLAPS = """
SELECT DISTINCT whole, part, whole_number - part_number AS number
FROM disclosure_part
INNER JOIN disclosure_group USING (kind, base_feed, measure, family, whole, whole_number)
WHERE relation = 'overlap' AND whole <> part
ORDER BY whole, part
"""

# The people of a year are at most those of its months together.
_AT_MOST_ALL = """
SELECT
    cast(dense_rank() OVER (ORDER BY kind, base_feed, measure, family, whole) - 1 AS integer)
        AS relation,
    whole, part,
    groups.sum_of_parts - groups.whole_number AS number
FROM disclosure_part AS parts
INNER JOIN disclosure_group AS groups USING (kind, base_feed, measure, family, whole)
WHERE groups.relation = 'overlap' AND groups.is_at_most_all
ORDER BY relation, part
"""

# Parts that do not overlap sum to the denominator, also where it is another measure: the shares of
# a working week to the number of responses.
_WHOLE_OF_PARTS = """
SELECT
    cast(dense_rank() OVER (
        ORDER BY edition, indicator, area_type, area, period_type, period, breakdown
    ) - 1 AS integer) AS relation,
    denominator_cell AS whole, numerator_cell AS part, scale,
    denominator - sum(numerator) OVER (
        PARTITION BY edition, indicator, area_type, area, period_type, period, breakdown
    ) AS remainder
FROM disclosure_read
INNER JOIN disclosure_year USING (row_id)
WHERE
    breakdown_rule = 'only' AND parts_disjoint
    AND numerator_measure <> denominator_measure AND denominator_cell IS NOT NULL
ORDER BY relation, part
"""

# What a row says beyond its own numbers: the other side of a share, and people against what is
# counted of them.
_SIDES = f"""
CREATE OR REPLACE TEMP TABLE disclosure_side AS
WITH cells AS (
    SELECT
        *,
        coalesce(persons, 0) AS people,
        denominator IS NULL AND persons_measure = numerator_measure AS counts_people,
        denominator IS NOT NULL AND persons_measure = denominator_measure AS is_of_people
    FROM disclosure_year
    INNER JOIN disclosure_read USING (row_id)
    WHERE is_personal
),
sides AS (
    SELECT
        row_id, 'other side' AS side, denominator_cell AS whole, numerator_cell AS part, scale,
        denominator - numerator AS number, TRUE AS holds
    FROM cells
    WHERE
        kind = 'share' AND denominator_cell IS NOT NULL
        AND numerator <= denominator + {SAME}
    UNION ALL
    SELECT
        row_id, 'beyond people', if(counts_people, numerator_cell, denominator_cell),
        persons_cell, 1.0,
        if(counts_people, numerator / scale, denominator) - people,
        bool_and(
            people <= if(counts_people, numerator / scale, denominator) + {SAME}
        ) OVER (PARTITION BY indicator)
    FROM cells
    WHERE counts_people OR is_of_people
)
SELECT
    cast(dense_rank() OVER (ORDER BY side, whole, part, scale) - 1 AS integer) AS side_id, *
FROM sides
WHERE holds AND whole <> part
"""

_NEEDS = """
SELECT
    shows.row_id,
    shows.cell AS number_of,
    shows.role = 'numerator' AND rows.edition = 0 AS is_count,
    rows.edition,
    rows.was_withheld,
    CASE shows.role
        WHEN 'numerator' THEN is_unknown OR has_few_persons OR has_few_on_numerator
        WHEN 'persons'
            THEN is_unknown OR has_few_persons OR (denominator IS NULL AND has_few_on_numerator)
        ELSE is_unknown OR has_few_persons
    END AS is_sensitive
FROM disclosure_shows AS shows
INNER JOIN disclosure_year AS rows ON shows.row_id = rows.row_id
ORDER BY shows.row_id, shows.role
"""

_SIDE_NEEDS = """
SELECT side_id, bool_or(edition = 0) AS is_now
FROM disclosure_side
INNER JOIN disclosure_year USING (row_id)
WHERE side = 'other side' AND (is_unknown OR has_few_persons OR has_few_on_other_side)
GROUP BY side_id
ORDER BY side_id
"""

_WEIGHTS = """
SELECT
    can_be_hidden,
    is_primary,
    edition,
    was_withheld,
    CASE area_type
        WHEN 'country' THEN $country_weight
        WHEN 'welfare_area' THEN $welfare_area_weight
        WHEN 'organisation' THEN $organisation_weight
        ELSE $municipality_weight
    END
    * CASE period_type WHEN 'year' THEN $year_weight ELSE 1 END
    * CASE breakdown WHEN 'none' THEN $undivided_weight ELSE 1 END
    * (1 + log10(1 + coalesce(events, 0))) AS weight
FROM {table}
ORDER BY row_id
"""


@dataclass(frozen=True)
class Remainders:
    """What wholes have beyond their parts, as unknowns: constants until nothing else protects.

    Attributes:
        columns: the unknowns.
        lowest, highest: how far each could fall and rise if it were not a constant.
    """

    columns: Indices
    lowest: Numbers
    highest: Numbers


@dataclass(frozen=True)
class System:
    """Unknowns, relations between them, and what each of them needs.

    The unknowns are cells, those that must change alike taken as one, and *sides*: what is left
    of one number when another is taken away. A side is in no row.

    Attributes:
        rows_of: rows x unknowns; 1 where the row shows the unknown.
        relations: relations x unknowns; the changes of the unknowns, multiplied, sum to 0.
        lowest: by unknown, how far it can fall (at most 0; without end where it may be negative).
        highest: by unknown, how far it can rise (infinity, or 0 for a constant).
        needed: by unknown, how wide its interval must be; 0 where it is not sensitive.
        needed_now: the same without what is needed only to protect earlier publications.
        scale: by unknown, how wide it would have to be if it were sensitive.
        can_be_hidden: by row.
        is_primary: by row.
        is_now: by row; the others were published, or withheld, earlier.
        weight: by row, what withholding it costs.
        remainders: the unknowns that are constants until nothing else protects a number.
        unknown_of_cell: by cell, its unknown.
        count_of: by row, the unknown that is its numerator; -1 where that is no secret.
        public: sensitive unknowns that a row which is always published shows.
    """

    rows_of: sparse.csr_matrix
    relations: sparse.csr_matrix
    lowest: Numbers
    highest: Numbers
    needed: Numbers
    needed_now: Numbers
    scale: Numbers
    can_be_hidden: Flags
    is_primary: Flags
    is_now: Flags
    weight: Numbers
    remainders: Remainders
    unknown_of_cell: Indices
    count_of: Indices
    public: int


def build(connection: duckdb.DuckDBPyConnection, schema: str, protection: Protection) -> System:
    """Make the system of one year; there is no relation between years.

    Args:
        connection: holds the temp table ``disclosure_year``, the rows of the year in all editions,
            numbered from 0; takes others (``disclosure_…``).
        schema: the schema ``indicators``, which tells where an area lies.
        protection: how wide the interval of a withheld number must be.
    """
    for statement in (_SHOWN, _CELLS.format(schema=schema), _PARTS, _GROUPS, _SIDES):
        connection.execute(statement)
    cells = _fetch(
        connection,
        "SELECT rounded AS number, min(rounded) OVER (PARTITION BY measure) < 0 AS is_signed "
        "FROM disclosure_cell ORDER BY cell",
    )
    sides = _fetch(
        connection,
        "SELECT any_value(whole) AS whole, any_value(part) AS part, any_value(scale) AS scale, "
        "max(number) AS number FROM disclosure_side GROUP BY side_id ORDER BY side_id",
    )
    columns = _Columns(cells["number"], cells["is_signed"])
    entries = _Entries()

    sums = _fetch(connection, _SUMS)
    entries.add_sums(sums["relation"], sums["whole"], sums["part"], 1.0, sums["remainder"])
    parts = _fetch(connection, _WHOLE_OF_PARTS)
    entries.add_sums(
        parts["relation"], parts["whole"], parts["part"], parts["scale"], parts["remainder"]
    )
    first_side = columns.add(sides["number"])
    side_columns = first_side + np.arange(len(sides["number"]))
    entries.add_differences(sides["whole"], sides["part"], sides["scale"], side_columns)
    overlaps = _fetch(connection, _OVERLAPS)
    first = columns.add(overlaps["number"])
    entries.add_differences(
        overlaps["whole"], overlaps["part"], 1.0, first + np.arange(len(overlaps["number"]))
    )
    all_parts = _fetch(connection, _AT_MOST_ALL)
    if len(all_parts["relation"]):
        of_relation, firsts = np.unique(all_parts["relation"], return_index=True)
        first = columns.add(all_parts["number"][firsts])
        entries.add_sums(all_parts["relation"], all_parts["whole"], all_parts["part"], 1.0, 0.0)
        entries.extend_last(of_relation, first + np.arange(len(of_relation)), 1.0)

    numbers, is_signed = columns.numbers(), columns.signs()
    same_families = _fetch(connection, _SAME_FAMILIES, {"threshold": protection.threshold})
    states = _fetch(
        connection,
        "SELECT whole, last_part FROM disclosure_group WHERE relation = 'same' ORDER BY ALL",
    )
    unknown_of, relations, remainders = _reduce(
        entries,
        len(numbers),
        np.concatenate([same_families["one_cell"], states["whole"]]),
        np.concatenate([same_families["other_cell"], states["last_part"]]),
    )

    count = relations.shape[1]
    lowest = np.zeros(count)
    lowest[:] = -np.inf
    # Of numbers that are one, the least is the first to reach 0.
    falls = np.where(is_signed, -np.inf, -np.maximum(numbers, 0))
    np.maximum.at(lowest, unknown_of, falls)
    highest = np.full(count, np.inf)
    numbers_of = np.full(count, np.inf)
    np.minimum.at(numbers_of, unknown_of, numbers)
    lowest[remainders.columns] = 0
    highest[remainders.columns] = 0

    width = np.maximum(protection.least_width, protection.share * np.abs(numbers))
    # Nobody is no one to recognise.
    width[np.abs(numbers) <= SAME] = 0
    scale = np.full(count, protection.least_width)
    np.maximum.at(scale, unknown_of, width)
    scale = np.maximum(scale, 1.0)
    shows = _fetch(connection, _NEEDS)
    needed, needed_now = np.zeros(count), np.zeros(count)
    is_sensitive = shows["is_sensitive"].astype(bool)
    is_now = shows["edition"] == 0
    few = _fetch(connection, _SIDE_NEEDS)
    for wants, of_cells, of_sides in (
        (needed, is_sensitive, np.ones(len(few["side_id"]), dtype=bool)),
        (needed_now, is_sensitive & is_now, few["is_now"].astype(bool)),
    ):
        for columns_of in (
            shows["number_of"][of_cells],
            few["side_id"][of_sides].astype(np.int64) + first_side,
        ):
            np.maximum.at(wants, unknown_of[columns_of], width[columns_of])

    rows = _weighed(connection, "disclosure_year", protection)
    # What was withheld earlier shows nothing, whatever happens now.
    is_shown = ~shows["was_withheld"].astype(bool)
    rows_of = sparse.csr_matrix(
        (
            np.ones(int(is_shown.sum())),
            (shows["row_id"][is_shown], unknown_of[shows["number_of"][is_shown]]),
        ),
        shape=(len(rows["weight"]), count),
    )
    rows_of.data[:] = 1
    can_be_hidden = rows["can_be_hidden"].astype(bool)
    always = np.asarray(rows_of[~can_be_hidden].sum(axis=0)).ravel() > 0
    public = int(np.count_nonzero(always & (needed_now > 0)))
    needed[always] = 0
    needed_now[always] = 0
    is_count = shows["is_count"].astype(bool)
    count_of = np.full(len(rows["weight"]), -1)
    count_of[shows["row_id"][is_count]] = unknown_of[shows["number_of"][is_count]]
    # Of nobody, or shown by a row that is always published.
    nothing = always.copy()
    nothing[unknown_of[np.abs(numbers) <= SAME]] = True
    counts = np.flatnonzero(count_of >= 0)
    count_of[counts[nothing[count_of[counts]]]] = -1
    is_side = np.zeros(count, dtype=bool)
    is_side[unknown_of[first_side:]] = True
    is_side &= needed == 0
    relations = _loosen(relations, is_side, numbers_of, scale, lowest, highest)
    return System(
        rows_of=rows_of,
        relations=relations,
        lowest=lowest,
        highest=highest,
        needed=needed,
        needed_now=needed_now,
        scale=scale,
        can_be_hidden=can_be_hidden,
        is_primary=rows["is_primary"].astype(bool),
        is_now=rows["edition"] == 0,
        weight=np.where(rows["edition"] == 0, rows["weight"].astype(float), 0.0),
        remainders=remainders,
        unknown_of_cell=unknown_of[: len(cells["number"])],
        count_of=count_of,
        public=public,
    )


def weights(connection: duckdb.DuckDBPyConnection, protection: Protection) -> Numbers:
    """Return what withholding each row of ``disclosure_row`` costs, in the order of its row_id."""
    return np.asarray(_weighed(connection, "disclosure_row", protection)["weight"], dtype=float)


def _weighed(
    connection: duckdb.DuckDBPyConnection, table: str, protection: Protection
) -> dict[str, Any]:
    """Return the rows of a table with their weights, as arrays."""
    return _fetch(
        connection,
        _WEIGHTS.format(table=table),
        {
            name: getattr(protection, name)
            for name in (
                "country_weight",
                "welfare_area_weight",
                "organisation_weight",
                "municipality_weight",
                "year_weight",
                "undivided_weight",
            )
        },
    )


def _fetch(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: object = None
) -> dict[str, Any]:
    """Return the columns of a result as arrays, by name."""
    return dict(connection.execute(query, parameters).fetchnumpy())


class _Columns:
    """The numbers that can change: the cells, and what is added to them."""

    def __init__(self, numbers: Numbers, is_signed: Flags) -> None:
        self._numbers = [np.asarray(numbers, dtype=float)]
        self._signs = [np.asarray(is_signed, dtype=bool)]
        self._count = len(numbers)

    def add(self, numbers: Numbers) -> int:
        """Append numbers that cannot be negative; return the column of the first."""
        first = self._count
        self._numbers.append(np.asarray(numbers, dtype=float))
        self._signs.append(np.zeros(len(numbers), dtype=bool))
        self._count += len(numbers)
        return first

    def numbers(self) -> Numbers:
        return np.concatenate(self._numbers)

    def signs(self) -> Flags:
        return np.concatenate(self._signs)


class _Entries:
    """The relations as (relation, column, coefficient), with what is left of each whole."""

    def __init__(self) -> None:
        self.relation: list[Indices] = []
        self.column: list[Indices] = []
        self.coefficient: list[Numbers] = []
        self.remainder: list[Numbers] = []
        self.count = 0
        self._last = 0

    def add_sums(
        self,
        relation: Indices,
        whole: Indices,
        part: Indices,
        scale: Numbers | float,
        remainder: Numbers | float,
    ) -> None:
        """Add: a whole is the sum of its parts, each times its scale, and a remainder.

        The parts of one relation stand together and repeat its whole.
        """
        if len(relation) == 0:
            return
        _, firsts = np.unique(relation, return_index=True)
        ids = np.asarray(relation, dtype=np.int64) + self.count
        self._put(ids[firsts], whole[firsts], np.ones(len(firsts)))
        self._put(ids, part, np.broadcast_to(-np.asarray(scale, dtype=float), len(ids)))
        self.remainder.append(np.broadcast_to(np.asarray(remainder, dtype=float), len(ids))[firsts])
        self._last = self.count
        self.count += len(firsts)

    def add_differences(
        self, whole: Indices, part: Indices, scale: Numbers | float, side: Indices
    ) -> None:
        """Add: a side is what a part, times its scale, leaves of its whole."""
        ids = np.arange(len(whole)) + self.count
        self._put(ids, whole, np.ones(len(ids)))
        self._put(ids, part, np.broadcast_to(-np.asarray(scale, dtype=float), len(ids)))
        self._put(ids, side, -np.ones(len(ids)))
        self.remainder.append(np.zeros(len(ids)))
        self._last = self.count
        self.count += len(ids)

    def extend_last(self, relation: Indices, column: Indices, coefficient: float) -> None:
        """Add a column to each of the relations that were added last."""
        self._put(
            np.asarray(relation, dtype=np.int64) + self._last,
            column,
            np.full(len(column), coefficient),
        )

    def _put(self, relation: Indices, column: Indices, coefficient: Numbers) -> None:
        self.relation.append(np.asarray(relation, dtype=np.int64))
        self.column.append(np.asarray(column, dtype=np.int64))
        self.coefficient.append(np.asarray(coefficient, dtype=float))

    def matrix(self, columns: int) -> sparse.csr_matrix:
        if not self.relation:
            return sparse.csr_matrix((0, columns))
        return sparse.csr_matrix(
            (
                np.concatenate(self.coefficient),
                (np.concatenate(self.relation), np.concatenate(self.column)),
            ),
            shape=(self.count, columns),
        )

    def remainders(self) -> Numbers:
        return np.concatenate(self.remainder) if self.remainder else np.zeros(0)


def _reduce(
    entries: _Entries, columns: int, one: Indices, other: Indices
) -> tuple[Indices, sparse.csr_matrix, Remainders]:
    """Take numbers that must change alike as one, and every relation once.

    Returns:
        The unknown of each column; relations x unknowns (with the remainders as further unknowns);
        the remainders.
    """
    matrix = entries.matrix(columns)
    left = entries.remainders()
    is_exact = np.abs(left) <= SAME
    links = sparse.coo_matrix((np.ones(len(one)), (one, other)), shape=(columns, columns))
    count, unknown_of = connected_components(links, directed=False)
    while True:
        merged = matrix @ sparse.csr_matrix(
            (np.ones(columns), (np.arange(columns), unknown_of)), shape=(columns, count)
        )
        merged.data[np.abs(merged.data) < SAME] = 0
        merged.eliminate_zeros()
        merged.sort_indices()
        terms = np.diff(merged.indptr)
        pairs = np.flatnonzero((terms == 2) & is_exact)
        starts = merged.indptr[pairs]
        alike = np.abs(merged.data[starts] + merged.data[starts + 1]) < SAME
        if not alike.any():
            break
        starts = starts[alike]
        links = sparse.coo_matrix(
            (np.ones(len(starts)), (merged.indices[starts], merged.indices[starts + 1])),
            shape=(count, count),
        )
        count, of_unknown = connected_components(links, directed=False)
        unknown_of = of_unknown[unknown_of]
    kept = np.flatnonzero(terms > 0)
    merged = merged[kept]
    # Two relations are the same when they weigh a fixed set of random numbers the same.
    draws = np.random.default_rng(0).random((count, 2))
    scaled = sparse.diags(1 / merged.data[merged.indptr[:-1]]) @ merged
    marks = np.column_stack([np.round(scaled @ draws, 9), is_exact[kept]])
    _, firsts = np.unique(marks, axis=0, return_index=True)
    firsts.sort()
    merged, left = merged[firsts], left[kept][firsts]
    open_ones = np.flatnonzero(np.abs(left) > SAME)
    extra = sparse.csr_matrix(
        (-np.ones(len(open_ones)), (open_ones, np.arange(len(open_ones)))),
        shape=(merged.shape[0], len(open_ones)),
    )
    remainders = Remainders(
        columns=count + np.arange(len(open_ones)),
        lowest=np.where(left[open_ones] > 0, -left[open_ones], -np.inf),
        highest=np.where(left[open_ones] > 0, np.inf, -left[open_ones]),
    )
    return unknown_of.astype(np.int64), sparse.hstack([merged, extra], format="csr"), remainders


def _loosen(
    relations: sparse.csr_matrix,
    is_side: Flags,
    numbers: Numbers,
    scale: Numbers,
    lowest: Numbers,
    highest: Numbers,
) -> sparse.csr_matrix:
    """Replace inequalities that are far from binding by limits of each of their numbers.

    Two thousand minutes are more than three people, whatever happens to either: where what is left
    is large, it is shared out among the numbers, none of which may use up more than its share. That
    allows the attacker's numbers less than they could do, never more, and takes the link between
    them out of the system.

    Args:
        relations: relations x unknowns.
        is_side: by unknown, is it left over from others and not sensitive itself?
        numbers: by unknown, the number.
        scale: by unknown, how wide an interval means something.
        lowest: by unknown, how far it may fall; narrowed in place.
        highest: by unknown, how far it may rise; narrowed in place.

    Returns:
        The other relations.
    """
    matrix = relations.tocsr()
    of_entry = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    side_entries = is_side[matrix.indices]
    sides_in = np.bincount(of_entry[side_entries], minlength=matrix.shape[0])
    uses = np.bincount(matrix.indices, minlength=matrix.shape[1])
    candidates = np.flatnonzero(sides_in == 1)
    side_of = np.full(matrix.shape[0], -1)
    side_of[of_entry[side_entries]] = matrix.indices[side_entries]
    candidates = candidates[uses[side_of[candidates]] == 1]
    is_candidate = np.zeros(matrix.shape[0], dtype=bool)
    is_candidate[candidates] = True
    terms = np.diff(matrix.indptr) - 1
    coefficient_of_side = np.zeros(matrix.shape[0])
    coefficient_of_side[of_entry[side_entries]] = matrix.data[side_entries]
    entries = np.flatnonzero(is_candidate[of_entry] & ~side_entries)
    relation, column = of_entry[entries], matrix.indices[entries]
    # side = sum of effect * change; it must not fall by more than its number.
    effect = -matrix.data[entries] / coefficient_of_side[relation]
    left = np.maximum(numbers[side_of[relation]], 0)
    share = left / (terms[relation] * np.abs(effect))
    is_far = np.ones(matrix.shape[0], dtype=bool)
    np.logical_and.at(is_far, relation, share >= FAR * scale[column])
    chosen = is_far[relation]
    rises, falls = chosen & (effect < 0), chosen & (effect > 0)
    np.minimum.at(highest, column[rises], share[rises])
    np.maximum.at(lowest, column[falls], -share[falls])
    return matrix[np.flatnonzero(~(is_far & is_candidate))]
