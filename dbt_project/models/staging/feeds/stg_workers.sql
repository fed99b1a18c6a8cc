{{ current_rows(key=['worker_id', 'started_on']) }}
