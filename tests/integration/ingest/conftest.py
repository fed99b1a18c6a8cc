"""What every test of the receiver stands on: an installation of its own."""

from tests.support.own_house import house

__all__ = ["house"]
