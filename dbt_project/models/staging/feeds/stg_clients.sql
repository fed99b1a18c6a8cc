{{ current_rows(key=['client_id'], has_life=true) }}
