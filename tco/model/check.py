"""The unit check: gives every formula its unit and puts conversions where two quantities meet.

Units multiply and divide. A conversion happens only where two quantities meet: at + - min max and
comparisons, inside `ceil`, and at the row's declared unit. 0 takes any unit; 1 and 2 are pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from tco.errors import nearest
from tco.model.parse import FormulaError
from tco.model.scope import Scope
from tco.model.tree import Arithmetic, Call, Compare, Convert, Logic, Name, Node, Number, children, walk
from tco.model.units import PURE, Unit, Units, conversion


@dataclass(frozen=True)
class Checked:
    """A formula in its declared unit, with what it depends on."""

    node: Node
    monthly: bool
    per_cluster: bool
    uncertain: bool


_ANY = Unit((("any", 1),), PURE.factor, "0")
_MONTHLY = {"trailing", "previous", "running_max"}
_WHOLE_HORIZON = {"sum_horizon", "max_horizon"}


def check(node: Node, unit: Unit, scope: Scope, units: Units) -> Checked:
    """Check a formula against the unit its row declares.

    Raises:
        FormulaError: unknown name, unit clash, or a function used on the wrong kind of thing.
    """
    typed, found = _Checker(scope, units).type(node)
    if any(_is_running_max(part) for child in children(typed) for part in walk(child)):
        raise FormulaError("running_max is the whole formula of a row or no part of it; give it a row of its own")
    if found is _ANY:
        found = unit
    if not found.converts_to(unit):
        raise FormulaError(f"the formula gives {found}, the row declares {unit}")
    typed = _converted(typed, found, unit)
    return Checked(typed, _monthly(typed, scope), _per_cluster(typed, scope), _uncertain(typed, scope))


class _Checker:
    def __init__(self, scope: Scope, units: Units) -> None:
        self.scope, self.units = scope, units

    def type(self, node: Node) -> tuple[Node, Unit]:
        match node:
            case Number(value):
                return node, _ANY if value == 0 else PURE
            case Name(name):
                return node, self._unit_of(name)
            case Arithmetic("+" | "-" as operator, left, right):
                a, b, unit = self._meet(left, right, f"'{operator}'")
                return Arithmetic(operator, a, b), unit
            case Arithmetic("**", left, right):
                base, exponent = self._pure(left, "the base of **"), self._pure(right, "the exponent of **")
                return Arithmetic("**", base, exponent), PURE
            case Arithmetic(operator, left, right):
                return self._scaled(operator, left, right)
            case Compare(operator, left, right):
                a, b, _ = self._meet(left, right, f"'{operator}'")
                return Compare(operator, a, b), PURE
            case Logic(operator, parts):
                return Logic(operator, tuple(self._pure(p, f"'{operator}'") for p in parts)), PURE
            case Call(function, arguments):
                return self._call(function, arguments)
        raise FormulaError("a conversion cannot be written by hand")

    def _unit_of(self, name: str) -> Unit:
        if name in self.scope.items:
            return self.scope.items[name].unit
        if name in self.scope.tables:
            raise FormulaError(f"'{name}' is a table; use it inside lookup, step_up or tiered")
        near = nearest(name, [*self.scope.items, *self.scope.tables])
        raise FormulaError(f"unknown name '{name}'{f'; {near}' if near else ''}")

    def _scaled(self, operator: str, left: Node, right: Node) -> tuple[Node, Unit]:
        a, unit_a = self.type(left)
        b, unit_b = self.type(right)
        if operator == "/" and unit_b is _ANY:
            raise FormulaError("division by 0")
        if _ANY in (unit_a, unit_b):
            return Arithmetic(operator, a, b), _ANY  # type: ignore[arg-type]
        unit = unit_a * unit_b if operator == "*" else unit_a / unit_b
        return Arithmetic(operator, a, b), unit  # type: ignore[arg-type]

    def _meet(self, left: Node, right: Node, where: str) -> tuple[Node, Node, Unit]:
        a, unit_a = self.type(left)
        b, unit_b = self.type(right)
        if unit_a is _ANY:
            return a, b, unit_b
        if unit_b is _ANY:
            return a, b, unit_a
        if not unit_b.converts_to(unit_a):
            raise FormulaError(f"{where} joins {unit_a} and {unit_b}, which measure different things")
        return a, _converted(b, unit_b, unit_a), unit_a

    def _pure(self, node: Node, where: str) -> Node:
        typed, unit = self.type(node)
        if unit is _ANY:
            return typed
        if not unit.is_pure:
            raise FormulaError(f"{where} must be a pure number, not {unit}")
        return _converted(typed, unit, PURE)

    def _call(self, function: str, arguments: tuple[Node, ...]) -> tuple[Node, Unit]:
        match function, arguments:
            case "min" | "max", (first, *rest):
                return self._extreme(function, first, rest)
            case "ceil", (inner,):
                typed, unit = self.type(inner)
                if unit is _ANY:
                    return typed, _ANY
                if not self.units.is_count(unit):
                    raise FormulaError(f"ceil rounds up things that are counted, not {unit}")
                return Call("ceil", (_converted(typed, unit, unit.canonical()),)), unit.canonical()
            case "if_else", (condition, left, right):
                test = self._pure(condition, "the condition of if_else")
                a, b, unit = self._meet(left, right, "if_else")
                return Call("if_else", (test, a, b)), unit
            case "ratio", (left, right):
                a, unit_a = self.type(left)
                b, unit_b = self.type(right)
                return Call("ratio", (a, b)), _ANY if unit_a is _ANY else unit_a / unit_b
            case "running_max", (inner,):
                typed, unit = self.type(inner)
                return Call(function, (typed,)), unit
            case "previous" | "sum_horizon" | "max_horizon" | "sum_clusters" | "of_cluster", (Name(name), *_):
                return Call(function, arguments), self._unit_of(name)
            case "trailing", (Name(name) as row, window):
                typed, unit = self.type(window)
                month = self.units.parse("month")
                if not unit.converts_to(month):
                    raise FormulaError(f"the window of trailing is in month, not {unit}")
                return Call("trailing", (row, _converted(typed, unit, month))), self._unit_of(name)
            case "lookup" | "step_up" | "tiered", _:
                return self._table(function, arguments)
        raise FormulaError(f"{function} works on a row by name, not on an expression")

    def _extreme(self, function: str, first: Node, rest: list[Node]) -> tuple[Node, Unit]:
        """`min` and `max`: every argument in the unit of the first that has one."""
        typed = [self.type(n) for n in (first, *rest)]
        unit = next((u for _, u in typed if u is not _ANY), _ANY)
        parts = []
        for node, found in typed:
            if found is not _ANY and not found.converts_to(unit):
                raise FormulaError(f"{function} joins {unit} and {found}, which measure different things")
            parts.append(node if found is _ANY else _converted(node, found, unit))
        return Call(function, tuple(parts)), unit

    def _table(self, function: str, arguments: tuple[Node, ...]) -> tuple[Node, Unit]:
        """`lookup(table, key)`, `step_up(table, x)`, `tiered(x, table)`."""
        reference, key = reversed(arguments) if function == "tiered" else arguments
        if not isinstance(reference, Name) or reference.name not in self.scope.tables:
            raise FormulaError(f"{function} needs the name of a table")
        table = self.scope.tables[reference.name]
        typed, unit = self.type(key)
        if unit is not _ANY and not unit.converts_to(table.key_unit):
            raise FormulaError(f"table {table.name} is keyed by {table.key_unit}, not by {unit}")
        typed = typed if unit is _ANY else _converted(typed, unit, table.key_unit)
        if function == "tiered":
            return Call("tiered", (typed, reference)), table.key_unit * table.unit
        return Call(function, (reference, typed)), table.unit


def _converted(node: Node, source: Unit, target: Unit) -> Node:
    factor = conversion(source, target)
    if factor == 1:
        return node
    words = f"{source} in {target}"
    if isinstance(node, Call) and node.function == "running_max":  # it looks at its own row, so converts inside
        return Call(node.function, tuple(Convert(a, factor, words) for a in node.arguments))
    return Convert(node, factor, words)


def _is_running_max(node: Node) -> bool:
    return isinstance(node, Call) and node.function == "running_max"


def _monthly(node: Node, scope: Scope) -> bool:
    counts = scope.items.get("cluster.count")
    if isinstance(node, Call) and node.function == "sum_clusters" and counts and counts.monthly:
        return True
    if isinstance(node, Call) and node.function in _WHOLE_HORIZON:
        return False
    if isinstance(node, Call) and node.function in _MONTHLY:
        return True
    if isinstance(node, Name):
        return node.name in scope.items and scope.items[node.name].monthly
    return any(_monthly(part, scope) for part in children(node))


def _per_cluster(node: Node, scope: Scope) -> bool:
    if isinstance(node, Call) and node.function in ("sum_clusters", "of_cluster"):
        return False
    if isinstance(node, Name):
        return node.name in scope.items and scope.items[node.name].per_cluster
    return any(_per_cluster(part, scope) for part in children(node))


def _uncertain(node: Node, scope: Scope) -> bool:
    for part in walk(node):
        if isinstance(part, Name):
            known = scope.items.get(part.name) or scope.tables.get(part.name)
            if known and known.uncertain:
                return True
    return False
