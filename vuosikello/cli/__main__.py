"""Run the command as ``python -m vuosikello.cli``."""

from vuosikello.cli.app import main

main()
