"""The suites as code: feeds, warehouse, readiness."""
