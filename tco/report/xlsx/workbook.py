"""Putting the workbook together."""

from __future__ import annotations

from collections.abc import Sequence

from tco.analysis.compare import Comparison
from tco.analysis.risk import of_plan, outages_of_a_year
from tco.report.citations import sources_used
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.finish import finished
from tco.report.xlsx.givens import (
    INPUTS,
    PRICES,
    UNITS,
    VARIANTS,
    inputs_sheet,
    prices_sheet,
    units_sheet,
    variants_sheet,
)
from tco.report.xlsx.grid import Grid, Shown
from tco.report.xlsx.offerings import offering_sheet
from tco.report.xlsx.outputs import (
    CASH_FLOW,
    CHECKS,
    COVER,
    OK,
    cash_flow_sheet,
    checks_sheet,
    cover_sheet,
)
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
from tco.report.xlsx.rows import TIMELINE, timeline_sheet
from tco.report.xlsx.summary import SUMMARY, summary_sheet
from tco.report.xlsx.texts import LOG, SOURCES, log_sheet, sources_sheet
from tco.report.year import HEADS, expectation, year_cells

_LONGEST_TITLE = 31


def write_workbook(comparison: Comparison) -> bytes:
    """Return the workbook of a comparison: live formulas, cached values, the same bytes every time."""
    canvas, grid = Canvas(), Grid(comparison.plan.workload.horizon)
    titles = _titles([o.id for o in comparison.outcomes])
    for title in (
        COVER,
        SUMMARY,
        INPUTS,
        TIMELINE,
        *titles.values(),
        CASH_FLOW,
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
    outcomes, months = comparison.outcomes, comparison.plan.months
    kinds = tuple(c.name for c in comparison.plan.clusters)
    shared = Shown("", outcomes[0].book, outcomes[0].values, kinds)
    shown = [Shown(o.id, o.book, o.values, kinds) for o in outcomes]
    changeable = inputs_sheet(canvas, grid, shared)
    priced = [(s, o.subject.lines) for s, o in zip(shown, outcomes, strict=True)]
    price_rows = prices_sheet(canvas, grid, comparison.catalog, priced)
    ranges = variants_sheet(canvas, grid, [(o.id, o) for o in outcomes])
    timeline_sheet(canvas, grid, shared, months, comparison.plan.workload.name)
    sheets = [
        offering_sheet(canvas, grid, s, o, titles[o.id], ranges, price_rows)
        for s, o in zip(shown, outcomes, strict=True)
    ]
    checks = checks_sheet(canvas, grid, sheets, changeable)
    cash_flow_sheet(canvas, comparison, sheets)
    summary_sheet(canvas, comparison, sheets, checks, OK)
    cover_sheet(canvas, comparison, checks)
    _promises(canvas, comparison)
    bites = (
        Bite(o.subject.offering.name, v, "yes" if v.bites else "no")
        for o in outcomes
        for v in (o.sla.caveats if o.sla else ())
    )
    caveats_sheet(canvas, comparison.catalog, "Bites this plan", 12, bites)
    dates_sheet(canvas, comparison.catalog, outcomes)
    sources_sheet(canvas, comparison.catalog, sources_used(comparison))
    log_sheet(canvas, comparison)
    units_sheet(canvas, grid)
    canvas.styles.close(canvas.workbook)
    return finished(canvas.workbook, canvas.cached, comparison.options.as_of)


def _promises(canvas: Canvas, comparison: Comparison) -> None:
    """Write the SLA of each offering, with a year of expected outages where the plan has some.

    Those are values as delivered, which follow no input.
    """
    expected = {row.outcome.id: row for row in of_plan(comparison)}
    heads = [f"Expected: {head}" for head in HEADS[1:]] if expected else []
    about = ""
    if expected:
        said = expectation(list(expected.values()), outages_of_a_year(comparison))
        about = " ".join(
            [*said, "Beside the totals and not in them; as delivered, and not renewed when an input changes."]
        )
    rows = [
        Promised(
            [o.subject.offering.name],
            o.sla,
            year_cells(expected[o.id])[1:] if o.id in expected else [""] * len(heads),
        )
        for o in comparison.outcomes
    ]
    sla_sheet(canvas, ["Offering"], rows, about, heads)


def _titles(offerings: Sequence[str]) -> dict[str, str]:
    """Names of the offerings' sheets: without the vendor where that is enough to tell them apart."""
    short = {o: o.partition(".")[2] for o in offerings}
    return {o: (o if list(short.values()).count(name) > 1 else name)[:_LONGEST_TITLE] for o, name in short.items()}
