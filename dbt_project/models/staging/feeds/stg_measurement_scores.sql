{{ current_rows(key=['measurement_id', 'domain']) }}
