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
    is_estate,
    options,
)


def explain(
    workload: WorkloadFile,
    offering: Annotated[
        str,
        typer.Argument(help="Offering id; of an estate: a cluster, a link, or `account`.", show_default=False),
    ],
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
    on: Annotated[
        str | None,
        typer.Option("--on", help="Of an estate: what its open clusters run on; the cheapest if left out."),
    ] = None,
) -> None:
    """Show why a number is what it is, down to the price and its source.

    \b
    Examples:
      tco explain payments.yaml aws.msk-standard
      tco explain payments.yaml aws.msk-standard brokers --month 12 --depth 3
      tco explain estate.yaml east_west rto --on aws.msk-standard
    """
    from tco.report.explanation import explain as lines_of
    from tco.report.explanation import of_offering

    settings, known = options(given, as_of, sizing, "plan", assumptions), catalog(catalog_, overlay)
    if is_estate(workload):
        from tco.cli.estate import explain as explain_estate

        for text in explain_estate(workload, offering, row, month, depth, sets, settings, known, on):
            typer.echo(text)
        return
    outcome = comparison(workload, [offering], sets, settings, known).outcomes[0]
    rows = [row] if row else [f"{ln.name}.cost" for ln in outcome.priced_lines]
    for name in rows:
        for text in lines_of(of_offering(outcome), name, month, depth):
            typer.echo(text)
    for line in outcome.unpriced if row is None else ():
        typer.echo(f"{line.name}: quote needed ({line.missing})")
