"""How much of each offering public prices settle: in which regions, and what is missing where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from tco.analysis.meters import meter_of
from tco.catalog.load import Catalog
from tco.catalog.schema import Line, Offering

State = Literal["priced", "bounded", "quote needed"]


@dataclass(frozen=True)
class Coverage:
    """What a day's public prices say of an offering.

    Attributes:
        regions: those in which they say most.
        state: priced where every cost line has a price there, bounded where some have, else quote needed.
        why: what is missing, in words; empty where nothing is.
    """

    offering: Offering
    regions: list[str]
    state: State
    why: str


def coverage(catalog: Catalog, as_of: date) -> list[Coverage]:
    """Return the coverage of every offering, by vendor and id."""
    found = [_covered(catalog, o, as_of) for o in catalog.offerings.values()]
    return sorted(found, key=lambda c: (c.offering.vendor.lower(), c.offering.id))


def _covered(catalog: Catalog, o: Offering, as_of: date) -> Coverage:
    missing = {
        name: [ln.label for ln in o.lines.values() if not _has_price(catalog, o, ln, region.cloud, name, as_of)]
        for name, region in catalog.regions.regions.items()
        if region.cloud in o.clouds
    }
    fewest = min((len(labels) for labels in missing.values()), default=0)
    best = [name for name, labels in missing.items() if len(labels) == fewest]
    left = missing[best[0]] if best else []
    if not best or fewest == len(o.lines):
        gone = f"{o.status.state} {o.status.ended}" if o.status.ended else "no public price in any region"
        return Coverage(o, [], "quote needed", o.unpriced or o.status.note or gone)
    if left:
        return Coverage(o, best, "bounded", o.unpriced or f"no public price of {', '.join(left)}")
    return Coverage(o, best, "priced", "")


def _has_price(catalog: Catalog, o: Offering, line: Line, cloud: str, region: str, as_of: date) -> bool:
    """Whether a line has a price of the region itself; one of another region that stands in is no price."""
    owner, meter = meter_of(line, o.id, cloud)
    return owner == "constant" or bool(catalog.prices.select(owner, meter, region, as_of))
