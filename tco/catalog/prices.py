"""Price points: one published number a row, appended and never edited; selection by date and region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, cast, get_args

from tco.catalog.csvfile import Table
from tco.catalog.values import iso_date, number
from tco.errors import Finding, InputError, Place
from tco.model.units import Unit, UnitError, Units

COLUMNS = (
    "offering",
    "meter",
    "region",
    "variant",
    "tier_from",
    "price",
    "low",
    "high",
    "currency",
    "unit",
    "scope",
    "effective_from",
    "recorded",
    "source",
    "confidence",
    "note",
)
#: Region of a price whose vendor does not print one.
ANY_REGION = "*"
#: Written as the price of a meter that is withdrawn from `effective_from` on.
ENDED = "ended"
_CONFIDENCE = ("official", "official-mirror", "third-party", "derived", "assumption")
#: Over what the bands of a price are counted.
Scope = Literal["resource", "cluster", "account"]
_SCOPES = get_args(Scope)


@dataclass(frozen=True)
class PricePoint:
    """One published number.

    Attributes:
        offering, meter: what is priced.
        region: cloud region, or "*" where the vendor prints none.
        variant: value of the choice that selects it, or "".
        tier_from: lower edge of the band, in `unit`.
        low, base, high: price of one `unit` in `currency`; equal for a point, the ends and the middle
            of a range.
        scope: over what tiers and allowances count.
        effective_from: earliest day on which it is known to hold.
        ended: whether there is no such price from `effective_from` on.
        proxy_for: the region it stands in for, or "".
    """

    offering: str
    meter: str
    region: str
    variant: str
    tier_from: Decimal
    low: Decimal
    base: Decimal
    high: Decimal
    currency: str
    unit: Unit
    scope: Scope
    effective_from: date
    recorded: date
    source: str
    confidence: str
    note: str
    place: Place
    ended: bool = False
    proxy_for: str = ""

    @property
    def id(self) -> str:
        """Stable identifier shown in reports."""
        parts = [
            self.offering,
            self.meter,
            self.region,
            self.variant,
            f"from {self.tier_from.normalize():f}" if self.tier_from else "",
        ]
        return ":".join(p for p in parts if p)

    @property
    def is_range(self) -> bool:
        """Whether only a range is published."""
        return self.low != self.high

    @property
    def region_unstated(self) -> bool:
        """Whether the vendor prints no region with the price."""
        return self.region == ANY_REGION


def read_prices(table: Table, units: Units, owner: str = "") -> list[PricePoint]:
    """Read the price points of one table, all of them of one owner where it is named.

    Raises:
        InputError: every bad row, with file, line and what would be right.
    """
    if table.columns != COLUMNS:
        raise InputError.one(Place(table.file, 1), "bad-header", f"the columns must be {','.join(COLUMNS)}")
    points, findings = [], []
    for place, row in table.rows:
        try:
            points.append(_point(row, units, place))
            if owner and row["offering"] != owner:
                findings.append(Finding(place, "wrong-file", f"belongs in prices/{row['offering']}.csv"))
        except (ValueError, UnitError) as error:
            findings.append(Finding(place, "bad-price", str(error)))
    findings += _duplicates(points)
    if findings:
        raise InputError(findings)
    return points


def _point(row: dict[str, str], units: Units, place: Place) -> PricePoint:
    for field in ("offering", "meter", "region", "unit", "source"):
        if not row.get(field):
            raise ValueError(f"{field} is empty")
    if row["confidence"] not in _CONFIDENCE:
        raise ValueError(f"confidence '{row['confidence']}' is not one of {', '.join(_CONFIDENCE)}")
    if row["scope"] not in _SCOPES:
        raise ValueError(f"scope '{row['scope']}' is not one of {', '.join(_SCOPES)}")
    if row["currency"] != "USD":
        raise ValueError(f"currency '{row['currency']}' is not USD")
    low, base, high = _three(row)
    return PricePoint(
        row["offering"],
        row["meter"],
        row["region"],
        row["variant"],
        number(row["tier_from"]) if row["tier_from"] else Decimal(0),
        low,
        base,
        high,
        row["currency"],
        units.parse(row["unit"]),
        cast(Scope, row["scope"]),
        iso_date(row["effective_from"]),
        iso_date(row["recorded"]),
        row["source"],
        row["confidence"],
        row["note"],
        place,
        row["price"] == ENDED,
    )


def _three(row: dict[str, str]) -> tuple[Decimal, Decimal, Decimal]:
    if row["price"] == ENDED:
        return Decimal(0), Decimal(0), Decimal(0)
    if row["price"] and not row["low"] and not row["high"]:
        price = number(row["price"])
        low, base, high = price, price, price
    elif row["low"] and row["high"]:
        low, high = number(row["low"]), number(row["high"])
        base = number(row["price"]) if row["price"] else (low + high) / 2
    else:
        raise ValueError("give price, or low and high of a range, or all three")
    if not 0 <= low <= base <= high:
        raise ValueError("a price is not negative, and low, price and high ascend")
    return low, base, high


def _duplicates(points: Iterable[PricePoint]) -> list[Finding]:
    """Return a finding for each point that another one gives already, for the same day and recorded on the same."""
    seen: dict[tuple[object, ...], PricePoint] = {}
    findings = []
    for p in points:
        key = (p.offering, p.meter, p.region, p.variant, p.tier_from, p.effective_from, p.recorded)
        if key in seen:
            findings.append(
                Finding(p.place, "duplicate-price", f"{p.id} is already given in {_seen_from(p, seen[key])}")
            )
        seen[key] = p
    return findings


def _seen_from(p: PricePoint, other: PricePoint) -> str:
    return f"line {other.place.line}" if other.place.file == p.place.file else str(other.place)


class PriceBook:
    """All price points, selected by offering, meter, region, variant and date."""

    def __init__(self, points: Iterable[PricePoint]) -> None:
        self.points = list(points)
        self._by_meter: dict[tuple[str, str], list[PricePoint]] = defaultdict(list)
        for point in self.points:
            self._by_meter[point.offering, point.meter].append(point)

    def meters(self, offering: str) -> set[str]:
        """Return the meters known for an owner of prices."""
        return {m for o, m in self._by_meter if o == offering}

    def select(self, offering: str, meter: str, region: str, as_of: date, proxy: str = "") -> list[PricePoint]:
        """Return the points in force on a day, one a variant and band, sorted.

        The exact region is taken first, then a price without region, then the proxy region, whose
        points come back marked. Empty: there is no price.
        """
        known = self._by_meter.get((offering, meter), [])
        for wanted in (region, ANY_REGION, proxy):
            points = [p for p in known if p.region == wanted and wanted and p.effective_from <= as_of]
            found = _latest(points, region if wanted == proxy and wanted != region else "")
            if found:
                return found
        return []


def _latest(points: list[PricePoint], proxy_for: str) -> list[PricePoint]:
    best: dict[tuple[str, Decimal], PricePoint] = {}
    for p in sorted(points, key=lambda p: (p.effective_from, p.recorded)):
        best[p.variant, p.tier_from] = p
    chosen = [best[key] for key in sorted(best) if not best[key].ended]
    if not proxy_for:
        return chosen
    return [PricePoint(**{**vars(p), "proxy_for": proxy_for}) for p in chosen]
