"""Sheet Estate: clusters, links, what the account shares, each with its cost; sums by environment, team, payer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from tco.analysis.estates import EstateComparison
from tco.analysis.recovery import objectives
from tco.engine.estate import INVOICED, PAYERS, EstateOutcome, link_status
from tco.engine.link import LinkOutcome
from tco.engine.outcome import Status
from tco.model.evaluate import BASE, COMPARE_TOLERANCE
from tco.report.estate_words import path_text, rpo_text, rto_text, sla_text
from tco.report.words import VERDICTS
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.grid import FIRST_MONTH, Grid, literal, quoted
from tco.report.xlsx.offerings import OfferingSheet
from tco.report.xlsx.rows import RowSheet
from tco.report.xlsx.style import AT_LEAST, COUNT, WHOLE

ESTATE = "Estate"
LOW, HIGH = 0, 2
_EVIDENCE = (("low", LOW), ("total", BASE), ("high", HIGH))
#: Column to its width; all tables share the columns, so that their money stands in line.
_WIDTHS: dict[str, float] = {
    "name": 48,
    "total": 15,
    "low": 15,
    "high": 15,
    "own": 15,
    "share": 13,
    "verdict": 15,
    "count": 7,
    "size": 11,
    "unit": 11,
    "by": 38,
    "where": 40,
    "part": 20,
    "environment": 13,
    "team": 13,
    "uptime": 10,
    "rpo": 32,
    "rto": 38,
}
_AT = {name: i for i, name in enumerate(_WIDTHS, 1)}
_WORDS = {"name", "part", "environment", "team", "where", "by", "unit", "rpo", "rto", "verdict"}
_CLUSTERS = {
    "name": "Cluster",
    "total": "Total",
    "low": "Total, low",
    "high": "Total, high",
    "own": "Own cost",
    "share": "Share of the account",
    "verdict": "Verdict",
    "count": "Count",
    "size": "Size of one",
    "unit": "Unit",
    "by": "Offering",
    "where": "Region",
    "part": "Role, environments",
    "environment": "Environment",
    "team": "Team",
    "uptime": "Uptime promised",
    "rpo": "Data lost with its region",
    "rto": "Back after",
}
_LINKS = _CLUSTERS | {
    "name": "Link",
    "part": "Way",
    "where": "From and to",
    "by": "Mechanism",
    "size": "At peak, each",
    "uptime": "",
    "rpo": "Data lost with its source, s",
    "rto": "Until the target takes over, min",
}
_SUMS = {"name": "", "total": "USD", "low": "Low", "high": "High"}
_ACCOUNT = _SUMS | {"name": "What", "where": "Sold by", "by": "Used by"}
_NAMED = 2
#: Row with the invoices.
_INVOICES = 7
#: First and last row of a block.
Lines = tuple[int, int]
#: Label, one way, another way, value.
Check = tuple[str, str, str, float]


@dataclass
class EstateSheets:
    """The sheets that the summary refers to.

    Attributes:
        groups: id of a group to its sheet.
        links: in the order of the outcome's.
    """

    outcome: EstateOutcome
    grid: Grid
    work: RowSheet
    groups: dict[int, OfferingSheet]
    links: list[RowSheet]
    account: RowSheet

    def total(self, name: str, evidence: int = BASE) -> str:
        """Cell with the sum of a row of the account over the horizon."""
        e = evidence if self.account.book.items[name].uncertain else BASE
        spot = self.grid.spots[self.account.scope, name, 0, e]
        return f"{quoted(spot.sheet)}!$E${spot.row}"


class _Table:
    """Lines of the sheet while they are written."""

    def __init__(self, canvas: Canvas, sheets: EstateSheets, row: int) -> None:
        self.canvas, self.sheets, self.row = canvas, sheets, row
        self.sheet, self.outcome = canvas[ESTATE], sheets.outcome

    def head(self, title: str, heads: dict[str, str]) -> None:
        self.canvas.text(self.sheet, self.row, 1, title, "section")
        self.row += 1
        for name, head in heads.items():
            align = "left" if name in _WORDS else "right"
            self.canvas.text(self.sheet, self.row, _AT[name], head, "head", wrap=True, align=align)
        self.row += 1

    def text(self, column: str, text: str, kind: str = "text") -> None:
        align = "left" if column in _WORDS else "right"
        self.canvas.text(self.sheet, self.row, _AT[column], text, kind, align=align)

    def formula(self, column: str, formula: str, value: float | str, kind: str = "link", fmt: str = WHOLE) -> None:
        align = "left" if column in _WORDS else ""
        self.canvas.formula(self.sheet, self.row, _AT[column], formula, value, kind, fmt, align=align)

    def cell(self, column: str) -> str:
        return f"{get_column_letter(_AT[column])}{self.row}"

    def area(self, column: str, first: int, last: int) -> str:
        letter = get_column_letter(_AT[column])
        return f"${letter}${first}:${letter}${last}"

    def sums(self, rows: Sequence[str], evidence: int = BASE) -> tuple[str, float]:
        """Return the sum of some rows of the account over the horizon, as a formula and as a number."""
        formula = "+".join(self.sheets.total(r, evidence) for r in rows) or "0"
        return formula, sum(self.outcome.total(r, evidence) for r in rows)

    def money(self, rows: Sequence[str], kind: str = "link", fmt: str = WHOLE) -> None:
        """Write the low, base and high sum of some rows of the account."""
        for column, evidence in _EVIDENCE:
            heavy = kind if column == "total" else "link"
            self.formula(column, *self.sums(rows, evidence), heavy, fmt)


def estate_sheet(
    canvas: Canvas, comparison: EstateComparison, sheets: EstateSheets, checks: str, checked: str
) -> list[Check]:
    """Write the sheet; return checks of it.

    Args:
        canvas: the workbook.
        comparison: for names and what is asked for.
        sheets: all other sheets of figures.
        checks: reference to the master check.
        checked: its value.
    """
    sheet, estate, outcome = canvas[ESTATE], comparison.estate.estate, sheets.outcome
    canvas.text(sheet, 1, 1, f"Estate: {estate.name}", "title")
    about = (
        f"USD over {estate.horizon} months from {estate.start}, list prices of {comparison.options.as_of.isoformat()}, "
        "taxes excluded. Own cost is what a part costs by itself; its share is of what is priced for the account."
    )
    canvas.text(sheet, 2, 1, about, "note")
    canvas.text(sheet, 3, 1, "Checks:", "note")
    canvas.formula(sheet, 3, 2, checks, checked, "verdict")
    for name, width in _WIDTHS.items():
        sheet.column_dimensions[get_column_letter(_AT[name])].width = width
    table = _Table(canvas, sheets, 5)
    fmt = AT_LEAST if outcome.status == "lower_bound" else WHOLE
    _whole(table, fmt)
    parts = [_clusters(table, comparison), *([_links(table)] if outcome.links else [])]
    account = _account(table)
    ends = [p.member for p in outcome.placements] + [x.flow.target for x in outcome.links]
    named = list(zip(_names(outcome), ends, strict=True))
    sums = {
        "by payer": _by_payer(table),
        "by environment": _by_key(
            table, "By environment", "environment", {n: m.spec.environment for n, m in named}, parts
        ),
        "by team": _by_key(table, "By team", "team", {n: m.spec.team for n, m in named}, parts),
    }
    _reasons(table)
    canvas.fit(sheet)
    sheet.freeze_panes = "B5"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3
    red = PatternFill("solid", start_color="FBE3E4", end_color="FBE3E4")
    rule = CellIsRule(operator="equal", formula=['"infeasible"'], fill=red, font=Font(bold=True))  # type: ignore[no-untyped-call]
    sheet.conditional_formatting.add(table.area("verdict", parts[0][0], parts[-1][1]), rule)
    return _checks(table, parts, sums, account)


def _whole(table: _Table, fmt: str) -> None:
    table.head("In all", _SUMS)
    for label, row, kind in (
        ("Invoices", "invoices", "verdict"),
        ("Invoices and labour", "cash", "link"),
        ("Net present value of the invoices", "discounted", "link"),
    ):
        table.text("name", label, "verdict" if kind == "verdict" else "text")
        table.money([row], kind, fmt)
        table.row += 1
    table.row += 1


def _clusters(table: _Table, comparison: EstateComparison) -> Lines:
    table.head("Clusters", _CLUSTERS)
    first = table.row
    found = objectives(comparison.catalog, comparison.costing, table.outcome)
    regions = {o.cluster: o for o in found if o.loss == "its region"}
    for placement in table.outcome.placements:
        name, spec, subject = placement.member.name, placement.member.spec, placement.group.subject
        rows, kind = table.sheets.groups[id(placement.group)], placement.place
        work = table.sheets.work
        table.text("name", name, "verdict")
        count = work.span("cluster.number", cluster=placement.member.first)
        table.formula("count", count, float(placement.member.count), "link", COUNT)
        table.text("part", ", ".join([spec.role, *(c.name for c in placement.member.plan.clusters[1:])]))
        table.text("environment", spec.environment)
        table.text("team", spec.team)
        table.text("where", f"{subject.site.cloud}, {subject.site.region}")
        table.text("by", subject.offering.name)
        units = subject.offering.sizing.units
        largest = float(placement.group.monthly(units, kind).max())
        table.formula("size", f"MAX({rows.span(units, cluster=kind)})", largest, "link", "#,##0.##")
        table.text("unit", placement.group.book.items[units].unit.text)
        _cost(table, name, AT_LEAST if placement.unpriced else WHOLE)
        table.text("uptime", sla_text(placement))
        if name in regions:
            table.text("rpo", rpo_text(regions[name]))
            table.text("rto", rto_text(regions[name]))
        _verdict(table, placement.status, lambda p=placement, r=rows: r.broken(p.places))  # type: ignore[misc]
        table.row += 1
    for name in table.outcome.impossible:
        table.text("name", name, "verdict")
        table.text("verdict", VERDICTS["infeasible"])
        table.row += 1
    table.row += 1
    return first, table.row - 2


def _verdict(table: _Table, status: Status, broken: Callable[[], str]) -> None:
    """Write a verdict, live where it hangs on limits alone."""
    if status not in ("priced", "lower_bound"):
        table.text("verdict", VERDICTS[status])
        return
    table.formula("verdict", f'IF({broken()},"infeasible",{literal(VERDICTS[status])})', VERDICTS[status], "text")


def _cost(table: _Table, name: str, fmt: str) -> None:
    """Write what a part costs by itself, its share of the account, and both."""
    own = [f"{name}.{p}" for p in INVOICED]
    shares = [r.shares[name] for r in table.outcome.account if name in r.shares]
    table.formula("own", *table.sums(own), "link", fmt)
    table.formula("share", *table.sums(shares))
    table.money([f"{name}.invoices"], "verdict", fmt)


def _links(table: _Table) -> Lines:
    """Write the links; each counts with the environment and team of its target, which wants the copy."""
    table.head("Links", _LINKS)
    first = table.row
    for link, rows in zip(table.outcome.links, table.sheets.links, strict=True):
        _link(table, link, rows)
        table.row += 1
    table.row += 1
    return first, table.row - 2


def _link(table: _Table, link: LinkOutcome, rows: RowSheet) -> None:
    flow, name = link.flow, link.flow.name
    table.text("name", name, "verdict")
    table.formula("count", table.sheets.work.span(f"link.{name}.links"), float(flow.links), "link", COUNT)
    table.text("part", path_text(link))
    table.text("environment", flow.target.spec.environment)
    table.text("team", flow.target.spec.team)
    table.text("where", f"{flow.source.name} to {flow.target.name}")
    table.text("by", link.mechanism.name)
    peak = f"link.{name}.peak"
    table.formula("size", _most(table.sheets.work, peak, link), link.worst(peak)[1], "link", "#,##0.##")
    table.text("unit", link.book.items[peak].unit.text)
    _cost(table, name, AT_LEAST if link.unpriced else WHOLE)
    if flow.recovers:
        for column, row in (("rpo", "rpo"), ("rto", "rto")):
            table.formula(column, _most(rows, row, link), link.worst(row)[1], "link", "#,##0.##")
    broken = [rows.span(f"limit.{n}.broken") for n in link.mechanism.limits]
    tests = [f"MAX({span})>0" for span in broken if span]
    if tests:
        _verdict(table, link_status(link), lambda: f"OR({','.join(tests)})")
    else:
        table.text("verdict", VERDICTS[link_status(link)])


def _most(rows: RowSheet, name: str, link: LinkOutcome) -> str:
    """Largest value of a row over the months in which a link runs."""
    spot, alive = rows.spot(name), [i for i, on in enumerate(link.flow.alive) if on]
    if not spot.monthly:
        return rows.cell(name)
    first, last = (f"${get_column_letter(FIRST_MONTH + i)}${spot.row}" for i in (alive[0], alive[-1]))
    return f"MAX({quoted(spot.sheet)}!{first}:{last})"


def _account(table: _Table) -> Lines:
    """Write what is priced for the account as a whole."""
    table.head("Priced once, for the account", _ACCOUNT)
    first = table.row
    for row in table.outcome.account:
        table.text("name", row.label)
        table.text("where", row.sender)
        many = len(row.shares) > _NAMED
        table.text("by", f"{len(row.shares)} clusters and links" if many else " and ".join(row.shares))
        if row.cost:
            table.money([row.cost])
        else:
            table.text("total", VERDICTS["quote_needed"])
        table.row += 1
    if table.row == first:
        table.text("name", "nothing")
        table.row += 1
    table.row += 1
    return first, table.row - 2


def _by_payer(table: _Table) -> Lines:
    table.head("By who is paid", _SUMS)
    first = table.row
    for payer in (*INVOICED, *(p for p in PAYERS if p not in INVOICED)):
        table.text(
            "name", payer.replace("_", " ").capitalize() + ("" if payer in INVOICED else ", beside the invoices")
        )
        table.money([f"all.{payer}"])
        table.row += 1
    table.row += 1
    return first, first + len(INVOICED) - 1


def _by_key(table: _Table, title: str, column: str, keys: dict[str, str], parts: Sequence[Lines]) -> Lines:
    """Add up clusters and links by a word of theirs.

    Args:
        table: where it stands.
        title: of the block.
        column: with the word.
        keys: part to its word.
        parts: lines of the clusters and of the links.
    """
    table.head(title, _SUMS)
    first, outcome = table.row, table.outcome
    for key in dict.fromkeys(keys.values()):
        table.text("name", key)
        for money, evidence in _EVIDENCE:
            terms = [f"SUMPRODUCT(({table.area(column, *p)}=$A{table.row})*{table.area(money, *p)})" for p in parts]
            value = sum(outcome.total(f"{n}.invoices", evidence) for n, k in keys.items() if k == key)
            table.formula(money, "+".join(terms), value, "text")
        table.row += 1
    table.text("name", "Shared out to nobody", "note")
    for money, evidence in _EVIDENCE:
        whole = f"{get_column_letter(_AT[money])}${_INVOICES}"
        rest = "-".join([whole, *(f"SUM({table.area(money, *p)})" for p in parts)])
        total = outcome.total("invoices", evidence)
        left = total - sum(outcome.total(f"{n}.invoices", evidence) for n in keys)
        value = 0.0 if abs(left) <= COMPARE_TOLERANCE * max(1.0, abs(total)) else left
        table.formula(money, f"IF(ABS({rest})<=Units!$B$6*MAX(1,ABS({whole})),0,{rest})", value, "note")
    table.row += 2
    return first, table.row - 2


def _reasons(table: _Table) -> None:
    """Write why it has its verdict, one reason a line."""
    outcome = table.outcome
    table.text("name", f"Verdict: {VERDICTS[outcome.status]}", "section")
    for reason in dict.fromkeys(outcome.reasons):
        table.row += 1
        table.text("name", reason)


def _checks(table: _Table, parts: Sequence[Lines], sums: dict[str, Lines], account: Lines) -> list[Check]:
    outcome = table.outcome

    def added(column: str, *lines: Lines) -> str:
        return "+".join(f"SUM({ESTATE}!{table.area(column, *p)})" for p in lines)

    invoices, value = f"{ESTATE}!${get_column_letter(_AT['total'])}${_INVOICES}", outcome.invoices
    priced = f"{added('own', *parts)}+{added('total', account)}"
    total = sum(outcome.total(f"{n}.invoices") for n in _names(outcome))
    shared = f"{added('own', *parts)}+{added('share', *parts)}"
    return [
        ("Estate: clusters, links and what the account shares add up to the invoices", priced, invoices, value),
        ("Estate: own costs and shares add up to the totals", shared, added("total", *parts), total),
        *(
            (f"Estate: {title} adds up to the invoices", added("total", p), invoices, value)
            for title, p in sums.items()
        ),
    ]


def _names(outcome: EstateOutcome) -> list[str]:
    return [p.member.name for p in outcome.placements] + [x.flow.name for x in outcome.links]
