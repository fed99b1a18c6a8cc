"""The error by which everything about releases says what a person can correct."""


class ReleaseProblem(Exception):
    """A release cannot be made, found or signed; the text says why and what to do."""
