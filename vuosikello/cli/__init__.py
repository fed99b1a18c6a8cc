"""The command `vuosikello`: its commands and what they print."""
