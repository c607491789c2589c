"""`tco sla`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

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

if TYPE_CHECKING:
    from tco.analysis.compare import Comparison
    from tco.sla.outage import Outage


def sla(
    workload: WorkloadFile,
    outage: Annotated[
        list[str] | None,
        typer.Option(
            "--outage",
            help="What was down in a month, and how long: 3h, 30x9min, '2h of writes'; repeatable.",
            show_default=False,
        ),
    ] = None,
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

    Without --outage, the workload's own `outages` of a year are weighed over the whole plan.

    \b
    Examples:
      tco sla payments.yaml
      tco sla payments.yaml --outage 3h
      tco sla payments.yaml -o confluent.cloud-enterprise --outage 30x9min --outage '2h of writes' --month 2027-11
      tco sla payments.yaml --outage 3h --set downtime_cost='20000 USD/hour' --cloud any
    """
    from tco.sla.outage import parse_outage

    outages = [parse_outage(text) for text in outage or ()]
    result = comparison(
        workload, offering, sets, options(given, as_of, sizing, cloud, assumptions), catalog(catalog_, overlay)
    )
    if outages:
        _month(result, outages, month, format_)
    else:
        _year(result, bool(offering), format_)


def _month(result: Comparison, outages: list[Outage], month: str | None, format_: str) -> None:
    """Outages of one month, and for one offering alone what its document says."""
    from tco.analysis.outages import held, month_of
    from tco.report.outages import month_json, month_table, notes, title
    from tco.report.terminal import screen

    when = month_of(result, outages, month)
    rows = [held(o, when) for o in result.outcomes]
    if format_ == "json":
        typer.echo(month_json(rows, when))
        return
    console = screen()
    console.print(title(when), markup=False)
    console.print()
    console.print(month_table(rows, when, console.width))
    for row in rows if len(rows) == 1 else ():
        console.print()
        for text in notes(row, result.options.as_of):
            console.print(text, markup=False)


def _year(result: Comparison, asked: bool, format_: str) -> None:
    """What the workload expects of a year, for offerings that can do the work or were asked for."""
    from tco.analysis.risk import able, expected, outages_of_a_year
    from tco.report.outages import year_json, year_table
    from tco.report.terminal import screen
    from tco.report.year import expectation

    outages = outages_of_a_year(result)
    rows = expected(result, result.outcomes if asked else able(result), outages)
    if format_ == "json":
        typer.echo(year_json(rows, outages))
        return
    console = screen()
    for text in expectation(rows, outages):
        console.print(text, markup=False)
    console.print()
    console.print(year_table(rows))
