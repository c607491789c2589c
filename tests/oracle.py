"""The exact oracle: every row of a book in fractions, one number at a time, sharing no arithmetic with the engine.

Prices, inputs and constants enter from their text. A power with an exponent that is not whole has no
exact value; it is taken to 40 digits, far beyond what a float holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil

from tco.engine.outcome import Outcome
from tco.model.scope import Item
from tco.model.tree import Arithmetic, Call, Compare, Convert, Logic, Name, Node, Number

NEARLY_WHOLE, NEARLY_EQUAL = Fraction(1, 10**6), Fraction(1, 10**9)
_DIGITS = 40
At = tuple[int, int, int]  # evidence, cluster, month


class Oracle:
    """The rows of an outcome's book, evaluated for the configuration that the engine chose."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome, self.book = outcome, outcome.book
        self.horizon, self.clusters = outcome.horizon, len(outcome.choices)
        self._exact = _exact_texts(outcome)
        self._bands = {f"price.{ln.name}": ln.points for ln in outcome.subject.lines}
        self.values: dict[str, dict[At, Fraction]] = {}
        for name in self.book.order:
            item = self.book.items[name]
            assert item.node is not None
            self.values[name] = {at: self._value(item.node, at) for at in self.places(item)}

    def places(self, item: Item) -> Iterator[At]:
        """Where an item may differ: evidence, cluster, month."""
        for e in range(3) if item.uncertain else (0,):
            for k in range(self.clusters) if item.per_cluster else (0,):
                for m in range(self.horizon) if item.monthly else (0,):
                    yield e, k, m

    def get(self, name: str, at: At) -> Fraction:
        """Value of a name as one place sees it."""
        item = self.book.items[name]
        e, k, m = at
        where = (e if item.uncertain else 0, k if item.per_cluster else 0, m if item.monthly else 0)
        return self.values[name][where] if item.node is not None else self._given(name, at)

    def _given(self, name: str, at: At) -> Fraction:
        e, k, m = at
        if name in self._exact:
            return self._exact[name][e]
        if name in self.book.by_choice:
            choice, by_value = self.book.by_choice[name]
            value = self.outcome.choices[k].configuration[choice]
            for p in self._bands.get(name, ()):
                if p.variant == value:
                    return Fraction((p.low, p.base, p.high)[e])
            return Fraction(repr(by_value[value][e]))
        array = self.book.given[name]
        at_most = [n - 1 for n in array.shape]
        return Fraction(repr(float(array[min(e, at_most[0]), 0, min(k, at_most[2]), min(m, at_most[3])])))

    def _value(self, node: Node, at: At) -> Fraction:
        match node:
            case Number(number):
                return Fraction(number)
            case Name(name):
                return self.get(name, at)
            case Convert(inner, factor):
                return self._value(inner, at) * factor
            case Arithmetic(operator, a, b):
                return _arithmetic(operator, self._value(a, at), self._value(b, at))
            case Compare(operator, a, b):
                return Fraction(_compared(operator, self._value(a, at), self._value(b, at)))
            case Logic("not", (part,)):
                return Fraction(self._value(part, at) == 0)
            case Logic(operator, parts):
                return Fraction((all if operator == "and" else any)(self._value(p, at) != 0 for p in parts))
            case Call():
                return self._call(node, at)

    def _call(self, call: Call, at: At) -> Fraction:
        def value(part: Node) -> Fraction:
            return self._value(part, at)

        match call:
            case Call("if_else", (test, yes, no)):
                return value(yes) if value(test) != 0 else value(no)
            case Call("ratio", (a, b)):
                below = value(b)
                return value(a) / below if below else below
            case Call("ceil", (inner,)):
                return Fraction(ceil(value(inner) - NEARLY_WHOLE))
            case Call("min" | "max" as which, arguments):
                return (min if which == "min" else max)(value(a) for a in arguments)
            case Call("tiered", (quantity, Name(table))):
                return self._tiered(value(quantity), table, at[0])
            case Call("lookup" | "step_up", (Name(table), key)):
                return self._first_not_below(table, value(key), at[0])
            case Call("of_cluster", (Name(name), Number(place))):
                return self.get(name, (at[0], place, at[2]))
            case Call(function, arguments):
                return self._over_months(function, arguments, at)

    def _over_months(self, function: str, arguments: tuple[Node, ...], at: At) -> Fraction:
        e, k, m = at
        first = arguments[0]

        def on(month: int) -> Fraction:
            return self._value(first, (e, k, month))

        match function:
            case "previous":
                return on(m - 1) if m else Fraction(0)
            case "running_max":
                return max(Fraction(0), *(on(j) for j in range(m + 1)))
            case "trailing":
                window = self._value(arguments[1], at)
                return sum(
                    (on(m - age) * min(max(window - age, Fraction(0)), Fraction(1)) for age in range(m + 1)),
                    Fraction(0),
                )
            case "sum_horizon":
                return sum((on(j) for j in range(self.horizon)), Fraction(0))
            case "max_horizon":
                return max(on(j) for j in range(self.horizon))
            case "sum_clusters":
                counts = [self._given("cluster.count", (0, j, 0)) for j in range(self.clusters)]
                return sum((self._value(first, (e, j, m)) * n for j, n in enumerate(counts)), Fraction(0))
        raise AssertionError(function)

    def _rows(self, table: str, e: int) -> list[tuple[Fraction, Fraction]]:
        points = [p for p in self._bands.get(table, ()) if table in self.book.tables]
        if points:
            return sorted((Fraction(p.tier_from), Fraction((p.low, p.base, p.high)[e])) for p in points)
        known = self.book.tables[table]
        return [(Fraction(repr(k)), Fraction(repr(v[e]))) for k, v in zip(known.keys, known.values, strict=True)]

    def _tiered(self, quantity: Fraction, table: str, e: int) -> Fraction:
        """Each band's price for what falls into the band."""
        rows, total = self._rows(table, e), Fraction(0)
        for i, (lower, price) in enumerate(rows):
            upper = rows[i + 1][0] if i + 1 < len(rows) else max(quantity, lower)
            total += max(Fraction(0), min(quantity, upper) - lower) * price
        return total

    def _first_not_below(self, table: str, key: Fraction, e: int) -> Fraction:
        rows = self._rows(table, e)
        return next((v for k, v in rows if k >= key - NEARLY_WHOLE), rows[-1][1])


def _exact_texts(outcome: Outcome) -> dict[str, tuple[Fraction, ...]]:
    """Inputs, constants and prices as their files have them: low, base, high."""
    catalog, plan, offering = outcome.catalog, outcome.plan, outcome.subject.offering
    exact = {name: (Fraction(value.number),) * 3 for name, value in plan.inputs.items()}
    constants = {**catalog.sheets["assumptions"].constants, **offering.constants}
    for name, c in constants.items():
        if outcome.book.items[name].source != "given":
            exact[name] = (Fraction(c.value.low), Fraction(c.value.base), Fraction(c.value.high))
    for line in outcome.subject.lines:
        if len(line.points) == 1 and not line.line.variant:
            p = line.points[0]
            exact[f"price.{line.name}"] = (Fraction(p.low), Fraction(p.base), Fraction(p.high))
    return {n: v for n, v in exact.items() if n in outcome.book.items and n not in outcome.book.by_choice}


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator == 1:
        return base**exponent.numerator
    with localcontext() as context:
        context.prec = _DIGITS
        low, high = (Decimal(f.numerator) / Decimal(f.denominator) for f in (base, exponent))
        return Fraction(low**high)


def _arithmetic(operator: str, a: Fraction, b: Fraction) -> Fraction:
    operations: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
        "+": Fraction.__add__,
        "-": Fraction.__sub__,
        "*": Fraction.__mul__,
        "/": Fraction.__truediv__,
        "**": _power,
    }
    return operations[operator](a, b)


def _compared(operator: str, a: Fraction, b: Fraction) -> bool:
    slack = NEARLY_EQUAL * max(abs(a), abs(b))
    if operator in ("==", "!="):
        return (abs(a - b) <= slack) == (operator == "==")
    larger, smaller = (a, b) if operator in (">", "<=") else (b, a)
    return (larger - smaller > slack) == (operator in (">", "<"))
