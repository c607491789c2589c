"""The report as one self-contained HTML file; the PDF is the same document, printed."""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tco.analysis.compare import Comparison
from tco.data import folder
from tco.report.story import story

_TEMPLATE, _STYLE = "report.html.j2", "report.css"


def render_html(comparison: Comparison) -> str:
    """Return the report: no script, nothing loaded from elsewhere, all text escaped."""
    templates = folder("templates")
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (templates / _STYLE).read_text(encoding="utf-8")
    return environment.get_template(_TEMPLATE).render(story(comparison), style=style)
