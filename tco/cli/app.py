"""The `tco` command."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command line; a user's mistake ends with one readable block and exit code 2.

    A reader that has gone, as in `tco ... | head`, is no failure.
    """
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, _reader_gone)
    try:
        _run()
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(0)


def _reader_gone(_signal: int, _frame: FrameType | None) -> None:
    os._exit(0)  # Typer would take it for a failed command; there is nobody left to tell


def _run() -> None:
    if sys.argv[1:] in (["--version"], ["-V"]):
        from tco import __version__

        sys.stdout.write(f"kafka-tco {__version__}\n")
        return
    from tco.cli.commands import app
    from tco.errors import InputError

    try:
        app()
    except InputError as error:
        count = len(error.findings)
        sys.stderr.write(f"{count} problem{'s' if count > 1 else ''} with the input:\n")
        sys.stderr.writelines(f"  {finding}\n" for finding in error.findings)
        sys.exit(2)
