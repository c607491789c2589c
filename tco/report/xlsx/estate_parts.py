"""The books of an estate as its workbook shows them: the work of all clusters, each group and link, the account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import reduce

import numpy as np

from tco.engine.book import Book, clusters_array, months_array, pure
from tco.engine.estate import EstateOutcome, Placement
from tco.engine.figure import Figure
from tco.engine.link import LinkOutcome, runs_side
from tco.engine.shared import COURSE
from tco.model.scope import Item
from tco.model.sparse import ZERO, without_zeros
from tco.model.tree import Arithmetic, Call, Compare, Name, Node, Number, names
from tco.report.xlsx.grid import Grid, SheetCells, Shown
from tco.workload.estate import EstatePlan, Flow

COUNT, NUMBER = "cluster.count", "cluster.number"
#: Words for whether something holds in a month.
_COURSES = {
    "alive": "Runs (1) or not (0)",
    "served": "Its own clients write (1) or not (0)",
    "holds": "Topics of its own are there (1) or not (0)",
}
_ONE = Number(1)


# -- the work of all clusters --------------------------------------------------------------------------


def work_shown(estate: EstatePlan, work: Book) -> Shown:
    """Return the work of all clusters, with formulas for what follows from how many clusters there are.

    Args:
        estate: as read.
        work: its settled book.
    """
    book, formulas = work.copy(), dict[tuple[str, int], Node]()
    _counts(book, estate, formulas)
    flags: dict[str, int] = {}
    for link in estate.links:
        _link(book, link, formulas)
        flags |= {f"link.{link.name}.leaving": link.source.first, f"link.{link.name}.arriving": link.target.first}
    kinds = tuple(c.name for c in estate.plan.clusters)
    for name in book.order:
        node = book.items[name].node
        if node is not None and not flags.keys().isdisjoint(names(node)):
            for k in range(len(kinds)):
                formulas[name, k] = without_zeros(node, lambda n, k=k: flags.get(n, k) != k)  # type: ignore[misc]
    return Shown("", book, book.given, kinds, None, formulas, _inherited(book, estate), named=True)


def _inherited(book: Book, estate: EstatePlan) -> dict[tuple[str, int], int]:
    """Inputs that an environment takes from the cluster that it belongs to: all but how many and how big it is."""
    environments = {k: m.first for m in estate.members for k in m.places if k > m.first}
    names = [
        n for n, item in book.items.items() if item.per_cluster and not n.startswith(("cluster.", "link.", "carries"))
    ]
    return {(n, k): first for k, first in environments.items() for n in names}


def _counts(book: Book, estate: EstatePlan, formulas: dict[tuple[str, int], Node]) -> None:
    """Clusters of a kind, times those of the kind that it is an environment of, in the months in which it runs."""
    one, clusters = pure(book.units), estate.plan.clusters
    numbers = [clusters[k].count / (m.count if k > m.first else 1) for m in estate.members for k in m.places]
    note = "of an environment: for each cluster that it belongs to" if len(clusters) > len(estate.members) else ""
    number = Item(NUMBER, "Clusters of this kind", one, "input", per_cluster=True, source="given", note=note)
    book.give(number, clusters_array(numbers), "clusters")
    on = book.sheets["clusters"]
    on.insert(0, on.pop())
    monthly = {field: course for field, course in COURSE.items() if book.items[f"cluster.{field}"].monthly}
    for k, member in ((k, m) for m in estate.members for k in m.places):
        node: Node = Name(NUMBER)
        if k > member.first:
            node = Arithmetic("*", Call("of_cluster", (node, Number(member.first))), node)
        for field, course in {"count": "", **monthly}.items():
            whole = node if field == "count" else Name(f"cluster.{field}_then")
            formulas[f"cluster.{field}", k] = Arithmetic("*", whole, Name(f"cluster.{course}")) if course else whole
    for field in (f for f in monthly if f != "count"):
        label = f"{book.items[f'cluster.{field}'].label}, in the months in which it has any"
        share = Item(f"cluster.{field}_then", label, one, "input", per_cluster=True, source="given")
        book.give(share, clusters_array(getattr(c, field) for c in clusters), "clusters")
    months = (True,) * len(estate.plan.months)
    for course in dict.fromkeys(monthly.values()):
        item = Item(f"cluster.{course}", _COURSES[course], one, "input", monthly=True, per_cluster=True, source="given")
        each = [months_array(Decimal(on) for on in getattr(c, course) or months) for c in clusters]
        book.give(item, np.concatenate(each, axis=2), "clusters")
        on = book.sheets["clusters"]
        on.insert(1, on.pop())


def _link(book: Book, link: Flow, formulas: dict[tuple[str, int], Node]) -> None:
    """Links of a kind and those at each cluster follow from the clusters at both ends; a share, from its topics."""
    name, source, target = f"link.{link.name}", link.source.first, link.target.first
    n, m = _number(source), _number(target)
    formulas[f"{name}.links", 0] = Call("max", (n, m))
    ends: tuple[tuple[str, int, Node], ...] = (
        ("leaving", source, Call("if_else", (Compare("==", n, _ONE), m, _ONE))),
        ("arriving", target, Call("if_else", (Compare("==", m, _ONE), n, _ONE))),
    )
    _give_alive(book, link)
    for field, k, node in ends:
        formulas[f"{name}.{field}", k] = node if all(link.alive) else Arithmetic("*", node, Name(f"{name}.alive"))
    shares: dict[str, Node] = {
        t: Call("of_cluster", (Name(f"topic.{t}.share"), Number(source))) for t in link.shares.parts
    }
    copied = _added(list(shares.values()))
    if link.spec.topics and shares:
        formulas[f"{name}.share", 0] = copied
    if len(shares) > 1:
        formulas |= {(f"{name}.of_{t}", 0): Call("ratio", (share, copied)) for t, share in shares.items()}


def _added(parts: Sequence[Node]) -> Node:
    """Add up some formulas."""
    return reduce(lambda a, b: Arithmetic("+", a, b), parts[1:], parts[0]) if parts else ZERO


def _number(cluster: int) -> Node:
    """How many clusters there are of a kind."""
    return Call("of_cluster", (Name(NUMBER), Number(cluster)))


def _give_alive(book: Book, link: Flow) -> None:
    if not all(link.alive):
        label = f"Both ends run (1) or not (0), {link.name}"
        item = Item(f"link.{link.name}.alive", label, pure(book.units), "input", monthly=True, source="given")
        book.give(item, months_array(Decimal(on) for on in link.alive), "replication")


# -- groups, links, the account ------------------------------------------------------------------------


def group_shown(scope: str, placements: Sequence[Placement]) -> Shown:
    """Return the book of the clusters that run on an offering at a site."""
    group = placements[0].group
    places = tuple(k for p in sorted(placements, key=lambda p: p.place) for k in p.member.places)
    return Shown(scope, group.book, group.values, tuple(group.cluster_names), places, named=True)


def link_shown(link: LinkOutcome, shared: Shown) -> tuple[Shown, list[str]]:
    """Return the book of a link without what is nought for it, and the names that are its own.

    A way that it does not take and a cloud that it does not run in are left out of its formulas.
    """
    book, flow = link.book.copy(), link.flow
    own = [n for n, item in book.items.items() if shared.book.items.get(n) != item]
    _give_alive(book, flow)
    links: Node = Name(f"link.{flow.name}.links")
    formulas: dict[tuple[str, int], Node] = {
        (COUNT, 0): links if all(flow.alive) else Arithmetic("*", links, Name(f"link.{flow.name}.alive"))
    }
    side = flow.source if runs_side(flow, link.mechanism) == "source" else flow.target
    book.items[NUMBER] = shared.book.items[NUMBER]
    formulas["sharing", 0] = Call("if_else", (Compare("==", _number(side.first), _ONE), links, _ONE))
    zeros = {n for n in own if _never(book, n)}
    sure = {n for n in own if n.startswith("runs.") or n == "at_source"} - zeros
    mine = set(own)
    for name in (n for n in book.order if n in mine):
        node = book.items[name].node
        assert node is not None  # noqa: S101 - only rows with a formula are in the order
        formulas[name, 0] = without_zeros(node, zeros.__contains__, sure.__contains__)
        if formulas[name, 0] == ZERO:
            zeros.add(name)
    values = {**book.given, **link.values}
    return Shown(f"link {flow.name}", book, values, (flow.name,), None, formulas), [n for n in own if n not in zeros]


def _never(book: Book, name: str) -> bool:
    """Whether an item is a nought that no evidence moves: a flag, or a column of the path."""
    item = book.items[name]
    if item.node is not None or item.uncertain or name not in book.given:
        return False
    return (item.kind == "column" or item.source in ("given", "definition")) and not book.given[name].any()


def account_shown(outcome: EstateOutcome) -> Shown:
    """Return the book of the account."""
    return Shown("account", outcome.book, outcome.values, ("estate",))


def figure_formula(figure: Figure, shown: Mapping[int, Shown], grid: Grid, sheet: str, evidence: int) -> str:
    """Write where a figure comes from as a formula.

    Args:
        figure: cells of groups and links.
        shown: id of a group or link to its book.
        grid: places.
        sheet: on which the formula stands.
        evidence: low, base or high.
    """
    terms = []
    for term in figure.terms:
        part = shown[id(term.part)]
        if not any(part.node(row, term.cluster) == ZERO for row in term.rows):
            cells = SheetCells(grid, part, sheet, 0, term.cluster, evidence)
            terms.append("*".join(cells.at(row) for row in term.rows))
    if figure.largest and len(terms) > 1:
        return f"MAX({','.join(terms)})"
    return "+".join(terms) or "0"
