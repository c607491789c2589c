"""What the outages expected of a year cost over the plan, and what credits give back; beside invoices, not in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tco.analysis.compare import Comparison
from tco.analysis.outages import an_hour_down, held, month_at
from tco.engine.outcome import Outcome
from tco.errors import InputError, Place
from tco.sla.outage import Outage, Span, parse_outage

_MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Expected:
    """An offering with the outages that the plan expects, over its horizon.

    Attributes:
        loss: cost of the hours down, USD; the same for every offering, since nobody publishes records to compare.
        credits: USD; None where they are not public.
    """

    outcome: Outcome
    loss: float
    credits: Span | None

    @property
    def adjusted(self) -> Span:
        """Invoices and loss less credits, USD; without credits where they are not public, so at most that."""
        plain = self.outcome.interval("total").base + self.loss
        return Span(plain - self.credits.most, plain - self.credits.least) if self.credits else Span(plain, plain)


def outages_of_a_year(comparison: Comparison) -> list[Outage]:
    """Read what the workload expects of a year.

    Raises:
        InputError: none are given, or one that cannot be read.
    """
    texts = comparison.plan.workload.outages
    if not texts:
        text = "no outage to weigh: give one, such as --outage 3h, or write `outages: [4x10min, 3h]` in the workload"
        raise InputError.one(Place("--outage"), "missing-value", text)
    return [parse_outage(text, Place(f"outages[{i}]")) for i, text in enumerate(texts)]


def expected(comparison: Comparison, outcomes: Sequence[Outcome], outages: Sequence[Outage]) -> list[Expected]:
    """Weigh the outages of a year against offerings of a comparison.

    Each outage is taken to come in a month of its own, and in any month of the plan alike: the sum over months and
    outages of how often one comes in a month times what it brings back there. Two in one month may reach a higher band,
    so credits are at the low end.

    Raises:
        InputError: an outage longer than a month.
    """
    months = range(comparison.plan.workload.horizon)
    a_year = sum(o.kafka_hours for o in outages) * an_hour_down(comparison)
    loss = a_year * len(months) / _MONTHS_A_YEAR
    alone = [[month_at(comparison, [replace(o, times=1)], month) for o in outages] for month in months]
    found = []
    for outcome in outcomes:
        least, most, public = 0.0, 0.0, True
        for month in alone:
            for outage, one in zip(outages, month, strict=True):
                claim = held(outcome, one).claim
                back = claim.back if claim else Span(0.0, 0.0)
                public = public and back is not None
                least += outage.times / _MONTHS_A_YEAR * (back.least if back else 0.0)
                most += outage.times / _MONTHS_A_YEAR * (back.most if back else 0.0)
        found.append(Expected(outcome, loss, Span(least, most) if public else None))
    return found
