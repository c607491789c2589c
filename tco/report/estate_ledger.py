"""The invoices of an estate to the cent, so that every way to cut them adds up to the same sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tco.catalog.schema import Payer
from tco.engine.estate import INVOICED, EstateOutcome

_CENTS = 100
#: Who bears what no use explains: a fee in a month in which nobody used anything.
NOBODY = "used by nobody"


@dataclass(frozen=True)
class Ledger:
    """Invoices over the horizon at base, in whole cents.

    Attributes:
        cells: cluster or link, or nobody, to payer to its own invoices with its share of the account.
    """

    cells: Mapping[str, Mapping[Payer, int]]

    @property
    def total(self) -> int:
        """All invoices."""
        return sum(sum(row.values()) for row in self.cells.values())

    def of(self, name: str) -> int:
        """What a cluster or link costs with its share."""
        return sum(self.cells[name].values())

    def by_key(self, keys: Mapping[str, str]) -> dict[str, int]:
        """Add up by a key of each cluster and link; what has none keeps its own name."""
        found = dict.fromkeys([*keys.values(), *(n for n in self.cells if n not in keys)], 0)
        for name in self.cells:
            found[keys.get(name, name)] += self.of(name)
        return found

    def by_payer(self) -> dict[Payer, int]:
        """Add up by who is paid."""
        return {p: sum(row[p] for row in self.cells.values()) for p in INVOICED}


def ledger(outcome: EstateOutcome) -> Ledger:
    """Write down what an estate comes to: the sum is the engine's to the cent, each cell within a cent of it."""
    names = [p.member.name for p in outcome.placements] + [x.flow.name for x in outcome.links]
    cells = {n: {p: outcome.total(f"{n}.{p}") for p in INVOICED} for n in names}
    rest: dict[Payer, float] = dict.fromkeys(INVOICED, 0.0)
    for row in outcome.account:
        payer = row.line.line.payer
        if not row.cost or payer not in INVOICED:
            continue
        rest[payer] += outcome.total(row.cost)
        for name, share in row.shares.items():
            cells[name][payer] += outcome.total(share)
            rest[payer] -= outcome.total(share)
    if any(abs(v) * _CENTS >= 1 / 2 for v in rest.values()):
        cells[NOBODY] = rest
    cents = iter(to_the_cent([v for row in cells.values() for v in row.values()], outcome.invoices))
    return Ledger({name: {payer: next(cents) for payer in row} for name, row in cells.items()})


def to_the_cent(values: Sequence[float], total: float) -> list[int]:
    """Round to cents, up or down, so that the sum is the rounded total: the largest fractions are rounded up."""
    cents = [int(v * _CENTS // 1) for v in values]
    order = sorted(range(len(values)), key=lambda i: (cents[i] - values[i] * _CENTS, i))
    missing = round(total * _CENTS) - sum(cents)
    for k in range(abs(missing) if values else 0):
        cents[order[k % len(order)] if missing > 0 else order[-1 - k % len(order)]] += 1 if missing > 0 else -1
    return cents


def dollars(cents: int) -> str:
    """Write cents as dollars with two decimals and thousands separators."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // _CENTS:,}.{abs(cents) % _CENTS:02d}"
