"""The sections of the report, one module each, in the order of the annual clock.

Each has one function that takes the :class:`~exports.social_report.context.ReportContext` of an
area and returns what the template shows of the section. No section knows another.
"""
