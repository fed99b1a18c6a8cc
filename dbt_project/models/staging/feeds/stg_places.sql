{{ current_rows(key=['place_id'], has_life=true) }}
