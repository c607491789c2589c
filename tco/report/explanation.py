"""Why a number is what it is: a row, its formula in words and in figures, and the rows it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tco.catalog.load import Catalog
from tco.catalog.prices import PricePoint
from tco.engine.book import Book
from tco.engine.estate import Costing, EstateOutcome
from tco.engine.figure import Figure, Term
from tco.engine.link import LinkOutcome
from tco.engine.outcome import Outcome
from tco.engine.spoken import plain_unit
from tco.errors import InputError, Place
from tco.model.evaluate import BASE, Array, end_of
from tco.model.explain import spelled
from tco.model.scope import Item
from tco.model.tree import Arithmetic, Call, Name, Node, Number, names, walk


@dataclass(frozen=True)
class Explained:
    """What can be explained: a book with its values, of an offering, a link or an estate.

    Attributes:
        monthly: values of a row by month, of a cluster by its place and one end of the evidence (low, base, high).
        points: price points behind a cost line, by its name.
        place: of the cluster that it is about.
        figures: rows that are reckoned in the books of parts.
    """

    id: str
    catalog: Catalog
    book: Book
    horizon: int
    monthly: Callable[[str, int, int], Array]
    points: Callable[[str], Sequence[PricePoint]]
    place: int = 0
    figures: Mapping[str, Figure] = field(default_factory=dict)


def of_offering(outcome: Outcome, place: int = 0) -> Explained:
    """An offering's rows, as one of its clusters has them."""

    def points(name: str) -> Sequence[PricePoint]:
        found = next((ln for ln in outcome.subject.lines if ln.name == name), None)
        return outcome.points(found) if found else ()

    return Explained(outcome.id, outcome.catalog, outcome.book, outcome.horizon, outcome.monthly, points, place)


def of_link(catalog: Catalog, link: LinkOutcome) -> Explained:
    """The rows of a link."""
    lines = {ln.name: ln.points for ln in link.lines}
    monthly = _reader(link.values, link.horizon)
    return Explained(link.flow.name, catalog, link.book, link.horizon, monthly, lambda n: lines.get(n, ()))


def of_estate(catalog: Catalog, outcome: EstateOutcome) -> Explained:
    """The sums of an estate, and what its account shares."""
    lines = {r.line.name: r.line.points for r in outcome.account}
    monthly, figures = _reader(outcome.values, outcome.horizon), outcome.figures
    return Explained(
        "account", catalog, outcome.book, outcome.horizon, monthly, lambda n: lines.get(n, ()), figures=figures
    )


def of_recovery(catalog: Catalog, costing: Costing) -> Explained:
    """How long stretched clusters take until they work again."""
    book, values = costing.recovery
    return Explained("recovery", catalog, book, costing.horizon, _reader(values, costing.horizon), lambda _: ())


def _reader(values: Mapping[str, Array], horizon: int) -> Callable[[str, int, int], Array]:
    def monthly(row: str, cluster: int = 0, evidence: int = BASE) -> Array:
        value = values[row]
        k = cluster if value.shape[2] > 1 else 0
        return np.asarray(np.broadcast_to(end_of(value, evidence)[0, k], (horizon,)))

    return monthly


def explain(outcome: Explained, row: str, month: int, depth: int) -> Iterator[str]:
    """Yield the lines that explain a row in one month.

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


#: Book, place of the cluster and row.
Told = set[tuple[int, int, str]]


def _explain(outcome: Explained, row: str, month: int, depth: int, level: int, told: Told) -> Iterator[str]:
    item, pad = outcome.book.items[row], "  " * level
    yield f"{pad}{row} = {_value(outcome, item, month)} {plain_unit(item.unit.text)}   {item.label}"
    key = id(outcome.book), outcome.place if item.per_cluster else 0, row
    if key in told:
        return
    told.add(key)
    if row in outcome.figures:
        yield from _explain_figure(outcome, outcome.figures[row], month, depth, level, told)
        return
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
    elsewhere = _of_clusters(item.node)
    nothing = {n for n in _addends(item.node) if not any(outcome.monthly(n, outcome.place, e)[month] for e in range(3))}
    for name in sorted(names(item.node) - set(tables) - nothing):
        there = replace(outcome, place=elsewhere.get(name, outcome.place))
        if level < depth or outcome.book.items[name].kind == "price":  # a price is always led to its source
            yield from _explain(there, name, month, depth, level + 1, told)


def _addends(node: Node) -> frozenset[str]:
    """Rows that a formula adds up and does nothing else with: a nought among them has nothing to tell."""
    match node:
        case Name(name):
            return frozenset({name})
        case Arithmetic("+", left, right):
            a, b = _addends(left), _addends(right)
            return a | b if a and b else frozenset()
    return frozenset()


def _explain_figure(
    outcome: Explained, figure: Figure, month: int, depth: int, level: int, told: Told
) -> Iterator[str]:
    """Lead a row to those of clusters and links that it is the sum of, or the largest of."""
    parts = [(*_part(outcome.catalog, term), term.rows) for term in figure.terms]
    words = [f"{' × '.join(rows)} of {name}" for name, _, rows in parts]
    text = f"largest of {', '.join(words)}" if figure.largest and len(words) > 1 else " + ".join(words)
    yield f"{'  ' * level}  = {text}"
    for _, view, rows in parts if level < depth else ():
        for row in rows:
            yield from _explain(view, row, month, depth, level + 1, told)


def _part(catalog: Catalog, term: Term) -> tuple[str, Explained]:
    """Name of the cluster or link that a term is of, and its rows."""
    part = term.part
    if isinstance(part, Outcome):
        return part.cluster_names[term.cluster], of_offering(part, term.cluster)
    assert isinstance(part, LinkOutcome)  # noqa: S101 - there are no other parts
    return part.flow.name, of_link(catalog, part)


def _of_clusters(node: Node) -> dict[str, int]:
    """Rows that a formula takes of a cluster by its place."""
    found = {}
    for part in walk(node):
        match part:
            case Call("of_cluster", (Name(name), Number(place))):
                found[name] = place
    return found


def _value(outcome: Explained, item: Item, month: int) -> str:
    numbers = [outcome.monthly(item.name, outcome.place, e)[month] for e in range(3)]
    base = f"{numbers[1]:,.6g}" if abs(numbers[1]) < 1e6 else f"{numbers[1]:,.2f}"
    return f"{base} ({numbers[0]:,.6g} to {numbers[2]:,.6g})" if numbers[0] != numbers[2] else base


def _number(outcome: Explained, name: str, month: int) -> str:
    name, _, place = name.partition("@")
    if name in outcome.book.tables:
        return name
    return f"{outcome.monthly(name, int(place or outcome.place), 1)[month]:,.6g}"


def _origin(outcome: Explained, item: Item) -> str:
    """Where a given number comes from."""
    if item.kind == "price":
        return "; ".join(_prices(outcome, item.name))
    source = outcome.catalog.sources.get(item.source)
    if source:
        return f"{item.kind}: {source.title}, {source.seen or 'undated'}, {source.url}"
    return f"{item.kind}: {item.source or 'assumption'}{f', {item.note}' if item.note else ''}"


def _prices(outcome: Explained, name: str) -> list[str]:
    """The published numbers behind a price or its bands, each with its source and day."""
    return [_point(outcome, p) for p in outcome.points(name.removeprefix("price."))]


def _point(outcome: Explained, p: PricePoint) -> str:
    source = outcome.catalog.sources.get(p.source)
    where = f"{source.title}, seen {source.seen or 'undated'}, {source.url}" if source else p.source
    return f"price {p.id}, {p.confidence}, in force from {p.effective_from.isoformat()}: {where}"


def _bands(outcome: Explained, name: str) -> Iterator[str]:
    table = outcome.book.tables[name]
    for key, (low, base, high) in zip(table.keys, table.values, strict=True):
        span = f"{base:g}" if low == high else f"{low:g} to {high:g}"
        yield f"{name}: from {key:,g} {plain_unit(table.key_unit.text)}: {span}"
    yield from _prices(outcome, name)
