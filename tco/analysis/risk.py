"""What the outages expected of a year cost over the plan, and what credits give back; beside invoices, not in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tco.analysis.compare import RANKED, Comparison
from tco.analysis.outages import Month, an_hour_down, held, month_at
from tco.engine.outcome import Outcome
from tco.errors import InputError, Place
from tco.sla.outage import Outage, Span, read_outages

_MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Expected:
    """An offering with the outages that the plan expects, over its horizon.

    Attributes:
        loss: cost of the hours down, USD; the same for every offering, since nobody publishes records to compare.
        credits: USD; None where they are not public.
        one_month: whether all outages of a year fit into one month, so that `credits` spans that too.
    """

    outcome: Outcome
    loss: float
    credits: Span | None
    one_month: bool

    @property
    def adjusted(self) -> Span:
        """Invoices and loss less credits, USD; without credits where they are not public, so at most that."""
        plain = self.outcome.interval("total").base + self.loss
        return Span(plain - self.credits.most, plain - self.credits.least) if self.credits else Span(plain, plain)

    @property
    def open(self) -> bool:
        """Whether `adjusted` is neither a lower bound nor an upper one: prices and credits are missing."""
        return self.outcome.status == "quote_needed" or bool(self.outcome.unpriced and self.credits is None)


def outages_of_a_year(comparison: Comparison) -> list[Outage]:
    """Read what the workload expects of a year.

    Raises:
        InputError: none are given.
    """
    texts = comparison.plan.workload.outages
    if not texts:
        text = "no outage to weigh: give one, such as --outage 3h, or write `outages: [4x10min, 3h]` in the workload"
        raise InputError.one(Place("--outage"), "missing-value", text)
    return read_outages(texts)


def of_plan(comparison: Comparison) -> list[Expected]:
    """Weigh what the workload expects of a year against all that can do the work; nothing where it expects none."""
    if not comparison.plan.workload.outages:
        return []
    return expected(comparison, able(comparison), outages_of_a_year(comparison))


def able(comparison: Comparison) -> list[Outcome]:
    """Offerings with a total that outages can stand beside."""
    return [o for o in comparison.outcomes if o.status in (*RANKED, "not_a_substitute")]


def expected(comparison: Comparison, outcomes: Sequence[Outcome], outages: Sequence[Outage]) -> list[Expected]:
    """Weigh the outages of a year against offerings of a comparison.

    They come in any month of the plan alike, and either each in a month of its own or all of a year in one, where they
    may reach a higher band and are credited once; credits span both ways.
    """
    months = range(comparison.plan.workload.horizon)
    a_year = sum(o.kafka_hours for o in outages) * an_hour_down(comparison)
    loss = a_year * len(months) / _MONTHS_A_YEAR
    apart = [
        _Often(o.times / _MONTHS_A_YEAR, month_at(comparison, [replace(o, times=1)], m))
        for m in months
        for o in outages
    ]
    one_month = sum(o.total for o in outages) <= min((often.month.minutes for often in apart), default=0)
    ways = [apart]
    if one_month:
        ways.append([_Often(1 / _MONTHS_A_YEAR, month_at(comparison, outages, m)) for m in months])
    return [Expected(o, loss, _either([_credits(o, way) for way in ways]), one_month) for o in outcomes]


@dataclass(frozen=True)
class _Often:
    """Outages of a month, and how often they are expected in it."""

    times: float
    month: Month


def _credits(outcome: Outcome, way: Sequence[_Often]) -> Span | None:
    """Credits of one way that outages may fall, USD; None where they are not public."""
    least, most = 0.0, 0.0
    for often in way:
        claim = held(outcome, often.month).claim
        back = claim.back if claim else Span(0.0, 0.0)
        if back is None:
            return None
        least += often.times * back.least
        most += often.times * back.most
    return Span(least, most)


def _either(ways: Sequence[Span | None]) -> Span | None:
    """From the least to the most of several ways."""
    known = [way for way in ways if way is not None]
    if len(known) < len(ways):
        return None
    return Span(min(w.least for w in known), max(w.most for w in known))
