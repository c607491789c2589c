"""The formats that an estate's report can be written in; each loads what it needs and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from tco.analysis.estates import EstateComparison

FORMATS = ("xlsx", "pdf", "html", "json")


def render_estate(comparison: EstateComparison, name: str, sets: Mapping[str, str]) -> bytes:
    """Return the report on an estate's first candidate in a format: xlsx, pdf, html or json."""
    match name:
        case "xlsx":
            from tco.report.xlsx.estate import write_estate_workbook

            return write_estate_workbook(comparison, comparison.candidates[0], sets)
        case "pdf":
            from tco.report.estate_html import render_estate_pdf

            return render_estate_pdf(comparison, sets)
        case "html":
            from tco.report.estate_html import render_estate_html

            return render_estate_html(comparison, sets).encode()
    from tco.report.estate_json import estate_json

    return estate_json([comparison]).encode()
