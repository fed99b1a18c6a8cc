{{ current_rows(key=['worker_id', 'started_on', 'post'], has_life=true) }}
