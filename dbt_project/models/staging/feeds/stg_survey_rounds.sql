{{ current_rows(key=['year']) }}
