"""`tco estate`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
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
    catalog,
    options,
    pairs,
)
from tco.errors import InputError, Place, nearest

if TYPE_CHECKING:
    from tco.analysis.estates import EstateComparison
    from tco.analysis.mix import Constraint
    from tco.catalog.load import Catalog
    from tco.engine.options import Options

EstateFile = Annotated[Path, typer.Argument(help="Estate file (YAML): clusters and links.", show_default=False)]
EstateFiles = Annotated[
    list[Path], typer.Argument(help="Estate files (YAML); several stand side by side.", show_default=False)
]
app = typer.Typer(no_args_is_help=True, help="Many clusters and the links between them.", rich_markup_mode=None)


@app.command()
def check(estate: EstateFile) -> None:
    """Check an estate: mistakes end with exit code 2, what it cannot do as it is drawn with exit code 1.

    \b
    Example:
      tco estate check estate.yaml
    """
    from tco.report.estate_words import counted
    from tco.workload.estate import read_estate
    from tco.workload.estate_rules import NOTES, warnings

    known = catalog()
    read = read_estate(estate, known)
    found = warnings(read, known)
    for finding in found:
        typer.echo(str(finding))
    wrong = sum(f.code not in NOTES for f in found)
    notes = f", {counted(len(found) - wrong, 'note')}" if len(found) > wrong else ""
    clusters = int(sum(m.count for m in read.members))
    sizes = f"{counted(clusters, 'cluster')} of {counted(len(read.members), 'kind')}"
    typer.echo(f"{estate}: {sizes}, {counted(len(read.links), 'link')}; {counted(wrong, 'warning')}{notes}")
    if wrong:
        raise typer.Exit(1)


@app.command()
def show(
    estate: EstateFiles,
    offering: Offerings = None,
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
    """Show what each cluster, link and shared meter costs, and what is lost when a region goes down.

    Clusters without an offering of their own run on the one given, or on the cheapest that carries them all.

    \b
    Examples:
      tco estate show estate.yaml -o aws.msk-express
      tco estate show estate.yaml stretched.yaml
    """
    from tco.report.estate_json import estate_json
    from tco.report.estate_terminal import print_estate, print_side_by_side

    known = catalog(catalog_, overlay)
    chosen = options(given, as_of, sizing, cloud, assumptions)
    compared = [_costed(e, sets, chosen, known, offering) for e in estate]
    if format_ == "json":
        typer.echo(estate_json(compared))
    elif len(compared) == 1:
        print_estate(compared[0])
    else:
        print_side_by_side(compared)


@app.command()
def schema() -> None:
    """Print the JSON Schema of an estate file, for completion in an editor.

    \b
    Example:
      tco estate schema > estate.schema.json
    """
    import json

    from tco.workload.estate_schema import Estate

    typer.echo(json.dumps(Estate.model_json_schema(), indent=1, sort_keys=True))


def compare(
    file: Path,
    offerings: list[str] | None,
    sets: list[str] | None,
    chosen: Options,
    known: Catalog,
    form: str,
    out: Path | None,
    asked: list[Constraint],
) -> bool:
    """Rank offerings for an estate, as `tco compare` does for a workload; whether all that is ranked is priced."""
    from tco.analysis.estates import optimize
    from tco.cli.files import write
    from tco.report.estate_json import estate_json
    from tco.report.estate_terminal import print_ranking, ranking_text

    if form not in ("table", "json"):
        raise InputError.one(Place("--format"), "bad-value", f"an estate is written as table or json, not as {form}")
    compared = _costed(file, sets, chosen, known, offerings)
    mixes = optimize(compared, asked) if asked else []
    if form == "json":
        text = estate_json([compared], mixes) + "\n"
        write(out, text.encode()) if out else typer.echo(text, nl=False)
    elif out:
        write(out, ranking_text(compared, mixes).encode())
    else:
        print_ranking(compared, mixes)
    return all(c.outcome.status == "priced" for c in compared.ranked)


def report(
    file: Path,
    offerings: list[str] | None,
    sets: list[str] | None,
    chosen: Options,
    known: Catalog,
    formats: list[str] | None,
    out: Path,
    asked: list[Constraint],
) -> None:
    """Write what an estate comes to on one offering, as `tco report` does for a workload."""
    from tco.analysis.estates import optimize
    from tco.cli.files import write
    from tco.report.estate_files import FORMATS, render_estate

    unknown = [f for f in formats or () if f not in FORMATS]
    if unknown:
        text = f"the report on an estate is written as {', '.join(FORMATS)}, not as {unknown[0]}"
        raise InputError.one(Place("--format"), "bad-value", text)
    compared = _costed(file, sets, chosen, known, offerings)
    mixes = optimize(compared, asked) if asked else []
    finished = {f: render_estate(compared, f, pairs(sets, "--set"), mixes) for f in formats or FORMATS}
    for name, content in finished.items():
        path = out / f"{file.stem}.{name}"
        write(path, content)
        typer.echo(str(path))


def explain(
    file: Path,
    part: str,
    row: str | None,
    month: int,
    depth: int,
    sets: list[str] | None,
    chosen: Options,
    known: Catalog,
    on: str | None,
) -> Iterator[str]:
    """Explain a row of a cluster, a link or the account, as `tco explain` does for an offering."""
    from tco.analysis.recovery import moved
    from tco.report.explanation import explain as lines_of
    from tco.report.explanation import of_estate, of_link, of_offering, of_recovery

    compared = _costed(file, sets, chosen, known, [on] if on else None)
    outcome = compared.candidates[0].outcome
    placement = next((p for p in outcome.placements if p.member.name == part), None)
    link = next((x for x in outcome.links if x.flow.name == part), None)
    if placement is not None and placement.member.spec.role == "stretched" and row == "rto":
        view, row, rows = of_recovery(known, compared.costing), moved(placement.member.plan), []
    elif placement is not None:
        view = of_offering(placement.group, placement.place)
        each = [f"{ln.name}.cost_each" for ln in placement.group.priced_lines]
        rows = [n for n in each if n in view.book.items]
    elif link is not None:
        view = of_link(known, link)
        rows = [f"{ln.name}.cost" for ln in link.lines if ln.priced and link.monthly(f"{ln.name}.cost").any()]
    elif part == "account":
        view = of_estate(known, outcome)
        rows = [r.cost for r in outcome.account if r.cost and outcome.total(r.cost)]
    else:
        parts = [*(p.member.name for p in outcome.placements), *(x.flow.name for x in outcome.links), "account"]
        hint = nearest(part, parts) or f"it has {', '.join(parts)}"
        raise InputError.one(Place("part"), "unknown-part", f"the estate has no cluster or link '{part}'; {hint}")
    for name in [row] if row else rows:
        yield from lines_of(view, name, month, depth)


def _costed(
    file: Path, sets: list[str] | None, chosen: Options, known: Catalog, offerings: list[str] | None
) -> EstateComparison:
    """Read an estate file with what `--set` changes, and cost it; see `compare_estate`."""
    from tco.analysis.estates import compare_estate
    from tco.workload.estate import read_estate

    return compare_estate(known, read_estate(file, known, pairs(sets, "--set")), chosen, offerings or ())
