"""Why a number is what it is: a row, its formula in words and in figures, and the rows it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from tco.catalog.prices import PricePoint
from tco.engine.outcome import Outcome
from tco.engine.spoken import plain_unit
from tco.errors import InputError, Place
from tco.model.explain import spelled
from tco.model.scope import Item
from tco.model.tree import names


def explain(outcome: Outcome, row: str, month: int, depth: int) -> Iterator[str]:
    """Yield the lines that explain a row in one month of the production cluster.

    Raises:
        InputError: there is no such row or month.
    """
    if row not in outcome.book.items:
        raise InputError.one(
            Place("row"), "unknown-row", f"{outcome.id} has no row '{row}'; without a row, all cost lines are listed"
        )
    if not 1 <= month <= outcome.horizon:
        raise InputError.one(Place("--month"), "bad-value", f"month must be 1 to {outcome.horizon}")
    yield from _explain(outcome, row, month - 1, depth, 0, set())


def _explain(outcome: Outcome, row: str, month: int, depth: int, level: int, told: set[str]) -> Iterator[str]:
    item, pad = outcome.book.items[row], "  " * level
    yield f"{pad}{row} = {_value(outcome, item, month)} {plain_unit(item.unit.text)}   {item.label}"
    if row in told:
        return
    told.add(row)
    if item.node is None:
        yield f"{pad}  {_origin(outcome, item)}"
        return
    yield f"{pad}  = {spelled(item.node, lambda n: n)}"
    yield f"{pad}  = {spelled(item.node, lambda n: _number(outcome, n, month))}"
    if item.note:
        yield f"{pad}  ({item.note})"
    tables = [n for n in sorted(names(item.node)) if n in outcome.book.tables]
    for table in tables:
        yield from (f"{pad}  {line}" for line in _bands(outcome, table))
    for name in sorted(names(item.node) - set(tables)):
        if level < depth or outcome.book.items[name].kind == "price":  # a price is always led to its source
            yield from _explain(outcome, name, month, depth, level + 1, told)


def _value(outcome: Outcome, item: Item, month: int) -> str:
    numbers = [outcome.monthly(item.name, 0, e)[month] for e in range(3)]
    base = f"{numbers[1]:,.6g}" if abs(numbers[1]) < 1e6 else f"{numbers[1]:,.2f}"
    return f"{base} ({numbers[0]:,.6g} to {numbers[2]:,.6g})" if numbers[0] != numbers[2] else base


def _number(outcome: Outcome, name: str, month: int) -> str:
    if name in outcome.book.tables:
        return name
    return f"{outcome.monthly(name)[month]:,.6g}"


def _origin(outcome: Outcome, item: Item) -> str:
    """Where a given number comes from."""
    if item.kind == "price":
        return "; ".join(_prices(outcome, item.name))
    source = outcome.catalog.sources.get(item.source)
    if source:
        return f"{item.kind}: {source.title}, {source.seen or 'undated'}, {source.url}"
    return f"{item.kind}: {item.source or 'assumption'}{f', {item.note}' if item.note else ''}"


def _prices(outcome: Outcome, name: str) -> list[str]:
    """The published numbers behind a price or its bands, each with its source and day."""
    found = next((ln for ln in outcome.subject.lines if f"price.{ln.name}" == name), None)
    return [_point(outcome, p) for p in outcome.points(found)] if found else []


def _point(outcome: Outcome, p: PricePoint) -> str:
    source = outcome.catalog.sources.get(p.source)
    where = f"{source.title}, seen {source.seen or 'undated'}, {source.url}" if source else p.source
    return f"price {p.id}, {p.confidence}, in force from {p.effective_from.isoformat()}: {where}"


def _bands(outcome: Outcome, name: str) -> Iterator[str]:
    table = outcome.book.tables[name]
    for key, (low, base, high) in zip(table.keys, table.values, strict=True):
        span = f"{base:g}" if low == high else f"{low:g} to {high:g}"
        yield f"{name}: from {key:,g} {plain_unit(table.key_unit.text)}: {span}"
    yield from _prices(outcome, name)
