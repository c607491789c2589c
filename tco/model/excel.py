"""Formulas in Excel's language: the second form of each function, tested against the first.

A formula is written once per row with `{c}` for the month's column and `{l}` for the column to its
left; filling a row is a text replacement. Only functions that every Excel since 2010 and LibreOffice
know are used; arrays only inside SUMPRODUCT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tco.model.tree import Arithmetic, Call, Compare, Convert, Logic, Name, Node, Number


@dataclass(frozen=True)
class Bands:
    """Where a table stands in the workbook: absolute ranges of keys, values and band-to-band steps."""

    keys: str
    values: str
    steps: str


class Cells(Protocol):
    """Where things stand, for the row being written (its evidence case and its cluster)."""

    @property
    def tolerance(self) -> str:
        """Cell of the tolerance of counts."""

    @property
    def relative_tolerance(self) -> str:
        """Cell of the tolerance of comparisons."""

    def monthly(self, name: str) -> bool:
        """Whether an item has a cell for each month."""

    def at(self, name: str, cluster: int | None = None) -> str:
        """Cell of an item, with `{c}` for the month where it is monthly; `month` is the number of the month.

        Of the cluster that the row is written for, unless another is named by its place in the plan.
        """

    def left(self, name: str) -> str:
        """Cell of a monthly item one column earlier (`{l}`)."""

    def span(self, name: str) -> str:
        """All months of an item, absolute."""

    def so_far(self, name: str) -> str:
        """An item's months up to this one (`$G5:{c}5`)."""

    def own_left(self) -> str:
        """Cell to the left of the one being written."""

    def bands(self, table: str) -> Bands:
        """Ranges of a table."""

    def clusters(self, name: str) -> list[tuple[str, str]]:
        """(cell of the item, cell of the count) for each cluster of the plan."""

    def factor(self, value: float, words: str) -> str:
        """Cell of a conversion factor, and the units that it joins in words."""


_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 3}


def excel(node: Node, cells: Cells) -> str:
    """Write a checked formula for Excel, without the leading '='."""
    return _write(node, cells)


def _write(node: Node, cells: Cells, outer: int = 0, right: bool = False) -> str:
    match node:
        case Number(value):
            return str(value)
        case Name(name):
            return cells.at(name)
        case Convert(inner, factor, words):
            return _bracket(f"{_write(inner, cells, 2)}*{cells.factor(float(factor), words)}", 2, outer, right)
        case Arithmetic("-", Number(0), operand):
            return f"(-{_write(operand, cells, 4)})"  # above ^: spreadsheets read -x^2 as (-x)^2
        case Arithmetic(operator, a, b):
            level = _PRECEDENCE[operator]
            symbol = "^" if operator == "**" else operator
            text = f"{_write(a, cells, level)}{symbol}{_write(b, cells, level, right=True)}"
            return _bracket(text, level, outer, right)
        case Compare(operator, a, b):
            return _compare(operator, _write(a, cells, 1, right=True), _write(b, cells, 1, right=True), cells)
        case Logic("not", (part,)):
            return f"IF({_write(part, cells)},0,1)"
        case Logic(operator, parts):
            return f"IF({operator.upper()}({','.join(_write(p, cells) for p in parts)}),1,0)"
        case Call("sum_clusters", (Name(name),)):
            terms = [f"{cell}*{count}" for cell, count in cells.clusters(name)]
            return _bracket("+".join(terms), 1 if len(terms) > 1 else 2, outer, right)
        case Call("of_cluster", (Name(name), Number(place))):
            return cells.at(name, int(place))
        case Call(function, arguments):
            return _call(function, arguments, cells)
    raise AssertionError(f"no Excel form of {node}")


def _bracket(text: str, level: int, outer: int, right: bool) -> str:
    """Bracket where precedence needs it; on the right of an operator also at equal level."""
    return f"({text})" if level < outer or (right and level == outer) else text


def _compare(operator: str, a: str, b: str, cells: Cells) -> str:
    slack = f"{cells.relative_tolerance}*MAX(ABS({a}),ABS({b}))"
    if operator in ("==", "!="):
        yes, no = ("0", "1") if operator == "==" else ("1", "0")
        return f"IF(ABS({a}-{b})>{slack},{yes},{no})"
    big, small = (a, b) if operator in (">", "<=") else (b, a)
    yes, no = ("1", "0") if operator in (">", "<") else ("0", "1")
    return f"IF({big}-{small}>{slack},{yes},{no})"


def _call(function: str, arguments: tuple[Node, ...], cells: Cells) -> str:
    match function, arguments:
        case (("min" | "max"), _):
            return f"{function.upper()}({','.join(_write(a, cells) for a in arguments)})"
        case "ceil", (inner,):
            return f"(-INT({cells.tolerance}-{_write(inner, cells, 1, right=True)}))"
        case "if_else", (condition, a, b):
            return f"IF({_write(condition, cells)},{_write(a, cells)},{_write(b, cells)})"
        case "ratio", (a, b):
            divisor = _write(b, cells, 2, right=True)
            return f"IF({divisor}=0,0,{_write(a, cells, 2)}/{divisor})"
        case "running_max", (inner,):
            return f"MAX({cells.own_left()},{_write(inner, cells)})"
        case (("previous" | "sum_horizon" | "max_horizon"), (Name(name),)):
            return _months(function, name, cells)
        case "trailing", (Name(name), window):
            reach = f"{_write(window, cells, 1)}-({cells.at('month')}-{cells.so_far('month')})"
            row = cells.so_far(name) if cells.monthly(name) else cells.at(name)
            return f"SUMPRODUCT({row}*(ABS({reach})-ABS({reach}-1)+1)/2)"
        case (("lookup" | "step_up"), (Name(name), key)):
            bands = cells.bands(name)
            below = f"SUMPRODUCT(--({bands.keys}<{_write(key, cells, 1)}-{cells.tolerance}))"
            return f"INDEX({bands.values},MIN(ROWS({bands.values}),{below}+1))"
        case "tiered", (quantity, Name(name)):
            bands, amount = cells.bands(name), _write(quantity, cells, 1)
            return f"SUMPRODUCT(({amount}>{bands.keys})*({amount}-{bands.keys})*{bands.steps})"
    raise AssertionError(f"no Excel form of {function}")


def _months(function: str, name: str, cells: Cells) -> str:
    """Write a function of a row's other months; what has one value for all months has it in each."""
    here, monthly = cells.at(name), cells.monthly(name)
    match function:
        case "previous":
            return cells.left(name) if monthly else f"IF({cells.at('month')}=1,0,{here})"
        case "sum_horizon":
            return f"SUM({cells.span(name)})" if monthly else f"({here}*MAX({cells.span('month')}))"
    return f"MAX({cells.span(name)})" if monthly else here
