"""The ranking on screen: a table that fits, what stands below it and why, and the caveats that bite."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tco.analysis.compare import Comparison
from tco.engine.outcome import Outcome
from tco.report.headline import headline
from tco.report.words import VERDICTS, configuration_text, money, promise_text, range_text, sizing_text, total_text

Column = tuple[str, bool, int, Callable[[Comparison, Outcome], str]]
_PLAIN_WIDTH = 200


def _columns(comparison: Comparison, width: int) -> list[Column]:
    """Columns that fit: title, right-aligned, least width of the screen, text of a cell."""
    months = comparison.plan.workload.horizon
    every: list[Column] = [
        ("#", True, 0, lambda c, o: str(c.ranked.index(o) + 1)),
        ("Offering", False, 0, lambda _, o: o.id),
        (f"USD, {months} months", True, 0, lambda _, o: total_text(o)),
        ("low to high", True, 76, lambda _, o: range_text(o.interval("total"))),
        ("with labour", True, 96, lambda _, o: money(o.interval("total_with_labour").base)),
        ("month 1", True, 110, lambda _, o: money(float(o.monthly("invoices")[0]))),
        ("units", True, 126, lambda _, o: sizing_text(o)),
        ("set by", False, 158, lambda _, o: o.binding),
        ("configuration", False, 190, lambda _, o: configuration_text(o)),
        ("busy", True, 100, lambda _, o: _busy(o)),
        ("SLA", True, 76, lambda _, o: promise_text(o).partition(" (")[0]),
        ("!", True, 0, lambda _, o: str(sum(v.caveat.severity == "critical" for v in o.sla.biting) if o.sla else 0)),
    ]
    return [c for c in every if c[2] <= width]


def _busy(o: Outcome) -> str:
    down = o.utilisation("zone_down")
    return f"{down:.0%}" if down is not None else ""


def print_comparison(comparison: Comparison) -> None:
    """Print to the terminal, or plain text when piped."""
    console = Console(highlight=False) if sys.stdout.isatty() else Console(width=_PLAIN_WIDTH, highlight=False, no_color=True)
    _print(comparison, console)


def render_text(comparison: Comparison) -> str:
    """Return the same as plain text."""
    target = io.StringIO()
    _print(comparison, Console(file=target, width=_PLAIN_WIDTH, highlight=False, no_color=True))
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines()) + "\n"


def _print(comparison: Comparison, console: Console) -> None:
    plan, w = comparison.plan, comparison.plan.workload
    console.print(Text(f"{w.name}: {w.region}, {w.horizon} months from {w.start}, list prices of {comparison.options.as_of}, "
                       f"{comparison.options.sizing} sizing", style="bold"))
    if len(plan.clusters) == 1:
        console.print(Text("Production only: other environments are not in these totals.", style="yellow"))
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    columns = _columns(comparison, console.width)
    for title, right, _, _ in columns:
        table.add_column(title, justify="right" if right else "left", no_wrap=True, overflow="fold")
    for o in comparison.ranked:
        table.add_row(*(Text(cell(comparison, o)) for _, _, _, cell in columns))
    console.print()
    if comparison.ranked:
        console.print(table)
        console.print(Text("! critical SLA caveats that bite; busy: production at peak with a zone down; "
                           "? the plan does not, or may not, qualify", style="dim"))
    console.print()
    for sentence in headline(comparison):
        console.print(Text(sentence))
    _others(comparison, console)
    _caveats(comparison, console)
    console.print(Text(f"\n{len(plan.defaults)} of {len(plan.inputs)} inputs are defaults: tco workload show FILE. "
                       "Why a number is what it is: tco explain FILE OFFERING.", style="dim"))


def _others(comparison: Comparison, console: Console) -> None:
    if not comparison.others:
        return
    console.print(Text("\nBelow the ranking", style="bold"))
    for o in comparison.others:
        total = f", would cost {total_text(o)}" if o.priced_lines and o.status == "not_a_substitute" else ""
        console.print(Text(f"{o.id}: {VERDICTS[o.status]}{total}"))
        for reason in o.reasons[:4]:
            console.print(Text(f"  {reason}", style="dim"), soft_wrap=False)


def _caveats(comparison: Comparison, console: Console) -> None:
    shown = [(o, v) for o in comparison.ranked[:3] if o.sla for v in o.sla.biting if v.caveat.severity == "critical"]
    if not shown:
        return
    console.print(Text("\nSLA caveats that bite this plan", style="bold"))
    for o, v in shown:
        console.print(Text(f"{o.id}  {v.caveat.code}: {v.caveat.text}"))
