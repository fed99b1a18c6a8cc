"""Great Expectations on DuckDB: checks as queries, evaluated by push-down."""
