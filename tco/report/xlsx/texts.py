"""Sheets of words: SLA, Caveats, Sources, Log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openpyxl.utils import get_column_letter

from tco import __version__
from tco.analysis.compare import Comparison
from tco.analysis.risk import Expected, of_plan, outages_of_a_year
from tco.catalog.load import Catalog
from tco.report.xlsx.canvas import Canvas
from tco.report.year import HEADS, expectation, year_cells

SLA, CAVEATS, DATES, SOURCES, LOG = "SLA", "Caveats", "Dates", "Sources", "Log"


def table(
    canvas: Canvas,
    title: str,
    about: str,
    heads: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    widths: tuple[int, ...],
) -> None:
    """Write a sheet that is one table of words."""
    sheet = canvas[title]
    canvas.text(sheet, 1, 1, title, "title")
    canvas.text(sheet, 2, 1, about, "note")
    for column, head in enumerate(heads, 1):
        canvas.text(sheet, 4, column, head, "head", wrap=True)
        sheet.column_dimensions[get_column_letter(column)].width = widths[column - 1]
    for i, row in enumerate(rows, 5):
        for column, text in enumerate(row, 1):
            canvas.text(sheet, i, column, text, "text", wrap=True)
    canvas.fit(sheet)
    sheet.freeze_panes = "A5"


def sla_sheet(canvas: Canvas, comparison: Comparison) -> None:
    """Write what each SLA promises for this plan."""
    rows: list[tuple[str, ...]] = []
    expected = {row.outcome.id: row for row in of_plan(comparison)}
    heads = (*(f"Expected: {head}" for head in HEADS[1:]),) if expected else ()
    for o in comparison.outcomes:
        s = o.sla
        year = year_cells(expected[o.id])[1:] if o.id in expected else ("",) * len(heads)
        if s is None:
            rows.append((o.subject.offering.name, "no document on record", *[""] * 8, *year))
            continue
        c = s.terms.credits
        rows.append(
            (
                o.subject.offering.name,
                s.terms.title,
                f"{s.percent} %" if s.percent is not None else "none",
                s.commitment,
                s.qualifies + (": " + "; ".join(f.text for f in s.failed) if s.failed else ""),
                f"{s.minutes:,.1f}" if s.minutes is not None else "",
                s.terms.measure.text,
                "; ".join(f"below {b.below} %: {b.percent} %" for b in c.bands)
                if c.public == "true" and c.bands
                else "not public: ask",
                c.claim or (f"within {c.claim_days} days" if c.claim_days else "not public: ask"),
                f"{s.terms.version or 'undated'}; read {s.terms.read}; {s.terms.url}",
                *year,
            )
        )
    table(
        canvas,
        SLA,
        " ".join(["Promises, not a forecast. In our words; the vendor's text decides.", *_year(comparison, expected)]),
        (
            "Offering",
            "Document",
            "Uptime promised",
            "For",
            "Does the plan qualify",
            "Minutes down allowed a month",
            "What counts as down",
            "Credits",
            "Claim",
            "Version",
            *heads,
        ),
        rows,
        (30, 30, 12, 34, 30, 16, 50, 34, 40, 50, *(20 for _ in heads)),
    )


def _year(comparison: Comparison, expected: dict[str, Expected]) -> list[str]:
    """What the columns of expected outages are, where there are any: values as delivered, which follow no input."""
    if not expected:
        return []
    said = expectation(list(expected.values()), outages_of_a_year(comparison))
    return [*said, "Beside the totals and not in them; as delivered, and not renewed when an input changes."]


def caveats_sheet(canvas: Canvas, comparison: Comparison) -> None:
    """Write every caveat, those that bite this plan first."""
    rows = []
    for o in comparison.outcomes:
        for v in o.sla.caveats if o.sla else ():
            source = comparison.catalog.sources.get(v.caveat.source)
            rows.append(
                (
                    o.subject.offering.name,
                    v.caveat.code,
                    "yes" if v.bites else "no",
                    v.caveat.severity,
                    v.caveat.text,
                    source.url if source else v.caveat.source,
                    source.seen.isoformat() if source and source.seen else "undated",
                )
            )
    table(
        canvas,
        CAVEATS,
        "Fine print with the ones that bite this plan first.",
        ("Offering", "Code", "Bites this plan", "Severity", "Caveat", "Source", "Seen"),
        rows,
        (30, 30, 12, 12, 90, 60, 12),
    )


def dates_sheet(canvas: Canvas, comparison: Comparison) -> None:
    """Write what is announced for a day within the horizon."""
    rows = []
    for o in comparison.outcomes:
        for e in o.events:
            source = comparison.catalog.sources.get(e.source)
            address = source.url if source else e.source
            rows.append((e.date.isoformat(), o.subject.offering.name, e.kind.replace("_", " "), e.text, address))
    rows.sort()
    table(
        canvas,
        DATES,
        "Announced within the horizon; none of it is in the totals unless a price says so.",
        ("Date", "Offering", "Kind", "What", "Source"),
        rows or [("none announced", "", "", "", "")],
        (14, 30, 18, 90, 60),
    )


def sources_sheet(canvas: Canvas, catalog: Catalog, used: Iterable[str]) -> None:
    """Write every source that a number or a statement in this file rests on."""
    rows = [
        (name, s.title, s.url, s.seen.isoformat() if s.seen else "undated", s.kind)
        for name, s in ((n, catalog.sources[n]) for n in sorted(used) if n in catalog.sources)
    ]
    table(
        canvas,
        SOURCES,
        "Where the numbers were read, and when.",
        ("Id", "Title", "Address", "Seen", "Kind"),
        rows,
        (34, 60, 90, 12, 18),
    )


def log_sheet(canvas: Canvas, comparison: Comparison) -> None:
    """Write what this file was made from, so that it can be made again."""
    options, plan = comparison.options, comparison.plan
    rows = [
        ("Tool", f"kafka-tco {__version__}"),
        ("Catalog", comparison.catalog.name),
        ("Catalog SHA-256", comparison.catalog.digest),
        ("Prices as of", options.as_of.isoformat()),
        ("Sizing", options.sizing),
        ("Set on the command line", ", ".join(f"{k}={v}" for k, v in plan.overrides.items()) or "nothing"),
        ("Pinned on the command line", ", ".join(f"{k}={v}" for k, v in options.given.items()) or "nothing"),
        ("Assumptions changed", ", ".join(f"{k}={v}" for k, v in options.assumptions.items()) or "none"),
        ("Offerings", ", ".join(o.id for o in comparison.outcomes)),
        ("Workload", plan.text),
        *((f"Quote: {q.name}", q.text) for q in comparison.catalog.quotes),
    ]
    table(canvas, LOG, "Everything needed to make this file again.", ("What", "Value"), rows, (30, 120))
