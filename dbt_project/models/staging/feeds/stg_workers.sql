{{ current_rows(key=['worker_id', 'post', 'started_on'], has_life=true) }}
