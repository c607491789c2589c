"""A vendor's price list against the catalog: what is new, what changed, what is left aside and why."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from tco.analysis.diff import PriceChange, price_changes
from tco.analysis.meters import Meter, meters
from tco.catalog.csvfile import read_csv
from tco.catalog.importrules import Found, Matcher, Rules
from tco.catalog.load import Catalog
from tco.catalog.pricelists import entries
from tco.catalog.prices import ANY_REGION, COLUMNS, PriceBook, PricePoint, read_prices
from tco.catalog.schema import Source
from tco.catalog.yamlfile import load
from tco.errors import InputError, Place, nearest

CSV = "csv"
_SCALE = 12


@dataclass(frozen=True)
class Import:
    """What a price list brings.

    Attributes:
        points: new and changed prices, to be appended.
        changes: the same against what the catalog has.
        unchanged: prices that the catalog has already.
        left: why an entry was left aside, to how many.
    """

    points: list[PricePoint]
    changes: list[PriceChange]
    unchanged: int
    left: dict[str, int]

    def onto(self, catalog: Catalog) -> Catalog:
        """Return the catalog with the new points, for a look at their effect before anything is written."""
        return replace(catalog, prices=PriceBook([*catalog.prices.points, *self.points]))


def import_prices(
    catalog: Catalog, kind: str, files: Iterable[Path], source: str, recorded: date, region: str = ""
) -> Import:
    """Hold price lists against the catalog.

    Args:
        catalog: with the rules of the format in `imports/`.
        kind: a format of `pricelists`, or `csv` for rows as the catalog's own.
        files: in order; a later one wins.
        source: id of a source in the catalog, which the new rows cite.
        recorded: day of the import.
        region: for lists that do not name theirs.

    Raises:
        InputError: an unknown source, a list that is not of the format, or a rule that fits no line.
    """
    if source not in catalog.sources:
        hint = nearest(source, catalog.sources) or "add it to sources/ first, with address and date"
        raise InputError.one(Place("--source"), "unknown-source", f"no source '{source}'; {hint}")
    cited, known, left = catalog.sources[source], meters(catalog), Counter[str]()
    found: dict[str, PricePoint] = {}
    for file in files:
        points = _rows(catalog, file) if kind == CSV else _listed(catalog, kind, file, region, left, cited)
        for p in points:
            why = _unfit(catalog, known, p)
            if why:
                left[why] += 1
            else:
                found[p.id] = replace(p, source=source, recorded=recorded, confidence=cited.kind)
    before = _newest(catalog.prices.points, found)
    changes = price_changes(before, [*before, *found.values()])
    moved = {c.id for c in changes}
    points = [found[key] for key in sorted(moved)]
    return Import(points, changes, len(found) - len(points), dict(left))


def appended(folder: Path, points: Iterable[PricePoint]) -> dict[Path, str]:
    """Return the text of every price file with the points appended: one file for each of their owners."""
    texts: dict[Path, str] = {}
    for p in points:
        path = folder / "prices" / f"{p.offering}.csv"
        if path not in texts:
            texts[path] = path.read_text(encoding="utf-8") if path.exists() else _line(COLUMNS)
        texts[path] += _line(_fields(p))
    return texts


def _listed(
    catalog: Catalog, kind: str, file: Path, region: str, left: Counter[str], source: Source
) -> Iterable[PricePoint]:
    matcher = Matcher(load(catalog.files.document(f"imports/{kind}.yaml"), Rules), region)
    for entry in entries(kind, file, matcher):
        found = matcher.find(entry)
        if found is None:
            left["no rule is for it"] += 1
        elif entry.currency != "USD":
            left[f"priced in {entry.currency or 'no currency'}"] += 1
        else:
            yield _point(catalog, found, source)


def _point(catalog: Catalog, found: Found, source: Source) -> PricePoint:
    rule, price = found.rule, round(found.price, _SCALE).normalize()
    return PricePoint(
        offering=found.offering,
        meter=rule.meter,
        region=found.region,
        variant=found.variant,
        tier_from=found.tier_from.normalize(),
        low=price,
        base=price,
        high=price,
        currency="USD",
        unit=catalog.units.parse(rule.unit),
        scope=rule.scope,
        effective_from=found.entry.effective or source.seen or date.min,
        recorded=date.min,
        source="",
        confidence="",
        note="",
        place=Place(),
    )


def _rows(catalog: Catalog, file: Path) -> list[PricePoint]:
    return read_prices(read_csv(file), catalog.units)


def _unfit(catalog: Catalog, known: dict[tuple[str, str], Meter], p: PricePoint) -> str:
    """Say why a price cannot come in; "" where it can."""
    meter = known.get((p.offering, p.meter))
    if meter is None:
        return f"no line reads {p.offering}:{p.meter}"
    if p.region != ANY_REGION and p.region not in catalog.regions.regions:
        return "of a region that the catalog does not have"
    if p.variant not in meter.variants:
        return f"of a variant that no choice has ({p.offering}:{p.meter})"
    if any(not p.unit.same_as(catalog.units.parse(u)) for u in meter.units):
        return f"for {p.unit}, and {p.offering}:{p.meter} is read in {', '.join(sorted(meter.units))}"
    return ""


def _newest(points: Iterable[PricePoint], wanted: dict[str, PricePoint]) -> list[PricePoint]:
    return [p for p in points if p.id in wanted and p.effective_from <= wanted[p.id].effective_from]


def _fields(p: PricePoint) -> tuple[str, ...]:
    ranged = p.is_range
    return (
        p.offering,
        p.meter,
        p.region,
        p.variant,
        f"{p.tier_from:f}" if p.tier_from else "",
        f"{p.base:f}",
        f"{p.low:f}" if ranged else "",
        f"{p.high:f}" if ranged else "",
        p.currency,
        p.unit.text,
        p.scope,
        p.effective_from.isoformat(),
        p.recorded.isoformat(),
        p.source,
        p.confidence,
        p.note,
    )


def _line(fields: Iterable[str]) -> str:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerow(fields)
    return target.getvalue()
