"""An estate on screen: the ranking of offerings, one outcome part by part, or several estates side by side."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tco.analysis.estates import RANKED, Candidate, EstateComparison, Mix
from tco.analysis.recovery import LOGICAL_LOSS, REGION, ZONE, Objective, objectives
from tco.engine.estate import EstateOutcome
from tco.engine.quotas import quota_uses
from tco.report.estate_words import (
    account_text,
    assignment_text,
    clients_text,
    clusters_text,
    estate_title,
    interval_text,
    invoices_text,
    links_text,
    mix_text,
    part_text,
    path_text,
    promised,
    quota_text,
    rpo_text,
    rto_text,
    share_text,
    size_text,
    sla_text,
    summed_text,
    verdict_line,
)
from tco.report.terminal import GAP, fitting, plain, screen
from tco.report.words import VERDICTS, money
from tco.workload.estate_rules import warnings

_REASONS = 2


def print_ranking(comparison: EstateComparison, mixes: Sequence[Mix]) -> None:
    """Print every offering by what the whole estate costs on it, and the cheapest mixes."""
    _ranking(comparison, mixes, screen())


def ranking_text(comparison: EstateComparison, mixes: Sequence[Mix]) -> str:
    """Return the same as plain text."""
    return plain(lambda console: _ranking(comparison, mixes, console))


def _ranking(comparison: EstateComparison, mixes: Sequence[Mix], console: Console) -> None:
    _head(comparison, console)
    if comparison.ranked:
        grid = _grid(
            console,
            [
                ("#", 0, True),
                ("Offering", 0, False),
                (f"USD, {comparison.estate.estate.horizon} months", 0, True),
                ("low to high", 3, True),
                ("clusters", 1, True),
                ("links", 1, True),
                ("shared", 1, True),
                ("with labour", 4, True),
                ("least SLA", 2, True),
            ],
            [
                [
                    str(i),
                    c.offering or "as assigned",
                    invoices_text(c.outcome),
                    interval_text(c.outcome),
                    clusters_text(c.outcome),
                    links_text(c.outcome),
                    account_text(c.outcome),
                    money(c.outcome.total("cash")),
                    promised(c.outcome),
                ]
                for i, c in enumerate(comparison.ranked, 1)
            ],
        )
        console.print(grid)
    if where := clients_text(comparison):
        console.print(Text(f"\n{where}", style="dim"))
    _mixes(mixes, console)
    if comparison.others:
        console.print(Text("\nBelow the ranking", style="bold"))
    for c in comparison.others:
        console.print(Text(verdict_line(c)))
        _reasons(c, console)
    console.print(Text("\nWhat each part costs and loses: tco estate show FILE -o OFFERING.", style="dim"))


def _mixes(mixes: Sequence[Mix], console: Console) -> None:
    if not mixes:
        return
    free = mixes[0].outcome.invoices if mixes[0].outcome else 0.0
    console.print(Text("\nCheapest mix of offerings", style="bold"))
    for mix in mixes:
        console.print(Text(mix_text(mix, free)))
        for line in assignment_text(mix) if mix.outcome else ():
            console.print(Padding(Text(line, style="dim"), (0, 0, 0, 2), expand=False))


def _reasons(candidate: Candidate, console: Console) -> None:
    reasons = list(dict.fromkeys(candidate.outcome.reasons))
    more = len(reasons) - _REASONS
    for reason in [*reasons[:_REASONS], *([f"and {more} more, with --format json"] if more > 0 else [])]:
        console.print(Padding(Text(reason, style="dim"), (0, 0, 0, 2), expand=False))


def _head(comparison: EstateComparison, console: Console) -> None:
    console.print(Text(estate_title(comparison), style="bold"))
    for finding in warnings(comparison.estate, comparison.catalog):
        console.print(Text(f"Warning: {finding.text}", style="yellow"))
    console.print()


def print_estate(comparison: EstateComparison) -> None:
    """Print the first outcome part by part: clusters, links, what is shared, and what a loss means."""
    console, first = screen(), comparison.candidates[0]
    outcome = first.outcome
    _head(comparison, console)
    on = f" on {first.offering}" if first.offering else ""
    between = interval_text(outcome)
    sum_ = f"{summed_text(outcome)} USD{on}{f' ({between})' if between else ''}"
    verdict = "" if outcome.status in RANKED else f"{VERDICTS[outcome.status].capitalize()}: "
    console.print(Text(f"{verdict}{sum_}", style="bold"))
    for reason in outcome.reasons:
        console.print(Padding(Text(reason, style="dim"), (0, 0, 0, 2), expand=False))
    console.print()
    console.print(_clusters(console, outcome))
    if outcome.links:
        console.print()
        console.print(_links(console, outcome))
    shared = [r for r in outcome.account if not r.cost or abs(outcome.total(r.cost)) > 0]
    if shared:
        console.print()
        rows = [[r.label, money(outcome.total(r.cost)) if r.cost else "quote needed"] for r in shared]
        console.print(_grid(console, [("Shared by the account", 0, False), ("USD", 0, True)], rows))
    console.print(Text(f"\nTogether {summed_text(outcome)} USD: the sum of the above.", style="bold"))
    over = [u for u in quota_uses(outcome) if u.exceeded]
    if over:
        console.print(Text("\nMore than one account has", style="bold"))
    for use in over:
        console.print(Text(quota_text(use), style="yellow"))
    _losses(objectives(comparison.catalog, comparison.costing, outcome), console)


def _losses(found: Sequence[Objective], console: Console) -> None:
    """What the loss of a region means for each cluster, and why, each reason once."""
    regions = [o for o in found if o.loss == REGION]
    rows = [[o.cluster, o.by or "no standby", rpo_text(o), rto_text(o)] for o in regions]
    if rows:
        console.print()
        heads = [("When its region is lost", 0, False), ("by", 1, False), ("RPO", 0, False), ("RTO", 0, False)]
        console.print(_grid(console, heads, rows))
    zones = [o for o in found if o.loss == ZONE and o.lost]
    for title, part in (("", regions), ("When a zone is lost", zones), ("When good data is lost", [])):
        why: dict[str, list[str]] = {}
        for o in part:
            why.setdefault(o.text, []).append(o.cluster)
        if title and (part or title.startswith("When good")):
            console.print(Text(f"\n{title}", style="bold"))
        for text, names in why.items():
            console.print(Padding(Text(f"{', '.join(names)}: {text}", style="dim"), (0, 0, 0, 2), expand=False))
    console.print(Padding(Text(LOGICAL_LOSS, style="dim"), (0, 0, 0, 2), expand=False))


def _clusters(console: Console, outcome: EstateOutcome) -> Table:
    heads = [
        ("Cluster", 0, False),
        ("count", 1, True),
        ("role", 2, False),
        ("region", 1, False),
        ("offering", 0, False),
        ("size", 2, True),
        ("USD", 0, True),
        ("with its share", 3, True),
        ("SLA", 1, True),
    ]
    rows = [
        [
            p.member.name,
            f"{p.member.count:g}",
            p.member.spec.role,
            p.group.subject.site.region,
            p.offering,
            size_text(p),
            part_text(outcome, p),
            share_text(outcome, p),
            sla_text(p),
        ]
        for p in outcome.placements
    ]
    return _grid(console, heads, rows)


def _links(console: Console, outcome: EstateOutcome) -> Table:
    heads = [
        ("Link", 0, False),
        ("count", 2, True),
        ("from", 1, False),
        ("to", 1, False),
        ("by", 0, False),
        ("way", 2, False),
        ("MB/s at peak", 3, True),
        ("USD", 0, True),
        ("with its share", 4, True),
    ]
    rows = [
        [
            x.flow.name,
            f"{x.flow.links:g}",
            x.flow.source.name,
            x.flow.target.name,
            x.mechanism.id,
            path_text(x),
            f"{x.worst(f'link.{x.flow.name}.peak')[1]:,.4g}",
            part_text(outcome, x),
            share_text(outcome, x),
        ]
        for x in outcome.links
    ]
    return _grid(console, heads, rows)


def side_by_side_rows(compared: Sequence[EstateComparison]) -> list[list[str]]:
    """Several estates, each by its first outcome: a title, then cost, SLA, and what the loss of a region means."""
    firsts = [c.candidates[0] for c in compared]
    found = [objectives(c.catalog, c.costing, f.outcome) for c, f in zip(compared, firsts, strict=True)]
    regions = [[o for o in os if o.loss == REGION] for os in found]
    doubtful = any(f.outcome.status not in RANKED for f in firsts)
    return [
        ["", *(c.estate.estate.name for c in compared)],
        ["runs on", *(f.offering or ", ".join(sorted({p.offering for p in f.outcome.placements})) for f in firsts)],
        *([["verdict", *(VERDICTS[f.outcome.status] for f in firsts)]] if doubtful else []),
        ["invoices, USD", *(summed_text(f.outcome) for f in firsts)],
        ["low to high", *(interval_text(f.outcome) for f in firsts)],
        ["clusters", *(clusters_text(f.outcome) for f in firsts)],
        ["links", *(links_text(f.outcome) for f in firsts)],
        ["shared by the account", *(account_text(f.outcome) for f in firsts)],
        ["with labour", *(money(f.outcome.total("cash")) for f in firsts)],
        ["least SLA of a cluster", *(promised(f.outcome) for f in firsts)],
        ["RPO, loss of a region", *("; ".join(dict.fromkeys(rpo_text(o) for o in os)) for os in regions)],
        ["RTO, loss of a region", *("; ".join(dict.fromkeys(rto_text(o) for o in os)) for os in regions)],
    ]


def print_side_by_side(compared: Sequence[EstateComparison]) -> None:
    """Print several estates beside each other, and what each loses."""
    console = screen()
    title, *rows = side_by_side_rows(compared)
    console.print(_grid(console, [(text, 0, i > 0) for i, text in enumerate(title)], rows))
    for c in compared:
        found = objectives(c.catalog, c.costing, c.candidates[0].outcome)
        console.print(Text(f"\n{c.estate.estate.name}", style="bold"))
        for finding in warnings(c.estate, c.catalog):
            console.print(Text(f"Warning: {finding.text}", style="yellow"))
        _losses(found, console)


def _grid(console: Console, heads: Sequence[tuple[str, int, bool]], rows: Sequence[Sequence[str]]) -> Table:
    """A table of the columns that fit whole: each a title, a rank, and whether it stands to the right."""
    kept = fitting([(title, rank) for title, rank, _ in heads], rows, console.width)
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, GAP, 0, 0))
    for i in kept:
        grid.add_column(heads[i][0], justify="right" if heads[i][2] else "left", no_wrap=heads[i][1] > 0 or i < 1)
    for row in rows:
        grid.add_row(*(Text(row[i]) for i in kept))
    return grid
