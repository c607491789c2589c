"""Outages of a month on screen: a row for each offering, and for one alone what its document says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

from rich.table import Table

from tco.analysis.outages import Held, Month
from tco.analysis.risk import Expected
from tco.catalog.terms import Credits
from tco.engine.outcome import Outcome
from tco.report.terminal import GAP, fitting
from tco.report.words import (
    covered,
    maintenance_text,
    maintenance_word,
    money,
    outage_text,
    part_text,
    parts_of,
    span_text,
    together_text,
)
from tco.report.year import HEADS, NOT_PUBLIC, ends, faults, year_cells, year_data
from tco.sla.claim import Claim
from tco.sla.outage import Outage
from tco.sla.verdict import SlaVerdict

_NONE = "none"
#: Title, and rank: the lower, the longer it stays when the screen is narrow.
COLUMNS = (
    ("Offering", 0),
    ("promised", 1),
    ("maintenance", 7),
    ("counted, min", 0),
    ("uptime, %", 4),
    ("credit", 0),
    ("of charges, USD", 5),
    ("credit, USD", 2),
    ("uncovered", 3),
    ("claim by", 6),
)


def title(month: Month) -> str:
    """What happened, and what it costs the user."""
    said = " and ".join(outage_text(o) for o in month.outages)
    loss = f"{money(month.loss)} USD lost by your cost of an hour down" if month.loss else "no cost of an hour is given"
    return f"{month.label}: {said}; {loss}"


def month_table(rows: Sequence[Held], month: Month, width: int) -> Table:
    """A row for each offering, with the columns that fit whole."""
    texts = [[row.outcome.id, *cells(row, month)] for row in rows]
    kept = fitting(COLUMNS, texts, width)
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, GAP, 0, 0))
    for i in kept:
        grid.add_column(COLUMNS[i][0], justify="right" if i else "left", no_wrap=True)
    for text in texts:
        grid.add_row(*(text[i] for i in kept))
    return grid


def month_json(rows: Sequence[Held], month: Month) -> str:
    """The same as data: spans as [least, most], null for what is not known."""
    results = [{"offering": row.outcome.id, **_data(row), "uncovered": row.uncovered(month.loss)} for row in rows]
    data = {"month": month.label, "outages": faults(month.outages), "loss_usd": month.loss, "results": results}
    return json.dumps(data, indent=2, ensure_ascii=False)


def _data(row: Held) -> dict[str, object]:
    sla, c = row.outcome.sla, row.claim
    if sla is None or c is None:
        return {"sla": None}

    return {
        "sla": sla.terms.id,
        "promised_percent": float(sla.percent) if sla.percent is not None else None,
        "no_claim": c.why_none or None,
        "maintenance_counts": sla.terms.measure.counts.get("maintenance"),
        "maintenance": sla.terms.maintenance,
        "counted_minutes": ends(c.minutes),
        "uptime_percent": ends(c.uptime),
        "credit_percent": ends(c.percent),
        "charges_usd": c.charge,
        "credit_usd": ends(c.credit),
        "claim_until": str(c.until) if c.until else None,
    }


def cells(row: Held, month: Month) -> list[str]:
    """One row, by the columns after the offering's."""
    sla, c = row.outcome.sla, row.claim
    if sla is None or c is None:
        return ["no SLA on record", "", "", "", "", "", "", _percent(row.uncovered(month.loss)), ""]
    claims = not c.why_none and c.minutes.most > 0 and not (c.percent and c.percent.most == 0)
    money_ = _money(c, sla.terms.credits) if claims else ["", ""]
    of = covered(sla.terms)
    return [
        f"{sla.percent} %{f' of {of}' if of else ''}" if sla.percent is not None else _NONE,
        maintenance_word(sla.terms),
        span_text(c.minutes, 0),
        span_text(c.uptime, 3),
        _NONE if not claims else NOT_PUBLIC if c.percent is None else f"{span_text(c.percent, 0)} %",
        *money_,
        _percent(row.uncovered(month.loss)),
        str(c.until) if c.until and claims else "",
    ]


def _money(c: Claim, remedy: Credits) -> list[str]:
    """Charges of the month, and the credit."""
    if c.charge is None:
        return ["quote needed" if remedy.charged_by else NOT_PUBLIC, ""]
    return [money(c.charge), "" if c.credit is None else span_text(c.credit, 0)]


def year_table(rows: Sequence[Expected]) -> Table:
    """Invoices, and beside them what outages cost and credits give back."""
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, GAP, 0, 0))
    grid.add_column("Offering", no_wrap=True)
    for head in HEADS:
        grid.add_column(head, justify="right", no_wrap=True)
    for row in rows:
        grid.add_row(row.outcome.id, *year_cells(row))
    return grid


def year_json(rows: Sequence[Expected], outages: Sequence[Outage]) -> str:
    """The same as data: spans as [least, most], null for what is not known."""
    results = [{"offering": row.outcome.id, "status": row.outcome.status, **year_data(row)} for row in rows]
    data = {"a_year": faults(outages), "loss_usd": rows[0].loss if rows else 0.0, "results": results}
    return json.dumps(data, indent=2, ensure_ascii=False)


def notes(row: Held, as_of: date) -> Iterator[str]:
    """What an offering's document says about outages, and what it leaves open."""
    sla, c = row.outcome.sla, row.claim
    if sla is None or c is None:
        yield "No SLA is on record: nobody promises that Kafka is up."
        yield from _depends(row.outcome)
        return
    terms = sla.terms
    yield f"{terms.title}, {terms.version or 'undated'}: {terms.url}"
    yield from _promise(sla, c)
    yield f"Counts: {terms.measure.text} Measured by: {terms.measure.by}."
    if c.minutes.open:
        yield "How much of this counts is not known; the ends are nothing sure and all that may."
    yield f"Planned maintenance: {maintenance_text(terms)}"
    yield from _remedy(terms.credits)
    yield from _depends(row.outcome)
    yield f"Not promised: {', '.join(terms.not_promised)}."
    if c.until and not c.why_none:
        yield f"Last day to claim: {c.until}, {(c.until - as_of).days} days from {as_of}."


def _depends(outcome: Outcome) -> Iterator[str]:
    found = parts_of(outcome)
    if found:
        yield "Depends on, by promises and no forecast:"
    yield from (f"  {part_text(p)}" for p in found)
    if together := together_text(found):
        yield f"  {together}."


def _promise(sla: SlaVerdict, c: Claim) -> Iterator[str]:
    yield f"Promised: {f'{sla.percent} %' if sla.percent is not None else _NONE} ({sla.commitment})"
    for condition in sla.terms.conditions:
        yield f"Condition, {'not met' if condition in sla.failed else 'met'}: {condition.text}"
    if not sla.terms.conditions:
        yield "Whether the plan qualifies is open: the text as read states no conditions."
    if c.why_none:
        yield f"No claim: {c.why_none}."


def _remedy(remedy: Credits) -> Iterator[str]:
    """The credit, what it is a share of and how to get it; then what of that is to be asked."""
    bands = "; ".join(f"{b.percent} % from {b.at_least} to below {b.below} %" for b in remedy.bands)
    said = (
        ("Credit for the uptime of the month", bands or None, "how much comes back"),
        ("Share of", remedy.base, "what a credit is a share of"),
        ("At most", remedy.cap, ""),
        ("Claim", remedy.claim, "by when and with what evidence to claim"),
        ("Expiry", remedy.expiry, "when a credit lapses"),
    )
    for label, text, _ in said:
        if text:
            yield f"{label}: {text}."
    if remedy.sole_remedy == "true":
        yield "The credit is the only remedy."
    known = {"how much comes back"} if remedy.times is not None else set()
    missing = [question for _, text, question in said if question and not text and question not in known]
    if missing:
        yield f"Not public, so ask: {'; '.join(missing)}."


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
