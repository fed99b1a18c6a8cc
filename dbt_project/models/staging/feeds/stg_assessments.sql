{{ current_rows(key=['assessment_id']) }}
