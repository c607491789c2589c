"""Sheets of words: Sources, Log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openpyxl.utils import get_column_letter

from tco import __version__
from tco.analysis.compare import Comparison
from tco.catalog.load import Catalog
from tco.report.xlsx.canvas import Canvas

SOURCES, LOG = "Sources", "Log"


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
