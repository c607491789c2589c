"""`tco verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tco.cli.arguments import catalog


def verify(
    file: Annotated[
        Path | None, typer.Argument(help="Example file or folder; the shipped ones if left out.", show_default=False)
    ] = None,
) -> None:
    """Replay published worked examples and print model, published figure, error and source; exit 1 if one is off.

    \b
    Examples:
      tco verify
      tco verify my-example.yaml
    """
    from tco.analysis.verify import read_examples
    from tco.analysis.verify import verify as replay
    from tco.data import folder

    known = catalog()
    checks = [c for e, path in read_examples(file or folder("examples") / "published") for c in replay(known, e, path)]
    rows = [("example", "figure", "published", "model", "error", "quality", "")]
    rows += [
        (
            c.example.id,
            c.figure,
            f"{c.published:,.2f}",
            f"{c.model:,.2f}",
            f"{c.error:+,.4f}",
            c.example.quality,
            "ok" if c.ok else "OFF",
        )
        for c in checks
    ]
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    for row in rows:
        typer.echo(
            "  ".join(
                f"{t:>{w}}" if 2 <= i <= 4 else f"{t:<{w}}" for i, (t, w) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
        )
    off = [c for c in checks if not c.ok]
    typer.echo(f"{len(checks) - len(off)} of {len(checks)} published figures reproduced")
    if off:
        raise typer.Exit(1)
