"""The formats that an estate's report can be written in; each loads what it needs and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tco.analysis.estates import EstateComparison, Mix

FORMATS = ("xlsx", "pdf", "html", "json")


def render_estate(comparison: EstateComparison, name: str, sets: Mapping[str, str], mixes: Sequence[Mix] = ()) -> bytes:
    """Return the report on an estate's first candidate in a format: xlsx, pdf, html or json.

    Mixes of offerings stand in all but the workbook, whose formulas are of one assignment.
    """
    match name:
        case "xlsx":
            from tco.report.xlsx.estate import write_estate_workbook

            return write_estate_workbook(comparison, comparison.candidates[0], sets)
        case "pdf":
            from tco.report.estate_html import render_estate_pdf

            return render_estate_pdf(comparison, sets, mixes)
        case "html":
            from tco.report.estate_html import render_estate_html

            return render_estate_html(comparison, sets, mixes).encode()
    from tco.report.estate_json import estate_json

    return estate_json([comparison], mixes).encode()
