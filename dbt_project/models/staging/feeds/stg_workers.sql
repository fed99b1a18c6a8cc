{{ current_rows(key=['worker_id', 'post', 'started_on']) }}
