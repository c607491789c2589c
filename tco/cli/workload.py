"""`tco workload`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tco.cli.arguments import Sets, WorkloadFile, catalog, pairs
from tco.errors import InputError, Place

app = typer.Typer(no_args_is_help=True, help="Write, check and show workload files.", rich_markup_mode=None)


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="File to write.")] = Path("workload.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Write a commented workload file; on a terminal, asks first for what changes the answer most.

    \b
    Example:
      tco workload init payments.yaml
    """
    from tco.cli.files import write
    from tco.cli.questions import filled
    from tco.data import folder

    if file.exists() and not force:
        raise InputError.one(Place(str(file)), "exists", "the file is already there; --force overwrites it")
    template = (folder("templates") / "workload.yaml").read_text(encoding="utf-8")
    write(file, filled(template, catalog(), ask=sys.stdin.isatty()))
    typer.echo(f"Wrote {file}. `tco workload show {file}` lists what is left to a default.\nNext: tco compare {file}")


@app.command()
def check(workload: WorkloadFile) -> None:
    """Check a workload file; every mistake in one run, exit code 2 if there is one.

    \b
    Example:
      tco workload check payments.yaml
    """
    from tco.workload.plan import read_plan

    plan = read_plan(workload, catalog())
    defaults = len(plan.defaults)
    typer.echo(f"{workload}: fine; {len(plan.asked) - defaults} inputs given, {defaults} left to a default")


@app.command()
def show(workload: WorkloadFile, sets: Sets = None) -> None:
    """Show every input, its unit, and whether it was given or is a default.

    \b
    Example:
      tco workload show payments.yaml
    """
    from tco.engine.spoken import plain_unit
    from tco.workload.plan import read_plan

    known = catalog()
    plan = read_plan(workload, known, pairs(sets, "--set"))
    width = max(len(n) for n in known.inputs)
    for name, row in known.inputs.items():
        value = plan.inputs[name]
        left_out = row.optional and value.status == "default"
        number = "not given" if left_out else f"{value.number.normalize():f}"
        unit = f"({row.note})" if left_out else plain_unit(row.unit)
        typer.echo(f"{name:<{width}}  {number:>12} {unit:<20} {value.status}")
    for c in plan.clusters:
        typer.echo(
            f"cluster {c.name}: {c.count} of them, {c.traffic:.0%} of the traffic, {c.partitions:.0%} of the partitions"
        )
    for t in plan.topics:
        share = "the rest" if t.share is None else f"{t.share:.0%}"
        kept = "" if t.retention is None else f" after {t.retention} days"
        cleanup = "compacted" if t.compacted else "deleted"
        typer.echo(f"topics {t.name}: {share} of the bytes, {t.partitions} partitions, {cleanup}{kept}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a workload file, for completion in an editor.

    \b
    Example:
      tco workload schema > workload.schema.json
    """
    import json

    from tco.workload.schema import Workload

    typer.echo(json.dumps(Workload.model_json_schema(), indent=1, sort_keys=True))
