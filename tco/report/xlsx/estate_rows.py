"""Row sheets of an estate: the work of all clusters, a block for each link, and the account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tco.engine.estate import PAYERS, EstateOutcome
from tco.engine.link import LinkOutcome
from tco.engine.offering import OWN
from tco.engine.outcome import Outcome
from tco.model.evaluate import BASE
from tco.model.tree import names
from tco.report.estate_words import path_text
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.estate_parts import COUNT, figure_formula
from tco.report.xlsx.grid import FIRST_ROW, Grid, Shown
from tco.report.xlsx.offerings import OfferingSheet, offering_sheet
from tco.report.xlsx.rows import EVIDENCE, TIMELINE, Copy, RowSheet
from tco.workload.estate import EstatePlan

LINKS, ACCOUNT = "Links", "Account"
_LONG_NAMES = 44
_SHARED = ("clusters", "timeline", "replication", "topics")
Months = Sequence[tuple[int, int]]


def _copies(shown: Shown, wanted: Iterable[str], clusters: Iterable[int], evidence: int) -> list[Copy]:
    """Rows of items for some clusters, cluster by cluster; leaves out those that an item has no row for."""
    listed = [(n, shown.clusters(n)) for n in wanted if evidence == BASE or shown.book.items[n].uncertain]
    return [Copy(n, k, evidence) for k in clusters for n, on in listed if k in on]


def estate_timeline(canvas: Canvas, grid: Grid, shown: Shown, estate: EstatePlan) -> RowSheet:
    """Write the work of all clusters: what they share, each of them, what each link copies."""
    sheet = RowSheet(canvas, grid, shown, estate.plan.months, TIMELINE)
    book = shown.book
    rows = [
        n
        for s in _SHARED
        for n in book.sheets.get(s, ())
        if n != "month" and (shown.reckoned(n) or book.items[n].monthly or ("", n, 0, BASE) not in grid.spots)
    ]
    of_links = {n: x.name for x in estate.links for n in rows if n.startswith(f"link.{x.name}.")}
    apart = [n for n in rows if not book.items[n].per_cluster and n not in of_links]
    each = [n for n in rows if book.items[n].per_cluster]
    everywhere = range(len(shown.kinds))
    sheet.add("All clusters", _copies(shown, apart, [0], BASE))
    for k, kind in enumerate(shown.kinds):
        sheet.add(kind, _copies(shown, each, [k], BASE))
    for link in estate.links:
        own = [n for n, of in of_links.items() if of == link.name and not book.items[n].per_cluster]
        sheet.add(f"{link.name}: {link.source.name} to {link.target.name}", _copies(shown, own, [0], BASE))
    for e, word in EVIDENCE.items():
        sheet.add(f"Evidence: {word}", _copies(shown, rows, everywhere, e))
    sheet.head(TIMELINE, f"{estate.estate.name}: the work of all clusters month by month, before any offering")
    sheet.write()
    return sheet


def group_sheet(
    canvas: Canvas,
    grid: Grid,
    shown: Shown,
    outcome: EstateOutcome,
    group: Outcome,
    title: str,
    ranges: dict[tuple[str, str], tuple[str, str]],
    price_rows: dict[str, int],
) -> OfferingSheet:
    """Write the clusters that run on an offering at a site, each with what it costs by itself.

    What the account shares is priced on a sheet of its own, so that it is left out here but for what is used of it.
    """
    book, lines = group.book, group.subject.lines
    pooled = [ln.name for ln in lines if ln.pooled]
    apart = {n for n in book.order if n in pooled or n.startswith(tuple(f"{p}." for p in pooled))}
    apart |= {n for s in ("cash_flow", "surcharges") for n in book.sheets.get(s, ()) if not n.startswith(OWN)}
    taken = {r for f in outcome.figures.values() for t in f.terms if t.part is group for r in t.rows}
    wanted = [n for n in book.order if n not in apart or n in taken]
    sums = "Own cost, all clusters of each kind"
    return offering_sheet(canvas, grid, shown, group, title, ranges, price_rows, wanted, sums)


def links_sheet(
    canvas: Canvas, grid: Grid, links: Sequence[tuple[LinkOutcome, Shown, list[str]]], months: Months
) -> list[RowSheet]:
    """Write a block for each link: its mechanism, way, cost, and what is lost when its source is."""
    sheets: list[RowSheet] = []
    row = FIRST_ROW
    for link, shown, own in links:
        sheet = RowSheet(canvas, grid, shown, months, LINKS, row)
        _link_blocks(sheet, link, own)
        if not sheets:
            about = "One block a link, all links of its kind. Ways that a link does not take are left out."
            sheet.head(LINKS, about)
        sheet.write()
        sheets.append(sheet)
        row = sheet.row + 1
    return sheets


def _link_blocks(sheet: RowSheet, link: LinkOutcome, own: list[str]) -> None:
    shown, flow, name = sheet.shown, link.flow, link.flow.name
    asked = set(shown.book.needed(["rpo", "rto"])) if flow.recovers else set()
    of_recovery = [n for n in shown.book.sheets["recovery"] if shown.reckoned(n)]
    rows = [n for n in own if shown.reckoned(n) and (n not in of_recovery or n in asked)]
    used = {m for n in rows if (node := shown.node(n, 0)) for m in names(node)}
    rows = [n for n in rows if n in used or n == COUNT or shown.book.items[n].node is not None]
    given = [n for n in own if n in used and n not in rows and (shown.scope, n, 0, BASE) not in sheet.grid.spots]
    lines = tuple(p for ln in link.lines for p in (ln.name, f"{ln.name}."))
    costs = [n for n in rows if n in lines or n.startswith(tuple(p for p in lines if p.endswith(".")))]
    sums = [n for n in rows if n.startswith(OWN)]
    recovery = [n for n in rows if n in of_recovery]
    rest = [n for n in rows if n not in {*costs, *sums, *recovery}]
    by = f"{link.mechanism.name}, {path_text(link) or 'no way known'}"
    blocks = (
        (f"{name}: {flow.source.name} to {flow.target.name} by {by}", [*given, *rest]),
        (f"{name}: cost lines", costs),
        (f"{name}: own cost, all links of the kind", sums),
        (f"{name}: when {flow.source.name} is lost", recovery),
    )
    for title, wanted in blocks:
        sheet.add(title, _copies(shown, wanted, [0], BASE))
    everything = [n for _, wanted in blocks for n in wanted]
    for e, word in EVIDENCE.items():
        sheet.add(f"{name}: evidence, {word}", _copies(shown, everything, [0], e))


def account_sheet(
    canvas: Canvas, grid: Grid, shown: Shown, outcome: EstateOutcome, parts: Mapping[int, Shown], months: Months
) -> RowSheet:
    """Write what each cluster and link costs by itself, what is priced for all of them at once, and the sums."""
    sheet = RowSheet(canvas, grid, shown, months, ACCOUNT)
    book, figures = outcome.book, outcome.figures
    sheet.elsewhere = {
        (name, e): figure_formula(figure, parts, grid, ACCOUNT, e)
        for name, figure in figures.items()
        for e in (BASE, *EVIDENCE)
    }
    used = {n for row in book.order for n in names(book.items[row].node)}  # type: ignore[arg-type]
    rows = [
        n
        for s in ("account", "estate")
        for n in book.sheets.get(s, ())
        if book.items[n].node is not None or n in figures or (n in used and ("", n, 0, BASE) not in grid.spots)
    ]
    rows = [n for n in rows if n != "month"]
    blocks: dict[str, list[str]] = {"Own cost of clusters and links": [n for n in rows if _own(n, outcome)]}
    for r in outcome.account:
        mine = [n for n in rows if n == r.line.name or n.startswith(f"{r.line.name}.")]
        blocks[f"{r.label}, {r.sender}" if r.sender not in r.label else r.label] = mine
    sums = [n for n in rows if n in _SUMS or n.startswith("all.")]
    totals = [n for n in rows if n.endswith(".invoices")]
    placed = {n for block in blocks.values() for n in block}
    rest = [n for n in rows if n not in {*placed, *sums, *totals}]
    blocks |= {
        "Rates of what comes on top of invoices": rest,
        "With its share of the account": totals,
        "Sums": sums,
    }
    for title, wanted in blocks.items():
        sheet.add(title, _copies(shown, wanted, [0], BASE))
    for e, word in EVIDENCE.items():
        sheet.add(f"Evidence: {word}", _copies(shown, rows, [0], e))
    sheet.sheet.column_dimensions["B"].width = _LONG_NAMES
    sheet.head(ACCOUNT, "What is priced once for the estate, shared out by use, and the sums of all invoices")
    sheet.write()
    return sheet


_SUMS = ("invoices", "cash", "discounted")


def _own(name: str, outcome: EstateOutcome) -> bool:
    parts = [p.member.name for p in outcome.placements] + [x.flow.name for x in outcome.links]
    own = {f"{part}.{payer}" for part in parts for payer in PAYERS}
    return name in own or name.rpartition(".")[0] in own
