"""What every room uses and no room owns: folders, files, SQL quoting, time, formats, progress.

This package knows no feed, no indicator and no other room; it imports none of them.
"""
