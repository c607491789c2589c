"""From an offering and a plan to its outcome: the way to reach it, its configurations, and their cost."""

from __future__ import annotations

from dataclasses import replace

from tco.catalog.load import Catalog
from tco.engine.book import Book
from tco.engine.offering import OfferingBook, Site, offering_book
from tco.engine.options import Options
from tco.engine.outcome import Outcome, without_price
from tco.engine.run import (
    BASE_ONLY,
    LOW_BASE_HIGH,
    ClusterChoice,
    candidates,
    choose,
    evaluate_book,
)
from tco.engine.substitute import requirements
from tco.sla.verdict import sla_verdict
from tco.workload.plan import Plan


def build(catalog: Catalog, shared: Book, offering_id: str, plan: Plan, options: Options, site: Site) -> Outcome:
    """Build an offering's book and its outcome, by the cheapest feasible way of reaching it that the plan allows."""
    offering, horizon, clusters = catalog.offerings[offering_id], plan.workload.horizon, len(plan.clusters)
    subject = offering_book(catalog, shared, offering, plan, options, site)
    costed = candidates(subject, horizon, clusters)
    by_way = {way: choose(costed, way) for way in subject.choices["access"]}
    access = _best_way(subject, by_way, horizon)
    if len(subject.ways) > 1 and not site.access:  # lines that only the other ways meet go
        subject = offering_book(catalog, shared, offering, plan, options, replace(site, access=access))
    choices = by_way[access]
    values = evaluate_book(subject, [_configurations(choices)], True, LOW_BASE_HIGH, horizon)
    default_total: float | None = None
    plain = [] if plan.of_estate else choose(costed, access, defaults=True)
    if plain and all(c.feasible for c in plain):
        run = evaluate_book(subject, [_configurations(plain)], True, BASE_ONLY, horizon, subject.book.needed(["total"]))
        default_total = float(run["total"].ravel()[0])
    return Outcome(
        subject,
        choices,
        values,
        default_total,
        requirements(catalog, plan, subject, options.as_of),
        sla_verdict(catalog, offering, values),
        options.as_of,
        catalog,
        [c.name for c in plan.clusters],
        plan,
    )


def ways(catalog: Catalog, shared: Book, offering_id: str, plan: Plan, options: Options, site: Site) -> list[str]:
    """Return the best way of reaching each cluster of a plan by itself; see `_best_way`."""
    offering, horizon, clusters = catalog.offerings[offering_id], plan.workload.horizon, len(plan.clusters)
    subject = offering_book(catalog, shared, offering, plan, options, site)
    if len(subject.ways) == 1:
        return subject.ways * clusters
    costed = candidates(subject, horizon, clusters)
    by_way = {way: choose(costed, way) for way in subject.choices["access"]}

    def standing(way: str, cluster: int) -> tuple[bool, int, float]:
        chosen = by_way[way][cluster]
        at = costed.configurations.index(chosen.configuration)
        missing = sum(bool(used[at, cluster]) for used in costed.unpriced.values())
        return not chosen.feasible, missing, chosen.total

    return [min(by_way, key=lambda way: standing(way, k)) for k in range(clusters)]


def _best_way(subject: OfferingBook, by_way: dict[str, list[ClusterChoice]], horizon: int) -> str:
    """Feasible ones first, then those with the fewest lines without a price, then by invoices; ties in their order."""
    ways = list(by_way)
    if len(ways) == 1:
        return ways[0]
    rows = subject.book.needed(["total", *(ln.name for ln in subject.lines)])
    sides = [_configurations(choices) for choices in by_way.values()]
    run = evaluate_book(subject, sides, True, BASE_ONLY, horizon, rows)

    def standing(way: str) -> tuple[bool, int, float]:
        i = ways.index(way)
        one = {name: value[:, min(i, value.shape[1] - 1)] for name, value in run.items()}
        missing = len(without_price(subject, one))
        return not all(c.feasible for c in by_way[way]), missing, float(one["total"].ravel()[0])

    return min(ways, key=standing)


def _configurations(choices: list[ClusterChoice]) -> list[dict[str, str]]:
    return [c.configuration for c in choices]
