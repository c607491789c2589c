"""`tco report`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from tco.analysis.compare import Comparison


class Format(StrEnum):
    """What a report can be written as."""

    XLSX, PDF, HTML, JSON, MD, CSV, TXT = "xlsx", "pdf", "html", "json", "md", "csv", "txt"


def report(
    workload: WorkloadFile,
    format_: Annotated[
        list[Format] | None,
        typer.Option("--format", "-f", help="Only this format; repeatable. All if left out.", show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("out"),
    offering: Offerings = None,
    sets: Sets = None,
    given: Givens = None,
    as_of: AsOf = None,
    sizing: Sizing = "vendor",
    cloud: Cloud = "plan",
    assumptions: Assumptions = None,
    catalog_: CatalogName = "head",
    overlay: Overlays = None,
    optimize: Optimize = False,
    vendors: Vendors = None,
    one_cloud: OneCloud = False,
    uptime: Uptime = None,
) -> None:
    """Write the workbook for finance, the PDF for procurement, and the same figures as HTML, JSON, Markdown and CSV.

    Of an estate it is about one offering: the one given, or the cheapest that carries all of it.

    \b
    Examples:
      tco report payments.yaml
      tco report payments.yaml --format xlsx --format pdf --out reports/
      tco report estate.yaml --optimize
    """
    mixes = constraints(optimize, vendors, one_cloud, uptime)
    if is_estate(workload):
        from tco.cli.estate import report as report_estate

        formats = [f.value for f in format_] if format_ else None
        settings = options(given, as_of, sizing, cloud, assumptions)
        report_estate(workload, offering, sets, settings, catalog(catalog_, overlay), formats, out, mixes)
        return
    refuse_mix(mixes)
    from tco.cli.files import write
    from tco.report.render import FORMATS, render

    result = comparison(
        workload, offering, sets, options(given, as_of, sizing, cloud, assumptions), catalog(catalog_, overlay)
    )
    wanted = [f.value for f in format_] if format_ else FORMATS
    finished = {f: _rendered(f, render, result) for f in wanted}
    for name, content in finished.items():
        path = out / f"{workload.stem}.{name}"
        write(path, content)
        typer.echo(str(path))


def _rendered(name: str, render: Callable[[Comparison, str], bytes], result: Comparison) -> bytes:
    if sys.stderr.isatty():
        typer.echo(f"writing {name} ...", err=True)
    return render(result, name)
