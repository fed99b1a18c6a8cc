select
    kind,
    code,
    position,
    label_fi,
    label_sv,
    label_en
from {{ ref('indicator_labels') }}
union all
select
    'scorecard_' || kind as kind,
    code,
    position,
    label_fi,
    label_sv,
    label_en
from {{ ref('scorecard_labels') }}
order by kind, position
