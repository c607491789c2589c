"""Outages expected of a year: what they cost over the plan and what credits give back, beside the invoices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tco.analysis.risk import Expected
from tco.report.words import money, outage_text, span_text, total_text
from tco.sla.outage import Outage, Span

#: Where credits are not public, or what they are a share of.
NOT_PUBLIC = "not public: ask"
#: Titles of `year_cells`.
HEADS = ("invoices, USD", "credits, USD", "of the loss", "invoices + loss - credits")


def expectation(rows: Sequence[Expected], outages: Sequence[Outage]) -> Iterator[str]:
    """What a year is expected to bring, by the workload's word."""
    yield f"Expected of a year: {' and '.join(outage_text(o) for o in outages)}, as the workload states it."
    yield loss_text(rows)
    yield spread_text(rows)


def loss_text(rows: Sequence[Expected]) -> str:
    """What it loses over the plan."""
    loss = rows[0].loss if rows else 0.0
    return f"Over the plan it loses you {money(loss)} USD, the same with all: nobody publishes records to compare."


def spread_text(rows: Sequence[Expected]) -> str:
    """How the outages are taken to fall into months."""
    if any(row.one_month for row in rows):
        return "Credits span two ways to fall: each outage in a month of its own, or all of a year in one month."
    return "Credits are those of each outage in a month of its own: all of a year are longer than a month."


def year_cells(row: Expected) -> tuple[str, str, str, str]:
    """Texts of a row, by `HEADS`."""
    back = NOT_PUBLIC if row.credits is None else span_text(row.credits, 0)
    share = f"{row.credits.most / row.loss:.0%}" if row.credits and row.loss else ""
    return total_text(row.outcome), back, share, adjusted_text(row)


def adjusted_text(row: Expected) -> str:
    """A total with its marks; open where it is a lower bound by its prices and an upper one by its credits."""
    if row.open:
        return "open"
    mark = "≤ " if row.credits is None else "≥ " if row.outcome.unpriced else "≈ " if row.outcome.proxies else ""
    return mark + span_text(row.adjusted, 0)


def year_data(row: Expected) -> dict[str, object]:
    """The same as data: spans as [least, most], null for what is not known."""
    return {
        "invoices_usd": row.outcome.interval("total").base,
        "loss_usd": row.loss,
        "credits_usd": ends(row.credits),
        "adjusted_usd": None if row.open else ends(row.adjusted),
    }


def faults(outages: Sequence[Outage]) -> list[dict[str, object]]:
    """Outages as data."""
    return [{"fault": o.fault, "times": o.times, "minutes": float(o.minutes)} for o in outages]


def ends(span: Span | None) -> list[float] | None:
    """A span as data."""
    return [span.least, span.most] if span else None
