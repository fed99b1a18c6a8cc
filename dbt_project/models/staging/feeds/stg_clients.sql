{{ current_rows(key=['client_id']) }}
