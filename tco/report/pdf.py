"""The report as a tagged PDF: packaged fonts only, nothing fetched, the same bytes every time."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from tco.analysis.compare import Comparison
from tco.data import folder
from tco.errors import InputError, Place
from tco.report.html import render_html
from tco.report.json_report import render_json

_FONTS = (("Inter-Regular.otf", 400), ("Inter-SemiBold.otf", 600))
_VARIANT = "pdf/ua-1"
_MISSING = (
    "the PDF needs three system libraries: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; "
    "the same report without them: --format html"
)


def render_pdf(comparison: Comparison) -> bytes:
    """Return the PDF, with the workload and the results attached.

    Raises:
        InputError: Pango is not installed.
    """
    try:
        from weasyprint import CSS, HTML, Attachment
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher
    except OSError:
        raise InputError.one(Place("pdf"), "no-pango", _MISSING) from None
    when = datetime.combine(comparison.options.as_of, datetime.min.time(), tzinfo=UTC)
    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
    fonts = FontConfiguration()

    def attached(name: str, text: str, description: str) -> Any:
        return Attachment(
            string=text, name=name, description=description, created=when, modified=when, relationship="Data"
        )

    document = HTML(string=render_html(comparison), url_fetcher=fetcher)
    style = CSS(string=_font_faces(), font_config=fonts, url_fetcher=fetcher)
    pdf = document.write_pdf(
        stylesheets=[style],
        font_config=fonts,
        pdf_variant=_VARIANT,
        pdf_identifier=comparison.catalog.digest.encode(),
        attachments=[
            attached("workload.yaml", comparison.plan.text, "The workload, as read"),
            attached("results.json", render_json(comparison), "The results, for machines"),
        ],
    )
    return bytes(pdf)


def _font_faces() -> str:
    """Return font faces with the packaged fonts inside, so that nothing has to be fetched."""
    faces = []
    for name, weight in _FONTS:
        data = base64.b64encode((folder("templates") / "fonts" / name).read_bytes()).decode()
        source = f"src: url(data:font/otf;base64,{data})"
        faces.append(f"@font-face {{ font-family: Inter; font-weight: {weight}; {source} }}")
    return "\n".join(faces)
