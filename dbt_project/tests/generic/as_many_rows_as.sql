{#
  The model has as many rows as another relation. Of a model that only joins unique keys to the rows of
  that relation, this tests the key as well, for a fraction of what counting every key anew costs.
  Returns both numbers where they differ.
#}
{% test as_many_rows_as(model, to) %}
with counted as (
    select
        (select count(*) from {{ model }}) as model_rows,
        (select count(*) from {{ to }}) as other_rows
)

select *
from counted
where model_rows <> other_rows
{% endtest %}
