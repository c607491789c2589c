"""Putting the workbook of an estate together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tco import __version__
from tco.analysis.estates import Candidate, EstateComparison
from tco.engine.estate import PAYERS, EstateOutcome, Placement
from tco.engine.outcome import Outcome
from tco.engine.pricing import CostLine
from tco.model.evaluate import BASE
from tco.model.sparse import ZERO
from tco.report.citations import sources_of, sources_of_links
from tco.report.estate_words import estate_title
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.estate_parts import NUMBER, account_shown, group_shown, link_shown, work_shown
from tco.report.xlsx.estate_rows import (
    ACCOUNT,
    LINKS,
    account_sheet,
    estate_timeline,
    group_sheet,
    links_sheet,
)
from tco.report.xlsx.estate_summary import ESTATE, Check, EstateSheets, estate_sheet
from tco.report.xlsx.finish import finished
from tco.report.xlsx.givens import (
    INPUTS,
    PRICES,
    SECTIONS,
    UNITS,
    VARIANTS,
    inputs_sheet,
    prices_sheet,
    units_sheet,
    variants_sheet,
)
from tco.report.xlsx.grid import Grid, quoted
from tco.report.xlsx.outputs import CHANGE, CHECKS, COVER, GUIDE, OK, check, checks_head, cover, master_check
from tco.report.xlsx.promises import (
    CAVEATS,
    DATES,
    SLA,
    Bite,
    Promised,
    caveats_sheet,
    dates_sheet,
    sla_sheet,
)
from tco.report.xlsx.rows import TIMELINE, RowSheet
from tco.report.xlsx.texts import LOG, SOURCES, sources_sheet, table
from tco.sla.verdict import SEVERITIES, CaveatVerdict

_LONGEST_TITLE = 31
_LINKS_OF_INPUTS = ("Links", "replication", False)


def write_estate_workbook(
    comparison: EstateComparison, candidate: Candidate, sets: Mapping[str, str] | None = None
) -> bytes:
    """Return the workbook of an estate on an offering: live formulas, cached values, the same bytes every time.

    Args:
        comparison: the estate on each offering that was asked for.
        candidate: the one that the workbook is about.
        sets: what `--set` changed, for the log.
    """
    outcome, estate = candidate.outcome, comparison.estate
    canvas, grid, months = Canvas(), Grid(estate.plan.workload.horizon), estate.plan.months
    groups = _groups(outcome)
    titles = _titles([g[0].group for g in groups])
    for title in (
        COVER,
        ESTATE,
        INPUTS,
        TIMELINE,
        *titles,
        *([LINKS] if outcome.links else []),
        ACCOUNT,
        SLA,
        CAVEATS,
        DATES,
        PRICES,
        VARIANTS,
        UNITS,
        CHECKS,
        SOURCES,
        LOG,
    ):
        canvas.sheet(title)
    shared = work_shown(estate, comparison.costing.work(outcome))
    shown = [group_shown(title, placements) for title, placements in zip(titles, groups, strict=True)]
    linked = [(x, *link_shown(x, shared)) for x in outcome.links]
    account = account_shown(outcome)
    sections = (*SECTIONS[:2], _LINKS_OF_INPUTS, *SECTIONS[2:])
    changeable = inputs_sheet(canvas, grid, shared, sections)
    priced = [(s, p[0].group.subject.lines) for s, p in zip(shown, groups, strict=True)]
    priced += [(s, x.lines) for x, s, _ in linked] + [(account, [r.line for r in outcome.account])]
    price_rows = prices_sheet(canvas, grid, comparison.catalog, priced)
    ranges = variants_sheet(canvas, grid, [(s.scope, p[0].group) for s, p in zip(shown, groups, strict=True)])
    work = estate_timeline(canvas, grid, shared, estate)
    of_groups = {
        id(p[0].group): group_sheet(canvas, grid, s, outcome, p[0].group, s.scope, ranges, price_rows)
        for s, p in zip(shown, groups, strict=True)
    }
    links = links_sheet(canvas, grid, linked, months)
    parts = {id(p[0].group): s for s, p in zip(shown, groups, strict=True)} | {id(x): s for x, s, _ in linked}
    sums = account_sheet(canvas, grid, account, outcome, parts, months)
    sheets = EstateSheets(outcome, grid, work, of_groups, links, sums)
    checks = estate_sheet(canvas, comparison, sheets, f"{CHECKS}!$D$4", OK)
    _checks(canvas, [*checks, *_part_checks(sheets), *_end_checks(sheets), _npv(sheets)], changeable)
    _cover(canvas, comparison, candidate)
    sla_sheet(
        canvas,
        ["Cluster", "Offering"],
        [Promised([p.member.name, p.group.subject.offering.name], p.sla) for p in outcome.placements],
    )
    caveats_sheet(canvas, comparison.catalog, "Bites of its clusters", 40, _bites(outcome))
    dates_sheet(canvas, comparison.catalog, (p[0].group for p in groups))
    used = sources_of(p[0].group for p in groups) | sources_of_links(outcome.links)
    used |= {p.source for r in outcome.account for p in r.line.points}
    sources_sheet(canvas, comparison.catalog, used)
    _log(canvas, comparison, candidate, sets or {})
    units_sheet(canvas, grid)
    canvas.styles.close(canvas.workbook)
    return finished(canvas.workbook, canvas.cached, comparison.options.as_of)


def _groups(outcome: EstateOutcome) -> list[list[Placement]]:
    """Placements of each offering and site, in the order of the clusters."""
    found: dict[int, list[Placement]] = {}
    for placement in outcome.placements:
        found.setdefault(id(placement.group), []).append(placement)
    return list(found.values())


def _bites(outcome: EstateOutcome) -> list[Bite]:
    """Caveats of each offering, those that bite first, with the clusters that they bite."""
    found: dict[tuple[str, str], tuple[CaveatVerdict, list[str]]] = {}
    for p in outcome.placements:
        for v in p.sla.caveats if p.sla else ():
            _, bitten = found.setdefault((p.group.subject.offering.name, v.caveat.code), (v, []))
            bitten += [p.member.name] if v.bites else []
    clusters = Counter(p.group.subject.offering.name for p in outcome.placements)
    rows = [
        Bite(name, v, "all" if len(bitten) == clusters[name] > 1 else ", ".join(bitten) or "none")
        for (name, _), (v, bitten) in found.items()
    ]
    return sorted(rows, key=lambda r: (r.offering, r.bites == "none", SEVERITIES.index(r.verdict.caveat.severity)))


def _titles(groups: Sequence[Outcome]) -> list[str]:
    """Names of the groups' sheets: the offering without its vendor, its region where it is at several sites."""
    ids = [g.id for g in groups]
    short = [i.partition(".")[2] for i in ids]
    alike = {s: {i for i in ids if i.partition(".")[2] == s} for s in short}
    names = [s if len(alike[s]) == 1 else i for i, s in zip(ids, short, strict=True)]
    titles: list[str] = []
    for name, group in zip(names, groups, strict=True):
        several = names.count(name) > 1
        whole = f"{name} {group.subject.site.region}" if several else name
        title = whole[:_LONGEST_TITLE]
        for n in range(2, len(groups) + 1):
            if title not in titles:
                break
            title = f"{whole[: _LONGEST_TITLE - len(str(n)) - 1]} {n}"
        titles.append(title)
    return titles


def _part_checks(sheets: EstateSheets) -> list[Check]:
    """Own costs of each group and link by a second way: the sum of their lines."""
    outcome, found = sheets.outcome, list[Check]()
    for group, rows in sheets.groups.items():
        names = [p.member.name for p in outcome.placements if id(p.group) == group]
        found += _own_check(sheets, rows, rows.title, rows.outcome.subject.lines, names)
    for link, block in zip(outcome.links, sheets.links, strict=True):
        found += _own_check(sheets, block, link.flow.name, link.lines, [link.flow.name])
    return found


def _own_check(
    sheets: EstateSheets, rows: RowSheet, title: str, lines: Sequence[CostLine], names: Sequence[str]
) -> list[Check]:
    costs = [f"{ln.name}.cost" for ln in lines if ln.priced and not ln.pooled]
    cells = [f"{quoted(rows.title)}!$E${rows.spot(n).row}" for n in costs if rows.shown.node(n, 0) != ZERO]
    own = [f"{name}.{payer}" for name in names for payer in PAYERS]
    value = sum(sheets.outcome.total(n) for n in own)
    label = f"{title}: own costs are the sum of the lines"
    return [(label, "+".join(cells), "+".join(sheets.total(n) for n in own), value)] if cells else []


def _end_checks(sheets: EstateSheets) -> list[Check]:
    """Links join as many clusters at both ends, or one at one of them."""
    found = list[Check]()
    for link in sheets.outcome.links:
        n, m = (sheets.work.cell(NUMBER, cluster=end.first) for end in (link.flow.source, link.flow.target))
        label = f"{link.flow.name}: as many clusters at both ends, or one at one of them (0)"
        found.append((label, f"({n}-{m})*(MIN({n},{m})-1)", "0", 0.0))
    return found


def _npv(sheets: EstateSheets) -> Check:
    spots = sheets.grid.spots
    rate, months = spots["", "discount_rate", 0, BASE], spots["", "months_a_year", 0, BASE]
    span = sheets.account.span("invoices")
    npv = f"NPV((1+{INPUTS}!$D${rate.row})^(1/{INPUTS}!$D${months.row})-1,{span})"
    label = "Estate: net present value by the spreadsheet's own function"
    return label, npv, sheets.total("discounted"), sheets.outcome.total("discounted")


def _checks(canvas: Canvas, checks: Sequence[Check], changeable: list[int]) -> None:
    row = checks_head(canvas, ESTATE)
    for found in checks:
        check(canvas, row, *found)
        row += 1
    master_check(canvas, row, changeable)


def _cover(canvas: Canvas, comparison: EstateComparison, candidate: Candidate) -> None:
    estate, options, catalog = comparison.estate.estate, comparison.options, comparison.catalog
    facts = [
        ("About", estate.about),
        ("Clusters", estate_title(comparison).removeprefix(f"{estate.name}: ")),
        ("Runs on", candidate.offering or "the offering that each cluster names"),
        ("Horizon", f"{estate.horizon} months from {estate.start}"),
        ("Prices in force on", options.as_of.isoformat()),
        ("Sizing", f"{options.sizing} rule"),
        ("Catalog", catalog.name),
        ("Catalog SHA-256", catalog.digest),
        ("Tool", f"kafka-tco {__version__}"),
        *(("Source", source) for source in estate.sources),
    ]
    guide = (
        CHANGE,
        "One sheet for each offering at a site, with the clusters that run there; their configuration can be changed "
        "from the lists at the top.",
        "Links: what copies data between clusters, and what is lost when a source goes down.",
        "Account: what is priced once for all of them, shared out by use, and the sums.",
        "Offerings, mechanisms and how fast a standby grows are those of the run: run the tool again to change these.",
        *GUIDE,
    )
    cover(canvas, estate.name, [f for f in facts if f[1]], guide, f"{CHECKS}!$D$4", wrap=True)
    canvas.fit(canvas[COVER])


def _log(canvas: Canvas, comparison: EstateComparison, candidate: Candidate, sets: Mapping[str, str]) -> None:
    """Write what this file was made from, so that it can be made again."""
    options, catalog = comparison.options, comparison.catalog

    def listed(values: Mapping[str, str], none: str) -> str:
        return ", ".join(f"{k}={v}" for k, v in values.items()) or none

    rows = [
        ("Tool", f"kafka-tco {__version__}"),
        ("Catalog", catalog.name),
        ("Catalog SHA-256", catalog.digest),
        ("Prices as of", options.as_of.isoformat()),
        ("Sizing", options.sizing),
        ("Set on the command line", listed(sets, "nothing")),
        ("Pinned on the command line", listed(options.given, "nothing")),
        ("Assumptions changed", listed(options.assumptions, "none")),
        ("Offering", candidate.offering or "as each cluster names it"),
        *((p.member.name, p.offering) for p in candidate.outcome.placements),
        *((x.flow.name, x.mechanism.id) for x in candidate.outcome.links),
        ("Estate", comparison.estate.text),
        *((f"Quote: {q.name}", q.text) for q in catalog.quotes),
    ]
    table(canvas, LOG, "Everything needed to make this file again.", ("What", "Value"), rows, (30, 120))
