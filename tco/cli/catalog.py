"""`tco catalog`."""

from __future__ import annotations

import shutil
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tco.cli.arguments import AsOf, CatalogName, Cloud, catalog, options
from tco.errors import InputError, Place


class ListFormat(StrEnum):
    """Price lists that can be read."""

    AWS, AZURE, CONFLUENT, CSV = "aws-price-list", "azure-retail", "confluent-price-list", "csv"


app = typer.Typer(no_args_is_help=True, help="List, show and check what the tool knows.", rich_markup_mode=None)


@app.command("list")
def list_(catalog_: CatalogName = "head") -> None:
    """List every offering by vendor: whether public prices settle it, and why not where they do not.

    \b
    Examples:
      tco catalog list
      tco catalog list --catalog 2026.11.1
    """
    from tco.analysis.coverage import coverage
    from tco.report.listing import listing

    for line in listing(coverage(catalog(catalog_), date.today()), shutil.get_terminal_size().columns):
        typer.echo(line)


@app.command()
def show(
    offering: Annotated[str, typer.Argument(help="Offering id.", show_default=False)],
    catalog_: CatalogName = "head",
) -> None:
    """Show one offering: sizing rule, limits, prices, capabilities, latency, questions to its vendor.

    \b
    Example:
      tco catalog show aws.msk-standard
    """
    from tco.report.offering import describe

    known = catalog(catalog_)
    if offering not in known.offerings:
        raise InputError.one(
            Place("offering"), "unknown-offering", f"no offering '{offering}'; `tco catalog list` shows all"
        )
    for line in describe(known, known.offerings[offering]):
        typer.echo(line)


@app.command()
def release(
    name: Annotated[str, typer.Argument(help="Year, month and number: 2026.11.1.", show_default=False)],
    folder: Annotated[
        Path | None, typer.Argument(help="Catalog folder; the shipped one if left out.", show_default=False)
    ] = None,
) -> None:
    """Freeze the catalog under a name, once it is clean: one file that never changes, and its checksum.

    \b
    Example:
      tco catalog release 2027.1.1 pricing_data
    """
    from tco.analysis.lint import check_catalog
    from tco.catalog.files import RELEASES
    from tco.catalog.load import load_catalog
    from tco.catalog.release import SUMS, release_text, sums_text
    from tco.cli.files import write
    from tco.data import folder as packaged

    data = folder or packaged("pricing_data")
    check_catalog(data)
    text = release_text(load_catalog(data), name)
    write(data / RELEASES / f"{name}.json", text)
    write(data / RELEASES / SUMS, sums_text(data, name, text))
    typer.echo(str(data / RELEASES / f"{name}.json"))


@app.command()
def diff(
    before: Annotated[str, typer.Argument(help="Release, `head`, folder or file.", show_default=False)],
    after: Annotated[str, typer.Argument(help="What it is compared with.")] = "head",
    workload: Annotated[
        Path | None,
        typer.Option("--workload", "-w", help="Workload file: show what it costs under both.", show_default=False),
    ] = None,
    as_of: AsOf = None,
    cloud: Cloud = "plan",
) -> None:
    """Show what moved between two catalogs, and with a workload what that does to its cost.

    \b
    Examples:
      tco catalog diff 2026.11.1
      tco catalog diff 2026.11.1 head --workload payments.yaml
    """
    from tco.analysis.compare import compare
    from tco.analysis.diff import diff as moved
    from tco.analysis.diff import effects
    from tco.report.diff import diff_lines, effect_lines
    from tco.workload.plan import read_plan

    old, new = catalog(before), catalog(after)
    for line in diff_lines(moved(old, new)):
        typer.echo(line)
    if workload is not None:
        chosen = options(None, as_of, "vendor", cloud, None)
        results = [compare(c, read_plan(workload, c), chosen) for c in (old, new)]
        for line in effect_lines(effects(*results)):
            typer.echo(line)


@app.command("import")
def import_(
    format_: Annotated[ListFormat, typer.Argument(metavar="FORMAT", help="What the files are.", show_default=False)],
    files: Annotated[list[Path], typer.Argument(help="Price lists.", show_default=False)],
    source: Annotated[str, typer.Option("--source", help="Source that the rows cite; in sources/*.yaml.")],
    region: Annotated[
        str, typer.Option("--region", help="Region of a list that does not name its own.", show_default=False)
    ] = "",
    workload: Annotated[
        Path | None,
        typer.Option("--workload", "-w", help="Workload file: show what the prices do to it.", show_default=False),
    ] = None,
    write_: Annotated[bool, typer.Option("--write", help="Append the rows; otherwise they are only shown.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Catalog folder; the shipped one if left out.", show_default=False)
    ] = None,
) -> None:
    """Hold a vendor's price list against the catalog and show what moved; nothing is written without --write.

    \b
    Examples:
      tco catalog import aws-price-list AmazonMSK.json --source aws-msk-feed-2025-10
      tco catalog import csv prices.csv --source aws-msk-feed-2025-10 --workload payments.yaml
    """
    from tco.analysis.compare import compare
    from tco.analysis.diff import effects
    from tco.analysis.imports import appended, import_prices
    from tco.catalog.load import load_catalog
    from tco.cli.files import write
    from tco.data import folder as packaged
    from tco.report.diff import effect_lines, import_lines
    from tco.workload.plan import read_plan

    data = folder or packaged("pricing_data")
    known, chosen = load_catalog(data), options(None, None, "vendor", "plan", None)
    found = import_prices(known, format_.value, files, source, chosen.as_of, region)
    for line in import_lines(found):
        typer.echo(line)
    if workload is not None:
        results = [compare(c, read_plan(workload, c), chosen) for c in (known, found.onto(known))]
        for line in effect_lines(effects(*results)):
            typer.echo(line)
    if write_:
        for path, text in appended(data, found.points).items():
            write(path, text)
            typer.echo(str(path))


@app.command()
def new(
    offering: Annotated[str, typer.Argument(help="Id: vendor.offering.", show_default=False)],
    folder: Annotated[
        Path | None, typer.Argument(help="Catalog folder; the shipped one if left out.", show_default=False)
    ] = None,
) -> None:
    """Write an annotated offering file to start from; `tco catalog check` then says what is missing.

    \b
    Example:
      tco catalog new acme.kafka pricing_data
    """
    from tco.catalog.skeleton import skeleton
    from tco.cli.files import write
    from tco.data import folder as packaged

    data = folder or packaged("pricing_data")
    path = data / "offerings" / f"{offering}.yaml"
    if path.exists():
        raise InputError.one(Place(str(path)), "file-exists", "there is such a file already; choose another id")
    template = (packaged("templates") / "offering.yaml").read_text(encoding="utf-8")
    write(path, skeleton(template, offering, options(None, None, "vendor", "plan", None).as_of))
    typer.echo(str(path))


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="Catalog folder; the shipped one if left out.", show_default=False)
    ] = None,
) -> None:
    """Check every file of a catalog: units, names, cycles, prices, sources; exit code 2 if anything is wrong.

    \b
    Example:
      tco catalog check pricing_data
    """
    from tco.analysis.lint import check_catalog
    from tco.data import folder as packaged

    counts = check_catalog(folder or packaged("pricing_data"))
    typer.echo("fine: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
