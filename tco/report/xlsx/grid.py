"""Where things stand: the place of every row of the model in the workbook, and how formulas find it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from openpyxl.utils import get_column_letter

from tco.engine.book import Book
from tco.model.evaluate import BASE, Array
from tco.model.excel import Bands
from tco.model.tree import Node

LABEL, NAME, UNIT, VALUE, TOTAL, OPENING, FIRST_MONTH = 1, 2, 3, 4, 5, 6, 7
MONTH_ROW, FIRST_ROW = 4, 7
_PLAIN_NAME = re.compile(r"[A-Za-z_]{4,}")

Key = tuple[str, str, int, int]  # scope, name, cluster, evidence


@dataclass(frozen=True)
class Spot:
    """One row of the model on one sheet."""

    sheet: str
    row: int
    monthly: bool
    column: int = VALUE


@dataclass(frozen=True)
class Shown:
    """A book as the workbook shows it.

    Attributes:
        scope: under which its own rows have their places; "" for what all books of the workbook share.
        values: every row, axes (low/base/high, 1, cluster, month).
        kinds: names of its clusters.
        places: of its clusters among those of the workbook; the same where None.
        formulas: (row, cluster) to a formula for what the book itself has as a number or in more words.
        follows: (input, cluster) to the cluster whose number it takes.
        named: whether labels name the first cluster too.
    """

    scope: str
    book: Book
    values: Mapping[str, Array]
    kinds: tuple[str, ...]
    places: tuple[int, ...] | None = None
    formulas: Mapping[tuple[str, int], Node] = field(default_factory=dict)
    follows: Mapping[tuple[str, int], int] = field(default_factory=dict)
    named: bool = False

    def node(self, name: str, cluster: int) -> Node | None:
        """Formula of a row; None for what is given."""
        return self.formulas.get((name, cluster)) or self.book.items[name].node

    def reckoned(self, name: str) -> bool:
        """Whether a row has a formula for some cluster."""
        return self.book.items[name].node is not None or name in self._derived

    def clusters(self, name: str) -> range | list[int]:
        """Return the clusters for which an item has a row."""
        if self.book.items[name].node is None and name in self._derived:
            return self._derived[name]
        return range(len(self.kinds) if self.book.items[name].per_cluster else 1)

    @cached_property
    def _derived(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for name, cluster in self.formulas:
            found.setdefault(name, []).append(cluster)
        return found


@dataclass
class Grid:
    """Places of everything, and the cells of constants of the language.

    Attributes:
        horizon: months.
        factors: conversion factor to its cell on sheet Units.
        joins: conversion factor to the units that it joins, in words, in the order of their first use.
    """

    horizon: int
    spots: dict[Key, Spot] = field(default_factory=dict)
    bands: dict[tuple[str, str, int], Bands] = field(default_factory=dict)
    factors: dict[float, str] = field(default_factory=dict)
    joins: dict[float, dict[str, None]] = field(default_factory=dict)
    tolerance: str = "Units!$B$5"
    relative_tolerance: str = "Units!$B$6"

    @property
    def last_month(self) -> str:
        """Letter of the last month's column."""
        return get_column_letter(FIRST_MONTH + self.horizon - 1)

    def factor(self, value: float, words: str) -> str:
        """Cell of a conversion factor, a new one if it is new."""
        self.joins.setdefault(value, {})[words] = None
        if value not in self.factors:
            self.factors[value] = f"Units!$B${len(self.factors) + 10}"
        return self.factors[value]


@dataclass
class SheetCells:
    """Finds cells for one row being written: implements `tco.model.excel.Cells`."""

    grid: Grid
    shown: Shown
    sheet: str
    row: int
    cluster: int
    evidence: int

    @property
    def tolerance(self) -> str:
        """Cell of the tolerance of counts."""
        return self.grid.tolerance

    @property
    def relative_tolerance(self) -> str:
        """Cell of the tolerance of comparisons."""
        return self.grid.relative_tolerance

    def spot(self, name: str, cluster: int | None = None) -> Spot:
        """Place of an item as this row sees it."""
        if name == "month":
            return Spot(self.sheet, MONTH_ROW, True)
        item, places = self.shown.book.items[name], self.shown.places
        k = (self.cluster if cluster is None else cluster) if item.per_cluster else 0
        e = self.evidence if item.uncertain else BASE
        shared = places[k] if places and item.per_cluster else k
        for key in ((self.shown.scope, name, k, e), ("", name, shared, e)):
            if key in self.grid.spots:
                return self.grid.spots[key]
        raise AssertionError(f"{name} has no place in the workbook")

    def monthly(self, name: str) -> bool:
        """Whether an item has a cell for each month."""
        return self.spot(name).monthly

    def _prefix(self, spot: Spot) -> str:
        return "" if spot.sheet == self.sheet else f"{quoted(spot.sheet)}!"

    def at(self, name: str, cluster: int | None = None) -> str:
        """Cell of an item."""
        spot = self.spot(name, cluster)
        if spot.monthly:
            return f"{self._prefix(spot)}{{c}}{spot.row}"
        return f"{self._prefix(spot)}${get_column_letter(spot.column)}${spot.row}"

    def left(self, name: str) -> str:
        """Cell of an item one month earlier."""
        spot = self.spot(name)
        return f"{self._prefix(spot)}{{l}}{spot.row}"

    def span(self, name: str) -> str:
        """All months of an item."""
        spot = self.spot(name)
        first = get_column_letter(FIRST_MONTH)
        return f"{self._prefix(spot)}${first}{spot.row}:${self.grid.last_month}{spot.row}"

    def so_far(self, name: str) -> str:
        """Months of an item up to this one."""
        spot = self.spot(name)
        return f"{self._prefix(spot)}${get_column_letter(FIRST_MONTH)}{spot.row}:{{c}}{spot.row}"

    def own_left(self) -> str:
        """Cell left of this one."""
        return f"{{l}}{self.row}"

    def bands(self, table: str) -> Bands:
        """Ranges of a table, for this row's evidence."""
        e = self.evidence if self.shown.book.tables[table].uncertain else BASE
        for scope in (self.shown.scope, ""):
            if (scope, table, e) in self.grid.bands:
                return self.grid.bands[scope, table, e]
        raise AssertionError(f"table {table} has no place in the workbook")

    def clusters(self, name: str) -> list[tuple[str, str]]:
        """Cell of an item and of the count, for each cluster."""
        return [(self.at(name, k), self.at("cluster.count", k)) for k in range(len(self.shown.kinds))]

    def factor(self, value: float, words: str) -> str:
        """Cell of a conversion factor."""
        return self.grid.factor(value, words)


def literal(text: str) -> str:
    """Text as formulas write it."""
    return '"' + text.replace('"', '""') + '"'


def quoted(sheet: str) -> str:
    """Sheet name as formulas write it: in quotes unless no spreadsheet could take it for a cell."""
    return sheet if _PLAIN_NAME.fullmatch(sheet) else "'" + sheet.replace("'", "''") + "'"
