"""Open data: the tables of a release for whoever wants to count further."""

from exports.open_data.package import write_open_data

__all__ = ["write_open_data"]
