"""Overlays: a vendor's quote or a private offering laid over the catalog, which itself is never touched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import Field, model_validator

from tco.catalog.inherit import completed
from tco.catalog.load import Catalog, Quote, checked_offering
from tco.catalog.prices import ANY_REGION, PriceBook, PricePoint, Scope
from tco.catalog.schema import Identifier, Limit, Offering, Range, Source, Text
from tco.catalog.values import Date, Num, Strict, quantity
from tco.catalog.yamlfile import Document, load
from tco.errors import Finding, InputError, nearest
from tco.model.units import Unit, UnitError, conversion

QUOTE: Final = "quote"
_PERCENT = Decimal(100)


class QuotedPrice(Strict):
    """A price of the quote's own; it stands instead of the catalog's bands, variants and regions that it covers."""

    of: Text
    """Owner of the meter: an offering, or a price table such as aws.ec2."""
    meter: Text
    region: str = ANY_REGION
    variant: str = ""
    """Value of a choice; all values if left out."""
    tier_from: Num = Decimal(0)
    price: Range
    unit: Text
    """What one price buys, such as ecku*hour."""
    scope: Scope = "account"
    note: str = ""

    @model_validator(mode="after")
    def _positive(self) -> QuotedPrice:
        if self.price.low < 0 or self.tier_from < 0:
            raise ValueError("a price and the start of a band are 0 or more")
        return self


class Discount(Strict):
    """A percentage off list prices."""

    of: Text
    """An offering or price table, or a vendor: the first part of their ids."""
    meters: list[Text] = Field(default_factory=list)
    """Only these; all if left out."""
    percent: Annotated[Num, Field(gt=0, le=100)]
    note: str = ""


class QuotedLimit(Strict):
    """A limit that the vendor raises or lowers for this customer."""

    of: Identifier
    limit: Identifier
    value: Text
    """With its unit: 90 broker."""
    note: str = ""


class Overlay(Strict):
    """The file that `--overlay` reads."""

    quote: Text
    """What it is called wherever it shows."""
    vendor: Text
    dated: Date
    valid_until: Date | None = None
    prices: list[QuotedPrice] = Field(default_factory=list, max_length=5000)
    discounts: list[Discount] = Field(default_factory=list, max_length=200)
    limits: list[QuotedLimit] = Field(default_factory=list, max_length=200)
    offerings: dict[Identifier, dict[str, Any]] = Field(default_factory=dict, max_length=50)
    """Whole private offerings, as files of `pricing_data/offerings` have them."""


def overlaid(catalog: Catalog, document: Document, text: str) -> Catalog:
    """Return the catalog with an overlay on top.

    Args:
        catalog: stays as it is.
        document: the overlay as read.
        text: the same as written.

    Raises:
        InputError: everything in the overlay that nothing in the catalog answers to, with its place.
    """
    return _Layer(catalog, document, text).laid()


class _Layer:
    def __init__(self, catalog: Catalog, document: Document, text: str) -> None:
        self.catalog, self.document = catalog, document
        self.overlay = load(document, Overlay)
        o = self.overlay
        words = re.sub(r"[^a-z0-9]+", "-", o.quote.lower()).strip("-")
        self.quote = Quote(f"{QUOTE}:{words}", o.quote, o.vendor, o.dated, o.valid_until, text)
        self.findings: list[Finding] = []

    def laid(self) -> Catalog:
        c, q = self.catalog, self.quote
        if q.id in c.sources:
            raise InputError.one(self.document.place("quote"), "duplicate-quote", f"'{q.name}' is laid over already")
        documents = self._documents()
        offerings = self._limited({**c.offerings, **self._offerings(documents)})
        points = self._discounted(self._priced(c.prices.points, offerings))
        if self.findings:
            raise InputError(self.findings)
        source = Source(title=f"{q.name}, {q.vendor}", url="not public", seen=q.dated, kind=QUOTE)
        return replace(
            c,
            offerings=offerings,
            documents=documents,
            prices=PriceBook(points),
            sources={**c.sources, q.id: source},
            quotes=(*c.quotes, q),
        )

    def _fault(self, code: str, text: str, *path: str | int) -> None:
        self.findings.append(Finding(self.document.place(*path), code, text))

    # -- offerings ----------------------------------------------------------------------------------

    def _documents(self) -> dict[str, Document]:
        """Documents of the catalog and of the private offerings, these with what they take over from a base."""
        own = {name: self.document.part("offerings", name) for name in self.overlay.offerings}
        every = {**self.catalog.documents, **own}
        return {**self.catalog.documents, **{name: completed(name, every) for name in own}}

    def _offerings(self, documents: Mapping[str, Document]) -> dict[str, Offering]:
        made = {}
        for name in self.overlay.offerings:
            if name in self.catalog.offerings:
                self._fault("duplicate-offering", f"'{name}' is in the catalog; choose another id", "offerings", name)
            else:
                made[name] = checked_offering(documents[name], name)
        return made

    def _limited(self, offerings: dict[str, Offering]) -> dict[str, Offering]:
        for i, wanted in enumerate(self.overlay.limits):
            offering = offerings.get(wanted.of)
            if offering is None or wanted.limit not in offering.limits:
                known = offerings if offering is None else offering.limits
                word = wanted.of if offering is None else wanted.limit
                self._fault("unknown-limit", f"there is no '{word}'; {_hint(word, known)}", "limits", i)
                continue
            before = offering.limits[wanted.limit]
            given = quantity(wanted.value)
            data = before.model_dump() | {"formula": None, "value": str(given.value), "unit": given.unit}
            limit = Limit.model_validate(data | {"source": self.quote.id, "includes": wanted.note or before.includes})
            changed = {"limits": {**offering.limits, wanted.limit: limit}}
            offerings[wanted.of] = offering.model_copy(update=changed)
        return offerings

    # -- prices -------------------------------------------------------------------------------------

    def _priced(self, points: list[PricePoint], offerings: Mapping[str, Offering]) -> list[PricePoint]:
        meters = {(p.offering, p.meter) for p in points}
        meters |= {(o.id, ln.price) for o in offerings.values() for ln in o.lines.values() if ":" not in ln.price}
        kept, added = points, []
        for i, q in enumerate(self.overlay.prices):
            if (q.of, q.meter) not in meters:
                known = {f"{owner}:{meter}" for owner, meter in meters}
                text = f"nothing is priced by '{q.of}:{q.meter}'; {_hint(f'{q.of}:{q.meter}', known)}"
                self._fault("unknown-price", text, "prices", i)
                continue
            unit = self._unit(q, [p.unit for p in points if (p.offering, p.meter) == (q.of, q.meter)], i)
            if unit is not None:
                kept = [p for p in kept if not _covers(q, p)]
                added.append(self._point(q, *unit, i))
        return [*kept, *added]

    def _unit(self, q: QuotedPrice, known: list[Unit], i: int) -> tuple[Unit, Decimal] | None:
        """Unit of the meter, and what a price in the quote's unit has to be multiplied by."""
        units = self.catalog.units
        try:
            given = units.parse(q.unit)
            wanted = known[0] if known else given
            factor = conversion(wanted, given)
        except UnitError as error:
            self._fault("price-unit", str(error), "prices", i, "unit")
            return None
        return wanted, Decimal(factor.numerator) / Decimal(factor.denominator)

    def _point(self, q: QuotedPrice, unit: Unit, factor: Decimal, i: int) -> PricePoint:
        quote = self.quote
        low, base, high = (n * factor for n in (q.price.low, q.price.base, q.price.high))
        return PricePoint(
            offering=q.of,
            meter=q.meter,
            region=q.region,
            variant=q.variant,
            tier_from=q.tier_from / factor if q.tier_from else q.tier_from,
            low=low,
            base=base,
            high=high,
            currency="USD",
            unit=unit,
            scope=q.scope,
            effective_from=date.min,
            recorded=quote.dated,
            source=quote.id,
            confidence=QUOTE,
            note=q.note,
            place=self.document.place("prices", i),
        )

    def _discounted(self, points: list[PricePoint]) -> list[PricePoint]:
        for i, d in enumerate(self.overlay.discounts):
            owners = {p.offering for p in points if p.offering == d.of or p.offering.startswith(f"{d.of}.")}
            meters = {p.meter for p in points if p.offering in owners}
            unknown = [m for m in d.meters if m not in meters]
            if not owners or unknown:
                word, known = (unknown[0], meters) if owners else (d.of, {p.offering for p in points})
                self._fault("unknown-price", f"nothing is priced by '{word}'; {_hint(word, known)}", "discounts", i)
                continue
            points = [self._less(p, d) if p.offering in owners and _meant(d, p) else p for p in points]
        return points

    def _less(self, p: PricePoint, d: Discount) -> PricePoint:
        if p.confidence == QUOTE:
            return p
        rest = 1 - d.percent / _PERCENT
        note = f"{d.percent} % off the list's {p.base}" + (f": {d.note}" if d.note else "")
        low, base, high = (n * rest for n in (p.low, p.base, p.high))
        return replace(p, low=low, base=base, high=high, source=self.quote.id, confidence=QUOTE, note=note)


def _covers(q: QuotedPrice, p: PricePoint) -> bool:
    same = (p.offering, p.meter) == (q.of, q.meter) and p.confidence != QUOTE
    return same and q.region in (ANY_REGION, p.region) and q.variant in ("", p.variant)


def _meant(d: Discount, p: PricePoint) -> bool:
    return not d.meters or p.meter in d.meters


def _hint(word: str, known: Iterable[str]) -> str:
    return nearest(word, sorted(known)) or "`tco catalog show` lists what there is"
