"""What moved between two catalogs, prices, offerings, SLA documents, shared rows; and what that does to a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tco.analysis.compare import Comparison
from tco.catalog.files import contents
from tco.catalog.load import Catalog
from tco.catalog.prices import PricePoint
from tco.engine.outcome import Outcome


@dataclass(frozen=True)
class PriceChange:
    """A price that is new (`before` None), gone (`after` None) or another one."""

    id: str
    before: PricePoint | None
    after: PricePoint | None


@dataclass(frozen=True)
class Effect:
    """Total of an offering over the horizon under both catalogs; None where it is not there or has no price."""

    offering: str
    before: Outcome | None
    after: Outcome | None

    @property
    def change(self) -> float | None:
        """After less before, USD; None where one of them has no total."""
        if self.before is None or self.after is None:
            return None
        return self.after.interval("total").base - self.before.interval("total").base


@dataclass(frozen=True)
class CatalogDiff:
    """What moved from one catalog to another.

    Attributes:
        added, removed: offerings.
        prices: changes in force on the last day, in order.
        texts: file to what is different in it, `limits.brokers.value: 60 -> 90`.
    """

    added: list[str]
    removed: list[str]
    prices: list[PriceChange]
    texts: dict[str, list[str]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing moved."""
        return not (self.added or self.removed or self.prices or self.texts)


def diff(before: Catalog, after: Catalog) -> CatalogDiff:
    """Compare two catalogs."""
    old, new = contents(before.files), contents(after.files)
    texts = {}
    for name in sorted(set(old) & set(new)):
        if not name.startswith("prices/") and old[name] != new[name]:
            texts[name] = list(_changes(old[name], new[name], ""))
    for name in sorted(n for n in set(old) ^ set(new) if not n.startswith("offerings/") and not n.endswith(".csv")):
        texts[name] = ["new" if name in new else "gone"]
    return CatalogDiff(
        sorted(set(after.offerings) - set(before.offerings)),
        sorted(set(before.offerings) - set(after.offerings)),
        price_changes(before.prices.points, after.prices.points),
        texts,
    )


def price_changes(before: Sequence[PricePoint], after: Sequence[PricePoint]) -> list[PriceChange]:
    """Compare the newest point of every meter, region, variant and band."""
    old, new = _newest(before), _newest(after)
    return [
        PriceChange(key, old.get(key), new.get(key))
        for key in sorted(set(old) | set(new))
        if _three(old.get(key)) != _three(new.get(key))
    ]


def effects(before: Comparison, after: Comparison) -> list[Effect]:
    """What the same plan costs under both, for every offering whose total moved or that only one of them has."""
    old, new = ({o.id: o for o in c.outcomes} for c in (before, after))
    found = [Effect(n, old.get(n), new.get(n)) for n in sorted(set(old) | set(new))]
    return [e for e in found if e.change is None or abs(e.change) > 0 or _status(e.before) != _status(e.after)]


def _status(o: Outcome | None) -> str:
    return o.status if o else ""


def _newest(points: Sequence[PricePoint]) -> dict[str, PricePoint]:
    newest: dict[str, PricePoint] = {}
    for p in sorted(points, key=lambda p: (p.effective_from, p.recorded)):
        newest[p.id] = p
    return {key: p for key, p in newest.items() if not p.ended}


def _three(p: PricePoint | None) -> object:
    return (p.low, p.base, p.high, p.unit) if p else None


def _changes(old: Any, new: Any, path: str) -> Iterator[str]:
    """Paths at which two files differ, with both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(k for k in new if k not in old)]:
            yield from _changes(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
    elif old != new:
        yield f"{path}: {_short(old)} -> {_short(new)}"


def _short(value: Any, longest: int = 60) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
