{{ current_rows(key=['assessment_id'], has_life=true) }}
