"""Row sheets: the timeline and one sheet an offering, one formula a row, the same in every month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tco.analysis.compare import Comparison
from tco.engine.book import Book
from tco.engine.outcome import Outcome
from tco.model.evaluate import Array
from tco.model.excel import excel
from tco.model.scope import Item
from tco.model.tree import names
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.givens import PRICES
from tco.report.xlsx.grid import (
    BASE,
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
    Spot,
    literal,
)
from tco.report.xlsx.style import MONEY, NUMBER, number_format

TIMELINE = "Timeline"
_MONTHS_A_PAGE = 12
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
    """Lays out and writes one sheet of rows."""

    def __init__(
        self,
        canvas: Canvas,
        grid: Grid,
        comparison: Comparison,
        outcome: Outcome,
        scope: str,
        title: str,
        ranges: dict[tuple[str, str], tuple[str, str]],
        price_rows: dict[str, int],
    ) -> None:
        self.canvas, self.grid, self.comparison = canvas, grid, comparison
        self.outcome, self.scope, self.title = outcome, scope, title
        self.ranges, self.price_rows = ranges, price_rows
        self.book: Book = outcome.book
        self.sheet: Worksheet = canvas[title]
        self.blocks: list[tuple[int, Block]] = []
        self.choice_cells: dict[tuple[str, int], str] = {}
        self.row = FIRST_ROW

    # -- places ---------------------------------------------------------------------------------------

    def choices(self) -> None:
        """Reserve a row for each choice of each cluster."""
        self.row += 1
        several = len(self.comparison.plan.clusters) > 1
        for choice in self.outcome.subject.choices:
            for k in range(len(self.comparison.plan.clusters) if several and choice != "access" else 1):
                self.choice_cells[choice, k] = f"$D${self.row}"
                self.row += 1
        self.row += 1

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

    def write(self, subtitle: str) -> None:
        """Write the head and every block."""
        self._head(subtitle)
        self._write_choices()
        for start, block in self.blocks:
            self.canvas.text(self.sheet, start, LABEL, block.title, "section")
            for i, copy in enumerate(block.copies, start + 1):
                self._write_row(i, copy)

    def _head(self, subtitle: str) -> None:
        canvas, sheet = self.canvas, self.sheet
        canvas.text(sheet, 1, 1, self.outcome.subject.offering.name if self.scope else "Timeline", "title")
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
        for i, (year, month) in enumerate(self.comparison.plan.months):
            canvas.number(sheet, MONTH_ROW, FIRST_MONTH + i, i + 1, "note", "0")
            canvas.text(sheet, 5, FIRST_MONTH + i, f"{year}-{month:02d}", "head", align="right")
        for column, width in ((LABEL, 52), (NAME, 22), (UNIT, 20), (VALUE, 20), (TOTAL, 18), (OPENING, 9)):
            sheet.column_dimensions[get_column_letter(column)].width = width
        for i in range(self.grid.horizon):
            sheet.column_dimensions[get_column_letter(FIRST_MONTH + i)].width = 14
        sheet.freeze_panes = f"{get_column_letter(NAME)}6"
        sheet.print_title_rows, sheet.print_title_cols = "4:5", "A:A"
        sheet.page_setup.fitToWidth = -(-self.grid.horizon // _MONTHS_A_PAGE)

    def _write_choices(self) -> None:
        if not self.choice_cells:
            return
        self.canvas.text(
            self.sheet, FIRST_ROW, LABEL, "Configuration: pick another from the list to re-price it", "section"
        )
        subject = self.outcome.subject
        for (choice, k), cell in self.choice_cells.items():
            row = int(cell.rpartition("$")[2])
            spec = subject.offering.choices.get(choice)
            label = (
                spec.label
                if spec
                else {"access": "Clients reach brokers by", "follower_fetch": "Consumers read from"}[choice]
            )
            several = len(self.comparison.plan.clusters) > 1 and choice != "access"
            self.canvas.text(self.sheet, row, LABEL, label + (f", {self.outcome.cluster_names[k]}" if several else ""))
            self.canvas.text(self.sheet, row, NAME, choice, "name")
            self.canvas.text(self.sheet, row, VALUE, self.outcome.choices[k].configuration[choice], "input")
            values = subject.choices[choice] if not spec or spec.values else []
            keys = self.ranges.get((self.outcome.id, choice), ("", ""))[0]
            formula = literal(",".join(spec.values if spec and spec.values else values)) if values else "=" + keys
            validation = DataValidation(type="list", formula1=formula, allow_blank=False, showErrorMessage=True)
            self.sheet.add_data_validation(validation)
            validation.add(self.sheet.cell(row, VALUE))

    def _write_row(self, row: int, copy: Copy) -> None:
        item = self.book.items[copy.name]
        kind = "total" if item.kind == "line" or self._is_cash_flow(copy.name) else "text"
        fmt = number_format(item.unit.text, item.name)
        self.canvas.text(self.sheet, row, LABEL, self._label(item, copy), kind)
        self.canvas.text(self.sheet, row, NAME, copy.name, "name")
        self.canvas.text(self.sheet, row, UNIT, item.unit.text, "note")
        values = self._values(copy)
        cells = SheetCells(self.grid, self.book, self.scope, self.title, row, copy.cluster, copy.evidence)
        if item.node is None:
            self._write_given(row, item, copy, values)
        elif item.monthly:
            self._write_months(row, item, excel(item.node, cells), values, kind, fmt)
        else:
            self.canvas.formula(self.sheet, row, VALUE, excel(item.node, cells), float(values.ravel()[0]), kind, fmt)

    def _write_months(self, row: int, item: Item, template: str, values: Array, kind: str, fmt: str) -> None:
        if len(template) > 1000:
            raise AssertionError(f"formula of {item.name} is longer than 1,000 characters")
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

    def _write_given(self, row: int, item: Item, copy: Copy, values: Array) -> None:
        """Numbers that a file states, figures that follow a choice, prices."""
        value = float(values.ravel()[0])
        fmt = NUMBER if item.kind != "price" else "0.00########"
        if item.monthly:
            for i, number in enumerate(np.broadcast_to(values.ravel(), (self.grid.horizon,))):
                self.canvas.number(self.sheet, row, FIRST_MONTH + i, float(number), "text", "0")
        elif item.name in self.book.by_choice:
            choice = self.book.by_choice[item.name][0]
            picked = self.choice_cells[choice, copy.cluster if item.per_cluster else 0]
            self.canvas.formula(
                self.sheet, row, VALUE, self._by_choice(item, choice, picked, copy.evidence), value, "link", fmt
            )
        else:
            self.canvas.number(self.sheet, row, VALUE, value, "input", fmt)

    def _by_choice(self, item: Item, choice: str, picked: str, evidence: int) -> str:
        if item.kind == "choice":
            return f"IF({picked}={literal(item.name.removeprefix(choice + '.'))},1,0)"
        if item.kind == "price":
            line = next(ln for ln in self.outcome.subject.lines if f"price.{ln.name}" == item.name)
            at = sorted(self.price_rows[p.id] for p in line.points)
            column = "HIJ"[evidence]
            keys, values = f"{PRICES}!$D${at[0]}:$D${at[-1]}", f"{PRICES}!${column}${at[0]}:${column}${at[-1]}"
        else:
            keys, values = self.ranges[self.outcome.id, item.name]
        return f"INDEX({values},MATCH({picked},{keys},0))"

    def _values(self, copy: Copy) -> Array:
        value = self.outcome.values[copy.name]
        e = copy.evidence if value.shape[0] == 3 else 0
        k = copy.cluster if value.shape[2] > 1 else 0
        return np.asarray(value[e, 0, k])

    def _is_cash_flow(self, name: str) -> bool:
        return name in self.book.sheets.get("cash_flow", ())

    def _label(self, item: Item, copy: Copy) -> str:
        cluster = f", {self.outcome.cluster_names[copy.cluster]}" if item.per_cluster and copy.cluster else ""
        evidence = f" ({EVIDENCE[copy.evidence]})" if copy.evidence in EVIDENCE else ""
        return f"{item.label}{cluster}{evidence}"

    def cell(self, name: str, evidence: int = BASE) -> str:
        """Reference to a row's single value, from another sheet."""
        return self._elsewhere(evidence).at(name)

    def span(self, name: str, evidence: int = BASE, cluster: int = 0) -> str:
        """Reference to a row's months, or to its single value, from another sheet."""
        cells = self._elsewhere(evidence, cluster)
        return cells.span(name) if self.book.items[name].monthly else cells.at(name)

    def _elsewhere(self, evidence: int, cluster: int = 0) -> SheetCells:
        return SheetCells(self.grid, self.book, self.scope, "", 0, cluster, evidence)


def timeline_sheet(canvas: Canvas, grid: Grid, comparison: Comparison) -> None:
    """Write the rows that all offerings share."""
    outcome = comparison.outcomes[0]
    sheet = RowSheet(canvas, grid, comparison, outcome, "", TIMELINE, {}, {})
    shared = [
        n
        for s in ("timeline", "topics")
        for n in outcome.book.sheets[s]
        if n != "month" and (outcome.book.items[n].node is not None or outcome.book.items[n].monthly)
    ]
    for k, cluster in enumerate(comparison.plan.clusters):
        sheet.add(cluster.name.capitalize(), sheet.copies(shared, [k], BASE))
    for e, word in EVIDENCE.items():
        sheet.add(f"Evidence: {word}", sheet.copies(shared, range(len(comparison.plan.clusters)), e))
    sheet.write(f"{comparison.plan.workload.name}: the workload month by month, before any offering")


def offering_sheet(
    canvas: Canvas,
    grid: Grid,
    comparison: Comparison,
    outcome: Outcome,
    title: str,
    ranges: dict[tuple[str, str], tuple[str, str]],
    price_rows: dict[str, int],
) -> RowSheet:
    """Write one offering: its configuration, sizing, verdicts, cost lines and cash flow."""
    sheet = RowSheet(canvas, grid, comparison, outcome, outcome.id, title, ranges, price_rows)
    book, clusters = outcome.book, range(len(comparison.plan.clusters))
    lines = ("client_paths", "labour", "surcharges")
    on = {s: book.sheets.get(s, []) for s in (outcome.id, "paths", "prices", *lines, "sla", "cash_flow")}
    used = {n for name in book.order for n in names(book.items[name].node)}  # type: ignore[arg-type]
    given = [
        n
        for s in (outcome.id, "paths", "prices", "sla")
        for n in on[s]
        if book.items[n].node is None and n in used and (outcome.id, n, 0, BASE) not in grid.spots
    ]
    rows = [n for s in (outcome.id, *lines) for n in on[s] if book.items[n].node is not None]
    verdicts = [n for n in rows if n.startswith(("limit", "rule."))]
    costs = [n for n in rows if any(n == ln.name or n.startswith(f"{ln.name}.") for ln in outcome.subject.lines)]
    sizing = [n for n in rows if n not in set(verdicts) | set(costs)]
    sheet.choices()
    sheet.add("Figures of the configuration", sheet.copies(given, clusters, BASE))
    for k in clusters:
        name = comparison.plan.clusters[k].name
        sheet.add(f"Sizing: {name}", sheet.copies(sizing, [k], BASE))
        sheet.add(f"Limits and rules: {name} (1 is yes)", sheet.copies(verdicts, [k], BASE))
    sheet.add(
        "SLA conditions and caveats (1 holds or bites)",
        sheet.copies([n for n in on["sla"] if book.items[n].node is not None], [0], BASE),
    )
    sheet.add("Cost lines", sheet.copies(costs, clusters, BASE))
    sheet.add("Cash flow", sheet.copies(on["cash_flow"], [0], BASE))
    everything = given + sizing + verdicts + costs + on["cash_flow"]
    for e, word in EVIDENCE.items():
        sheet.add(f"Evidence: {word}", sheet.copies(everything, clusters, e))
    offering = outcome.subject.offering
    sheet.write(f"{offering.vendor}, {offering.model.replace('_', ' ')}. {offering.summary}")
    return sheet
