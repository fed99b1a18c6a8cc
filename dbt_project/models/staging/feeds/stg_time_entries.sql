{{ current_rows(key=['entry_id']) }}
