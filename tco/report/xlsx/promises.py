"""Sheets of what is promised and what is announced: SLA, Caveats, Dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tco.catalog.load import Catalog
from tco.catalog.terms import Credits
from tco.engine.outcome import Outcome
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.texts import table
from tco.sla.verdict import CaveatVerdict, SlaVerdict

SLA, CAVEATS, DATES = "SLA", "Caveats", "Dates"
_ASK = "not public: ask"
#: Column to its width.
_TERMS = {
    "Document": 30,
    "Uptime promised": 12,
    "For": 34,
    "Does the plan qualify": 30,
    "Minutes down allowed a month": 16,
    "What counts as down": 50,
    "Credits": 34,
    "Claim": 40,
    "Version": 50,
}
_NAME, _YEAR = 30, 20


@dataclass(frozen=True)
class Promised:
    """What the SLA says of one plan on one offering.

    Attributes:
        names: of the plan, under the first heads of the sheet.
        sla: None where there is no document on record.
        year: what stands under its last heads.
    """

    names: Sequence[str]
    sla: SlaVerdict | None
    year: Sequence[str] = ()


@dataclass(frozen=True)
class Bite:
    """A caveat of an offering, and which plans it bites, in words."""

    offering: str
    verdict: CaveatVerdict
    bites: str


def sla_sheet(
    canvas: Canvas, names: Sequence[str], rows: Iterable[Promised], about: str = "", year: Sequence[str] = ()
) -> None:
    """Write what each SLA promises.

    Args:
        canvas: the workbook.
        names: heads of what a row is about.
        rows: one a plan and offering.
        about: said at the top after what such a sheet always says.
        year: heads of a year with the outages that are expected.
    """
    table(
        canvas,
        SLA,
        f"Promises, not a forecast. In our words; the vendor's text decides. {about}".strip(),
        (*names, *_TERMS, *year),
        [
            (*r.names, *(_terms(r.sla) if r.sla else ("no document on record", *[""] * (len(_TERMS) - 1))), *r.year)
            for r in rows
        ],
        (*(_NAME for _ in names), *_TERMS.values(), *(_YEAR for _ in year)),
    )


def _terms(s: SlaVerdict) -> tuple[str, ...]:
    return (
        s.terms.title,
        f"{s.percent} %" if s.percent is not None else "none",
        s.commitment,
        s.qualifies + (": " + "; ".join(f.text for f in s.failed) if s.failed else ""),
        f"{s.minutes:,.1f}" if s.minutes is not None else "",
        s.terms.measure.text,
        _credits(s.terms.credits),
        s.terms.credits.claim or (f"within {s.terms.credits.claim_days} days" if s.terms.credits.claim_days else _ASK),
        f"{s.terms.version or 'undated'}; read {s.terms.read}; {s.terms.url}",
    )


def _credits(c: Credits) -> str:
    if c.public != "true" or not c.bands:
        return _ASK
    return "; ".join(f"below {b.below} %: {b.percent} %" for b in c.bands)


def caveats_sheet(canvas: Canvas, catalog: Catalog, bites: str, width: int, rows: Iterable[Bite]) -> None:
    """Write every caveat; `bites` is the head above what it bites, in a column so wide."""
    found = []
    for r in rows:
        caveat = r.verdict.caveat
        source = catalog.sources.get(caveat.source)
        found.append(
            (
                r.offering,
                caveat.code,
                r.bites,
                caveat.severity,
                caveat.text,
                source.url if source else caveat.source,
                source.seen.isoformat() if source and source.seen else "undated",
            )
        )
    table(
        canvas,
        CAVEATS,
        "Fine print, offering by offering, with what bites first.",
        ("Offering", "Code", bites, "Severity", "Caveat", "Source", "Seen"),
        found,
        (30, 30, width, 12, 90, 60, 12),
    )


def dates_sheet(canvas: Canvas, catalog: Catalog, outcomes: Iterable[Outcome]) -> None:
    """Write what is announced for a day within the horizon."""
    rows = set()
    for o in outcomes:
        for e in o.events:
            source = catalog.sources.get(e.source)
            address = source.url if source else e.source
            rows.add((e.date.isoformat(), o.subject.offering.name, e.kind.replace("_", " "), e.text, address))
    table(
        canvas,
        DATES,
        "Announced within the horizon; none of it is in the totals unless a price says so.",
        ("Date", "Offering", "Kind", "What", "Source"),
        sorted(rows) or [("none announced", "", "", "", "")],
        (14, 30, 18, 90, 60),
    )
