"""Sheets of given numbers: Inputs, Prices, Variants, Units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tco.catalog.load import Catalog
from tco.catalog.prices import PricePoint
from tco.engine.outcome import Outcome
from tco.engine.pricing import CostLine
from tco.model.evaluate import BASE, CEIL_TOLERANCE, COMPARE_TOLERANCE, end_of
from tco.model.excel import Bands
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.grid import VALUE, Grid, Shown, Spot
from tco.report.xlsx.style import NUMBER, UNIT_PRICE

INPUTS, PRICES, VARIANTS, UNITS = "Inputs", "Prices", "Variants", "Units"
SEASONALITY = "seasonality"
LOW_COLUMN, HIGH_COLUMN, STATUS, NOTE, FROZEN = 5, 6, 7, 8, 9
_PRICE_COLUMNS = (
    "Price point",
    "Owner",
    "Meter",
    "Variant",
    "Region",
    "From",
    "One price buys",
    "Low",
    "Base",
    "High",
    "Step low",
    "Step base",
    "Step high",
    "In force from",
    "Confidence",
    "Source",
    "Seen",
    "Note",
)
_WRAPPED = (18,)
_MORE_UNITS = 4
#: Title of a section of Inputs, the sheet of the book, and whether it holds what could not be otherwise.
SECTIONS = (
    ("Workload", "inputs", False),
    ("Clusters", "clusters", False),
    ("Topic classes", "topics", False),
    ("Assumptions", "assumptions", False),
    ("Definitions: numbers that could not be otherwise", "assumptions", True),
)
_PRICE_EVIDENCE = {0: "H", 1: "I", 2: "J"}
_STEP_EVIDENCE = {0: "K", 1: "L", 2: "M"}


def inputs_sheet(
    canvas: Canvas, grid: Grid, shown: Shown, sections: Sequence[tuple[str, str, bool]] = SECTIONS
) -> list[int]:
    """Write every input and assumption; return the rows that hold a changeable number."""
    sheet = canvas[INPUTS]
    book = shown.book
    canvas.text(sheet, 1, 1, "Inputs", "title")
    canvas.text(
        sheet,
        2,
        1,
        "Change the blue numbers on yellow; everything else follows. Region, horizon, start, prices' date "
        "and the set of offerings are labels: run the tool again to change those.",
        "note",
    )
    for column, head in enumerate(
        ("Input", "Name", "Unit", "Value", "Low", "High", "Status", "Note", "As delivered"), 1
    ):
        canvas.text(sheet, 4, column, head, "head")
    row, changeable = 5, []
    for title, group, defined in sections:
        row += 1
        canvas.text(sheet, row, 1, title, "section")
        row += 1
        for name in book.sheets.get(group, []):
            item = book.items[name]
            if shown.reckoned(name) or item.monthly or (item.source == "definition") != defined:
                continue
            given = book.given[name]
            for k in range(given.shape[2]):
                if (name, k) in shown.follows:
                    grid.spots["", name, k, BASE] = grid.spots["", name, shown.follows[name, k], BASE]
                    continue
                suffix = f", {shown.kinds[k]}" if item.per_cluster else ""
                canvas.text(sheet, row, 1, item.label + suffix)
                canvas.text(sheet, row, 2, name, "name")
                canvas.text(sheet, row, 3, item.unit.text, "note")
                base = float(end_of(given)[0, k, 0])
                canvas.number(sheet, row, VALUE, base, "text" if defined else "input", NUMBER)
                canvas.number(sheet, row, FROZEN, base, "note", NUMBER)
                grid.spots["", name, k, BASE] = Spot(INPUTS, row, False)
                if item.uncertain:
                    for evidence, column in ((0, LOW_COLUMN), (2, HIGH_COLUMN)):
                        canvas.number(sheet, row, column, float(given[evidence, 0, k, 0]), "input", NUMBER)
                        grid.spots["", name, k, evidence] = Spot(INPUTS, row, False, column)
                canvas.text(sheet, row, STATUS, item.source, "note")
                canvas.text(sheet, row, NOTE, item.note, "note")
                changeable.append(row)
                row += 1
    for name in (n for n in book.tables if n.startswith(SEASONALITY)):
        row = _seasonality(canvas, grid, shown, name, row + 1)
    _widths(sheet, (46, 26, 22, 16, 12, 12, 24, 60, 16))
    sheet.freeze_panes = "A5"
    return changeable


def _seasonality(canvas: Canvas, grid: Grid, shown: Shown, name: str, row: int) -> int:
    sheet, table = canvas[INPUTS], shown.book.tables[name]
    course = f", course {number}" if (number := name.removeprefix(SEASONALITY).removeprefix("_")) else ""
    canvas.text(sheet, row, 1, f"Seasonality: factor of each calendar month{course}", "section")
    first = row + 1
    for month, (_, factor, _) in enumerate(table.values, 1):
        canvas.text(sheet, row + month, 1, f"Month {month}")
        canvas.number(sheet, row + month, 3, month, "note", "0")
        canvas.number(sheet, row + month, VALUE, factor, "input", NUMBER)
    keys, values = f"{INPUTS}!$C${first}:$C${row + 12}", f"{INPUTS}!$D${first}:$D${row + 12}"
    grid.bands["", name, BASE] = Bands(keys, values, values)
    return row + 13


def prices_sheet(
    canvas: Canvas, grid: Grid, catalog: Catalog, priced: Sequence[tuple[Shown, Sequence[CostLine]]]
) -> dict[str, int]:
    """Write every price point in use once; return point id to row."""
    sheet = canvas[PRICES]
    canvas.text(sheet, 1, 1, "Prices", "title")
    canvas.text(
        sheet,
        2,
        1,
        "One published number a row. A range stays a range: base is its middle, low and high reach the totals. "
        "Steps are the price less that of the band above it.",
        "note",
    )
    for column, head in enumerate(_PRICE_COLUMNS, 1):
        canvas.text(sheet, 4, column, head, "head")
    rows: dict[str, int] = {}
    row = 5
    for points in _meters(ln for _, lines in priced for ln in lines):
        previous: PricePoint | None = None
        for point in points:
            rows[point.id] = row
            _price_row(canvas, row, point, previous, catalog)
            same = previous is not None and previous.variant == point.variant
            previous = point if not same or point.tier_from else previous
            row += 1
    for shown, lines in priced:
        for line in lines:
            _price_spots(grid, shown, line.name, line.points, rows)
    _widths(sheet, (56, 24, 22, 20, 14, 12, 24, 12, 12, 12, 12, 12, 12, 13, 15, 36, 12, 60))
    canvas.fit(sheet)
    sheet.freeze_panes = "B5"
    return rows


def _meters(lines: Iterable[CostLine]) -> list[list[PricePoint]]:
    """Points in use, a list for each meter and region, in a stable order."""
    found: dict[tuple[str, str, str], list[PricePoint]] = {}
    for line in lines:
        for p in line.points:
            group = found.setdefault((p.offering, p.meter, p.region), [])
            if p.id not in {q.id for q in group}:
                group.append(p)
    return [sorted(found[key], key=lambda p: (p.variant, p.tier_from)) for key in sorted(found)]


def _price_row(canvas: Canvas, row: int, p: PricePoint, above: PricePoint | None, catalog: Catalog) -> None:
    sheet = canvas[PRICES]
    source = catalog.sources.get(p.source)
    region = p.region + (f" (proxy for {p.proxy_for})" if p.proxy_for else "")
    for column, text in (
        (1, p.id),
        (2, p.offering),
        (3, p.meter),
        (4, p.variant),
        (5, region),
        (7, f"{p.currency} / {p.unit.text}"),
        (15, p.confidence),
        (16, p.source),
        (18, p.note),
    ):
        canvas.text(sheet, row, column, text, "name" if column == 1 else "text", wrap=column in _WRAPPED)
    canvas.text(sheet, row, 14, p.effective_from.isoformat(), "note")
    canvas.text(sheet, row, 17, source.seen.isoformat() if source and source.seen else "undated", "note")
    canvas.number(sheet, row, 6, float(p.tier_from), "note", NUMBER)
    banded = above is not None and above.variant == p.variant and p.tier_from > 0
    for evidence, number in enumerate((p.low, p.base, p.high)):
        canvas.number(sheet, row, 8 + evidence, float(number), "input", UNIT_PRICE)
        letter = _PRICE_EVIDENCE[evidence]
        before = float((above.low, above.base, above.high)[evidence]) if banded and above else 0.0
        formula = f"{letter}{row}-{letter}{row - 1}" if banded else f"{letter}{row}"
        canvas.formula(sheet, row, 11 + evidence, formula, float(number) - before, "note", UNIT_PRICE)


def _price_spots(grid: Grid, shown: Shown, line: str, points: list[PricePoint], rows: dict[str, int]) -> None:
    name = f"price.{line}"
    if not points:
        return
    at = [rows[p.id] for p in points]
    first, last = min(at), max(at)
    if name in shown.book.tables:
        for evidence in range(3):
            grid.bands[shown.scope, name, evidence] = Bands(
                f"{PRICES}!$F${first}:$F${last}",
                _range(_PRICE_EVIDENCE[evidence], first, last),
                _range(_STEP_EVIDENCE[evidence], first, last),
            )
    elif name in shown.book.given:
        for evidence in range(3):
            grid.spots[shown.scope, name, 0, evidence] = Spot(PRICES, first, False, 8 + evidence)


def _range(column: str, first: int, last: int) -> str:
    return f"{PRICES}!${column}${first}:${column}${last}"


def variants_sheet(
    canvas: Canvas, grid: Grid, outcomes: Sequence[tuple[str, Outcome]]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Write tables of variants, purchase sizes and paths, each once.

    Args:
        canvas: the workbook.
        grid: gets the places of purchase sizes.
        outcomes: each with its scope.

    Returns:
        (scope, item) to the (keys, values) ranges that its formula looks into; and under
        (scope, choice) the keys alone, for the drop-down.
    """
    sheet = canvas[VARIANTS]
    canvas.text(sheet, 1, 1, "Variants", "title")
    canvas.text(
        sheet,
        2,
        1,
        "Figures that follow a choice: broker sizes, plans, purchase sizes, and who pays which side of a path.",
        "note",
    )
    written: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    ranges: dict[tuple[str, str], tuple[str, str]] = {}
    row = 4
    for scope, outcome in outcomes:
        offering, cloud = outcome.subject.offering, outcome.subject.site.cloud
        for choice, (heads, body) in _tables(outcome).items():
            title = f"paths, {cloud}" if choice == "access" else choice.replace("_", " ")
            key = offering.id, title
            if key not in written:
                row, written[key] = _table(canvas, row, f"{offering.name}: {title}", choice, heads, body)
            ranges |= {(scope, name): area for name, area in written[key].items()}
        for name, steps in offering.steps.items():
            key = offering.id, name
            if key not in written:
                canvas.text(sheet, row, 1, f"{offering.name}: {steps.label}", "section")
                for i, size in enumerate(steps.sizes, 1):
                    canvas.number(sheet, row + i, 1, float(size), "text", NUMBER)
                area = f"{VARIANTS}!$A${row + 1}:$A${row + len(steps.sizes)}"
                written[key] = {name: (area, area)}
                row += len(steps.sizes) + 2
            grid.bands[scope, name, BASE] = Bands(*written[key][name], written[key][name][0])
    _widths(sheet, (26, *([15] * 18)))
    canvas.fit(sheet)
    sheet.freeze_panes = "B4"
    return ranges


_Table = tuple[list[tuple[str, str]], list[tuple[str, list[float]]]]


def _tables(outcome: Outcome) -> dict[str, _Table]:
    """Choice to the heads (item, label) and the body (value, figures) of its table; the paths last."""
    offering, paths = outcome.subject.offering, outcome.subject.paths
    found: dict[str, _Table] = {
        choice: (
            [(f"{choice}.{c}", f"{s.label} [{s.unit}]") for c, s in table.columns.items()],
            [(variant, [float(v) for v in values]) for variant, values in table.rows.items()],
        )
        for choice, table in offering.tables.items()
    }
    heads = [(f"path.{c}", c.replace("_", " ")) for c in paths[0].factors]
    return found | {"access": (heads, [(p.access, list(p.factors.values())) for p in paths])}


def _table(
    canvas: Canvas,
    row: int,
    title: str,
    choice: str,
    heads: list[tuple[str, str]],
    body: list[tuple[str, list[float]]],
) -> tuple[int, dict[str, tuple[str, str]]]:
    """Write a table; return the next free row, and each item with the ranges of keys and of its values."""
    sheet = canvas[VARIANTS]
    canvas.text(sheet, row, 1, title, "section")
    first, last = row + 2, row + 1 + len(body)
    keys = f"{VARIANTS}!$A${first}:$A${last}"
    ranges = {choice: (keys, keys)}
    canvas.text(sheet, row + 1, 1, choice.replace("_", " "), "head", wrap=True)
    for column, (name, label) in enumerate(heads, 2):
        canvas.text(sheet, row + 1, column, label, "head", wrap=True)
        letter = get_column_letter(column)
        ranges[name] = (keys, f"{VARIANTS}!${letter}${first}:${letter}${last}")
    for i, (key, values) in enumerate(body):
        canvas.text(sheet, first + i, 1, key)
        for column, value in enumerate(values, 2):
            canvas.number(sheet, first + i, column, value, "input", NUMBER)
    return last + 2, ranges


def units_sheet(canvas: Canvas, grid: Grid) -> None:
    """Write the tolerances and every conversion factor in use; comes last, when all are known."""
    sheet = canvas[UNITS]
    canvas.text(sheet, 1, 1, "Units", "title")
    canvas.text(
        sheet,
        2,
        1,
        "Spreadsheets snap numbers that are nearly whole; the model does so by these stated amounts. "
        "A conversion stands in one cell wherever two units meet.",
        "note",
    )
    canvas.text(sheet, 4, 1, "Tolerances", "section")
    canvas.text(sheet, 5, 1, "Counts are rounded up after taking off")
    canvas.number(sheet, 5, 2, CEIL_TOLERANCE, "text", "0.0E+00")
    canvas.text(sheet, 6, 1, "Numbers are equal within a share of")
    canvas.number(sheet, 6, 2, COMPARE_TOLERANCE, "text", "0.0E+00")
    canvas.text(sheet, 8, 1, "Conversion factors: one of these in those", "section")
    canvas.text(sheet, 8, 3, "also", "note")
    for value, cell in grid.factors.items():
        row = int(cell.rpartition("$")[2])
        canvas.text(sheet, row, 1, next(iter(grid.joins[value])))
        canvas.number(sheet, row, 2, value)
        canvas.text(sheet, row, 3, "; ".join(list(grid.joins[value])[1:_MORE_UNITS]), "note")
    _widths(sheet, (60, 20, 100))


def _widths(sheet: Worksheet, widths: tuple[int, ...]) -> None:
    for i, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(i)].width = width
