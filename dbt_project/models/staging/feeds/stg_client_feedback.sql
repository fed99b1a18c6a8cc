{{ current_rows(key=['feedback_id', 'question']) }}
