"""Numbers and dates of a catalog that are well formed and look wrong: what a curator would mistype or leave to rot."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import median
from urllib.parse import urlsplit

from tco.catalog.load import Catalog
from tco.catalog.prices import PricePoint
from tco.errors import Finding

#: Prices of one thing in two regions, or before and after a change, are this far apart at most.
_SPREAD = Decimal(10)
#: Sizes of one thing differ more, from the smallest to the largest, and less than a mistaken thousand on top.
_SIZES = Decimal(300)
#: How long before the newest row of the catalog an offering may have been looked at.
_FRESH_DAYS = 366


def implausible(catalog: Catalog) -> Iterator[Finding]:
    """Find what a reader of the catalog should not be asked to believe."""
    yield from _outliers(catalog.prices.points)
    yield from _bands(catalog.prices.points)
    yield from _empty_regions(catalog)
    yield from _variants(catalog)
    yield from _stale(catalog)
    yield from _hosts(catalog)
    yield from _undated(catalog)
    yield from _credits(catalog)


def _outliers(points: Iterable[PricePoint]) -> Iterator[Finding]:
    """Prices that are off by orders of magnitude against other regions, other days, or other sizes."""
    told: set[int] = set()
    for compared, spread, what in (
        (_alike(points, lambda p: (p.offering, p.meter, p.variant, p.tier_from)), _SPREAD, "other regions and days"),
        (_alike(points, lambda p: (p.offering, p.meter, p.region, p.tier_from)), _SIZES, "other sizes"),
    ):
        for group in compared:
            middle = Decimal(median(p.base for p in group))
            for p in group:
                far = max(p.base / middle, middle / p.base)
                if far > spread and id(p) not in told:
                    told.add(id(p))
                    text = f"{p.id} is {p.base}, {far:,.0f} times away from {middle} of {what}; wrong unit or digit?"
                    yield Finding(p.place, "price-outlier", text)


def _alike(points: Iterable[PricePoint], key: Callable[[PricePoint], object]) -> list[list[PricePoint]]:
    groups: dict[object, list[PricePoint]] = defaultdict(list)
    for p in points:
        if p.base > 0 and not p.ended:
            groups[key(p)].append(p)
    return [g for g in groups.values() if len(g) > 2]


def _bands(points: Iterable[PricePoint]) -> Iterator[Finding]:
    """Price lists by bands that do not begin at 0, or of which a newer list leaves some in force."""
    lists: dict[tuple[str, str, str, str], dict[date, list[PricePoint]]] = defaultdict(lambda: defaultdict(list))
    for p in points:
        lists[p.offering, p.meter, p.region, p.variant][p.effective_from].append(p)
    for days in lists.values():
        in_force: set[Decimal] = set()
        for day in sorted(days):
            given, first = {p.tier_from for p in days[day]}, min(days[day], key=lambda p: p.tier_from)
            left = sorted(in_force - given)
            if left and len(given) > 1:
                text = f"the list of {day} leaves the bands from {', '.join(map(str, left))} of before in force"
                yield Finding(first.place, "band-left", f"{first.id}: {text}; give them again or write `ended`")
            in_force |= given
            in_force -= {p.tier_from for p in days[day] if p.ended}
        if in_force and 0 not in in_force:
            text = f"{first.id}: the bands begin at {min(in_force)}, so that what is below has no price"
            yield Finding(first.place, "band-gap", text)


def _empty_regions(catalog: Catalog) -> Iterator[Finding]:
    """Regions that a workload may name and nothing is priced in, of a cloud that prices others."""
    priced = {p.region for p in catalog.prices.points}
    clouds = {r.cloud for name, r in catalog.regions.regions.items() if name in priced}
    for name, region in catalog.regions.regions.items():
        if name not in priced and region.cloud in clouds:
            yield Finding(catalog.place("regions.yaml"), "empty-region", f"no price at all in {name}; leave it out")


def _variants(catalog: Catalog) -> Iterator[Finding]:
    """Sizes that are sold and of which no figure says what they carry."""
    for o in catalog.offerings.values():
        for choice in sorted({line.variant for line in o.lines.values() if line.variant}):
            if choice in o.choices and len(o.choices[choice].values) > 1:
                place = catalog.documents[o.id].place("choices", choice)
                text = f"'{choice}' selects a price and no table says what its values carry; add one of that name"
                yield Finding(place, "variant-without-limits", text)


def _stale(catalog: Catalog) -> Iterator[Finding]:
    """Offerings last looked at long before the newest price of the catalog was recorded."""
    newest = max((p.recorded for p in catalog.prices.points), default=date.min)
    for o in catalog.offerings.values():
        if (newest - o.checked).days > _FRESH_DAYS:
            text = f"last checked {o.checked}, over a year before the newest price of the catalog ({newest})"
            yield Finding(catalog.documents[o.id].place("checked"), "stale-checked", text)


def _hosts(catalog: Catalog) -> Iterator[Finding]:
    """Sources that nobody can open, or that are known for altered numbers."""
    banned = catalog.files.document("banned_hosts.yaml").data
    for name, source in catalog.sources.items():
        if source.kind in ("assumption", "quote"):
            continue
        parts, place = urlsplit(source.url), catalog.documents[f"source:{name}"].place(name, "url")
        host = (parts.hostname or "").lower()
        why = next((w for b, w in banned.items() if host == b or host.endswith(f".{b}")), "")
        if why:
            yield Finding(place, "banned-source", f"source '{name}': {host} {why}")
        elif parts.scheme not in ("https", "http") or "." not in host or _private(host):
            text = f"source '{name}': '{source.url}' is no public address"
            yield Finding(place, "no-address", text)


def _private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host.endswith((".local", ".internal", ".localhost"))


def _undated(catalog: Catalog) -> Iterator[Finding]:
    """SLA documents without the date of their text, and without a word why."""
    for terms in catalog.terms.values():
        if terms.version is None and not terms.undated:
            place = catalog.documents[f"sla:{terms.id}"].place("version")
            text = "an SLA document without the date of its text; give it, or say with `undated` why it is not known"
            yield Finding(place, "sla-undated", text)


def _credits(catalog: Catalog) -> Iterator[Finding]:
    """Credits that begin where nothing is promised, or that fall as the service gets worse."""
    for terms in catalog.terms.values():
        bands, place = terms.credits.bands, catalog.documents[f"sla:{terms.id}"].place("credits", "bands")
        promised = {c.percent for c in terms.commitments}
        if bands and bands[0].below not in promised:
            text = f"credits begin below {bands[0].below} %, and the document promises {_percents(promised)}"
            yield Finding(place, "credit-commitment", text)
        if any(lower.percent < upper.percent for upper, lower in pairwise(bands)):
            yield Finding(place, "credit-order", "a worse month is credited less than a better one")


def _percents(values: Iterable[Decimal]) -> str:
    return ", ".join(f"{v} %" for v in sorted(values)) or "nothing"
