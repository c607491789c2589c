"""What outages of a month come to under an SLA document: uptime, credit, and by when to ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tco.catalog.terms import Credits
from tco.catalog.values import later, month_end
from tco.sla.outage import Outage, Span, counted
from tco.sla.verdict import SlaVerdict


@dataclass(frozen=True)
class Claim:
    """Outages of one month held against an SLA document.

    Attributes:
        minutes: counted as down.
        uptime: of the month, percent, the lower end first.
        percent: credit in percent of the charges; None where it is not public.
        charge: charges of the month that it is a share of, USD; None where it is not known which.
        credit: USD; None where either is not known.
        why_none: why there is no claim at all, or "".
        until: last day to claim; None where no time limit is known.
    """

    minutes: Span
    uptime: Span
    percent: Span | None
    charge: float | None
    credit: Span | None
    why_none: str
    until: date | None

    @property
    def back(self) -> Span | None:
        """What comes back, USD: nothing where there is no claim or nothing counts; None where it is not public."""
        nothing = self.why_none or self.minutes.most == 0 or (self.percent and self.percent.most == 0)
        return Span(0.0, 0.0) if nothing else self.credit


def claim(
    sla: SlaVerdict, outages: Sequence[Outage], month: tuple[int, int], minutes: int, charge: float | None
) -> Claim:
    """Work out the claim.

    Args:
        sla: the document, held against the plan.
        outages: all of them in one month.
        month: year and month.
        minutes: in that month.
        charge: charges of the month that a credit would be a share of, USD; None where that is not known.
    """
    down = counted(sla.terms.measure, outages)
    uptime = Span(*(100 * (1 - min(m, minutes) / minutes) for m in (down.most, down.least)))
    promised, remedy = sla.percent, sla.terms.credits
    until = last_day(remedy, month)
    why = _why_none(sla)
    if why or promised is None:
        return Claim(down, uptime, None, charge, None, why, until)
    if remedy.times is not None:
        beyond = [max(0.0, m - float(100 - promised) / 100 * minutes) / minutes for m in (down.least, down.most)]
        percent = Span(*(min(100 * float(remedy.times) * b, _cap(remedy)) for b in beyond))
    elif remedy.bands:
        percent = Span(_band(remedy, promised, uptime.most), _band(remedy, promised, uptime.least))
    else:
        return Claim(down, uptime, None, charge, None, "", until)
    credit = None if charge is None else Span(percent.least / 100 * charge, percent.most / 100 * charge)
    return Claim(down, uptime, percent, charge, credit, "", until)


def _why_none(sla: SlaVerdict) -> str:
    if sla.percent is None:
        return "nothing is promised to this plan"
    if sla.failed:
        return f"the plan does not qualify: {sla.failed[0].text}"
    return ""


def _cap(remedy: Credits) -> float:
    return 100 * float(remedy.cap_months) if remedy.cap_months is not None else float("inf")


def _band(remedy: Credits, promised: Decimal, uptime: float) -> float:
    """Credit in percent for a month's uptime: none at or above the promise, else that of its band."""
    if uptime >= float(promised):
        return 0.0
    return next((float(b.percent) for b in remedy.bands if float(b.at_least) <= uptime < float(b.below)), 0.0)


def last_day(remedy: Credits, month: tuple[int, int]) -> date | None:
    """Return the last day to claim for an outage of a month, the safe one where it runs from the outage itself."""
    if remedy.claim_months is not None:
        return month_end(later(month, int(remedy.claim_months)))
    if remedy.claim_days is None or remedy.claim_from is None:
        return None
    start = month_end(month) if remedy.claim_from == "month_end" else date(*month, 1)
    return start + timedelta(days=int(remedy.claim_days))
