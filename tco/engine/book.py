"""A book of rows: names given or defined by formulas, put in order and unit-checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from tco.catalog.schema import Constant, Interval
from tco.catalog.values import in_unit, quantity
from tco.engine.options import Pin
from tco.errors import Finding, InputError, Place
from tco.model.check import Checked, check
from tco.model.evaluate import Array
from tco.model.parse import FormulaError, parse
from tco.model.scope import Draft, Item, Kind, Scope, Table
from tco.model.tree import Arithmetic, Call, Compare, Convert, Logic, Name, Node, Number, names
from tco.model.units import Unit, UnitError, Units

Triple = tuple[float, float, float]
#: Turns `sum_lines(...)` or `sum_topics(...)` into the names to add up, `of_cluster(row, name)` into the cluster's
#: place; None where the function cannot be used.
Expand = Callable[[str, tuple[Node, ...]], list[str] | int | None]


@dataclass
class Book:
    """Items, tables and the values that are given; rows in an order in which they can be run.

    Attributes:
        given: name to value with four axes (evidence, configuration, cluster, month).
        by_choice: name to (choice, value of the choice to (low, base, high)).
        sheets: sheet to the names on it, in the order of the files.
        order: rows in the order of evaluation.
        checked: what the unit check said of a formula over names of given kinds; shared with all copies, since the
            same rows stand in the books of many offerings and of each way to reach them.
        uses: row to the names that its formula refers to.
    """

    units: Units
    items: dict[str, Item] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    given: dict[str, Array] = field(default_factory=dict)
    by_choice: dict[str, tuple[str, dict[str, Triple]]] = field(default_factory=dict)
    sheets: dict[str, list[str]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    checked: dict[tuple[object, ...], Checked] = field(default_factory=dict)
    uses: dict[str, set[str]] = field(default_factory=dict)

    def copy(self) -> Book:
        """Return a book that starts from this one and can grow by itself."""
        return Book(
            self.units,
            dict(self.items),
            dict(self.tables),
            dict(self.given),
            dict(self.by_choice),
            {k: list(v) for k, v in self.sheets.items()},
            list(self.order),
            self.checked,
            dict(self.uses),
        )

    def narrowed(self, places: Sequence[int]) -> Book:
        """Return a copy for some of its clusters alone, by their places among all."""
        narrow = self.copy()
        narrow.given = {n: v[:, :, list(places)] if v.shape[2] > 1 else v for n, v in self.given.items()}
        return narrow

    def give(self, item: Item, value: Array | float, sheet: str) -> None:
        """Add an item whose value is known."""
        self.items[item.name] = item
        self.given[item.name] = (
            np.asarray(value, dtype=np.float64).reshape(1, 1, 1, 1)
            if np.ndim(value) == 0
            else np.asarray(value, dtype=np.float64)
        )
        self._place(item.name, sheet)

    def unit(self, text: str, place: Place) -> Unit:
        """Read the unit of something given at a place.

        Raises:
            InputError: no such unit, with the nearest.
        """
        try:
            return self.units.parse(text)
        except UnitError as error:
            raise InputError.one(place, "bad-unit", str(error)) from None

    def give_by_choice(self, item: Item, choice: str, values: dict[str, Triple], sheet: str) -> None:
        """Add an item whose value follows a choice."""
        self.items[item.name] = item
        self.by_choice[item.name] = (choice, values)
        self._place(item.name, sheet)

    def _place(self, name: str, sheet: str) -> None:
        on = self.sheets.setdefault(sheet, [])
        if name not in on:
            on.append(name)

    def constant(self, name: str, c: Constant, sheet: str, place: Place, kind: Kind = "constant") -> None:
        """Add a named constant, an interval where its evidence is one."""
        item = Item(
            name,
            c.label,
            self.unit(c.unit, place),
            kind,
            uncertain=c.value.is_range,
            place=place,
            note=c.note,
            source=c.source,
        )
        self.give(item, triple_array(triple(c.value)), sheet)

    def define(
        self,
        drafts: Iterable[Draft],
        pins: Mapping[str, Pin],
        expand: Expand,
    ) -> None:
        """Check drafts and add them as rows, in an order in which they can be run.

        Args:
            drafts: rows as written; a later draft of the same name is refused.
            pins: rows that are held at a number instead of computed.
            expand: says what stands for a function that depends on what is in the book; see `Expand`.

        Raises:
            InputError: every unknown name, unit clash, cycle and malformed formula; a pin of another kind.
        """
        findings: list[Finding] = []
        parsed: dict[str, tuple[Draft, Node, set[str]]] = {}
        wanted: set[str] = set()
        for draft in drafts:
            wanted.add(draft.name)
            try:
                node = _expanded(_parse(draft), expand)
                if draft.name in parsed or draft.name in self.items:
                    raise FormulaError(f"'{draft.name}' is already defined; choose another name")
                parsed[draft.name] = (draft, node, names(node))
            except FormulaError as error:
                findings.append(Finding(draft.place, "bad-formula", f"{draft.name}: {error}"))
        for name in _ordered(parsed, findings):
            draft, node, used = parsed[name]
            try:
                self._define(draft, node, used, pins)
            except (FormulaError, UnitError) as error:
                findings.append(Finding(draft.place, "bad-formula", f"{draft.name}: {error}"))
        for name, (draft, _, _) in parsed.items():
            if name in self.items:
                self._place(name, draft.sheet)
        if findings:
            raise InputError(_first_causes(findings, wanted))

    def needed(self, wanted: Iterable[str]) -> list[str]:
        """Return the rows that some rows rest on, themselves included, in the order of evaluation."""
        reached: set[str] = set()
        left = list(wanted)
        while left:
            name = left.pop()
            if name in reached or name not in self.items:
                continue
            reached.add(name)
            if node := self.items[name].node:
                left.extend(self.uses.get(name) or names(node))
        return [name for name in self.order if name in reached]

    def _checked(self, draft: Draft, node: Node, used: set[str], unit: Unit) -> Checked:
        """Check a row, or take what was said of the same formula over names of the same kinds."""
        scope = Scope(self.items, self.tables)
        if draft.rename or any(function in draft.text for function in _EXPANDED):
            return check(node, unit, scope, self.units)  # its text alone does not say what it is
        key = (draft.text, draft.unit, *(self._kind(n) for n in sorted(used)))
        if key not in self.checked:
            self.checked[key] = check(node, unit, scope, self.units)
        return self.checked[key]

    def _kind(self, name: str) -> tuple[object, ...]:
        """All that the unit check asks of a name."""
        if item := self.items.get(name):
            return name, item.unit.text, item.monthly, item.per_cluster, item.uncertain
        table = self.tables.get(name)
        return (name, table.key_unit.text, table.unit.text, table.uncertain) if table else (name,)

    def _define(self, draft: Draft, node: Node, used: set[str], pins: Mapping[str, Pin]) -> None:
        unit = self.units.parse(draft.unit)
        if draft.name in pins:
            self._pin(draft, unit, pins[draft.name])
            return
        checked = self._checked(draft, node, used, unit)
        self.uses[draft.name] = used
        self.items[draft.name] = Item(
            draft.name,
            draft.label,
            unit,
            draft.kind,
            checked.node,
            draft.text,
            checked.monthly or draft.kind == "line",  # a cost falls due every month
            checked.per_cluster,
            checked.uncertain,
            draft.place,
            draft.note,
        )
        self.order.append(draft.name)

    def _pin(self, draft: Draft, unit: Unit, pin: Pin) -> None:
        try:
            value = float(in_unit(quantity(pin.text), unit, self.units))
        except (UnitError, ValueError) as error:
            raise InputError.one(pin.place, "bad-value", f"{draft.name}: {error}") from None
        note = "held at a given value"
        self.items[draft.name] = Item(
            draft.name, draft.label, unit, draft.kind, text="pinned", place=draft.place, note=note, source="given"
        )
        self.given[draft.name] = np.full((1, 1, 1, 1), value)


def triple(value: Interval) -> Triple:
    """Return (low, base, high) as floats."""
    return float(value.low), float(value.base), float(value.high)


def triple_array(values: Triple) -> Array:
    """Shape (low, base, high) for the evidence axis, of length 1 where they agree."""
    numbers = np.asarray(values if len(set(values)) > 1 else values[:1], dtype=np.float64)
    return numbers.reshape(-1, 1, 1, 1)


def months_array(values: Iterable[float | Decimal]) -> Array:
    """Shape values that differ by month."""
    return np.asarray([float(v) for v in values]).reshape(1, 1, 1, -1)


def clusters_array(values: Iterable[float | Decimal | bool]) -> Array:
    """Shape values that differ by cluster."""
    return np.asarray([float(v) for v in values]).reshape(1, 1, -1, 1)


def pure(units: Units) -> Unit:
    """Return the unit of plain numbers."""
    return units.parse("1")


def _parse(draft: Draft) -> Node:
    text = {"always": "1", "never": "0"}.get(draft.text.strip(), draft.text)
    node = _added(parse(term) for term in draft.terms) if draft.terms else parse(text)
    return _renamed(node, draft.rename) if draft.rename else node


def _added(parts: Iterable[Node]) -> Node:
    total: Node = Number(0)
    for i, part in enumerate(parts):
        total = part if i == 0 else Arithmetic("+", total, part)
    return total


def _map(node: Node, change: Callable[[Node], Node]) -> Node:
    """Rebuild a tree with every part changed, from the leaves up."""
    match node:
        case Arithmetic(op, a, b):
            node = Arithmetic(op, _map(a, change), _map(b, change))
        case Compare(op, a, b):
            node = Compare(op, _map(a, change), _map(b, change))
        case Logic(op, parts):
            node = Logic(op, tuple(_map(p, change) for p in parts))
        case Call(function, arguments):
            node = Call(function, tuple(_map(a, change) for a in arguments))
        case Convert(inner, factor):
            node = Convert(_map(inner, change), factor)
    return change(node)


_EXPANDED = ("sum_lines", "sum_topics", "of_cluster")


def _renamed(node: Node, rename: Callable[[str], str]) -> Node:
    return _map(node, lambda n: Name(rename(n.name)) if isinstance(n, Name) else n)


def _expanded(node: Node, expand: Expand) -> Node:
    def change(part: Node) -> Node:
        if not isinstance(part, Call) or part.function not in _EXPANDED:
            return part
        members = expand(part.function, part.arguments)
        if members is None:
            raise FormulaError(f"{part.function} cannot be used here")
        if isinstance(members, int):
            return Call(part.function, (part.arguments[0], Number(members)))
        return _added(Name(member) for member in members)

    return _map(node, change)


def _ordered(parsed: Mapping[str, tuple[Draft, Node, set[str]]], findings: list[Finding]) -> list[str]:
    """Names in dependency order; a finding for each cycle."""
    order: list[str] = []
    state: dict[str, str] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if state.get(name) == "done" or name not in parsed:
            return
        if state.get(name) == "open":
            cycle = " -> ".join((*trail[trail.index(name) :], name))
            findings.append(Finding(parsed[name][0].place, "cycle", f"rows depend on each other: {cycle}"))
            return
        state[name] = "open"
        for other in sorted(parsed[name][2]):
            visit(other, (*trail, name))
        state[name] = "done"
        order.append(name)

    for name in parsed:
        visit(name, ())
    return order


def _first_causes(findings: list[Finding], wanted: set[str]) -> list[Finding]:
    """Drop the findings that only follow from another: an 'unknown name' that a faulty row would define."""
    followers = [
        f for f in findings if "unknown name '" in f.text and f.text.split("unknown name '")[1].split("'")[0] in wanted
    ]
    causes = [f for f in findings if f not in followers]
    return causes or findings
