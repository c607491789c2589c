"""Outages of a month on screen: a row for each offering, and for one alone what its document says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table

from tco.analysis.outages import Held, Month
from tco.catalog.terms import Credits
from tco.report.words import money
from tco.sla.claim import NOT_PUBLIC, Claim
from tco.sla.outage import Outage, Span

_NONE, _HOUR = "none", 60


def title(month: Month) -> str:
    """What happened, and what it costs the user."""
    said = " and ".join(_outage(o) for o in month.outages)
    loss = f"{money(month.loss)} USD lost by your cost of an hour down" if month.loss else "no cost of an hour is given"
    return f"{month.label}: {said}; {loss}"


def table(rows: Sequence[Held], month: Month) -> Table:
    """A row for each offering."""
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    grid.add_column("Offering", no_wrap=True)
    for name in ("promised", "counted, min", "uptime", "credit", "of charges", "USD", "uncovered", "claim by"):
        grid.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        grid.add_row(row.outcome.id, *_cells(row, month))
    return grid


def _cells(row: Held, month: Month) -> list[str]:
    sla, c = row.outcome.sla, row.claim
    if sla is None or c is None:
        return ["no SLA on record", "", "", "", "", "", _percent(row.uncovered(month.loss)), ""]
    claims = not c.why_none and c.minutes.most > 0 and not (c.percent and c.percent.most == 0)
    money_ = _money(c, sla.terms.credits) if claims else ["", ""]
    return [
        f"{sla.percent} %" if sla.percent is not None else _NONE,
        _span(c.minutes, 0),
        f"{_span(c.uptime, 3)} %",
        _NONE if not claims else NOT_PUBLIC if c.percent is None else f"{_span(c.percent, 0)} %",
        *money_,
        _percent(row.uncovered(month.loss)),
        str(c.until) if c.until and claims else "",
    ]


def _money(c: Claim, remedy: Credits) -> list[str]:
    """Charges of the month, and the credit."""
    if c.charge is None:
        return ["quote needed" if remedy.charged_by else NOT_PUBLIC, ""]
    return [money(c.charge), "" if c.credit is None else _span(c.credit, 0)]


def notes(row: Held) -> Iterator[str]:
    """What an offering's document says about outages, and what it leaves open."""
    sla, c = row.outcome.sla, row.claim
    if sla is None or c is None:
        yield "No SLA is on record: nobody promises that Kafka is up."
        return
    terms, remedy = sla.terms, sla.terms.credits
    yield f"{terms.title}, {terms.version or 'undated'}: {terms.url}"
    if c.why_none:
        yield f"No claim: {c.why_none}."
    yield f"Counts: {terms.measure.text} Measured by: {terms.measure.by}."
    if c.minutes.open:
        yield "How much of this counts is not known; the ends are nothing sure and all that may."
    if terms.maintenance:
        yield f"Maintenance: {terms.maintenance}"
    asked = {
        "bands": None if remedy.bands or remedy.times else "how much comes back",
        "base": None if remedy.base else "what a credit is a share of",
        "claim": None if remedy.claim else "by when and with what evidence to claim",
        "expiry": None if remedy.expiry else "when a credit lapses",
    }
    for label, text in (("Share of", remedy.base), ("At most", remedy.cap), ("Claim", remedy.claim)):
        if text:
            yield f"{label}: {text}."
    if remedy.expiry:
        yield f"Expiry: {remedy.expiry}."
    if remedy.sole_remedy == "true":
        yield "The credit is the only remedy."
    if missing := [text for text in asked.values() if text]:
        yield f"Not public, so ask: {'; '.join(missing)}."


def _outage(o: Outage) -> str:
    whole_hours = o.minutes >= _HOUR and o.minutes % _HOUR == 0
    length = f"{o.minutes / _HOUR:g} h" if whole_hours else f"{float(o.minutes):g} min"
    return f"{o.fault} down {f'{o.times} × ' if o.times > 1 else ''}{length}"


def _span(span: Span, digits: int) -> str:
    ends = [f"{v:,.{digits}f}" for v in (span.least, span.most)]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
