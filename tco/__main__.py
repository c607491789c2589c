"""Allows `python -m tco`."""

from tco.cli.app import main

main()
