"""The `tco` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; a user's mistake ends with one readable block and exit code 2."""
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
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
