"""Sheet Summary: one line an offering, ranked live, with what told it apart and why it stands where it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from tco.analysis.compare import RANKED, Comparison
from tco.engine.outcome import Outcome
from tco.model.evaluate import BASE
from tco.report.words import VERDICTS, configuration_text
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.grid import Grid, literal, quoted
from tco.report.xlsx.offerings import OfferingSheet
from tco.report.xlsx.style import ABOUT, ACCENT, AT_LEAST, GREY, SHARE, WHOLE

SUMMARY = "Summary"
FIRST_LINE = 7
_LEAST_HEIGHT = 6
#: Column to (heading, width), left to right; what a reader decides by comes first.
_COLUMNS: dict[str, tuple[str, float]] = {
    "rank": ("Rank", 6),
    "offering": ("Offering", 44),
    "verdict": ("Verdict", 16),
    "low": ("Total, low", 16),
    "total": ("Total", 16),
    "high": ("Total, high", 16),
    "apart": ("Told apart from the cheapest", 14),
    "labour": ("Total with labour", 16),
    "npv": ("Net present value", 16),
    "first": ("First month", 12),
    "last": ("Last month", 12),
    "unit_cost": ("USD per GB written", 11),
    "units": ("Units", 9),
    "binding": ("Set by", 30),
    "peak": ("In use at peak", 10),
    "zone_down": ("In use, zone down", 10),
    "configuration": ("Configuration", 76),
    "settled": ("Total, if public prices settle it", 18),
}
_WORDS = {"offering", "verdict", "apart", "binding", "configuration"}
_NUMBER = {name: i for i, name in enumerate(_COLUMNS, 1)}
VERDICT_COLUMN = get_column_letter(_NUMBER["verdict"])
_REACH = f"${VERDICT_COLUMN}$4"


@dataclass
class _Line:
    """One offering's line while it is written."""

    canvas: Canvas
    comparison: Comparison
    rows: OfferingSheet
    row: int
    last: int

    @property
    def outcome(self) -> Outcome:
        return self.rows.outcome

    @property
    def ranked(self) -> str:
        cell = self.cell("verdict")
        return f'OR({cell}="priced",{cell}="lower bound")'

    def cell(self, column: str) -> str:
        return f"{get_column_letter(_NUMBER[column])}{self.row}"

    def formula(self, column: str, formula: str, value: float | str, kind: str = "text", fmt: str = "General") -> None:
        align = "left" if column in _WORDS else ""
        sheet = self.canvas[SUMMARY]
        self.canvas.formula(sheet, self.row, _NUMBER[column], formula, value, kind, fmt, align=align)

    def text(self, column: str, text: str, kind: str = "text") -> None:
        align = "left" if column in _WORDS else "right"
        self.canvas.text(self.canvas[SUMMARY], self.row, _NUMBER[column], text, kind, align=align)


def summary_sheet(
    canvas: Canvas, comparison: Comparison, sheets: list[OfferingSheet], checks: str, checked: str
) -> None:
    """Write one line an offering, ranked live.

    Args:
        canvas: the workbook.
        comparison: what is summed up.
        sheets: the offerings' sheets, in the order of the lines.
        checks: reference to the master check.
        checked: its value.
    """
    sheet, workload = canvas[SUMMARY], comparison.plan.workload
    canvas.text(sheet, 1, 1, f"Summary: {workload.name}", "title")
    about = (
        f"USD over {workload.horizon} months from {workload.start}, {workload.region}, list prices "
        f"of {comparison.options.as_of.isoformat()}, taxes excluded. Ranked by invoices; labour is shown beside."
    )
    canvas.text(sheet, 2, 1, about, "note")
    canvas.text(sheet, 3, 1, "Checks:", "note")
    canvas.formula(sheet, 3, 2, checks, checked, "verdict")
    last = FIRST_LINE + len(sheets) - 1
    _reach(canvas, comparison, sheets[0].grid, last)
    for name, (head, width) in _COLUMNS.items():
        align = "left" if name in _WORDS else "right"
        canvas.text(sheet, FIRST_LINE - 1, _NUMBER[name], head, "head", wrap=True, align=align)
        sheet.column_dimensions[get_column_letter(_NUMBER[name])].width = width
    for row, rows in enumerate(sheets, FIRST_LINE):
        _write_line(_Line(canvas, comparison, rows, row, last))
    canvas.fit(sheet)
    sheet.freeze_panes = f"{VERDICT_COLUMN}{FIRST_LINE}"
    red = PatternFill("solid", start_color="FBE3E4", end_color="FBE3E4")
    rule = CellIsRule(operator="equal", formula=['"infeasible"'], fill=red, font=Font(bold=True))  # type: ignore[no-untyped-call]
    sheet.conditional_formatting.add(_area("verdict", last), rule)
    unranked = FormulaRule(formula=[f'$A{FIRST_LINE}=""'], font=Font(color=GREY))  # type: ignore[no-untyped-call]
    first, end = get_column_letter(_NUMBER["low"]), get_column_letter(len(_COLUMNS))
    sheet.conditional_formatting.add(f"{first}{FIRST_LINE}:{end}{last}", unranked)
    _reasons(canvas, comparison, _chart(canvas, last, len(comparison.ranked)))


def _area(column: str, last: int) -> str:
    letter = get_column_letter(_NUMBER[column])
    return f"{letter}${FIRST_LINE}:{letter}${last}"


def _among(last: int) -> str:
    """1 for each line that is ranked."""
    verdicts = _area("verdict", last)
    return f'(({verdicts}="priced")+({verdicts}="lower bound"))'


def _reach(canvas: Canvas, comparison: Comparison, grid: Grid, last: int) -> None:
    """Write how high a total may begin and still not be told apart from the cheapest settled one."""
    sheet, error = canvas[SUMMARY], grid.spots["", "model_error", 0, BASE]
    settled, high = _area("settled", last), _area("high", last)
    best = f"INDEX({high},MATCH(MIN({settled}),{settled},0))*(1+{error.sheet}!$D${error.row})"
    totals = [o.interval("total") for o in comparison.ranked if not o.unsettled]
    value = totals[0].high * (1 + comparison.model_error) if totals else 0.0
    canvas.text(sheet, 4, 2, "Not told apart from the cheapest: totals that begin at or below", "note")
    canvas.formula(sheet, 4, _NUMBER["verdict"], f"IF(SUM({settled})=0,0,{best})", value, "note", WHOLE)


def _write_line(line: _Line) -> None:
    outcome, rows = line.outcome, line.rows
    verdict = VERDICTS[outcome.status]
    line.text("offering", outcome.subject.offering.name, "verdict")
    if outcome.status in (*RANKED, "infeasible") and outcome.priced_lines:
        fine = "lower bound" if outcome.unpriced else "priced"
        line.formula("verdict", f'IF({rows.broken(range(len(outcome.choices)))},"infeasible","{fine}")', verdict)
    else:
        line.text("verdict", verdict)
    ranked = line.comparison.ranked
    cheaper = f"SUMPRODUCT({_among(line.last)}*({_area('total', line.last)}<{line.cell('total')}))"
    place = ranked.index(outcome) + 1 if outcome in ranked else ""
    line.formula("rank", f'IF({line.ranked},1+{cheaper},"")', place, "verdict", "0")
    if not outcome.priced_lines or outcome.status == "quote_needed":
        line.text("total", VERDICTS["quote_needed"])
    else:
        _money(line)
        _told_apart(line)
    _sizing(line)


def _sizing(line: _Line) -> None:
    outcome, rows = line.outcome, line.rows
    offering, chosen = outcome.subject.offering, outcome.choices[0].configuration
    line.formula("units", f"MAX({rows.span(offering.sizing.units)})", outcome.units_at_end, "link", "#,##0.##")
    line.formula("binding", _binding(line.canvas, rows), outcome.binding, "link")
    which: Literal["peak", "zone_down"]
    for which in ("peak", "zone_down"):
        name = offering.utilisation.get(which)
        if name:
            line.formula(which, f"MAX({rows.span(name)})", outcome.utilisation(which) or 0.0, "link", SHARE)
    choices = [
        (f"{offering.choices[c].label.lower()} " if offering.choices[c].values else "", cell, chosen[c])
        for (c, k), cell in rows.choice_cells.items()
        if k == 0 and c in offering.choices and len(offering.values(c)) > 1
    ]
    if choices:
        live = '&", "&'.join(f"{literal(words)}&{quoted(rows.title)}!{cell}" for words, cell, _ in choices)
        line.formula("configuration", live, ", ".join(words + value for words, _, value in choices))
    else:
        line.text("configuration", configuration_text(outcome))


def _money(line: _Line) -> None:
    outcome, rows = line.outcome, line.rows
    total = outcome.interval("total")
    fmt = AT_LEAST if outcome.unpriced else ABOUT if outcome.proxies else WHOLE
    for column, evidence, value in (("low", 0, total.low), ("total", BASE, total.base), ("high", 2, total.high)):
        kind = "verdict" if evidence == BASE else "link"
        line.formula(column, rows.cell("total", evidence), value, kind, fmt)
    where, _, months = rows.span("invoices").rpartition("!")
    for column, month, cell in zip(("first", "last"), (0, -1), months.split(":"), strict=True):
        line.formula(column, f"{where}!{cell}", float(outcome.monthly("invoices")[month]), "link", WHOLE)
    for column, row, how in (
        ("npv", "npv", WHOLE),
        ("labour", "total_with_labour", WHOLE),
        ("unit_cost", "unit_cost", "0.0000"),
    ):
        line.formula(column, rows.cell(row), outcome.interval(row).base, "link", how)


def _told_apart(line: _Line) -> None:
    """Whether the evidence separates this offering from the cheapest."""
    outcome, comparison = line.outcome, line.comparison
    ranked, settled = outcome in comparison.ranked, not outcome.unsettled
    within = f"OR({_REACH}=0,{line.cell('low')}<={_REACH})"
    alone = f"SUMPRODUCT({_among(line.last)}*({_area('low', line.last)}<={_REACH}))=1" if settled else "1=2"
    value = "cheapest" if outcome is comparison.winner else "no" if outcome in comparison.tied else "yes"
    formula = f'IF({line.ranked},IF({within},IF({alone},"cheapest","no"),"yes"),"")'
    line.formula("apart", formula, value if ranked else "")
    if settled:
        total = outcome.interval("total").base
        line.formula("settled", f'IF({line.ranked},{line.cell("total")},"")', total if ranked else "", "note", WHOLE)


def _binding(canvas: Canvas, rows: OfferingSheet) -> str:
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
    sheet, end = canvas[SUMMARY], FIRST_LINE + bars - 1
    chart = BarChart()
    chart.type, chart.style, chart.legend = "bar", 10, None
    chart.title = "Invoices over the horizon, those ranked, USD"
    chart.add_data(Reference(sheet, min_col=_NUMBER["total"], min_row=FIRST_LINE, max_row=end))
    chart.set_categories(Reference(sheet, min_col=_NUMBER["offering"], min_row=FIRST_LINE, max_row=end))
    chart.y_axis.numFmt, chart.y_axis.delete, chart.x_axis.delete = "#,##0", True, False
    chart.y_axis.majorGridlines, chart.y_axis.scaling.min = None, 0
    chart.dataLabels = DataLabelList()
    labels = chart.dataLabels
    labels.showVal, labels.numFmt = True, "#,##0"
    labels.showCatName = labels.showSerName = labels.showLegendKey = labels.showPercent = False
    chart.series[0].graphicalProperties.solidFill = ACCENT
    chart.x_axis.scaling.orientation = "maxMin"
    chart.height, chart.width, chart.gapWidth = max(_LEAST_HEIGHT, bars + 2), 24, 60
    sheet.add_chart(chart, f"B{last + 3}")
    return last + 3 + 2 * chart.height + 1  # two rows to the centimetre


def _reasons(canvas: Canvas, comparison: Comparison, row: int) -> None:
    """Write why each offering stands where it does, one reason a line."""
    sheet = canvas[SUMMARY]
    canvas.text(sheet, row, 2, "Why, and marks", "section")
    for outcome in comparison.outcomes:
        for i, text in enumerate([*outcome.reasons, *outcome.marks]):
            row += 1
            canvas.text(sheet, row, 2, outcome.subject.offering.name if i == 0 else "", "text", align="left")
            canvas.text(sheet, row, 3, text, "text", align="left")
