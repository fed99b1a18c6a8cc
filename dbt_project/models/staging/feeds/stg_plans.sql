{{ current_rows(key=['plan_id']) }}
