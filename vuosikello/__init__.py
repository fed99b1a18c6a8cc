"""The command and the settings: one thin function for each command, over the rooms.

This package may know every room; no room knows it.
"""
