"""Outages of one month held against what every offering promises: what counts, what comes back, what the user loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tco.analysis.compare import Comparison
from tco.catalog.values import month_end
from tco.engine.outcome import Outcome
from tco.engine.pricing import CostLine
from tco.errors import InputError, Place
from tco.sla.claim import Claim, claim
from tco.sla.outage import Outage

_MINUTES_AN_HOUR, _MINUTES_A_DAY = 60, 1440


@dataclass(frozen=True)
class Month:
    """Outages of one month of a plan.

    Attributes:
        label: year and month, as text.
        when: the same as numbers.
        index: month of the plan, from 0.
        minutes: in that month of the calendar, as SLA documents count them.
        loss: what they cost the user, USD: the plan's cost of an hour down times the hours in which Kafka was down.
    """

    label: str
    when: tuple[int, int]
    index: int
    minutes: int
    outages: Sequence[Outage]
    loss: float


@dataclass(frozen=True)
class Held:
    """An offering and the claim that the month gives; None where no SLA is on record."""

    outcome: Outcome
    claim: Claim | None

    def uncovered(self, loss: float) -> float | None:
        """Share of the loss that no credit makes good, at best; None without a loss or where the credit is unknown."""
        if self.claim is None or self.claim.why_none:
            return 1.0 if loss else None
        most = self.claim.back.most if self.claim.back else None
        return None if most is None or not loss else max(0.0, 1 - most / loss)


def month_of(comparison: Comparison, outages: Sequence[Outage], label: str | None) -> Month:
    """Place outages in a month of the plan; the first one if not said.

    Raises:
        InputError: a month outside the plan, or more downtime than it has.
    """
    months = [f"{year}-{month:02d}" for year, month in comparison.plan.months]
    label = label or months[0]
    if label not in months:
        text = f"'{label}' is no month of the plan, which runs from {months[0]} to {months[-1]}"
        raise InputError.one(Place("--month"), "bad-value", text)
    return month_at(comparison, outages, months.index(label))


def month_at(comparison: Comparison, outages: Sequence[Outage], index: int) -> Month:
    """Place outages in a month of the plan by its number, from 0.

    Raises:
        InputError: more downtime than it has.
    """
    year, month = comparison.plan.months[index]
    label, minutes = f"{year}-{month:02d}", month_end((year, month)).day * _MINUTES_A_DAY
    if sum(o.total for o in outages) > minutes:
        text = f"the outages are longer than {label}, which has {minutes // _MINUTES_AN_HOUR} hours"
        raise InputError.one(Place("--outage"), "bad-value", text)
    loss = sum(o.kafka_hours for o in outages) * an_hour_down(comparison)
    return Month(label, (year, month), index, minutes, outages, loss)


def an_hour_down(comparison: Comparison) -> float:
    """What an hour without Kafka costs the user, USD."""
    return comparison.outcomes[0].interval("downtime_cost").base


def held(outcome: Outcome, month: Month) -> Held:
    """Hold the outages of a month against the SLA of one offering."""
    if outcome.sla is None:
        return Held(outcome, None)
    charge = _charge(outcome, month.index)
    return Held(outcome, claim(outcome.sla, month.outages, month.when, month.minutes, charge))


def _charge(outcome: Outcome, month: int) -> float | None:
    """Charges of a month that a credit is a share of, USD; None where that is not known or has no price.

    What clusters share, such as a price in bands, is taken in proportion to what each of them uses.
    """
    assert outcome.sla is not None  # noqa: S101 - asked only where there is one
    remedy = outcome.sla.terms.credits
    owners = {o.replace("{offering}", outcome.id) for o in remedy.charged_by}
    if not owners or any(_owner(ln) in owners for ln in outcome.unpriced):
        return None
    lines = [ln for ln in outcome.priced_lines if _owner(ln) in owners and not ln.line.on_top]
    return sum(
        float(outcome.monthly(f"{ln.name}.cost")[month])
        * (_share(outcome, ln, month) if remedy.charged_for == "cluster" else 1.0)
        for ln in lines
    )


def _owner(line: CostLine) -> str:
    return line.meter.rpartition(":")[0]


def _share(outcome: Outcome, line: CostLine, month: int) -> float:
    """The production cluster's share of what is billed."""
    all_of = float(outcome.monthly(line.name)[month])
    return float(outcome.monthly(f"{line.name}.each")[month]) / all_of if all_of else 0.0
