"""`tco catalog`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tco.cli.arguments import AsOf, Cloud, catalog, options
from tco.errors import InputError, Place

app = typer.Typer(no_args_is_help=True, help="List, show and check what the tool knows.", rich_markup_mode=None)


@app.command("list")
def list_() -> None:
    """List every offering: model, clouds, price points, SLA document, and when its sources were last read.

    \b
    Example:
      tco catalog list
    """
    known = catalog()
    rows = [("offering", "model", "clouds", "prices", "SLA", "status", "checked")]
    for o in known.offerings.values():
        count = sum(p.offering == o.id for p in known.prices.points)
        rows.append(
            (
                o.id,
                o.model.replace("_", " "),
                ",".join(o.clouds),
                str(count) if not o.unpriced else "quote needed",
                o.sla.terms if o.sla else "none",
                o.status.state,
                o.checked.isoformat(),
            )
        )
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    for row in rows:
        typer.echo("  ".join(f"{text:<{w}}" for text, w in zip(row, widths, strict=True)).rstrip())


@app.command()
def show(offering: Annotated[str, typer.Argument(help="Offering id.", show_default=False)]) -> None:
    """Show one offering: sizing rule, limits, prices, capabilities, latency, questions to its vendor.

    \b
    Example:
      tco catalog show aws.msk-standard
    """
    from tco.report.offering import describe

    known = catalog()
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
