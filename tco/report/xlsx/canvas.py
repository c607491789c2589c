"""The one way of writing cells: text is always text, a formula always comes with its value."""

from __future__ import annotations

import math
import re

from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from tco.report.xlsx.finish import Cached
from tco.report.xlsx.style import PLAIN, Styles

#: What XML cannot hold: control characters, halves of surrogate pairs, and the two non-characters.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MOST_TEXT = 32_000
#: Height of a line and of the highest row, in points; a letter against a digit, which column widths count in.
_LINE, _HIGHEST, _WIDER = 13.0, 409.0, 1.05


class Canvas:
    """A workbook being drawn, and the cached values of its formulas."""

    def __init__(self) -> None:
        self.workbook = Workbook()
        self.workbook.remove(self.workbook.worksheets[0])
        self.styles = Styles(self.workbook)
        self.cached: dict[str, dict[str, Cached]] = {}

    def sheet(self, title: str) -> Worksheet:
        """Add a sheet."""
        sheet: Worksheet = self.workbook.create_sheet(title)
        sheet.sheet_view.showGridLines = False
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.5)
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        self.cached[title] = {}
        return sheet

    def __getitem__(self, title: str) -> Worksheet:
        """Return a sheet by its title."""
        sheet = self.workbook[title]
        assert isinstance(sheet, Worksheet)  # noqa: S101 - there are no chart sheets
        return sheet

    def text(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        value: str,
        kind: str = "text",
        wrap: bool = False,
        align: str = "",
    ) -> None:
        """Write text; whatever it begins with, it never becomes a formula."""
        cell = _cell(sheet, row, column)
        cell.value = _CONTROL.sub(" ", value)[:_MOST_TEXT]
        cell.data_type = "s"
        self.styles.apply(cell, kind, PLAIN, wrap, align)

    def number(
        self, sheet: Worksheet, row: int, column: int, value: float, kind: str = "text", fmt: str = PLAIN
    ) -> None:
        """Write a number."""
        cell = _cell(sheet, row, column)
        cell.value = float(value)
        self.styles.apply(cell, kind, fmt)

    def formula(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        formula: str,
        value: Cached,
        kind: str = "text",
        fmt: str = PLAIN,
        wrap: bool = False,
        align: str = "",
    ) -> None:
        """Write a formula (without '=') together with the value it has in the engine."""
        cell = _cell(sheet, row, column)
        cell.value = "=" + formula
        self.cached[sheet.title][f"{get_column_letter(column)}{row}"] = value
        self.styles.apply(cell, kind, fmt, wrap, align)

    def fit(self, sheet: Worksheet) -> None:
        """Make rows as high as their wrapped text needs; spreadsheets disagree on who should do that."""
        for i, row in enumerate(sheet.iter_rows(), 1):
            lines = 1
            for cell in row:
                if cell.value and cell.alignment.wrap_text:
                    width = sheet.column_dimensions[cell.column_letter].width / _WIDER
                    lines = max(lines, sum(max(1, math.ceil(len(t) / width)) for t in str(cell.value).split("\n")))
            if lines > 1:
                sheet.row_dimensions[i].height = min(_HIGHEST, _LINE * lines + 3)


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # noqa: S101 - nothing is merged
    return cell
