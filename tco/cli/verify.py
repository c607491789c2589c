"""`tco verify`."""

from __future__ import annotations

from itertools import groupby
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
    typer.echo(f"{'':<36} {'published':>14} {'model':>14} {'error':>10}")
    for example, ours in groupby(checks, key=lambda c: c.example):
        typer.echo(f"{example.id}: {example.source} ({example.quality})")
        for c in ours:
            verdict = "OFF" if not c.ok else "ok" if c.right else f"ok; source wrong, right is {c.published:,.2f}"
            figures = f"{c.printed:>14,.2f} {c.model:>14,.2f} {c.error + 0.0:>+10.4f}"
            typer.echo(f"  {_short(c.figure):<34} {figures}  {c.unit}  {verdict}")
    off = [c for c in checks if not c.ok]
    typer.echo(f"{len(checks) - len(off)} of {len(checks)} published figures reproduced")
    if off:
        raise typer.Exit(1)


def _short(figure: str) -> str:
    lines = figure.removeprefix("sum:").split("+")
    return f"{lines[0]} and {len(lines) - 1} more" if len(lines) > 2 else " + ".join(lines)
