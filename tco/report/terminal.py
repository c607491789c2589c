"""The ranking on screen: a table that fits, what stands below it and why, and the caveats that bite."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tco.analysis.compare import Comparison
from tco.engine.outcome import Outcome
from tco.report.headline import headline
from tco.report.words import (
    configuration_text,
    money,
    price_words,
    promise_text,
    range_text,
    sizing_text,
    total_text,
    verdict_text,
)

#: Between two columns of a table.
GAP = 2
_PLAIN_WIDTH, _FINALISTS, _REASONS = 1000, 3, 2


@dataclass(frozen=True)
class Column:
    """A column of the ranking: the lower its rank, the longer it stays when the screen is narrow."""

    title: str
    rank: int
    right: bool
    cell: Callable[[Comparison, Outcome], str]


def _columns(comparison: Comparison, width: int) -> list[Column]:
    """Columns that fit whole: identifiers and figures are never cut."""
    every = [
        Column("#", 0, True, lambda c, o: str(c.ranked.index(o) + 1)),
        Column("Offering", 0, False, lambda _, o: o.id),
        Column(f"USD, {comparison.plan.workload.horizon} months", 0, True, lambda _, o: total_text(o)),
        Column("low to high", 2, True, lambda _, o: range_text(o.interval("total"))),
        Column("with labour", 4, True, lambda _, o: money(o.interval("total_with_labour").base)),
        Column("month 1", 7, True, lambda _, o: money(float(o.monthly("invoices")[0]))),
        Column("last month", 8, True, lambda _, o: money(float(o.monthly("invoices")[-1]))),
        Column("size", 5, True, lambda _, o: sizing_text(o)),
        Column("busy", 6, True, lambda _, o: _busy(o)),
        Column("set by", 8, False, lambda _, o: o.binding),
        Column("configuration", 9, False, lambda _, o: configuration_text(o)),
        Column("SLA", 3, True, lambda _, o: promise_text(o).partition(" (")[0]),
        Column(
            "!", 1, True, lambda _, o: str(sum(v.caveat.severity == "critical" for v in o.sla.biting) if o.sla else 0)
        ),
    ]
    cells = [[c.cell(comparison, o) for c in every] for o in comparison.ranked]
    return [every[i] for i in fitting([(c.title, c.rank) for c in every], cells, width)]


def fitting(heads: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Places of the columns, each a title and a rank, that fit whole; the lower its rank, the longer one stays.

    Columns of rank 0 stay at any width.
    """
    wide = [max(len(text) for text in (title, *(row[i] for row in rows))) + GAP for i, (title, _) in enumerate(heads)]
    kept: list[int] = []
    for i in sorted(range(len(heads)), key=lambda i: heads[i][1]):
        if heads[i][1] == 0 or sum(wide[k] for k in [*kept, i]) <= width:
            kept.append(i)
    return sorted(kept)


def _busy(o: Outcome) -> str:
    down = o.utilisation("zone_down")
    return f"{down:.0%}" if down is not None else ""


def screen() -> Console:
    """Return the terminal, or what stands for it where output is piped: plain text as wide as it needs."""
    return (
        Console(highlight=False) if sys.stdout.isatty() else Console(width=_PLAIN_WIDTH, highlight=False, no_color=True)
    )


def print_comparison(comparison: Comparison) -> None:
    """Print to the terminal, or plain text when piped."""
    show(comparison, screen())


def render_text(comparison: Comparison) -> str:
    """Return the same as plain text."""
    return plain(lambda console: show(comparison, console))


def plain(write: Callable[[Console], None]) -> str:
    """Return what is written to a console as plain text, as wide as it needs."""
    target = io.StringIO()
    write(Console(file=target, width=_PLAIN_WIDTH, highlight=False, no_color=True))
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines()) + "\n"


def show(comparison: Comparison, console: Console) -> None:
    """Print the ranking, what stands below it and why, and the caveats that bite, as wide as the console is."""
    plan, w = comparison.plan, comparison.plan.workload
    console.print(
        Text(
            f"{w.name}: {w.region}, {w.horizon} months from {w.start}, {price_words(comparison)} of "
            f"{comparison.options.as_of}, {comparison.options.sizing} sizing",
            style="bold",
        )
    )
    if len(plan.clusters) == 1:
        console.print(Text("Production only: other environments are not in these totals.", style="yellow"))
    for warning in plan.warnings:
        console.print(Text(f"Warning: {warning}", style="yellow"))
    console.print()
    if comparison.ranked:
        console.print(_table(comparison, console.width))
        console.print(
            Text(
                "! critical SLA caveats that bite; busy: production at peak with a zone down; "
                "SLA ?: whether the plan qualifies is open",
                style="dim",
            )
        )
    console.print()
    for sentence in headline(comparison):
        console.print(Text(sentence))
    _others(comparison, console)
    _caveats(comparison, console)
    _events(comparison, console)
    console.print(
        Text(
            f"\n{len(plan.defaults)} of {len(plan.asked)} inputs are defaults: tco workload show FILE. "
            "Why a number is what it is: tco explain FILE OFFERING.",
            style="dim",
        )
    )


def _table(comparison: Comparison, width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, GAP, 0, 0))
    columns = _columns(comparison, width)
    for column in columns:
        table.add_column(column.title, justify="right" if column.right else "left", no_wrap=True)
    for o in comparison.ranked:
        table.add_row(*(Text(c.cell(comparison, o)) for c in columns))
    return table


def _others(comparison: Comparison, console: Console) -> None:
    if not comparison.others:
        return
    console.print(Text("\nBelow the ranking", style="bold"))
    for o in comparison.others:
        console.print(Text(f"{o.id}: {verdict_text(o)}"))
        reasons = list(dict.fromkeys(o.reasons))
        more = len(reasons) - _REASONS
        shown = [*reasons[:_REASONS], *([f"and {more} more, with --format json"] if more > 0 else [])]
        for reason in shown:
            console.print(Padding(Text(reason, style="dim"), (0, 0, 0, 2), expand=False))


def _caveats(comparison: Comparison, console: Console) -> None:
    shown: dict[str, tuple[str, list[str]]] = {}
    for o in comparison.ranked[:_FINALISTS]:
        for v in o.sla.biting if o.sla else ():
            if v.caveat.severity == "critical":
                shown.setdefault(v.caveat.code, (v.caveat.text, []))[1].append(o.id)
    if not shown:
        return
    console.print(Text("\nCritical SLA caveats that bite this plan", style="bold"))
    for code, (text, ids) in shown.items():
        console.print(Text(f"{code} ({', '.join(ids)})"))
        console.print(Padding(Text(text, style="dim"), (0, 0, 0, 2), expand=False))


def _events(comparison: Comparison, console: Console) -> None:
    shown: dict[tuple[date, str], list[str]] = {}
    for o in comparison.ranked[:_FINALISTS]:
        for e in o.events:
            shown.setdefault((e.date, e.text), []).append(o.id)
    if not shown:
        return
    console.print(Text("\nAnnounced within the horizon", style="bold"))
    for (day, text), ids in sorted(shown.items()):
        console.print(Text(f"{day} ({', '.join(ids)})"))
        console.print(Padding(Text(text, style="dim"), (0, 0, 0, 2), expand=False))
