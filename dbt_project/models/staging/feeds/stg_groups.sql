{{ current_rows(key=['group_id']) }}
