{#
  The lines of a scorecard, each in every area and year that has any value: the CTE judged.

  A line holds an indicator of the catalogue, or none where no data can show what it asks; then it
  says so, and borrows no number. Its value is that of the year, its target the catalogue's.
    met, not_met  the value against the target
    no_target     there is a value, and the indicator has no target
    no_data       there is no value: nothing was submitted, or no data can show it
  A count that must reach a target (two meetings a year) is one organisation's, or its welfare
  area's: the sum over the country would be met by a few, so there the line has no target.
#}
{% macro scorecard(name) -%}
headings as (
    select *
    from {{ ref('scorecard_headings') }}
    where scorecard = '{{ name }}'
),

lines as (
    select
        lines.heading,
        lines.line,
        nullif(lines.level, '') as level,
        nullif(lines.part, '') as part,
        nullif(lines.indicator, '') as indicator,
        case
            when lines.indicator <> '' then coalesce(nullif(lines.breakdown, ''), 'none')
        end as breakdown,
        case
            when lines.indicator <> '' then coalesce(nullif(lines.breakdown_value, ''), 'all')
        end as breakdown_value,
        lines.note_fi,
        lines.note_sv,
        lines.note_en
    from {{ ref('scorecard_lines') }} as lines
    where lines.scorecard = '{{ name }}'
),

catalogue as (
    select *
    from {{ ref('indicator_catalogue') }}
),

yearly as (
    select
        indicator,
        area_type,
        area,
        cast(period as integer) as year_number,
        breakdown,
        breakdown_value,
        value
    from {{ ref('indicator_values') }}
    where period_type = 'year'
),

areas as (
    select distinct
        area_type,
        area,
        year_number
    from yearly
),

-- Every line that an area can have a value for, with a value or without.
placed as (
    select
        lines.*,
        areas.*,
        catalogue.direction,
        catalogue.target_operator,
        case
            when
                catalogue.kind = 'count'
                and catalogue.target_operator = '>='
                and areas.area_type not in ('organisation', 'welfare_area')
                then null
            else catalogue.target
        end as target
    from lines
    cross join areas
    left join catalogue on lines.indicator = catalogue.indicator
    where
        lines.indicator is null
        or {{ is_listed('areas.area_type', 'catalogue.areas') }}
),

valued as (
    select
        placed.*,
        given.value,
        previous.value as previous_value
    from placed
    left join yearly as given
        on
            placed.indicator = given.indicator
            and placed.area_type = given.area_type
            and placed.area = given.area
            and placed.year_number = given.year_number
            and placed.breakdown = given.breakdown
            and placed.breakdown_value = given.breakdown_value
    left join yearly as previous
        on
            placed.indicator = previous.indicator
            and placed.area_type = previous.area_type
            and placed.area = previous.area
            and placed.year_number - 1 = previous.year_number
            and placed.breakdown = previous.breakdown
            and placed.breakdown_value = previous.breakdown_value
),

judged as (
    select
        headings.text_fi,
        headings.text_sv,
        headings.text_en,
        headings.position,
        headings.perspective,
        valued.heading,
        valued.line,
        valued.level,
        valued.part,
        valued.indicator,
        valued.breakdown,
        valued.breakdown_value,
        valued.note_fi,
        valued.note_sv,
        valued.note_en,
        valued.area_type,
        valued.area,
        cast(valued.year_number as varchar) as year,
        valued.value,
        valued.direction,
        valued.target,
        case when valued.target is not null then valued.target_operator end as target_operator,
        case
            when valued.value is null then 'no_data'
            when valued.target is null then 'no_target'
            when
                (valued.target_operator = '<=' and valued.value <= valued.target)
                or (valued.target_operator = '>=' and valued.value >= valued.target)
                or (valued.target_operator = '=' and valued.value = valued.target)
                then 'met'
            else 'not_met'
        end as status,
        valued.previous_value,
        valued.value - valued.previous_value as change
    from valued
    inner join headings on valued.heading = headings.heading
)
{%- endmacro %}
