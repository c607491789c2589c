"""`tco compare`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from tco.cli.arguments import (
    AsOf,
    Assumptions,
    CatalogName,
    Cloud,
    Givens,
    Offerings,
    OneCloud,
    Optimize,
    Overlays,
    Sets,
    Sizing,
    Uptime,
    Vendors,
    WorkloadFile,
    catalog,
    comparison,
    constraints,
    is_estate,
    options,
    refuse_mix,
)


def compare(
    workload: WorkloadFile,
    offering: Offerings = None,
    sets: Sets = None,
    given: Givens = None,
    as_of: AsOf = None,
    sizing: Sizing = "vendor",
    cloud: Cloud = "plan",
    assumptions: Assumptions = None,
    catalog_: CatalogName = "head",
    overlay: Overlays = None,
    format_: Annotated[
        Literal["table", "json", "csv", "md"], typer.Option("--format", help="How to print the result.")
    ] = "table",
    out: Annotated[
        Path | None, typer.Option("--out", help="Write to this file instead of the screen.", show_default=False)
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if anything ranked is only a lower bound.")] = False,
    optimize: Optimize = False,
    vendors: Vendors = None,
    one_cloud: OneCloud = False,
    uptime: Uptime = None,
) -> None:
    """Rank every way of running a workload or an estate, with its caveats.

    \b
    Examples:
      tco compare payments.yaml
      tco compare payments.yaml --set ingress.peak='200 MB/s' --sizing equal
      tco compare payments.yaml -o aws.msk-standard -o aws.msk-express --format json
      tco compare estate.yaml --optimize --vendors 1
    """
    mixes = constraints(optimize, vendors, one_cloud, uptime)
    if is_estate(workload):
        from tco.cli.estate import compare as compare_estates

        settings = options(given, as_of, sizing, cloud, assumptions)
        known = catalog(catalog_, overlay)
        priced = compare_estates(workload, offering, sets, settings, known, format_, out, mixes)
        if strict and not priced:
            raise typer.Exit(1)
        return
    refuse_mix(mixes)
    result = comparison(
        workload, offering, sets, options(given, as_of, sizing, cloud, assumptions), catalog(catalog_, overlay)
    )
    if format_ == "table" and out is None:
        from tco.report.terminal import print_comparison

        print_comparison(result)
    else:
        from tco.cli.files import write
        from tco.report.render import render

        content = render(result, "txt" if format_ == "table" else format_)
        if out is None:
            sys.stdout.buffer.write(content)
        else:
            write(out, content)
    if strict and any(o.status == "lower_bound" for o in result.ranked):
        raise typer.Exit(1)
