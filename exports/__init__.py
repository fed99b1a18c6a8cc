"""Exports: the indicators as files, after disclosure control.

This room reads the schema ``indicators`` of a published warehouse and nothing else: no feed, no
mart, no row about a person. It never writes to the warehouse.
"""

from exports.indicator_files import ExportResult, publish

__all__ = ["ExportResult", "publish"]
