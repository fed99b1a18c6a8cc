{{ current_rows(key=['measure_id'], has_life=true) }}
