"""The warehouse: built from the lake by dbt, published in one rename, described and queried."""
