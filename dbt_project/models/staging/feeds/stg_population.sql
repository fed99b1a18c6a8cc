{{ current_rows(key=['municipality', 'year']) }}
