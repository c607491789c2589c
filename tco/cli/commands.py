"""All commands, gathered from one file each."""

from __future__ import annotations

import typer

from tco.cli import catalog, compare, estate, explain, report, sla, verify, workload

app = typer.Typer(
    name="tco",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
    help="What does each way of running Apache Kafka really cost, and what does its SLA really promise?",
    epilog="Start with: tco workload init my.yaml, then: tco compare my.yaml",
)
app.command("compare")(compare.compare)
app.command("report")(report.report)
app.command("explain")(explain.explain)
app.command("sla")(sla.sla)
app.command("verify")(verify.verify)
app.add_typer(workload.app, name="workload")
app.add_typer(estate.app, name="estate")
app.add_typer(catalog.app, name="catalog")


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", "-V", help="Show the version and stop.")) -> None:
    if version:
        from tco import __version__

        typer.echo(f"kafka-tco {__version__}")
        raise typer.Exit
