{{ current_rows(key=['assignment_id'], has_life=true) }}
