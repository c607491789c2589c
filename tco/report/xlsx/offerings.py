"""One sheet an offering: its configuration, sizing, verdicts and cost lines."""

from __future__ import annotations

from collections.abc import Iterable

from openpyxl.worksheet.datavalidation import DataValidation

from tco.engine.outcome import Outcome
from tco.model.evaluate import BASE, Array
from tco.model.scope import Item
from tco.model.tree import names
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.givens import PRICES
from tco.report.xlsx.grid import FIRST_ROW, LABEL, NAME, VALUE, Grid, Shown, literal
from tco.report.xlsx.rows import EVIDENCE, Copy, RowSheet
from tco.report.xlsx.style import NUMBER


class OfferingSheet(RowSheet):
    """The rows of an offering, with lists from which its configuration is picked."""

    def __init__(
        self,
        canvas: Canvas,
        grid: Grid,
        shown: Shown,
        outcome: Outcome,
        title: str,
        ranges: dict[tuple[str, str], tuple[str, str]],
        price_rows: dict[str, int],
    ) -> None:
        super().__init__(canvas, grid, shown, outcome.plan.months, title)
        self.outcome, self.ranges, self.price_rows = outcome, ranges, price_rows
        self.choice_cells: dict[tuple[str, int], str] = {}

    def choices(self) -> None:
        """Reserve a row for each choice of each cluster."""
        self.row += 1
        several = len(self.shown.kinds) > 1
        for choice in self.outcome.subject.choices:
            for k in range(len(self.shown.kinds) if several and choice != "access" else 1):
                self.choice_cells[choice, k] = f"$D${self.row}"
                self.row += 1
        self.row += 1

    def write_choices(self) -> None:
        """Write the choices, each with its list."""
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
            several = (len(self.shown.kinds) > 1 or self.shown.named) and choice != "access"
            self.canvas.text(self.sheet, row, LABEL, label + (f", {self.shown.kinds[k]}" if several else ""))
            self.canvas.text(self.sheet, row, NAME, choice, "name")
            self.canvas.text(self.sheet, row, VALUE, self.outcome.choices[k].configuration[choice], "input")
            values = subject.choices[choice] if not spec or spec.values else []
            keys = self.ranges.get((self.scope, choice), ("", ""))[0]
            formula = literal(",".join(spec.values if spec and spec.values else values)) if values else "=" + keys
            validation = DataValidation(type="list", formula1=formula, allow_blank=False, showErrorMessage=True)
            self.sheet.add_data_validation(validation)
            validation.add(self.sheet.cell(row, VALUE))

    def write_given(self, row: int, item: Item, copy: Copy, values: Array) -> None:
        """Write numbers that a file states, figures that follow a choice, prices."""
        if item.name not in self.book.by_choice:
            super().write_given(row, item, copy, values)
            return
        choice = self.book.by_choice[item.name][0]
        picked = self.choice_cells[choice, copy.cluster if item.per_cluster else 0]
        formula, value = self._by_choice(item, choice, picked, copy.evidence), float(values.ravel()[0])
        fmt = NUMBER if item.kind != "price" else "0.00########"
        self.canvas.formula(self.sheet, row, VALUE, formula, value, "link", fmt)

    def broken(self, clusters: Iterable[int]) -> str:
        """Condition, from another sheet: a limit or rule is broken in some month, for some of its clusters."""
        tests = [("limit_months", "{}>0")] + [(f"rule.{r}", "MIN({})=0") for r in self.outcome.subject.offering.rules]
        kinds = list(clusters)
        parts = [
            test.format(self.span(name, cluster=k))
            for name, test in tests
            for i, k in enumerate(kinds)
            if i == 0 or self.book.items[name].per_cluster
        ]
        return f"OR({','.join(parts)})"

    def _by_choice(self, item: Item, choice: str, picked: str, evidence: int) -> str:
        if item.kind == "choice":
            return f"IF({picked}={literal(item.name.removeprefix(choice + '.'))},1,0)"
        if item.kind == "price":
            line = next(ln for ln in self.outcome.subject.lines if f"price.{ln.name}" == item.name)
            at = sorted(self.price_rows[p.id] for p in line.points)
            column = "HIJ"[evidence]
            keys, values = f"{PRICES}!$D${at[0]}:$D${at[-1]}", f"{PRICES}!${column}${at[0]}:${column}${at[-1]}"
        else:
            keys, values = self.ranges[self.scope, item.name]
        return f"INDEX({values},MATCH({picked},{keys},0))"


def offering_sheet(
    canvas: Canvas,
    grid: Grid,
    shown: Shown,
    outcome: Outcome,
    title: str,
    ranges: dict[tuple[str, str], tuple[str, str]],
    price_rows: dict[str, int],
    wanted: Iterable[str] | None = None,
    sums: str = "Cash flow",
) -> OfferingSheet:
    """Write one offering: its configuration, sizing, verdicts, cost lines and cash flow.

    Args:
        canvas: the workbook.
        grid: gets the places of its rows.
        shown: its book.
        outcome: what it comes to.
        title: of the sheet.
        ranges: places of figures that follow a choice.
        price_rows: price point to its row.
        wanted: rows to write with all that they rest on; all if not given.
        sums: title of the last block.
    """
    sheet = OfferingSheet(canvas, grid, shown, outcome, title, ranges, price_rows)
    book, clusters = outcome.book, range(len(shown.kinds))
    lines = ("client_paths", "labour", "surcharges")
    on = {s: book.sheets.get(s, []) for s in (outcome.id, "paths", "prices", *lines, "sla", "cash_flow")}
    written = set(book.order if wanted is None else book.needed(wanted))
    used = {n for name in written for n in names(book.items[name].node)}  # type: ignore[arg-type]
    given = [
        n
        for s in (outcome.id, "paths", "prices", "sla")
        for n in on[s]
        if book.items[n].node is None and n in used and (shown.scope, n, 0, BASE) not in grid.spots
    ]
    on = {s: [n for n in listed if book.items[n].node is None or n in written] for s, listed in on.items()}
    rows = [n for s in (outcome.id, *lines) for n in on[s] if book.items[n].node is not None]
    verdicts = [n for n in rows if n.startswith(("limit", "rule."))]
    costs = [n for n in rows if any(n == ln.name or n.startswith(f"{ln.name}.") for ln in outcome.subject.lines)]
    sizing = [n for n in rows if n not in set(verdicts) | set(costs)]
    judged = clusters if outcome.plan.of_estate else [0]
    sheet.choices()
    sheet.add("Figures of the configuration", sheet.copies(given, clusters, BASE))
    for k in clusters:
        name = shown.kinds[k]
        sheet.add(f"Sizing: {name}", sheet.copies(sizing, [k], BASE))
        sheet.add(f"Limits and rules: {name} (1 is yes)", sheet.copies(verdicts, [k], BASE))
    sheet.add(
        "SLA conditions and caveats (1 holds or bites)",
        sheet.copies([n for n in on["sla"] if book.items[n].node is not None], judged, BASE),
    )
    sheet.add("Cost lines", sheet.copies(costs, clusters, BASE))
    sheet.add(sums, sheet.copies(on["cash_flow"], clusters, BASE))
    everything = given + sizing + verdicts + costs + on["cash_flow"]
    for e, word in EVIDENCE.items():
        sheet.add(f"Evidence: {word}", sheet.copies(everything, clusters, e))
    offering = outcome.subject.offering
    sheet.head(offering.name, f"{offering.vendor}, {offering.model.replace('_', ' ')}. {offering.summary}")
    sheet.write_choices()
    sheet.write()
    return sheet
