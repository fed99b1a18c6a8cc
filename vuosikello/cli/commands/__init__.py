"""The commands, one file each: what a command takes, which room it calls and what it returns.

A command shows nothing itself: it returns its result with the function of ``cli.output`` that shows
it. Rooms are imported inside the functions, so that a command loads only what it needs.
"""
