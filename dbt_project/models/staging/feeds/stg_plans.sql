{{ current_rows(key=['plan_id'], has_life=true) }}
