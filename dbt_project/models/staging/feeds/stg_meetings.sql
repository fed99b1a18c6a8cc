{{ current_rows(key=['meeting_id']) }}
