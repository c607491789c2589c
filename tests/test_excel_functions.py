"""Every function and operator of the language: its Excel form in two spreadsheets against its NumPy form."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle, islice
from typing import Any

import numpy as np
import pytest
import yaml
from openpyxl.utils import get_column_letter

from tco.data import folder
from tco.engine.book import Book, clusters_array, months_array
from tco.errors import InputError
from tco.model.check import check
from tco.model.evaluate import BASE, Array, Run, evaluate
from tco.model.excel import Bands, excel
from tco.model.parse import FUNCTIONS
from tco.model.scope import Draft, Item, Scope, Table
from tco.model.tree import Arithmetic, Call, Compare, Logic, Name, Node, Number, walk
from tco.model.units import PURE, Units
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.finish import finished
from tco.report.xlsx.givens import UNITS, units_sheet
from tco.report.xlsx.grid import FIRST_MONTH, FIRST_ROW, MONTH_ROW, OPENING, VALUE, Grid, SheetCells, Shown, Spot
from tests.spreadsheet import recalculated

REL = 1e-9
ROWS, GIVEN, BANDS = "Rows", "Given rows", "Bands"  # one name needs quotes in a formula
VALUES = (0.0, 1e-9, 0.7, 3.0, -2.5, 1e12, -4e11)
#: Every pair; those of equal values first, so that fewer months still hold every value on both sides.
PAIRS = [(x, (VALUES * 2)[i + shift]) for shift in range(len(VALUES)) for i, x in enumerate(VALUES)]
#: Months for LibreOffice, and for the package `formulas`, which takes milliseconds a cell.
LONG, SHORT = len(PAIRS), 2 * len(VALUES)
COUNTS = (1.0, 3.0)
KINDS = ("one", "three")

#: Name to (unit, one value a month, repeated to the horizon).
MONTHLY: dict[str, tuple[str, tuple[float, ...]]] = {
    "x": ("1", tuple(x for x, _ in PAIRS)),
    "y": ("1", tuple(y for _, y in PAIRS)),
    # (0.1 + 0.2) * 10 is 3.0000000000000004 and (0.7 + 0.1) * 10 is 7.999999999999999
    "a": ("broker", (0.1, 0.7, 1.1, 0.3, 4.35, 1.005, 0.57)),
    "b": ("broker", (0.2, 0.1, 2.2, 0.6, 0.0, 0.0, 0.01)),
    "c": ("1", (10.0, 10.0, 10.0, 10.0, 100.0, 1000.0, 100.0)),
    "whole": ("broker", (0.0, 1.0, 3.0, 18.0, 1e6, 1e9, 1e12, -2.0)),
    "off": ("broker", (0.0, 1e-12, -1e-12, 5e-7, -5e-7, 2e-6, -2e-6, 1e-3, 0.5)),
    # band edges to the unit, just below and above, and far outside
    "q": ("GB[wire]", (0.0, -5.0, 1e-9, 9.999999, 10.0, 10.000001, 49.5, 50.0, 50.5, 100.0, 1e12)),
    # keys, within and outside the tolerance, before the first and past the last
    "k": ("1", (1.0, 2.0, 0.0, -3.0, 4.0000001, 3.9999999, 4.001, 3.999, 15.99, 16.0, 17.0, 1e12, 0.3, 1e-9)),
    "r": ("GB[wire]", (5.0, 0.0, 2.5, 700.0, 0.001, 12.0, 12.0, 3.3)),
    "big": ("GB[wire]", (1e12, 3e12, 2.5e11)),
    "tiny": ("GB[wire]", (1e-9, 0.0, 4e-9, 2.5e-10)),
    "w": ("month", (0.0, 0.5, 1.0, 2.75, 12.0, 1e3, 1e12, 0.3)),
    "calendar": ("1", tuple(float(m) for m in range(1, 13))),
    "yes": ("1", (0.0, 1.0, 1.0, 0.0, 2.0, -1.0)),
    "no": ("1", (0.0, 0.0, 1.0, 1.0)),
    "growth": ("1", (0.0, 0.3, -0.5, 1e-9, 2.0)),
    "exponent": ("1", (0.0, 1.0, 0.5, -1.5, 2.9166666666666, 10.0, 1e-9)),
}
SCALARS: dict[str, tuple[str, float]] = {
    "limit": ("MiB[wire]/s", 33.0),
    "rate": ("MB[wire]/s", 120.0),
    "days": ("day", 7.0),
    "one_month": ("month", 1.0),
    "quarter_year": ("year", 0.25),
    "share": ("1", 0.25),
    "zero": ("1", 0.0),
    "u": ("1", 0.75),
    "v": ("1", 2.5),
    "s": ("1", -1.25),
    "t": ("1", 8.0),
}
TABLES: dict[str, tuple[str, str, tuple[int, ...], tuple[tuple[float, float, float], ...]]] = {
    "bands": ("GB[wire]", "USD/GB[wire]", (0, 10, 50), ((0.2, 0.3, 0.4), (0.1, 0.2, 0.3), (0.05, 0.05, 0.05))),
    "flat": ("GB[wire]", "USD/GB[wire]", (0,), ((0.09,) * 3,)),
    "allowance": ("GB[wire]", "USD/GB[wire]", (10,), ((0.09,) * 3,)),
    "dearer": ("GB[wire]", "USD/GB[wire]", (0, 10, 100), ((0.0,) * 3, (0.5,) * 3, (1.75,) * 3)),
    "sizes": ("1", "1", (1, 2, 4, 8, 16), ((1.0,) * 3, (2.0,) * 3, (4.0,) * 3, (8.0,) * 3, (16.0,) * 3)),
    "only": ("1", "USD", (4,), ((7.5, 8.0, 9.25),)),
    "seasons": ("1", "1", tuple(range(1, 13)), tuple(((12.0 - m) / 7,) * 3 for m in range(12))),
}
#: Name of the row to (unit, formula).
CASES: dict[str, tuple[str, str]] = {
    "add": ("1", "x + y"),
    "subtract": ("1", "x - y"),
    "subtract a difference": ("1", "x - (y - share)"),
    "multiply": ("1", "x * y"),
    "divide": ("1", "x / if_else(y == 0, 1, y)"),
    "divide by a quotient": ("1", "x / (share / (2 + share))"),
    "negate": ("1", "-x"),
    "negate twice": ("1", "-(-x) - -y"),
    "negate a product": ("1", "-(x * share) * 2"),
    "power": ("1", "(1 + growth) ** exponent"),
    "power of a power": ("1", "(1 + growth) ** share ** 2"),
    "left power of a power": ("1", "((1 + growth) ** 2) ** share"),
    "power of a negative": ("1", "(-x) ** 2"),
    "negative exponent": ("1", "(1 + growth) ** -exponent"),
    "negative of a power": ("1", "-x ** 2"),
    "less a power": ("1", "0 - (1 + growth) ** 2"),
    "product with a power": ("1", "2 * x ** 2 / (1 + share)"),
    "greater": ("1", "x > y"),
    "less": ("1", "x < y"),
    "at least": ("1", "x >= y"),
    "at most": ("1", "x <= y"),
    "equal": ("1", "x == y"),
    "not equal": ("1", "x != y"),
    "greater, sums": ("1", "x + 1 > y - share"),
    "less, sums": ("1", "x - y < 0"),
    "at least, sums": ("1", "x + y >= 2 * y"),
    "at most, sums": ("1", "x - share <= y + 1"),
    "equal, sums": ("1", "x - 1 == y - 1"),
    "not equal, sums": ("1", "x - 1 != y + 1"),
    "just greater": ("1", "x * (1 + tiny / (2 * big)) > x"),
    "within tolerance": ("1", "x * (1 + barely) > x"),
    "outside tolerance": ("1", "x * (1 + clearly) > x"),
    "sum of tests": ("1", "(x > y) + (x < y) * 2 - (x == y)"),
    "and": ("1", "yes and no"),
    "or": ("1", "yes or no"),
    "not": ("1", "not yes"),
    "and or not": ("1", "not (yes and x > y) or no and not x < y"),
    "min": ("1", "min(x, y, 1)"),
    "max": ("1", "max(x, y, 0, 2)"),
    "min max": ("1", "max(min(x, share), min(y, x * 2))"),
    "ceil": ("broker", "ceil(whole + off)"),
    "ceil near whole": ("broker", "ceil((a + b) * c)"),
    "ceil of a difference": ("broker", "ceil(whole - (a - b))"),
    "floor": ("broker", "-ceil(-(whole + off))"),
    "two ceils": ("broker", "ceil(a) - ceil(b) * 2"),
    "if_else": ("1", "if_else(yes, x, y)"),
    "if_else in a product": ("1", "2 * if_else(x > y, x - y, y) - 1"),
    "ratio": ("1", "ratio(x, y)"),
    "ratio of sums": ("1", "ratio(x + 1, 1 - no)"),
    "ratio in a power": ("1", "ratio(yes, no + 1) ** 2"),
    "ratio of ratios": ("1", "ratio(ratio(x, y), ratio(y, x)) - 1"),
    "lookup": ("1", "lookup(seasons, calendar) * x"),
    "lookup of one": ("USD", "lookup(only, k)"),
    "step_up": ("1", "step_up(sizes, k)"),
    "step_up of a difference": ("1", "step_up(sizes, k - share) - 1"),
    "step_up near whole": ("1", "step_up(sizes, c * (1 + share) / (2 + 2) - k)"),
    "step_up of step_up": ("1", "step_up(sizes, step_up(sizes, k) + 1)"),
    "tiered": ("USD", "tiered(q, bands)"),
    "tiered, one band": ("USD", "tiered(q, flat)"),
    "tiered after an allowance": ("USD", "tiered(q, allowance)"),
    "tiered, dearer": ("USD", "tiered(q - r, dearer) * 2"),
    "tiered difference": ("USD", "tiered(r + q, bands) - tiered(r, flat)"),
    "trailing": ("GB[wire]", "trailing(r, w)"),
    "trailing, one month": ("GB[wire]", "trailing(r, one_month)"),
    "trailing, years": ("GB[wire]", "trailing(r, quarter_year)"),
    "trailing, sum of windows": ("GB[wire]", "2 * trailing(r, w + one_month) - r"),
    "trailing, big": ("GB[wire]", "trailing(big, w)"),
    "trailing, tiny": ("GB[wire]", "trailing(tiny, w)"),
    "previous": ("GB[wire]", "previous(r)"),
    "change": ("GB[wire]", "(r - previous(r)) * 2"),
    "running_max": ("1", "running_max(x)"),
    "running_max of a sum": ("1", "running_max(y - share)"),
    "sum_lines": ("GB[wire]", "2 * sum_lines(vendor)"),
    "sum_horizon": ("GB[wire]", "sum_horizon(r)"),
    "sum_horizon in a ratio": ("1", "ratio(sum_horizon(r), max_horizon(r)) - 1"),
    "max_horizon": ("1", "max_horizon(x)"),
    "least over the horizon": ("1", "-max_horizon(less_x)"),
    "sum_clusters": ("1", "sum_clusters(each)"),
    "sum_clusters, monthly": ("1", "sum_clusters(each_month)"),
    "sum_clusters in a product": ("1", "2 * sum_clusters(each) ** 2"),
    "sum_clusters below": ("1", "1 / sum_clusters(each)"),
    "of_cluster": ("1", "of_cluster(each, second) * 2"),
    "of_cluster, monthly": ("1", "1 - of_cluster(each_month, second)"),
    "convert at +": ("MB[wire]/s", "rate + limit"),
    "convert at -": ("GiB[wire]/hour", "rate - limit * 2"),
    "convert at min": ("kB[wire]/s", "min(limit, rate)"),
    "convert at >": ("1", "rate > limit * (2 + 1)"),
    "convert in ceil": ("broker", "ceil(rate / limit * (a + b))"),
    "convert in a divisor": ("1", "x / (rate / limit)"),
    "convert in a power": ("1", "(rate / limit) ** 2"),
    "convert tiers": ("USD", "tiered(q_gib, bands)"),
    "percent": ("%", "share"),
}
#: Rows that other rows refer to.
HELPERS: dict[str, tuple[str, str]] = {
    "barely": ("1", "share / (2 * 2) / quarter_billion"),
    "clearly": ("1", "share * 2 * 2 * 2 / quarter_billion"),
    "quarter_billion": ("1", "t ** (t + 1) * 2"),  # 2 ** 28
    "less_x": ("1", "-x"),
    "q_gib": ("GiB[wire]", "q"),
    "each_month": ("1", "each * x"),
}
#: Formulas that the check may refuse; one that it accepts means the same in both forms.
REFUSED_OR_EQUAL: dict[str, tuple[str, str]] = {
    "running_max in a product": ("GB[wire]", "2 * running_max(r)"),
    "running_max in a sum": ("GB[wire]", "running_max(r) + big"),
    "running_max converted": ("MB[wire]", "running_max(r)"),
    "two running_max": ("GB[wire]", "max(running_max(r), running_max(tiny))"),
    "previous of a constant": ("1", "previous(share)"),
    "trailing constant": ("1", "trailing(share, w)"),
    "sum_horizon of a constant": ("1", "sum_horizon(share)"),
    "max_horizon of a constant": ("1", "max_horizon(share)"),
    "sum_clusters converted": ("%", "sum_clusters(each)"),
    "previous month": ("1", "previous(month)"),
    "trailing months": ("1", "trailing(month, w)"),
    "sum of months": ("1", "sum_horizon(month)"),
}
TREES = 100


@dataclass
class Tiny:
    """A workbook of one formula a row, the value the engine gives each cell, and what could not be written."""

    horizon: int
    refused: dict[str, str]
    data: bytes = b""
    written: dict[str, str] = field(default_factory=dict)
    expected: dict[str, dict[str, float]] = field(default_factory=dict)
    unwritten: dict[str, str] = field(default_factory=dict)


def units() -> Units:
    return Units(yaml.safe_load((folder("pricing_data") / "units.yaml").read_text()))


def tiny_book(horizon: int) -> tuple[Book, dict[str, str]]:
    """Everything given, the rows of all cases, and the rows that the check refused, with the reason."""
    book, refused = Book(units()), {}
    for name, (unit, values) in MONTHLY.items():
        # a file holds 16 digits of a number, and the spreadsheet must see what the engine sees
        assert all(float(f"{v:.16g}") == v for v in values)
        book.give(
            Item(name, name, book.units.parse(unit), "input", monthly=True),
            months_array(islice(cycle(values), horizon)),
            GIVEN,
        )
    for name, (unit, value) in SCALARS.items():
        book.give(Item(name, name, book.units.parse(unit), "input"), value, GIVEN)
    book.give(Item("each", "each", PURE, "input", per_cluster=True), clusters_array((0.7, -2.5)), GIVEN)
    book.give(Item("cluster.count", "count", PURE, "input", per_cluster=True), clusters_array(COUNTS), GIVEN)
    book.items["month"] = Item("month", "month", PURE, "input", monthly=True)
    book.given["month"] = months_array(range(1, horizon + 1))
    for name, (key, price, keys, rows) in TABLES.items():
        key_unit, value_unit = book.units.parse(key), book.units.parse(price)
        uncertain = any(len(set(row)) > 1 for row in rows)
        book.tables[name] = Table(name, key_unit, value_unit, tuple(map(float, keys)), rows, uncertain)
    # helpers first, in one go: they refer to each other in no particular order
    drafts = [Draft(n, n, unit, formula, ROWS) for n, (unit, formula) in HELPERS.items()]
    book.define(drafts, {}, lines)
    for name, (unit, formula) in (CASES | REFUSED_OR_EQUAL).items():
        try:
            book.define([Draft(name, name, unit, formula, ROWS)], {}, lines)
        except InputError as error:
            refused[name] = str(error)
    for i, node in enumerate(trees(book)):
        book.items[f"tree {i}"] = Item(
            f"tree {i}", "", PURE, "row", check(node, PURE, Scope(book.items, book.tables), book.units).node
        )
        book.order.append(f"tree {i}")
    return book, refused


def lines(function: str, arguments: tuple[Node, ...]) -> list[str] | int | None:
    """The cost lines of one payer, and the place of the second cluster."""
    if function == "of_cluster" and arguments[1] == Name("second"):
        return 1
    return ["r", "big", "tiny"] if function == "sum_lines" and arguments == (Name("vendor"),) else None


def run_of(book: Book, values: Mapping[str, Array]) -> Run:
    return Run(values, book.tables, book.given["cluster.count"], True, (0, 1, 2), book.given["month"].size)


def evaluated(book: Book) -> dict[str, Array]:
    values = dict(book.given)
    for name in book.order:
        node = book.items[name].node
        assert node is not None
        # both sides of if_else are evaluated, so a division by 0 may stand in the one not taken
        with np.errstate(all="ignore"):
            values[name] = evaluate(node, run_of(book, values))
    return values


def trees(book: Book) -> list[Node]:
    """Formulas of every shape over numbers that binary fractions hold exactly, so that only the shape can go wrong."""
    numbers = random.Random(20261124)
    found: list[Node] = []
    while len(found) < TREES:
        node = tree(numbers, 4)
        with np.errstate(all="ignore"):
            value = float(evaluate(node, run_of(book, book.given)).ravel()[0])
        if np.isfinite(value) and 1e-3 < abs(value) < 1e6 and sum(1 for _ in walk(node)) > 6:
            found.append(node)
    return found


def tree(numbers: random.Random, depth: int) -> Node:
    if depth == 0 or numbers.random() < 0.1:
        return numbers.choice([Name(n) for n in ("share", "u", "v", "s", "t", "zero")] + [Number(1), Number(2)])
    shape = numbers.choice("+-+-*/^<>if.andnotmmr")
    a, b, c = (tree(numbers, depth - 1) for _ in range(3))
    match shape:
        case "+" | "-" | "*":
            return Arithmetic(shape, a, b)
        case "/":
            return Arithmetic("/", a, Name(numbers.choice("uvst")))
        case "^":
            return Arithmetic("**", a, Number(2))
        case "<" | ">":
            return Compare(numbers.choice(("<", "<=", ">", ">=", "==", "!=")), a, b)
        case "i" | "f" | ".":
            return Call("if_else", (a, b, c))
        case "m":
            return Call(numbers.choice(("min", "max")), (a, b, c))
        case "r":
            return Call("ratio", (a, b))
        case "n":
            return Arithmetic("-", Number(0), a)
        case "t":
            return Call("ceil", (a,))
    return Logic(numbers.choice(("and", "or")), (a, b)) if shape != "o" else Logic("not", (a,))


def tiny_workbook(horizon: int) -> Tiny:
    """Write the book the way the report does: months to the right, an opening column left of the first one."""
    book, refused = tiny_book(horizon)
    values, tiny = evaluated(book), Tiny(horizon, refused)
    canvas, grid = Canvas(), Grid(horizon)
    for title in (ROWS, GIVEN, BANDS, UNITS):
        canvas.sheet(title)
    for sheet in (ROWS, GIVEN):
        for m in range(horizon):
            canvas.number(canvas[sheet], MONTH_ROW, FIRST_MONTH + m, m + 1)
    _write_given(canvas, grid, book, values)
    _write_bands(canvas, grid, book)
    rows = [
        (name, k, e)
        for name in book.order
        for k in (range(len(COUNTS)) if book.items[name].per_cluster else (0,))
        for e in ((0, 1, 2) if book.items[name].uncertain else (BASE,))
    ]
    for row, (name, k, e) in enumerate(rows, FIRST_ROW):
        grid.spots["", name, k, e] = Spot(ROWS, row, book.items[name].monthly)
    for row, (name, k, e) in enumerate(rows, FIRST_ROW):
        _write_row(canvas, grid, book, tiny, row, (name, k, e), values[name])
    units_sheet(canvas, grid)
    canvas.styles.close(canvas.workbook)
    tiny.data = finished(canvas.workbook, canvas.cached, date(2026, 11, 24))
    return tiny


def _write_given(canvas: Canvas, grid: Grid, book: Book, values: Mapping[str, Array]) -> None:
    row = FIRST_ROW
    for name, item in book.items.items():
        if item.node is not None or name == "month":
            continue
        for k in range(len(COUNTS) if item.per_cluster else 1):
            grid.spots["", name, k, BASE] = Spot(GIVEN, row, item.monthly)
            for i, number in enumerate(values[name][0, 0, k]):
                canvas.number(canvas[GIVEN], row, (FIRST_MONTH if item.monthly else VALUE) + i, float(number))
            row += 1


def _write_bands(canvas: Canvas, grid: Grid, book: Book) -> None:
    """Keys in column A, values in B to D, steps in E to G."""
    row = 1
    for table in book.tables.values():
        first, last = row, row + len(table.keys) - 1
        for e in range(3):
            area = [f"{BANDS}!${c}${first}:${c}${last}" for c in ("A", "BCD"[e], "EFG"[e])]
            grid.bands["", table.name, e] = Bands(*area)
        for i, (key, numbers) in enumerate(zip(table.keys, table.values, strict=True)):
            canvas.number(canvas[BANDS], row, 1, key)
            for e, number in enumerate(numbers):
                canvas.number(canvas[BANDS], row, 2 + e, number)
                canvas.number(canvas[BANDS], row, 5 + e, number - (table.values[i - 1][e] if i else 0.0))
            row += 1


def _write_row(
    canvas: Canvas, grid: Grid, book: Book, tiny: Tiny, row: int, key: tuple[str, int, int], value: Array
) -> None:
    name, k, e = key
    item, sheet = book.items[name], canvas[ROWS]
    assert item.node is not None
    try:
        template = excel(item.node, SheetCells(grid, Shown("", book, {}, KINDS), ROWS, row, k, e))
    except AssertionError as error:
        tiny.unwritten[name] = str(error)
        return
    numbers = value[e if value.shape[0] == 3 else 0, 0, k if value.shape[2] > 1 else 0]
    if item.monthly and "{l}" in template:
        canvas.number(sheet, row, OPENING, 0.0)
    tiny.written[name] = template
    columns = range(FIRST_MONTH, FIRST_MONTH + tiny.horizon) if item.monthly else (VALUE,)
    for column, number in zip(columns, np.broadcast_to(numbers, (len(columns),)), strict=True):
        here, left = get_column_letter(column), get_column_letter(column - 1)
        # the cached value is wrong on purpose: a spreadsheet that echoes it fails
        canvas.formula(sheet, row, column, template.replace("{c}", here).replace("{l}", left), -77.0)
        tiny.expected.setdefault(name, {})[f"{here}{row}"] = float(number)


@pytest.fixture(scope="module")
def tiny() -> Tiny:
    return tiny_workbook(LONG)


@pytest.fixture(scope="module")
def libreoffice(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What LibreOffice shows in each cell of the rows."""
    sheet = recalculated(tiny.data, tmp_path_factory.mktemp("libreoffice"))[ROWS]
    return {c.coordinate: c.value for row in sheet.iter_rows() for c in row}


@pytest.fixture(scope="module")
def short() -> Tiny:
    return tiny_workbook(SHORT)


@pytest.fixture(scope="module")
def strict(short: Tiny, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the package `formulas` gives for each cell of the rows; a cell that it leaves out is missing here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own code has invalid literals, which Python warns of
        from formulas import ExcelModel

        path = tmp_path_factory.mktemp("formulas") / "tiny.xlsx"
        path.write_bytes(short.data)
        solution: Any = ExcelModel().loads(str(path)).finish().calculate()
        prefix = f"'[TINY.XLSX]{ROWS.upper()}'!"
        return dict(_cells(solution, prefix))


def _cells(solution: Any, prefix: str) -> Iterator[tuple[str, object]]:
    for name, ranges in solution.items():
        if str(name).upper().startswith(prefix) and ":" not in str(name):
            value = ranges.value[0, 0]
            yield str(name)[len(prefix) :], value.item() if isinstance(value, np.generic) else value


def differences(tiny: Tiny, name: str, found: Mapping[str, object]) -> list[str]:
    wrong = []
    for cell, wanted in tiny.expected[name].items():
        value = found.get(cell)
        if not isinstance(value, int | float) or value != pytest.approx(wanted, rel=REL, abs=0):
            wrong.append(f"{cell}: {value}, engine {wanted}")
    return wrong


@pytest.mark.parametrize("name", CASES)
def test_libreoffice_gives_the_engines_value(name: str, tiny: Tiny, libreoffice: dict[str, object]) -> None:
    assert name not in tiny.refused, tiny.refused[name]
    assert differences(tiny, name, libreoffice) == []


@pytest.mark.parametrize("name", CASES)
def test_a_strict_evaluator_gives_the_engines_value(name: str, short: Tiny, strict: dict[str, object]) -> None:
    assert name not in short.refused, short.refused[name]
    if "SUMPRODUCT(--(" in short.written[name]:
        pytest.skip("formulas 1.3 joins -- into +, and its SUMPRODUCT then leaves out truth values; see LibreOffice")
    assert differences(short, name, strict) == []


@pytest.mark.parametrize("name", REFUSED_OR_EQUAL)
def test_an_accepted_formula_means_the_same_in_both(name: str, tiny: Tiny, libreoffice: dict[str, object]) -> None:
    if name in tiny.refused:
        assert "bad-formula" in tiny.refused[name]
    else:
        assert tiny.unwritten.get(name) is None
        assert differences(tiny, name, libreoffice) == []


@pytest.mark.parametrize(("written", "calculator"), [("tiny", "libreoffice"), ("short", "strict")])
def test_formulas_of_every_shape(written: str, calculator: str, request: pytest.FixtureRequest) -> None:
    workbook, found = request.getfixturevalue(written), request.getfixturevalue(calculator)
    wrong = {
        workbook.written[n]: d for n in (f"tree {i}" for i in range(TREES)) if (d := differences(workbook, n, found))
    }
    assert wrong == {}


def test_every_function_and_operator_is_tried() -> None:
    book, _ = tiny_book(LONG)
    parts = [p for n in CASES if (node := book.items[n].node) is not None for p in walk(node)]
    expanded = {"sum_lines", "sum_topics"}  # names added up before the formula is checked
    assert {p.function for p in parts if isinstance(p, Call)} == set(FUNCTIONS) - expanded
    assert {p.operator for p in parts if isinstance(p, Arithmetic)} == {"+", "-", "*", "/", "**"}
    assert {p.operator for p in parts if isinstance(p, Compare)} == {"<", "<=", ">", ">=", "==", "!="}
    assert {p.operator for p in parts if isinstance(p, Logic)} == {"and", "or", "not"}


def test_the_awkward_values_are_awkward() -> None:
    """Where IEEE arithmetic rounds up once too often, the language does not."""
    book, _ = tiny_book(LONG)
    values = evaluated(book)
    near = ((values["a"] + values["b"]) * values["c"]).ravel()
    rounded = values["ceil near whole"].ravel()
    assert (np.ceil(near) != rounded).any()
    assert (np.ceil(near) >= rounded).all()
    assert set(values["within tolerance"].ravel()) == {0.0}
    assert set(values["outside tolerance"].ravel()) == {0.0, 1.0}


def test_the_comparison_can_fail(tiny: Tiny, libreoffice: dict[str, object]) -> None:
    cell = next(iter(tiny.expected["add"]))
    assert differences(tiny, "add", libreoffice | {cell: 1.0 + 1e-8}) != []
    assert differences(tiny, "add", {k: v for k, v in libreoffice.items() if k != cell}) != []
    assert differences(tiny, "add", libreoffice | {cell: "#DIV/0!"}) != []
