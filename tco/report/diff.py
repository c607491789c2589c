"""What moved between two catalogs, in lines for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from tco.analysis.diff import CatalogDiff, Effect, PriceChange
from tco.analysis.imports import Import
from tco.catalog.prices import PricePoint
from tco.report.words import VERDICTS, money, price_text, total_text

_SHOWN = 20


def diff_lines(found: CatalogDiff) -> Iterator[str]:
    """Offerings, prices and files that moved."""
    if found.empty:
        yield "Nothing moved."
        return
    for title, names in (("New offerings", found.added), ("Offerings gone", found.removed)):
        if names:
            yield f"{title}: {', '.join(names)}"
    yield from price_lines(found.prices)
    for file, changes in found.texts.items():
        yield f"{file}: {len(changes)} change{'s' if len(changes) > 1 else ''}"
        yield from (f"  {c}" for c in changes[:_SHOWN])
        if len(changes) > _SHOWN:
            yield f"  and {len(changes) - _SHOWN} more"


def price_lines(changes: Sequence[PriceChange]) -> Iterator[str]:
    """Prices that are others than before, one by one; new and gone ones counted by meter."""
    if changes:
        yield f"Prices: {len(changes)} moved"
    new = Counter(_meter(c.after) for c in changes if c.after and not c.before)
    gone = Counter(_meter(c.before) for c in changes if c.before and not c.after)
    for word, counts in (("new", new), ("gone", gone)):
        yield from (f"  {word}: {meter}, {n} point{'s' if n > 1 else ''}" for meter, n in sorted(counts.items()))
    for c in changes:
        if c.before and c.after:
            yield f"  {c.id}: {_price(c.before)} -> {_price(c.after)}{_percent(c.before, c.after)}"


def import_lines(found: Import) -> Iterator[str]:
    """What a price list brings, and what is left aside and why."""
    yield from price_lines(found.changes)
    yield f"{len(found.points)} to append, {found.unchanged} as the catalog has them"
    yield from (f"  left aside: {n} {why}" for why, n in sorted(found.left.items(), key=lambda item: -item[1]))


def effect_lines(found: Sequence[Effect]) -> Iterator[str]:
    """What a plan costs under both, over its horizon."""
    if not found:
        yield "Cost of the workload: the same for every offering."
        return
    yield "Cost of the workload over its horizon, USD"
    rows = [("", "before", "after", "change")]
    rows += [(e.offering, _total(e, "before"), _total(e, "after"), _change(e)) for e in found]
    first, *others = ([len(row[i]) for row in rows] for i in range(4))
    for name, *figures in rows:
        right = "  ".join(f"{text:>{max(widths)}}" for text, widths in zip(figures, others, strict=True))
        yield f"  {name:<{max(first)}}  {right}".rstrip()


def _total(e: Effect, which: Literal["before", "after"]) -> str:
    o = e.before if which == "before" else e.after
    if o is None:
        return "not there"
    return total_text(o) if o.status in ("priced", "lower_bound") else VERDICTS[o.status]


def _change(e: Effect) -> str:
    return "" if e.change is None else f"{'+' if e.change > 0 else ''}{money(e.change)}"


def _meter(p: PricePoint) -> str:
    return f"{p.offering}:{p.meter}"


def _price(p: PricePoint) -> str:
    return f"{price_text(p)} USD/{p.unit.text}"


def _percent(before: PricePoint, after: PricePoint) -> str:
    if not before.base or not before.unit.same_as(after.unit):
        return ""
    return f" ({after.base / before.base - 1:+.1%})"
