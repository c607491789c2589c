"""The report as a tagged PDF: packaged fonts only, nothing fetched, the same bytes every time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from tco.analysis.compare import Comparison
from tco.data import folder
from tco.errors import InputError, Place
from tco.report.html import render_html
from tco.report.json_report import render_json

#: The only files that a document may load, under a scheme that nothing else understands.
_FONTS = {"tco-font:regular": ("Inter-Regular.otf", 400), "tco-font:semibold": ("Inter-SemiBold.otf", 600)}
_FONT_TYPE = "font/otf"
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
    return printed(
        render_html(comparison),
        comparison.options.as_of,
        comparison.catalog.digest,
        [
            ("results.json", render_json(comparison), "The results, for machines"),
            ("workload.yaml", comparison.plan.text, "The workload, as read"),
        ],
    )


def printed(html: str, as_of: date, digest: str, attachments: Sequence[tuple[str, str, str]]) -> bytes:
    """Print a document.

    Args:
        html: the document, which loads nothing.
        as_of: day that attachments are said to be of.
        digest: of the catalog, which identifies the PDF.
        attachments: name, text and description of each.

    Raises:
        InputError: Pango is not installed.
    """
    try:
        from weasyprint import CSS, HTML, Attachment
        from weasyprint.text.fonts import FontConfiguration
    except OSError:
        raise InputError.one(Place("pdf"), "no-pango", _MISSING) from None
    when = datetime.combine(as_of, datetime.min.time(), tzinfo=UTC)
    fetcher, fonts = _fetcher(), FontConfiguration()

    def attached(name: str, text: str, description: str) -> Any:
        return Attachment(
            string=text, name=name, description=description, created=when, modified=when, relationship="Data"
        )

    document = HTML(string=html, url_fetcher=fetcher)
    faces = CSS(string=_font_faces(), font_config=fonts, url_fetcher=fetcher)
    pdf = document.write_pdf(
        stylesheets=[faces],
        font_config=fonts,
        pdf_variant=_VARIANT,
        pdf_identifier=digest.encode(),
        attachments=[attached(*a) for a in attachments],
    )
    return bytes(pdf)


def _fetcher() -> Any:
    """Return a fetcher that knows the packaged fonts and refuses every other address."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class PackagedOnly(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:  # noqa: ARG002 - WeasyPrint's signature
            if url not in _FONTS:
                raise FatalURLFetchingError(f"the report may not load {url}")
            path = folder("templates") / "fonts" / _FONTS[url][0]
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _FONT_TYPE})

    return PackagedOnly(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)


def _font_faces() -> str:
    return "\n".join(
        f"@font-face {{ font-family: Inter; font-weight: {weight}; src: url({address}) }}"
        for address, (_, weight) in _FONTS.items()
    )
