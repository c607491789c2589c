"""Estates for tests, and what they are held against: prices in fractions, flows in plain Python, books in fractions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from fractions import Fraction
from typing import Any

import numpy as np

from tco.analysis.estates import EstateComparison, compare_estate
from tco.catalog.prices import PricePoint
from tco.catalog.schema import Constant
from tco.engine.book import Book
from tco.engine.estate import Costing, EstateOutcome
from tco.engine.options import Options
from tco.engine.pricing import CostLine
from tco.model.evaluate import Array
from tco.model.scope import Item
from tco.model.tree import Node
from tco.workload.estate import EstatePlan, estate_from_text
from tests.oracle import At, Oracle
from tests.plans import PLAIN
from tests.test_workbook import OPTIONS, catalog

HOURS = 730
MSK, SERVERLESS, OWN = "aws.msk-standard", "aws.msk-serverless", "aws.self-managed"
#: The plain workload without what an estate says for all of them.
WORK: dict[str, Any] = {k: v for k, v in PLAIN.items() if k not in ("name", "horizon")}


def work(**changes: Any) -> dict[str, Any]:
    """The plain workload with keys replaced; a mapping is merged into one that is there."""
    made = deepcopy(WORK)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(made.get(key), dict)
        made[key] = {**made[key], **value} if both else value
    return made


def data_of(
    clusters: Mapping[str, Any],
    links: Mapping[str, Any] | None = None,
    workloads: Mapping[str, Any] | None = None,
    **top: Any,
) -> dict[str, Any]:
    """An estate as data; clusters without a workload have the plain one."""
    known = dict(workloads or {"work": WORK})
    drawn = {name: {"workload": next(iter(known)), **c} for name, c in clusters.items()}
    ends = {n: {"from": x[0], "to": x[1], **(x[2] if len(x) > 2 else {})} for n, x in (links or {}).items()}
    return {"name": "test", "horizon": "6", **top, "workloads": known, "clusters": drawn, "links": ends}


def text_of(data: Mapping[str, Any]) -> str:
    """YAML without aliases."""
    return json.dumps(data, indent=1)


def drawn(
    clusters: Mapping[str, Any],
    links: Mapping[str, Any] | None = None,
    workloads: Mapping[str, Any] | None = None,
    **top: Any,
) -> EstatePlan:
    """An estate of the catalog; a link is (from, to) or (from, to, keys)."""
    return estate_from_text(text_of(data_of(clusters, links, workloads, **top)), "estate.yaml", catalog())


def costed(
    estate: EstatePlan, offering: str | Mapping[str, str], options: Options = OPTIONS
) -> tuple[Costing, EstateOutcome]:
    """An estate on one offering, or on one for each cluster."""
    costing = Costing(catalog(), estate, options)
    chosen = offering if isinstance(offering, Mapping) else {m.name: offering for m in estate.members}
    return costing, costing.cost(chosen)


def compared(estate: EstatePlan, offerings: Sequence[str] = (), options: Options = OPTIONS) -> EstateComparison:
    """An estate on each offering in turn."""
    return compare_estate(catalog(), estate, options, offerings)


def full(value: Array, horizon: int, clusters: int = 1) -> Array:
    """Values by (low, base, high), cluster and month, whatever they vary with."""
    return np.asarray(np.broadcast_to(value, (3, 1, clusters, horizon))[:, 0])


def monthly(outcome: EstateOutcome, row: str) -> Array:
    """A row of the estate's book by (low, base, high) and month."""
    return np.asarray(full(outcome.values[row], outcome.horizon)[:, 0])


# -- prices in fractions ---------------------------------------------------------------------------------


def price(meter: str, region: str, variant: str = "") -> Fraction:
    """The only price of a meter in a region, at base."""
    (point,) = points(meter, region, variant)
    return Fraction(point.base)


def points(meter: str, region: str, variant: str = "") -> list[PricePoint]:
    """Price points in force, the lowest band first."""
    owner, _, name = meter.partition(":")
    found = catalog().prices.select(owner, name, region, OPTIONS.as_of)
    return sorted((p for p in found if p.variant == variant), key=lambda p: p.tier_from)


def tiered(bands: Sequence[PricePoint], quantity: Fraction, evidence: int = 1) -> Fraction:
    """What a quantity costs, each band's price for what falls into it."""
    total = Fraction(0)
    for i, p in enumerate(bands):
        lower = Fraction(p.tier_from)
        upper = Fraction(bands[i + 1].tier_from) if i + 1 < len(bands) else max(quantity, lower)
        total += max(Fraction(0), min(quantity, upper) - lower) * Fraction((p.low, p.base, p.high)[evidence])
    return total


# -- books in fractions ----------------------------------------------------------------------------------


class EstateOracle(Oracle):
    """Rows of one of an estate's books, of those that it holds no value of yet.

    Args:
        book: shared by all clusters, of clusters on one offering, of a link, or of the estate.
        horizon: months.
        clusters: kinds of cluster in the book.
        lines: whose prices enter from their text.
        given: exact values of inputs and constants by name, one for each cluster, or one for all.
        choices: configuration of each cluster.
    """

    def __init__(
        self,
        book: Book,
        horizon: int,
        clusters: int,
        lines: Sequence[CostLine] = (),
        given: Mapping[str, Sequence[Sequence[Fraction]]] | None = None,
        choices: Sequence[Mapping[str, str]] = (),
    ) -> None:
        self.book, self.horizon, self.clusters = book, horizon, clusters
        self._each, self._configurations = dict(given or {}), choices
        self._bands = {f"price.{ln.name}": ln.points for ln in lines}
        self._exact: dict[str, tuple[Fraction, ...]] = {}
        for ln in lines:
            if len(ln.points) == 1 and not ln.line.variant and f"price.{ln.name}" in book.items:
                p = ln.points[0]
                self._exact[f"price.{ln.name}"] = (Fraction(p.low), Fraction(p.base), Fraction(p.high))
        self.values = {}
        for name in self.rows:
            node = book.items[name].node
            assert node is not None
            self.values[name] = {at: self._value(node, at) for at in self.places(book.items[name])}

    @property
    def rows(self) -> list[str]:
        """Rows that are worked out here, in their order."""
        return [n for n in self.book.order if n not in self.book.given]

    def get(self, name: str, at: At) -> Fraction:
        item = self.book.items[name]
        e, k, m = at
        if name in self.values:
            return self.values[name][e if item.uncertain else 0, k if item.per_cluster else 0, m if item.monthly else 0]
        return self._given(name, at)

    def _given(self, name: str, at: At) -> Fraction:
        e, k, _ = at
        if name in self._each:
            each = self._each[name]
            return each[k if len(each) > 1 else 0][e]
        if name in self.book.by_choice:
            choice, by_value = self.book.by_choice[name]
            value = self._configurations[k][choice]
            found = next((p for p in self._bands.get(name, ()) if p.variant == value), None)
            return (
                Fraction(repr(by_value[value][e]))
                if found is None
                else Fraction((found.low, found.base, found.high)[e])
            )
        return super()._given(name, at)

    def _over_months(self, function: str, arguments: tuple[Node, ...], at: At) -> Fraction:
        if function != "sum_clusters":
            return super()._over_months(function, arguments, at)
        e, _, m = at
        several = self.book.given["cluster.count"].shape[2]
        counts = [self._given("cluster.count", (0, j, m)) for j in range(several)]
        return sum((self._value(arguments[0], (e, j, m)) * n for j, n in enumerate(counts)), Fraction(0))


def exact_inputs(estate: EstatePlan, places: Sequence[int] = ()) -> dict[str, list[list[Fraction]]]:
    """Inputs and assumptions as the files have them, for each cluster or for some by their places."""
    plans = [m.plan for m in estate.members for _ in m.plan.clusters]
    wanted = [plans[k] for k in places] if places else plans
    found = {n: [[Fraction(p.inputs[n].number)] * 3 for p in wanted] for n in plans[0].inputs}
    return found | exact_constants(catalog().sheets["assumptions"].constants)


def exact_constants(constants: Mapping[str, Constant]) -> dict[str, list[list[Fraction]]]:
    """Constants as their files have them: low, base, high; but what a run sets."""
    return {
        n: [[Fraction(c.value.low), Fraction(c.value.base), Fraction(c.value.high)]]
        for n, c in constants.items()
        if n != "equal_sizing"
    }


def differences(oracle: EstateOracle, values: Mapping[str, Array]) -> list[str]:
    """Rows in which the engine and the oracle differ, with the first place and both values."""
    wrong = []
    for name in oracle.rows:
        item, array = oracle.book.items[name], values[name]
        wrong += [f"{name}: varies" for a, may in _axes(item) if not may and np.ptp(array, a).any()]
        found = np.broadcast_to(array, (3, 1, max(oracle.clusters, array.shape[2]), oracle.horizon))
        for (e, k, m), wanted in oracle.values[name].items():
            got = Fraction(float(found[e, 0, k, m]))
            if abs(got - wanted) > max(Fraction(1, 10**9) * abs(wanted), Fraction(1, 10**6)):
                wrong.append(f"{name} at {(e, k, m)}: {float(got)}, exactly {float(wanted)}")
                break
    return wrong


def _axes(item: Item) -> Iterator[tuple[int, bool]]:
    return iter(((0, item.uncertain), (2, item.per_cluster), (3, item.monthly)))
