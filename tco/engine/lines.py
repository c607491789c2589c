"""Cost lines: bound to their prices, and turned into rows of quantity and money, the one place where money is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tco.catalog.prices import PriceBook, PricePoint
from tco.catalog.schema import Line
from tco.engine.book import Book
from tco.engine.pricing import CostLine, by_variant, give_price, unit_findings, with_replacements
from tco.errors import Finding, Place
from tco.model.scope import Draft

_CONSTANT_PRICE = "constant:"


@dataclass(frozen=True)
class Market:
    """Where, when and on what terms lines are bought.

    Attributes:
        owner: whose meters they are where a line names no other.
        words: what stands in braces in the name of a price, such as {cloud}.
        region: where, and `regions` by the word that a name begins with, for what is bought elsewhere.
        as_of: prices in force on this day.
        term: commitment of the plan.
        replaced: prices given for this run.
        proxies: region to the one whose prices stand in for it.
        unpriced: why nothing here has a price, or "".
        nearest: variant that no choice decides to its values, the best first.
    """

    owner: str
    words: Mapping[str, str]
    region: str
    as_of: date
    term: str = "none"
    regions: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)
    proxies: Mapping[str, str] = field(default_factory=dict)
    unpriced: str = ""
    nearest: Mapping[str, Sequence[str]] = field(default_factory=dict)


def bind(
    prices: PriceBook, book: Book, market: Market, name: str, line: Line, values: Sequence[str], open_: Sequence[str]
) -> CostLine:
    """Find the price of a line.

    Args:
        prices: of the catalog.
        book: for units.
        market: where it is bought.
        name: of the line.
        line: as written.
        values: of the choice that selects its variant.
        open_: those of them that are open to the plan.
    """
    reference, region = line.price, market.region
    for word, text in market.words.items():
        region = market.regions.get(word, region) if reference.startswith(f"{{{word}}}") else region
        reference = reference.replace(f"{{{word}}}", text)
    if reference.startswith(_CONSTANT_PRICE):
        return CostLine(name, line, line.unit, constant=reference.removeprefix(_CONSTANT_PRICE))
    owner, _, meter = reference.rpartition(":")
    owner = owner or market.owner
    points = _in_force(prices, market, owner, meter, region)
    points = with_replacements(points, market.replaced, owner, meter, region, book.units)
    if line.variant in market.nearest:
        best = next((v for v in (*market.nearest[line.variant], "") if any(p.variant == v for p in points)), "")
        points, line = [p for p in points if p.variant == best], line.model_copy(update={"variant": ""})
    elif line.variant:
        points = by_variant(points, values)
    if not points or (open_ and not {p.variant for p in points} & set(open_)):
        which = f" for {' or '.join(open_)}" if open_ else ""
        why = market.unpriced or f"no price of {owner}:{meter}{which}{f' in {region}' if region else ''}"
        return CostLine(name, line, "" if line.on_top else line.unit, missing=why, meter=f"{owner}:{meter}")
    unit = points[0].unit.text if line.as_priced else line.unit
    return CostLine(name, line, unit, points, meter=f"{owner}:{meter}")


def _in_force(prices: PriceBook, market: Market, owner: str, meter: str, region: str) -> list[PricePoint]:
    """Points in force: those of the plan's commitment where it has any, else those of the list."""
    listed = prices.select(owner, meter, region, market.as_of, market.proxies.get(region, ""))
    committed = prices.select(owner, f"{meter}.{market.term}", region, market.as_of)
    taken = {(p.variant, p.tier_from) for p in committed}
    return [*committed, *(p for p in listed if (p.variant, p.tier_from) not in taken)]


def put_price(book: Book, bound: CostLine, place: Place, by_choice: bool) -> list[Finding]:
    """Add a line's price to the book; a finding for each price point that is for another unit."""
    if not bound.points:
        return []
    findings = unit_findings(bound, book.units, place)
    if not any(f.code == "bad-unit" for f in findings):
        give_price(book, bound, per_cluster=by_choice)
    return findings


def line_drafts(
    book: Book, bound: CostLine, quantity: str, place: Place, sheet: str, several: bool, each: str = "each cluster"
) -> list[Draft]:
    """Quantity of each cluster, quantity billed, and their cost.

    Args:
        book: holds the line's price.
        bound: the line.
        quantity: its formula.
        place: of the line.
        sheet: on which its rows stand.
        several: whether the book holds several kinds of cluster, each of which then has a cost of its own.
        each: one of those that it is bought for, in words.
    """
    name, line, unit = bound.name, bound.line, bound.unit
    if not unit:
        return []
    drafts = [
        Draft(f"{name}.each", f"{line.label}, {each}", unit, quantity, sheet, place, line.note),
        Draft(name, line.label, unit, f"sum_clusters({name}.each)", sheet, place, line.note),
    ]
    if line.on_top:  # reckoned from sums over all clusters
        drafts = [Draft(name, line.label, unit, quantity, sheet, place, line.note)]
    if not bound.priced:
        return drafts

    def cost(text: str, suffix: str = "cost", label: str = "") -> Draft:
        return Draft(f"{name}.{suffix}", f"{line.label}{label}", "USD", text, sheet, place, line.note, "line")

    if bound.pooled:
        return drafts + _pooled(book, bound, place, sheet, cost)
    price = bound.constant or f"price.{name}"
    banded = price in book.tables
    if not banded and not line.variant and not several:
        return [*drafts, cost(f"{name} * {price}")]
    cost_each = f"tiered({name}.each, {price})" if banded else f"{name}.each * {price}"
    return [*drafts, cost(cost_each, "cost_each", f", {each}"), cost(f"sum_clusters({name}.cost_each)")]


def _pooled(book: Book, bound: CostLine, place: Place, sheet: str, cost: Callable[..., Draft]) -> list[Draft]:
    """Cost of what is billed for the account as a whole, on top of what the account uses already."""
    name, line = bound.name, bound.line
    if not line.baseline:
        return [cost(_charged(book, bound, name))]
    rest, both = f"{name}.baseline", f"{name}.both"
    return [
        Draft(rest, f"{line.label}, used elsewhere", bound.unit, line.baseline, sheet, place),
        Draft(both, f"{line.label}, with use elsewhere", bound.unit, f"{name} + {rest}", sheet, place),
        cost(_charged(book, bound, rest), "cost_baseline", ", used elsewhere"),
        cost(_charged(book, bound, both), "cost_both", ", with use elsewhere"),
        cost(f"{name}.cost_both - {name}.cost_baseline"),
    ]


def _charged(book: Book, bound: CostLine, amount: str) -> str:
    price = bound.constant or f"price.{bound.name}"
    return f"tiered({amount}, {price})" if price in book.tables else f"{amount} * {price}"
