{#
  The age group of a person in a year: that on the year's last day, and so on the last day of each
  of its months and quarters, since age is counted in whole years of the calendar (year less birth
  year). Null where the birth year or the day is not known.
    birth_year  SQL of the year of birth
    day         SQL of a day of the year
#}
{% macro age_group(birth_year, day) -%}
case
            when year({{ day }}) - {{ birth_year }} < 18 then 'under_18'
            when year({{ day }}) - {{ birth_year }} < 25 then '18-24'
            when year({{ day }}) - {{ birth_year }} < 35 then '25-34'
            when year({{ day }}) - {{ birth_year }} < 45 then '35-44'
            when year({{ day }}) - {{ birth_year }} < 55 then '45-54'
            when year({{ day }}) - {{ birth_year }} < 65 then '55-64'
            when year({{ day }}) - {{ birth_year }} >= 65 then '65+'
        end
{%- endmacro %}
