"""The comparison as Markdown, for a pull request or a wiki."""

from __future__ import annotations

import re

from tco.analysis.compare import Comparison
from tco.report.headline import headline
from tco.report.words import (
    configuration_text,
    money,
    price_words,
    range_text,
    sizing_text,
    total_text,
    verdict_text,
)

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")


def render_markdown(comparison: Comparison) -> str:
    """Return the ranking, the reasons below it and the caveats as Markdown."""
    w = comparison.plan.workload
    lines = [
        f"# {_plain(w.name)}",
        "",
        f"{w.region}, {w.horizon} months from {w.start}, USD at {price_words(comparison)} of "
        f"{comparison.options.as_of}, {comparison.options.sizing} sizing, "
        f"catalog {comparison.catalog.name} `{comparison.catalog.digest[:12]}`.",
        "",
    ]
    lines += [f"- {_plain(s)}" for s in [*headline(comparison), *comparison.plan.warnings]]
    lines += [
        "",
        "| # | Offering | Invoices | Low to high | With labour | Size | Set by |",
        "|--:|---|--:|--:|--:|---|---|",
    ]
    for i, o in enumerate(comparison.ranked, 1):
        size = _plain(", ".join(p for p in (sizing_text(o), configuration_text(o)) if p))
        lines.append(
            f"| {i} | {o.subject.offering.name} | {total_text(o)} | {range_text(o.interval('total'))} | "
            f"{money(o.interval('total_with_labour').base)} | {size} | {o.binding} |"
        )
    if comparison.others:
        lines += ["", "## Below the ranking", ""]
        for o in comparison.others:
            reasons = _plain("; ".join(o.reasons))
            lines.append(f"- **{o.subject.offering.name}**: {verdict_text(o)}. {reasons}")
    caveats = [(o, v) for o in comparison.ranked if o.sla for v in o.sla.biting]
    if caveats:
        lines += [
            "",
            "## SLA caveats that bite this plan",
            "",
            "| Offering | Code | Severity | Caveat |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| {o.subject.offering.name} | {v.caveat.code} | {v.caveat.severity} | {_plain(v.caveat.text)} |"
            for o, v in caveats
        ]
    dated = [(o, e) for o in comparison.ranked for e in o.events]
    if dated:
        lines += ["", "## Announced within the horizon", "", "| Date | Offering | What |", "|---|---|---|"]
        lines += [f"| {e.date} | {o.subject.offering.name} | {_plain(e.text)} |" for o, e in dated]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text.replace("\n", " "))
