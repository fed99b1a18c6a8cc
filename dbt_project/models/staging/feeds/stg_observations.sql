{{ current_rows(key=['observation_id']) }}
