"""`tco sla`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from tco.cli.arguments import (
    AsOf,
    Assumptions,
    CatalogName,
    Cloud,
    Givens,
    Offerings,
    Overlays,
    Sets,
    Sizing,
    WorkloadFile,
    catalog,
    comparison,
    options,
)


def sla(
    workload: WorkloadFile,
    outage: Annotated[
        list[str],
        typer.Option("--outage", help="What was down, and how long: 3h, 30x9min, '2h of writes'; repeatable."),
    ],
    offering: Offerings = None,
    month: Annotated[
        str | None,
        typer.Option("--month", help="Month of the plan, 2027-03; its first if left out.", show_default=False),
    ] = None,
    sets: Sets = None,
    given: Givens = None,
    as_of: AsOf = None,
    sizing: Sizing = "vendor",
    cloud: Cloud = "plan",
    assumptions: Assumptions = None,
    catalog_: CatalogName = "head",
    overlay: Overlays = None,
    format_: Annotated[Literal["table", "json"], typer.Option("--format", help="How to print the result.")] = "table",
) -> None:
    """Hold the outages of a month against each SLA: what counts as down, what comes back, what you lose.

    \b
    Examples:
      tco sla payments.yaml --outage 3h
      tco sla payments.yaml -o confluent.cloud-enterprise --outage 30x9min --outage '2h of writes' --month 2027-11
      tco sla payments.yaml --outage 3h --set downtime_cost='20000 USD/hour' --cloud any
    """
    import sys

    from rich.console import Console

    from tco.analysis.outages import held, month_of
    from tco.report.outages import as_json, notes, table, title
    from tco.sla.outage import parse_outage

    outages = [parse_outage(text) for text in outage]
    result = comparison(
        workload, offering, sets, options(given, as_of, sizing, cloud, assumptions), catalog(catalog_, overlay)
    )
    when = month_of(result, outages, month)
    rows = [held(o, when) for o in result.outcomes]
    if format_ == "json":
        typer.echo(as_json(rows, when))
        return
    console = Console(highlight=False) if sys.stdout.isatty() else Console(width=1000, highlight=False, no_color=True)
    console.print(title(when), markup=False)
    console.print()
    console.print(table(rows, when, console.width))
    for row in rows if len(rows) == 1 else ():
        console.print()
        for text in notes(row, result.options.as_of):
            console.print(text, markup=False)
