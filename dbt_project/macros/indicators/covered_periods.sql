{#
  The periods that organisations cover in a feed, with the welfare area of the organisation: a select
  that its caller goes on with.
#}
{% macro covered_periods() -%}
select
        covered.feed as base_feed,
        covered.organisation,
        organisations.welfare_area,
        covered.period_type,
        covered.period,
        periods.first_day,
        periods.last_day
    from {{ ref('fct_coverage') }} as covered
    inner join {{ ref('dim_period') }} as periods
        on
            covered.period_type = periods.period_type
            and covered.period = periods.period
    inner join {{ ref('dim_organisation') }} as organisations
        on covered.organisation = organisations.organisation
{%- endmacro %}
