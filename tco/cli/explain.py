"""`tco explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from tco.cli.arguments import (
    AsOf,
    Assumptions,
    CatalogName,
    Givens,
    Overlays,
    Sets,
    Sizing,
    WorkloadFile,
    catalog,
    comparison,
    options,
)


def explain(
    workload: WorkloadFile,
    offering: Annotated[str, typer.Argument(help="Offering id.", show_default=False)],
    row: Annotated[
        str | None, typer.Argument(help="Row or cost line; all cost lines if left out.", show_default=False)
    ] = None,
    month: Annotated[int, typer.Option("--month", min=1, help="Month of the plan.")] = 1,
    depth: Annotated[int, typer.Option("--depth", min=0, max=12, help="How far down to follow the formula.")] = 1,
    sets: Sets = None,
    given: Givens = None,
    as_of: AsOf = None,
    sizing: Sizing = "vendor",
    assumptions: Assumptions = None,
    catalog_: CatalogName = "head",
    overlay: Overlays = None,
) -> None:
    """Show why a number is what it is, down to the price and its source.

    \b
    Examples:
      tco explain payments.yaml aws.msk-standard
      tco explain payments.yaml aws.msk-standard brokers --month 12 --depth 3
    """
    from tco.report.explanation import explain as lines_of

    outcome = comparison(
        workload, [offering], sets, options(given, as_of, sizing, "plan", assumptions), catalog(catalog_, overlay)
    ).outcomes[0]
    rows = [row] if row else [f"{ln.name}.cost" for ln in outcome.priced_lines]
    for name in rows:
        for text in lines_of(outcome, name, month, depth):
            typer.echo(text)
    for line in outcome.unpriced if row is None else ():
        typer.echo(f"{line.name}: quote needed ({line.missing})")
