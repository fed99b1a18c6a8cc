{{ current_rows(key=['group_id'], has_life=true) }}
