"""One offering in words, for `tco catalog show`."""

from __future__ import annotations

from collections.abc import Iterator

from tco.catalog.load import Catalog
from tco.catalog.prices import ENDED
from tco.catalog.schema import Offering
from tco.engine.spoken import amount, plain_unit


def describe(catalog: Catalog, o: Offering) -> Iterator[str]:
    """Yield the lines that describe an offering."""
    yield f"{o.name} ({o.id})"
    yield f"{o.vendor}, {o.model.replace('_', ' ')}, {', '.join(o.clouds)}, {o.status.state}; checked {o.checked}"
    yield o.summary
    yield f"Documentation: {o.documentation}"
    yield f"Sizing: {o.sizing.basis} Units come down: {o.sizing.scales.replace('_', ' ')}."
    yield from _limits(o)
    yield from _prices(catalog, o)
    yield "Capabilities:"
    for name, c in o.capabilities.items():
        yield f"  {name.replace('_', ' '):<22} {c.answer.replace('_', ' ')}{f' ({c.how})' if c.how else ''}"
    yield f"Compression accepted: {', '.join(o.compression)}"
    for name, latency in o.latency.items():
        yield f"Published {name.replace('_', ' ')}: {latency.ms:g} ms ({latency.kind.replace('_', ' ')})"
    if not o.latency:
        yield "Published latency: none"
    if o.sla:
        terms = catalog.terms[o.sla.terms]
        yield f"SLA: {terms.title}, version {terms.version or 'unknown'}, read {terms.read}, {terms.url}"
    if o.questions:
        yield "Ask the vendor:"
        yield from (f"  {q.ask}" for q in o.questions)


def _limits(o: Offering) -> Iterator[str]:
    yield "Limits:"
    for limit in o.limits.values():
        value = amount(float(limit.value), limit.unit) if limit.value is not None else limit.formula
        yield f"  {limit.label}: {value} ({limit.kind}{f'; {limit.includes}' if limit.includes else ''})"


def _prices(catalog: Catalog, o: Offering) -> Iterator[str]:
    if o.unpriced:
        yield f"Quote needed: {o.unpriced}"
    points = [p for p in catalog.prices.points if p.offering == o.id]
    if points:
        yield "Prices:"
    for p in sorted(points, key=lambda p: (p.meter, p.region, p.variant, p.tier_from)):
        price = f"{p.base}" if not p.is_range else f"{p.low} to {p.high}"
        price = ENDED if p.ended else price
        buys = f"{p.currency}/{plain_unit(p.unit.text)}"
        yield f"  {p.id:<58} {price:>16} {buys}  {p.confidence}, in force {p.effective_from}"
