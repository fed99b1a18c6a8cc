"""The validation pages that people read."""
