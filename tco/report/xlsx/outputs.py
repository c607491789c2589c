"""Sheets around the summary: Cover, Cash flow, Checks. All figures are formulas."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.utils import get_column_letter

from tco import __version__
from tco.analysis.compare import Comparison
from tco.model.evaluate import BASE
from tco.report.words import NOT_ASSESSED, VERDICTS, price_basis
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.grid import FIRST_MONTH, Grid, quoted
from tco.report.xlsx.offerings import OfferingSheet
from tco.report.xlsx.style import MONEY
from tco.report.xlsx.summary import FIRST_LINE, SUMMARY, VERDICT_COLUMN

COVER, CASH_FLOW, CHECKS = "Cover", "Cash flow", "Checks"
_YEAR, _FIRST_CHECK = 12, 7
OK, _FAIL, _NOTE = "ok", "FAIL", "inputs differ from those the configurations were chosen for: run tco compare again"


def cash_flow_sheet(canvas: Canvas, comparison: Comparison, sheets: list[OfferingSheet]) -> None:
    """Write what is paid by whom, a year at a time."""
    sheet = canvas[CASH_FLOW]
    horizon = comparison.plan.workload.horizon
    years = -(-horizon // _YEAR)
    canvas.text(sheet, 1, 1, "Cash flow", "title")
    canvas.text(
        sheet, 2, 1, "USD a year of the plan, by who is paid. Undiscounted; paid at the end of each month.", "note"
    )
    for column, head in enumerate(("Offering", "Paid to", *(f"Year {y + 1}" for y in range(years)), "Sum"), 1):
        canvas.text(sheet, 4, column, head, "head", align="right" if column > 2 else "")
    row = 5
    for place, rows in enumerate(sheets, FIRST_LINE):
        if rows.outcome.status == "quote_needed":
            continue
        canvas.formula(sheet, row + 1, 1, f"{SUMMARY}!${VERDICT_COLUMN}${place}", VERDICTS[rows.outcome.status], "note")
        for i, name in enumerate(("vendor_invoice", "cloud_invoice", "one_off", "people", "cash")):
            kind = "total" if name == "cash" else "text"
            if i == 0:
                canvas.text(sheet, row, 1, rows.outcome.subject.offering.name, "verdict")
            canvas.text(sheet, row, 2, rows.book.items[name].label, kind)
            months = rows.outcome.monthly(name)
            item = rows.book.items[name]
            spot = rows.grid.spots[rows.scope, name, 0, BASE]
            for y in range(years):
                first, last = y * _YEAR, min(horizon, (y + 1) * _YEAR) - 1
                span = (
                    f"{quoted(rows.title)}!${get_column_letter(FIRST_MONTH + first)}${spot.row}:"
                    f"${get_column_letter(FIRST_MONTH + last)}${spot.row}"
                )
                formula = f"SUM({span})" if item.monthly else "0"
                value = float(months[first : last + 1].sum()) if item.monthly else 0.0
                canvas.formula(sheet, row, 3 + y, formula, value, kind, MONEY)
            area = f"C{row}:{get_column_letter(2 + years)}{row}"
            canvas.formula(
                sheet, row, 3 + years, f"SUM({area})", float(months.sum()) if item.monthly else 0.0, kind, MONEY
            )
            row += 1
        row += 1
    for column, width in enumerate((46, 24, *([16] * (years + 1))), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "C5"


def checks_sheet(canvas: Canvas, grid: Grid, sheets: list[OfferingSheet], changeable: list[int]) -> str:
    """Write the checks; return the formula that refers to the master check."""
    row = checks_head(canvas, SUMMARY)
    for rows in sheets:
        outcome = rows.outcome
        if not outcome.priced_lines:
            continue
        name, total = outcome.subject.offering.name, outcome.interval("total").base
        parts = [
            f"{quoted(rows.title)}!$E${grid.spots[rows.scope, f'{ln.name}.cost', 0, BASE].row}"
            for ln in outcome.subject.lines
            if ln.priced and ln.line.payer != "labour"
        ]
        check(canvas, row, f"{name}: total is the sum of its lines", "+".join(parts), rows.cell("total"), total)
        rate, months = grid.spots["", "discount_rate", 0, BASE], grid.spots["", "months_a_year", 0, BASE]
        npv = f"NPV((1+Inputs!$D${rate.row})^(1/Inputs!$D${months.row})-1,{rows.span('invoices')})"
        check(
            canvas,
            row + 1,
            f"{name}: net present value by the spreadsheet's own function",
            npv,
            rows.cell("npv"),
            outcome.interval("npv").base,
        )
        row += 2
    return master_check(canvas, row, changeable)


def checks_head(canvas: Canvas, repeated: str) -> int:
    """Write the head of the checks; return the row of the first of them.

    Args:
        canvas: the workbook.
        repeated: sheet that repeats the master check beside the cover.
    """
    sheet = canvas[CHECKS]
    canvas.text(sheet, 1, 1, "Checks", "title")
    about = f"Each total by a second way. The master check is repeated on Cover and {repeated}."
    canvas.text(sheet, 2, 1, about, "note")
    for column, head in enumerate(("Check", "One way", "Another way", "Result"), 1):
        canvas.text(sheet, 6, column, head, "head", align="right" if column in (2, 3) else "")
    for column, width in enumerate((80, 20, 20, 20), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    return _FIRST_CHECK


def master_check(canvas: Canvas, row: int, changeable: list[int]) -> str:
    """Write the check of the inputs below the others and the master check above; return a reference to the latter."""
    sheet, last = canvas[CHECKS], row - 1
    pairs = f"Inputs!$D${changeable[0]}:$D${changeable[-1]}<>Inputs!$I${changeable[0]}:$I${changeable[-1]}"
    canvas.text(sheet, row, 1, "Inputs are those the configurations were chosen for")
    canvas.formula(sheet, row, 4, f'IF(SUMPRODUCT(--({pairs}))=0,"{OK}","{_NOTE}")', OK, align="left")
    canvas.text(sheet, 4, 1, "Master check", "verdict")
    canvas.formula(
        sheet,
        4,
        4,
        f'IF(COUNTIF(D{_FIRST_CHECK}:D{last},"{OK}")=ROWS(D{_FIRST_CHECK}:D{last}),D{row},"{_FAIL}")',
        OK,
        "verdict",
        align="left",
    )
    return f"{CHECKS}!$D$4"


def check(canvas: Canvas, row: int, label: str, one: str, other: str, value: float) -> None:
    """Write a check: a figure by two ways."""
    sheet = canvas[CHECKS]
    canvas.text(sheet, row, 1, label)
    canvas.formula(sheet, row, 2, one, value, "text", MONEY)
    canvas.formula(sheet, row, 3, other, value, "text", MONEY)
    equal = f'IF(ABS(B{row}-C{row})<=Units!$B$6*MAX(1,ABS(B{row})),"{OK}","{_FAIL}")'
    canvas.formula(sheet, row, 4, equal, OK, align="left")


def cover_sheet(canvas: Canvas, comparison: Comparison, checks: str) -> None:
    """Write what this file is, what it rests on, and how to read it."""
    plan, options = comparison.plan, comparison.options
    facts = (
        ("Cloud and region", f"{plan.workload.cloud}, {plan.workload.region}"),
        ("Horizon", f"{plan.workload.horizon} months from {plan.workload.start}"),
        ("Prices in force on", options.as_of.isoformat()),
        ("Price basis", price_basis(comparison)),
        ("Sizing", f"{options.sizing} rule"),
        ("Catalog", comparison.catalog.name),
        ("Catalog SHA-256", comparison.catalog.digest),
        ("Tool", f"kafka-tco {__version__}"),
        (
            "Environments",
            ", ".join(f"{c.name} x {c.count}" for c in plan.clusters)
            + ("" if len(plan.clusters) > 1 else ": production only; other environments are not in these totals"),
        ),
        ("Inputs left to a default", f"{len(plan.defaults)} of {len(plan.asked)}"),
    )
    guide = (CHANGE, "One sheet an offering: its configuration can be changed from the lists at the top.", *GUIDE)
    cover(canvas, plan.workload.name, facts, guide, checks)


CHANGE = "Inputs: change a blue number on yellow and recalculate; every total follows."
#: How to read a workbook, after what its sheets are.
GUIDE = (
    "Blue on yellow is typed in, green comes from another sheet, black is a formula.",
    "Low and high are the ends of what is published; they are not a forecast.",
    "Prices carry their source, its date and how sure it is. Nothing here is an offer by any vendor.",
    f"Not assessed: {NOT_ASSESSED}.",
)


def cover(
    canvas: Canvas, name: str, facts: Sequence[tuple[str, str]], guide: Sequence[str], checks: str, wrap: bool = False
) -> None:
    """Write a cover: the name of what is costed, facts, the master check, and how to read the file."""
    sheet = canvas[COVER]
    canvas.text(sheet, 2, 2, "Total cost of running Apache Kafka", "title")
    canvas.text(sheet, 3, 2, name, "section")
    for row, (label, text) in enumerate(facts, 5):
        canvas.text(sheet, row, 2, label, "head")
        canvas.text(sheet, row, 3, text, wrap=wrap)
    row = 5 + len(facts)
    canvas.text(sheet, row, 2, "Checks", "head")
    canvas.formula(sheet, row, 3, checks, OK, "verdict")
    row += 2
    canvas.text(sheet, row, 2, "How to read it", "section")
    for i, text in enumerate(guide, row + 1):
        canvas.text(sheet, i, 2, text)
    for column, width in ((1, 3), (2, 28), (3, 100)):
        sheet.column_dimensions[get_column_letter(column)].width = width
