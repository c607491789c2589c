"""Sheets that a reader opens first: Cover, Summary, Cash flow, Checks. All figures are formulas."""

from __future__ import annotations

from typing import Literal

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from tco import __version__
from tco.analysis.compare import RANKED, Comparison
from tco.engine.outcome import Outcome
from tco.report.words import NOT_ASSESSED, VERDICTS, configuration_text
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.grid import BASE, FIRST_MONTH, Grid, literal, quoted
from tco.report.xlsx.rows import RowSheet
from tco.report.xlsx.style import ABOUT, ACCENT, AT_LEAST, GREY, MONEY, SHARE, WHOLE

COVER, SUMMARY, CASH_FLOW, CHECKS = "Cover", "Summary", "Cash flow", "Checks"
_SUMMARY_HEADS = (
    "Rank",
    "Offering",
    "Verdict",
    "Configuration",
    "Units",
    "Set by",
    "In use at peak",
    "In use, zone down",
    "First month",
    "Last month",
    "Total, low",
    "Total",
    "Total, high",
    "Net present value",
    "Total with labour",
    "USD per GB written",
    "Told apart from the cheapest",
    "Total, if public prices settle it",
)
_FIRST = 7
_NUMERIC = {1, 5, *range(7, 17), 18}
_REACH = "$C$4"
_YEAR = 12
_OK, _FAIL, _NOTE = "ok", "FAIL", "inputs differ from those the configurations were chosen for: run tco compare again"


def summary_sheet(canvas: Canvas, comparison: Comparison, sheets: list[RowSheet], checks: str) -> None:
    """Write one line an offering, ranked live."""
    sheet = canvas[SUMMARY]
    plan = comparison.plan
    canvas.text(sheet, 1, 1, f"Summary: {plan.workload.name}", "title")
    canvas.text(
        sheet,
        2,
        1,
        f"USD over {plan.workload.horizon} months from {plan.workload.start}, {plan.workload.region}, list prices "
        f"of {comparison.options.as_of.isoformat()}, taxes excluded. Ranked by invoices; labour is shown beside.",
        "note",
    )
    canvas.text(sheet, 3, 1, "Checks:", "note")
    canvas.formula(sheet, 3, 2, checks, _OK, "verdict")
    last = _FIRST + len(sheets) - 1
    ranked = [o for o in comparison.outcomes if o.status in RANKED]
    _reach(canvas, comparison, sheets[0].grid, last)
    for column, head in enumerate(_SUMMARY_HEADS, 1):
        canvas.text(sheet, _FIRST - 1, column, head, "head", wrap=True, align="right" if column in _NUMERIC else "left")
    for row, rows in enumerate(sheets, _FIRST):
        _summary_row(canvas, comparison, rows, row, last, ranked)
    for column, width in enumerate((6, 44, 16, 72, 9, 28, 10, 10, 14, 14, 16, 16, 16, 16, 16, 12, 18, 18), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    canvas.fit(sheet)
    sheet.freeze_panes = f"C{_FIRST}"
    red = PatternFill("solid", start_color="FBE3E4", end_color="FBE3E4")
    rule = CellIsRule(operator="equal", formula=['"infeasible"'], fill=red, font=Font(bold=True))  # type: ignore[no-untyped-call]
    sheet.conditional_formatting.add(f"C{_FIRST}:C{last}", rule)
    unranked = FormulaRule(formula=[f'$A{_FIRST}=""'], font=Font(color=GREY))  # type: ignore[no-untyped-call]
    sheet.conditional_formatting.add(f"D{_FIRST}:R{last}", unranked)
    _reasons(canvas, comparison, _chart(canvas, last, len(ranked)))


def _reasons(canvas: Canvas, comparison: Comparison, row: int) -> None:
    """Write why each offering stands where it does, one reason a line."""
    sheet = canvas[SUMMARY]
    canvas.text(sheet, row, 2, "Why, and marks", "section")
    for outcome in comparison.outcomes:
        for i, text in enumerate([*outcome.reasons, *outcome.marks]):
            row += 1
            canvas.text(sheet, row, 2, outcome.subject.offering.name if i == 0 else "", "text", align="left")
            canvas.text(sheet, row, 3, text, "text", align="left")


def _summary_row(
    canvas: Canvas, comparison: Comparison, rows: RowSheet, row: int, last: int, ranked: list[Outcome]
) -> None:
    sheet, outcome = canvas[SUMMARY], rows.outcome
    offering, chosen = outcome.subject.offering, outcome.choices[0].configuration
    verdict = VERDICTS[outcome.status]
    live = outcome.status in (*RANKED, "infeasible") and bool(outcome.priced_lines)
    canvas.text(sheet, row, 2, offering.name, "verdict", align="left")
    if live:
        fine = "lower bound" if outcome.unpriced else "priced"
        canvas.formula(sheet, row, 3, f'IF({_broken(rows)},"infeasible","{fine}")', verdict, align="left")
    else:
        canvas.text(sheet, row, 3, verdict, align="left")
    word = _ranked(row)
    area = f"L${_FIRST}:L${last}"
    place = ranked.index(outcome) + 1 if outcome in ranked else ""
    canvas.formula(sheet, row, 1, f'IF({word},1+SUMPRODUCT({_among(last)}*({area}<L{row})),"")', place, "verdict", "0")
    choices = [
        (f"{offering.choices[c].label.lower()} " if offering.choices[c].values else "", cell, chosen[c])
        for (c, k), cell in rows.choice_cells.items()
        if k == 0 and c in offering.choices and len(offering.values(c)) > 1
    ]
    if choices:
        live_text = '&", "&'.join(f"{literal(words)}&{quoted(rows.title)}!{cell}" for words, cell, _ in choices)
        canvas.formula(sheet, row, 4, live_text, ", ".join(words + value for words, _, value in choices), align="left")
    else:
        canvas.text(sheet, row, 4, configuration_text(outcome), align="left")
    canvas.formula(sheet, row, 5, f"MAX({rows.span(offering.sizing.units)})", outcome.units_at_end, "link", "#,##0.##")
    canvas.formula(sheet, row, 6, _binding(canvas, rows), outcome.binding, "link", align="left")
    which: Literal["peak", "zone_down"]
    for column, which in ((7, "peak"), (8, "zone_down")):
        name = dict(offering.utilisation).get(which)
        if name:
            canvas.formula(
                sheet, row, column, f"MAX({rows.span(name)})", outcome.utilisation(which) or 0.0, "link", SHARE
            )
    if not outcome.priced_lines or outcome.status == "quote_needed":
        canvas.text(sheet, row, 12, VERDICTS["quote_needed"], align="right")
    else:
        _money_cells(canvas, rows, row)
        _told_apart(canvas, comparison, rows, row, last)


def _ranked(row: int) -> str:
    return f'OR(C{row}="priced",C{row}="lower bound")'


def _among(last: int) -> str:
    return f'((C${_FIRST}:C${last}="priced")+(C${_FIRST}:C${last}="lower bound"))'


def _broken(rows: RowSheet) -> str:
    """Condition: a limit or rule is broken in some month, for some cluster."""
    tests = [("limit_months", "{}>0")] + [(f"rule.{r}", "MIN({})=0") for r in rows.outcome.subject.offering.rules]
    clusters = range(len(rows.outcome.choices))
    parts = [
        test.format(rows.span(name, cluster=k))
        for name, test in tests
        for k in clusters
        if k == 0 or rows.book.items[name].per_cluster
    ]
    return f"OR({','.join(parts)})"


def _money_cells(canvas: Canvas, rows: RowSheet, row: int) -> None:
    sheet, outcome = canvas[SUMMARY], rows.outcome
    total = outcome.interval("total")
    where, _, months = rows.span("invoices").rpartition("!")
    for column, month, cell in zip((9, 10), (0, -1), months.split(":"), strict=True):
        canvas.formula(sheet, row, column, f"{where}!{cell}", float(outcome.monthly("invoices")[month]), "link", WHOLE)
    for column, evidence, value in ((11, 0, total.low), (12, BASE, total.base), (13, 2, total.high)):
        kind = "verdict" if evidence == BASE else "link"
        fmt = AT_LEAST if outcome.unpriced else ABOUT if outcome.proxies else WHOLE
        canvas.formula(sheet, row, column, rows.cell("total", evidence), value, kind, fmt)
    canvas.formula(sheet, row, 14, rows.cell("npv"), outcome.interval("npv").base, "link", WHOLE)
    canvas.formula(
        sheet, row, 15, rows.cell("total_with_labour"), outcome.interval("total_with_labour").base, "link", WHOLE
    )
    canvas.formula(sheet, row, 16, rows.cell("unit_cost"), outcome.interval("unit_cost").base, "link", "0.0000")


def _reach(canvas: Canvas, comparison: Comparison, grid: Grid, last: int) -> None:
    """Write how high a total may begin and still not be told apart from the cheapest settled one."""
    sheet, error = canvas[SUMMARY], grid.spots["", "model_error", 0, BASE]
    settled, high = f"R{_FIRST}:R{last}", f"M{_FIRST}:M{last}"
    best = f"INDEX({high},MATCH(MIN({settled}),{settled},0))*(1+{error.sheet}!$D${error.row})"
    totals = [o.interval("total") for o in comparison.ranked if not o.unsettled]
    value = totals[0].high * (1 + comparison.model_error) if totals else 0.0
    canvas.text(sheet, 4, 2, "Not told apart from the cheapest: totals that begin at or below", "note")
    canvas.formula(sheet, 4, 3, f"IF(SUM({settled})=0,0,{best})", value, "note", WHOLE)


def _told_apart(canvas: Canvas, comparison: Comparison, rows: RowSheet, row: int, last: int) -> None:
    """Whether the evidence separates this offering from the cheapest."""
    sheet, outcome = canvas[SUMMARY], rows.outcome
    ranked, settled = outcome in comparison.ranked, not outcome.unsettled
    low = f"K${_FIRST}:K${last}"
    within = f"OR({_REACH}=0,K{row}<={_REACH})"
    alone = f"SUMPRODUCT({_among(last)}*({low}<={_REACH}))=1" if settled else "1=2"
    formula = f'IF({_ranked(row)},IF({within},IF({alone},"cheapest","no"),"yes"),"")'
    value = "cheapest" if outcome is comparison.winner else "no" if outcome in comparison.tied else "yes"
    canvas.formula(sheet, row, 17, formula, value if ranked else "", align="left")
    if settled:
        total = outcome.interval("total").base
        canvas.formula(sheet, row, 18, f'IF({_ranked(row)},L{row},"")', total if ranked else "", "note", WHOLE)


def _binding(canvas: Canvas, rows: RowSheet) -> str:
    """Write the candidates that set the size below the offering's rows; return the formula that names the largest."""
    sheet, outcome = rows.sheet, rows.outcome
    start = rows.row + 1
    canvas.text(sheet, start, 1, "What set the size (largest over the horizon)", "section")
    for i, (name, words) in enumerate(outcome.subject.offering.sizing.binding.items(), start + 1):
        canvas.text(sheet, i, 1, words)
        canvas.formula(sheet, i, 4, f"MAX({rows.span(name)})", float(outcome.monthly(name).max()), "text", "#,##0.##")
    end = start + len(outcome.subject.offering.sizing.binding)
    where = quoted(rows.title)
    values = f"{where}!$D${start + 1}:$D${end}"
    return f"INDEX({where}!$A${start + 1}:$A${end},MATCH(MAX({values}),{values},0))"


def _chart(canvas: Canvas, last: int, bars: int) -> int:
    """Draw the totals of the first rows, those ranked, below the table; return the first free row under the chart."""
    if not bars:
        return last + 3
    sheet, end = canvas[SUMMARY], _FIRST + bars - 1
    chart = BarChart()
    chart.type, chart.style, chart.legend = "bar", 10, None
    chart.title = "Invoices over the horizon, those ranked, USD"
    chart.add_data(Reference(sheet, min_col=12, min_row=_FIRST, max_row=end))
    chart.set_categories(Reference(sheet, min_col=2, min_row=_FIRST, max_row=end))
    chart.y_axis.numFmt, chart.y_axis.delete, chart.x_axis.delete = "#,##0", True, False
    chart.y_axis.majorGridlines = None
    chart.dataLabels = DataLabelList()
    labels = chart.dataLabels
    labels.showVal, labels.numFmt = True, "#,##0"
    labels.showCatName = labels.showSerName = labels.showLegendKey = labels.showPercent = False
    chart.series[0].graphicalProperties.solidFill = ACCENT
    chart.x_axis.scaling.orientation = "maxMin"
    chart.height, chart.width, chart.gapWidth = bars + 2, 24, 60
    sheet.add_chart(chart, f"B{last + 3}")
    return last + 3 + 2 * (bars + 2) + 1


def cash_flow_sheet(canvas: Canvas, comparison: Comparison, sheets: list[RowSheet]) -> None:
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
    for place, rows in enumerate(sheets, _FIRST):
        if rows.outcome.status == "quote_needed":
            continue
        canvas.formula(sheet, row + 1, 1, f"{SUMMARY}!$C${place}", VERDICTS[rows.outcome.status], "note")
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


def checks_sheet(canvas: Canvas, grid: Grid, sheets: list[RowSheet], changeable: list[int]) -> str:
    """Write the checks; return the formula that refers to the master check."""
    sheet = canvas[CHECKS]
    canvas.text(sheet, 1, 1, "Checks", "title")
    canvas.text(sheet, 2, 1, "Each total by a second way. The master check is repeated on Cover and Summary.", "note")
    for column, head in enumerate(("Check", "One way", "Another way", "Result"), 1):
        canvas.text(sheet, 6, column, head, "head")
    row = 7
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
        _check(canvas, row, f"{name}: total is the sum of its lines", "+".join(parts), rows.cell("total"), total)
        rate, months = grid.spots["", "discount_rate", 0, BASE], grid.spots["", "months_a_year", 0, BASE]
        npv = f"NPV((1+Inputs!$D${rate.row})^(1/Inputs!$D${months.row})-1,{rows.span('invoices')})"
        _check(
            canvas,
            row + 1,
            f"{name}: net present value by the spreadsheet's own function",
            npv,
            rows.cell("npv"),
            outcome.interval("npv").base,
        )
        row += 2
    last = row - 1
    pairs = f"Inputs!$D${changeable[0]}:$D${changeable[-1]}<>Inputs!$I${changeable[0]}:$I${changeable[-1]}"
    canvas.text(sheet, row, 1, "Inputs are those the configurations were chosen for")
    canvas.formula(sheet, row, 4, f'IF(SUMPRODUCT(--({pairs}))=0,"{_OK}","{_NOTE}")', _OK, align="left")
    canvas.text(sheet, 4, 1, "Master check", "verdict")
    canvas.formula(
        sheet, 4, 4, f'IF(COUNTIF(D7:D{last},"{_OK}")=ROWS(D7:D{last}),D{row},"{_FAIL}")', _OK, "verdict", align="left"
    )
    for column, width in enumerate((80, 20, 20, 20), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    return f"{CHECKS}!$D$4"


def _check(canvas: Canvas, row: int, label: str, one: str, other: str, value: float) -> None:
    sheet = canvas[CHECKS]
    canvas.text(sheet, row, 1, label)
    canvas.formula(sheet, row, 2, one, value, "text", MONEY)
    canvas.formula(sheet, row, 3, other, value, "text", MONEY)
    equal = f'IF(ABS(B{row}-C{row})<=Units!$B$6*MAX(1,ABS(B{row})),"{_OK}","{_FAIL}")'
    canvas.formula(sheet, row, 4, equal, _OK, align="left")


def cover_sheet(canvas: Canvas, comparison: Comparison, checks: str) -> None:
    """Write what this file is, what it rests on, and how to read it."""
    sheet = canvas[COVER]
    plan, options = comparison.plan, comparison.options
    canvas.text(sheet, 2, 2, "Total cost of running Apache Kafka", "title")
    canvas.text(sheet, 3, 2, plan.workload.name, "section")
    facts = (
        ("Cloud and region", f"{plan.workload.cloud}, {plan.workload.region}"),
        ("Horizon", f"{plan.workload.horizon} months from {plan.workload.start}"),
        ("Prices in force on", options.as_of.isoformat()),
        ("Price basis", "list prices in USD, taxes excluded"),
        ("Sizing", f"{options.sizing} rule"),
        ("Catalog SHA-256", comparison.catalog.digest),
        ("Tool", f"kafka-tco {__version__}"),
        (
            "Environments",
            ", ".join(f"{c.name} x {c.count}" for c in plan.clusters)
            + ("" if len(plan.clusters) > 1 else ": production only; other environments are not in these totals"),
        ),
        ("Inputs left to a default", f"{len(plan.defaults)} of {len(plan.inputs)}"),
    )
    for row, (label, text) in enumerate(facts, 5):
        canvas.text(sheet, row, 2, label, "head")
        canvas.text(sheet, row, 3, text)
    row = 5 + len(facts)
    canvas.text(sheet, row, 2, "Checks", "head")
    canvas.formula(sheet, row, 3, checks, _OK, "verdict")
    row += 2
    canvas.text(sheet, row, 2, "How to read it", "section")
    guide = (
        "Inputs: change a blue number on yellow and recalculate; every total follows.",
        "One sheet an offering: its configuration can be changed from the lists at the top.",
        "Blue on yellow is typed in, green comes from another sheet, black is a formula.",
        "Low and high are the ends of what is published; they are not a forecast.",
        "Prices carry their source, its date and how sure it is. Nothing here is an offer by any vendor.",
        f"Not assessed: {NOT_ASSESSED}.",
    )
    for i, text in enumerate(guide, row + 1):
        canvas.text(sheet, i, 2, text)
    for column, width in ((1, 3), (2, 28), (3, 100)):
        sheet.column_dimensions[get_column_letter(column)].width = width
