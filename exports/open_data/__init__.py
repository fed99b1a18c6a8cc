"""Open data: the tables of a release for further analysis."""

from exports.open_data.package import write_open_data

__all__ = ["write_open_data"]
