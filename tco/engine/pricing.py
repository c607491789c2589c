"""Binding cost lines to price points, and putting the points into a book as prices or bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np

from tco.catalog.prices import PricePoint
from tco.catalog.schema import Line
from tco.catalog.values import quantity
from tco.engine.book import Book
from tco.errors import Finding, InputError, Place
from tco.model.scope import Item, Table
from tco.model.units import Unit, UnitError, Units, conversion


@dataclass
class CostLine:
    """A cost line of an offering, bound to its price.

    Attributes:
        name: also the row with the quantity billed; its cost is `<name>.cost`.
        unit: of the quantity billed; "" for a line on top of others that has no price.
        points: the price points behind it; empty for a constant or where there is no price.
        missing: why there is no price, or "".
        constant: name of the constant that is its price, or "".
        meter: `owner:meter` of its price, or "" where a constant prices it.
    """

    name: str
    line: Line
    unit: str
    points: list[PricePoint] = field(default_factory=list)
    missing: str = ""
    constant: str = ""
    meter: str = ""

    @property
    def pooled(self) -> bool:
        """Whether it is priced for the account and not for each cluster: shared bands, and what is on top of others."""
        return self.line.on_top or (any(p.tier_from for p in self.points) and self.points[0].scope == "account")

    @property
    def priced(self) -> bool:
        """Whether the line can become money."""
        return not self.missing


def with_replacements(
    points: list[PricePoint], prices: Mapping[str, str], owner: str, meter: str, region: str, units: Units
) -> list[PricePoint]:
    """Replace price points by the run's own, converted to the unit of the price they replace.

    A price given for a meter that has none is taken as it is. A single price replaces all bands.
    """
    wanted = {
        k.removeprefix(f"{owner}:{meter}").removeprefix(":"): v
        for k, v in prices.items()
        if k == f"{owner}:{meter}" or k.startswith(f"{owner}:{meter}:")
    }
    if not wanted:
        return points
    kept = [p for p in points if p.variant not in wanted and "" not in wanted]
    for variant, text in wanted.items():
        price, unit = _price(text, units)
        like = [p for p in points if not p.tier_from and variant in ("", p.variant)]
        if not like and unit:
            like = [_blank(owner, meter, region, variant, unit)]
        for p in like:
            factor = conversion(p.unit, unit) if unit else Fraction(1)
            value = price * factor.numerator / factor.denominator
            note = "given for this run"
            kept.append(
                replace(p, low=value, base=value, high=value, source="given", confidence="assumption", note=note)
            )
    return kept


def by_variant(points: list[PricePoint], values: Sequence[str]) -> list[PricePoint]:
    """Return the points of a choice's values; a price that names no variant holds for each of them."""
    named = [p for p in points if p.variant in values]
    return named or [replace(p, variant=v) for p in points if not p.variant for v in values]


def _blank(owner: str, meter: str, region: str, variant: str, unit: Unit) -> PricePoint:
    """Return a point without a price, for a meter that the catalog does not price."""
    zero, day = Decimal(0), date.min
    return PricePoint(
        owner,
        meter,
        region,
        variant,
        zero,
        zero,
        zero,
        zero,
        "USD",
        unit,
        "resource",
        day,
        day,
        "given",
        "",
        "",
        Place(),
    )


def _price(text: str, units: Units) -> tuple[Decimal, Unit | None]:
    """Read "0.10 USD/(GiB[disk]*month)", or a bare number in the unit of the price it replaces."""
    try:
        given = quantity(text)
        if not given.unit:
            return given.value, None
        money = units.parse(given.unit)
        sold = units.parse("USD") / money
        if "USD" in dict(sold.dims):
            raise UnitError("a price is in USD for something, such as 0.10 USD/(GiB[disk]*month)")
        bought = given.unit.partition("/")[2].strip()
        bought = bought[1:-1] if bought.startswith("(") else bought
        return given.value, units.parse(
            bought.removeprefix("(").removesuffix(")") if bought.startswith("(") else bought
        )
    except (UnitError, ValueError) as error:
        raise InputError.one(Place("prices"), "bad-price", f"'{text}': {error}") from None


def unit_findings(bound: CostLine, units: Units, place: Place) -> list[Finding]:
    """Return a finding for each price point that is not for exactly the line's unit."""
    try:
        line_unit = units.parse(bound.unit)
    except UnitError as error:
        return [Finding(place, "bad-unit", f"{bound.name}: {error}")]
    return [
        Finding(
            p.place, "price-unit", f"{p.id} is for {p.unit}, line {bound.name} is in {line_unit}; make them the same"
        )
        for p in bound.points
        if not p.unit.same_as(line_unit)
    ]


def give_price(book: Book, bound: CostLine, per_cluster: bool) -> None:
    """Add a line's price to the book: bands as a table, variants by choice, else one number."""
    units = book.units
    unit = units.parse("USD") / units.parse(bound.unit)
    name, label, points = f"price.{bound.name}", f"Price: {bound.line.label}", bound.points
    uncertain = any(p.is_range for p in points)
    numbers = {p.variant: (float(p.low), float(p.base), float(p.high)) for p in points}
    if any(p.tier_from for p in points):
        bands = sorted(points, key=lambda p: p.tier_from)
        keys = tuple(float(p.tier_from) for p in bands)
        values = tuple((float(p.low), float(p.base), float(p.high)) for p in bands)
        book.tables[name] = Table(name, units.parse(bound.unit), unit, keys, values, uncertain)
        return
    item = Item(name, label, unit, "price", uncertain=uncertain, source=points[0].source, per_cluster=per_cluster)
    if bound.line.variant:
        book.give_by_choice(item, bound.line.variant, numbers, "prices")
    else:
        three = numbers[""] if "" in numbers else next(iter(numbers.values()))
        book.give(item, np.asarray(three if uncertain else three[:1]).reshape(-1, 1, 1, 1), "prices")
