"""Row sheets: the timeline and one sheet an offering, one formula a row, the same in every month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tco.model.evaluate import BASE, Array, end_of
from tco.model.excel import excel
from tco.model.scope import Item
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.grid import (
    FIRST_MONTH,
    FIRST_ROW,
    LABEL,
    MONTH_ROW,
    NAME,
    OPENING,
    TOTAL,
    UNIT,
    VALUE,
    Grid,
    SheetCells,
    Shown,
    Spot,
)
from tco.report.xlsx.style import MONEY, NUMBER, number_format

TIMELINE = "Timeline"
_MONTHS_A_PAGE = 12
#: Characters of a formula, so that months and rows of more digits still leave it below the 8,192 of spreadsheets.
_LONGEST = 7_000
EVIDENCE = {0: "low", 2: "high"}


@dataclass(frozen=True)
class Copy:
    """One row to write: an item for one cluster and one end of the evidence."""

    name: str
    cluster: int
    evidence: int


@dataclass
class Block:
    """A titled group of rows."""

    title: str
    copies: list[Copy]


class RowSheet:
    """Lays out and writes the rows of a book on a sheet, from a row on."""

    def __init__(
        self,
        canvas: Canvas,
        grid: Grid,
        shown: Shown,
        months: Sequence[tuple[int, int]],
        title: str,
        first: int = FIRST_ROW,
    ) -> None:
        self.canvas, self.grid, self.shown, self.months, self.title = canvas, grid, shown, months, title
        self.scope, self.book = shown.scope, shown.book
        self.sheet: Worksheet = canvas[title]
        self.blocks: list[tuple[int, Block]] = []
        #: (row, evidence) to the formula of what is given to the book and stands on another sheet
        self.elsewhere: dict[tuple[str, int], str] = {}
        self.row = first

    # -- places ---------------------------------------------------------------------------------------

    def add(self, title: str, copies: Iterable[Copy]) -> None:
        """Reserve the rows of a block."""
        block = Block(title, list(copies))
        if not block.copies:
            return
        start = self.row
        self.row += 1
        for copy in block.copies:
            monthly = self.book.items[copy.name].monthly
            self.grid.spots[self.scope, copy.name, copy.cluster, copy.evidence] = Spot(self.title, self.row, monthly)
            self.row += 1
        self.row += 1
        self.blocks.append((start, block))

    def copies(self, wanted: Iterable[str], clusters: Iterable[int], evidence: int) -> list[Copy]:
        """Rows of items for some clusters; items that do not vary are written once, with the first."""
        result = []
        for k in clusters:
            for name in wanted:
                item = self.book.items[name]
                if (k and not item.per_cluster) or (evidence != BASE and not item.uncertain):
                    continue
                result.append(Copy(name, k, evidence))
        return result

    # -- writing --------------------------------------------------------------------------------------

    def write(self) -> None:
        """Write every block."""
        for start, block in self.blocks:
            self.canvas.text(self.sheet, start, LABEL, block.title, "section")
            for i, copy in enumerate(block.copies, start + 1):
                self._write_row(i, copy)

    def head(self, title: str, subtitle: str) -> None:
        """Write the head of the sheet: titles, columns, months."""
        canvas, sheet = self.canvas, self.sheet
        canvas.text(sheet, 1, 1, title, "title")
        canvas.text(sheet, 2, 1, subtitle, "note")
        for column, text in (
            (LABEL, "Row"),
            (NAME, "Name"),
            (UNIT, "Unit"),
            (VALUE, "Value"),
            (TOTAL, "Sum"),
            (OPENING, "Opening"),
        ):
            canvas.text(sheet, 5, column, text, "head")
        canvas.text(sheet, MONTH_ROW, UNIT, "month", "note")
        for i, (year, month) in enumerate(self.months):
            canvas.number(sheet, MONTH_ROW, FIRST_MONTH + i, i + 1, "note", "0")
            canvas.text(sheet, 5, FIRST_MONTH + i, f"{year}-{month:02d}", "head", align="right")
        for column, width in ((LABEL, 52), (NAME, 22), (UNIT, 20), (VALUE, 20), (TOTAL, 18), (OPENING, 9)):
            sheet.column_dimensions[get_column_letter(column)].width = width
        for i in range(self.grid.horizon):
            sheet.column_dimensions[get_column_letter(FIRST_MONTH + i)].width = 14
        sheet.freeze_panes = f"{get_column_letter(NAME)}6"
        sheet.print_title_rows, sheet.print_title_cols = "4:5", "A:A"
        sheet.page_setup.fitToWidth = -(-self.grid.horizon // _MONTHS_A_PAGE)

    def _write_row(self, row: int, copy: Copy) -> None:
        item = self.book.items[copy.name]
        kind = "total" if item.kind == "line" or self._is_cash_flow(copy.name) else "text"
        fmt = number_format(item.unit.text, item.name)
        self.canvas.text(self.sheet, row, LABEL, self._label(item, copy), kind)
        self.canvas.text(self.sheet, row, NAME, copy.name, "name")
        self.canvas.text(self.sheet, row, UNIT, item.unit.text, "note")
        values = self._values(copy)
        cells = SheetCells(self.grid, self.shown, self.title, row, copy.cluster, copy.evidence)
        node = self.shown.node(copy.name, copy.cluster)
        if node is None:
            self.write_given(row, item, copy, values)
        elif item.monthly:
            self._write_months(row, item, excel(node, cells), values, kind, fmt)
        else:
            self.canvas.formula(self.sheet, row, VALUE, excel(node, cells), float(values.ravel()[0]), kind, fmt)

    def _write_months(self, row: int, item: Item, template: str, values: Array, kind: str, fmt: str) -> None:
        if len(template) > _LONGEST:
            raise AssertionError(f"formula of {item.name} is longer than {_LONGEST:,} characters")
        months = np.broadcast_to(values.ravel() if values.size > 1 else values.reshape(-1), (self.grid.horizon,))
        if "{l}" in template:
            self.canvas.number(self.sheet, row, OPENING, 0, "note", fmt)
        for i in range(self.grid.horizon):
            here, left = get_column_letter(FIRST_MONTH + i), get_column_letter(FIRST_MONTH + i - 1)
            formula = template.replace("{c}", here).replace("{l}", left)
            self.canvas.formula(self.sheet, row, FIRST_MONTH + i, formula, float(months[i]), kind, fmt)
        if item.unit.text == "USD" and item.kind != "price":
            span = f"{get_column_letter(FIRST_MONTH)}{row}:{self.grid.last_month}{row}"
            self.canvas.formula(self.sheet, row, TOTAL, f"SUM({span})", float(months.sum()), kind, MONEY)

    def write_given(self, row: int, item: Item, copy: Copy, values: Array) -> None:
        """Write numbers that a file states, and what stands on another sheet."""
        if template := self.elsewhere.get((copy.name, copy.evidence)):
            self._write_months(row, item, template, values, "link", number_format(item.unit.text, item.name))
        elif item.monthly:
            for i, number in enumerate(np.broadcast_to(values.ravel(), (self.grid.horizon,))):
                self.canvas.number(self.sheet, row, FIRST_MONTH + i, float(number), "text", "0")
        else:
            fmt = NUMBER if item.kind != "price" else "0.00########"
            self.canvas.number(self.sheet, row, VALUE, float(values.ravel()[0]), "input", fmt)

    def _values(self, copy: Copy) -> Array:
        value = self.shown.values[copy.name]
        k = copy.cluster if value.shape[2] > 1 else 0
        return np.asarray(end_of(value, copy.evidence)[0, k])

    def _is_cash_flow(self, name: str) -> bool:
        return name in self.book.sheets.get("cash_flow", ())

    def _label(self, item: Item, copy: Copy) -> str:
        named = item.per_cluster and (copy.cluster or self.shown.named)
        cluster = f", {self.shown.kinds[copy.cluster]}" if named else ""
        evidence = f" ({EVIDENCE[copy.evidence]})" if copy.evidence in EVIDENCE else ""
        return f"{item.label}{cluster}{evidence}"

    def spot(self, name: str, evidence: int = BASE, cluster: int = 0) -> Spot:
        """Place of a row."""
        return self._elsewhere(evidence, cluster).spot(name)

    def cell(self, name: str, evidence: int = BASE, cluster: int = 0) -> str:
        """Reference to a row's single value, from another sheet."""
        return self._elsewhere(evidence, cluster).at(name)

    def span(self, name: str, evidence: int = BASE, cluster: int = 0) -> str:
        """Reference to a row's months, or to its single value, from another sheet."""
        cells = self._elsewhere(evidence, cluster)
        return cells.span(name) if self.book.items[name].monthly else cells.at(name)

    def _elsewhere(self, evidence: int, cluster: int = 0) -> SheetCells:
        return SheetCells(self.grid, self.shown, "", 0, cluster, evidence)


def timeline_sheet(canvas: Canvas, grid: Grid, shown: Shown, months: Sequence[tuple[int, int]], name: str) -> None:
    """Write the rows that all offerings share."""
    sheet = RowSheet(canvas, grid, shown, months, TIMELINE)
    shared = [
        n
        for s in ("timeline", "topics")
        for n in shown.book.sheets[s]
        if n != "month" and (shown.book.items[n].node is not None or shown.book.items[n].monthly)
    ]
    for k, kind in enumerate(shown.kinds):
        sheet.add(kind.capitalize(), sheet.copies(shared, [k], BASE))
    for e, word in EVIDENCE.items():
        sheet.add(f"Evidence: {word}", sheet.copies(shared, range(len(shown.kinds)), e))
    sheet.head(TIMELINE, f"{name}: the workload month by month, before any offering")
    sheet.write()
