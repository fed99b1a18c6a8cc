{{ current_rows(key=['measure_id']) }}
