{{ current_rows(key=['contact_id']) }}
