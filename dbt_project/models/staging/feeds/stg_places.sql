{{ current_rows(key=['place_id']) }}
