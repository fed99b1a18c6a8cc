{{ current_rows(key=['assignment_id']) }}
