"""The formats a comparison can be written in; each loads what it needs and nothing else."""

from __future__ import annotations

from tco.analysis.compare import Comparison

FORMATS = ("xlsx", "pdf", "html", "json", "md", "csv")


def render(comparison: Comparison, name: str) -> bytes:
    """Return a comparison in a format: xlsx, pdf, html, json, md, csv or txt."""
    match name:
        case "xlsx":
            from tco.report.xlsx import write_workbook

            return write_workbook(comparison)
        case "pdf":
            from tco.report.pdf import render_pdf

            return render_pdf(comparison)
        case "html":
            from tco.report.html import render_html

            return render_html(comparison).encode()
        case "json":
            from tco.report.json_report import render_json

            return render_json(comparison).encode()
        case "csv":
            from tco.report.focus import render_csv

            return render_csv(comparison).encode()
        case "md":
            from tco.report.markdown import render_markdown

            return render_markdown(comparison).encode()
    from tco.report.terminal import render_text

    return render_text(comparison).encode()
