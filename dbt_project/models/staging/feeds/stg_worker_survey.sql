{{ current_rows(key=['response_id']) }}
