"""Cell styles: blue on yellow for inputs, black for formulas, green for cells of other sheets."""

from __future__ import annotations

from functools import cache
from typing import Any

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

FONT = "Calibri"
INK, GREY, BLUE, GREEN, ACCENT = "1F2933", "7B8794", "0000FF", "1E7B34", "0B4F6C"
_FILLS = {"input": "FFF9DB", "head": "E4ECF1", "total": "F3F6F8", "bad": "FBE3E4"}
MONEY, NUMBER = '#,##0.00;(#,##0.00);"-"', '#,##0.00##;(#,##0.00##);"-"'
WHOLE = '#,##0;(#,##0);"-"'
#: A sum of which a part has no price; where none of it has, it has to be asked for.
AT_LEAST, ABOUT = '"≥ "#,##0;(#,##0);"quote needed"', f'"≈ "{WHOLE}'
COUNT, SHARE, PLAIN, FLAG = "#,##0", "0.0%", "General", '0;-0;"-"'
UNIT_PRICE = "0.00########"


_COUNTED = {"broker", "partition", "replica", "cluster", "ecku", "cku", "pu", "tu", "cu", "instance", "vcpu", "dcu"}


def number_format(unit: str, name: str) -> str:
    """Number format that suits a row: money, counts, yes or no, or figures with aligned decimals."""
    if unit == "USD":
        return MONEY
    if name.startswith(("rule.", "caveat.", "layer.", "sla.co", "limits_")) or name.endswith(".broken"):
        return FLAG
    if unit == "1":
        return "0.0000"
    return COUNT if unit in _COUNTED else "#,##0.00"


class Styles:
    """Hands out styles that are built once: setting one on a cell is a single assignment."""

    def __init__(self, workbook: Workbook) -> None:
        self._sheet: Worksheet = workbook.create_sheet("_styles")
        self._row = 0
        self.get = cache(self._build)

    def _build(self, kind: str, fmt: str = PLAIN, wrap: bool = False, align: str = "") -> Any:
        self._row += 1
        cell = self._sheet.cell(self._row, 1)
        color = {"input": BLUE, "link": GREEN, "note": GREY, "title": ACCENT, "head": INK, "name": GREY}.get(kind, INK)
        size = {"title": 16, "subtitle": 11, "note": 9, "name": 8}.get(kind, 10)
        cell.font = Font(
            name=FONT, size=size, color=color, bold=kind in ("title", "head", "total", "section", "verdict")
        )
        if kind in _FILLS:
            cell.fill = PatternFill("solid", start_color=_FILLS[kind], end_color=_FILLS[kind])
        if kind in ("total", "head"):
            cell.border = (
                Border(top=Side("thin", color=GREY)) if kind == "total" else Border(bottom=Side("thin", color=GREY))
            )
        if kind == "section":
            cell.font = Font(name=FONT, size=11, color=ACCENT, bold=True)
            cell.border = Border(bottom=Side("thin", color=ACCENT))
        cell.alignment = Alignment(
            vertical="top" if wrap else "center", wrap_text=wrap, horizontal=align or None, indent=int(align == "left")
        )
        cell.number_format = fmt
        cell.protection = Protection(locked=kind != "input")
        return cell._style  # type: ignore[union-attr]

    def apply(self, cell: Cell, kind: str, fmt: str = PLAIN, wrap: bool = False, align: str = "") -> None:
        """Give a cell a style."""
        cell._style = self.get(kind, fmt, wrap, align)  # type: ignore[attr-defined]

    def close(self, workbook: Workbook) -> None:
        """Remove the sheet on which the styles were built."""
        workbook.remove(self._sheet)
