{{ current_rows(key=['visit_id']) }}
