"""The report as one self-contained HTML file; the PDF is the same document, printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tco.analysis.compare import Comparison
from tco.data import folder
from tco.report.story import story

_TEMPLATE, _STYLE = "report.html.j2", "report.css"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def render_html(comparison: Comparison) -> str:
    """Return the report: no script, nothing loaded from elsewhere, all text escaped."""
    return rendered(_TEMPLATE, story(comparison))


def rendered(template: str, told: Mapping[str, Any]) -> str:
    """Return what a packaged template makes of finished text, with the one style sheet in it."""
    templates = folder("templates")
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (templates / _STYLE).read_text(encoding="utf-8")
    return environment.get_template(template).render(told, style=style)


def _printable(value: object) -> object:
    """Drop control characters and those that turn the direction of text from what a user wrote."""
    return _CONTROL.sub("", value) if type(value) is str else value
