"""What the SLA of each finalist promises this plan, in our own words."""

from __future__ import annotations

from typing import Any

from tco.analysis.compare import Comparison
from tco.analysis.risk import of_plan, outages_of_a_year
from tco.catalog.terms import Credits
from tco.engine.outcome import Outcome
from tco.report.chapters.summary import name
from tco.report.chapters.text import FINALISTS, References, counted, listed
from tco.report.words import maintenance_text, part_text, parts_of, promise_text, together_text
from tco.report.year import HEADS, expectation, year_cells
from tco.sla.verdict import SlaVerdict

_REACHES = {True: "reached", False: "not reached", None: ""}
_SOLE = {"true": "yes", "false": "no", None: None}


def pages(comparison: Comparison, refs: References) -> list[dict[str, Any]]:
    """One page a finalist."""
    return [_page(o, refs) for o in comparison.ranked[:FINALISTS]]


def year(comparison: Comparison) -> dict[str, Any] | None:
    """What expected outages cost beside the invoices of each finalist; None where the workload expects none."""
    finalists = {o.id for o in comparison.ranked[:FINALISTS]}
    rows = [row for row in of_plan(comparison) if row.outcome.id in finalists]
    if not rows:
        return None
    return {
        "heads": HEADS,
        "rows": [{"name": name(row.outcome), "cells": year_cells(row)} for row in rows],
        "said": list(expectation(rows, outages_of_a_year(comparison))),
    }


def _page(o: Outcome, refs: References) -> dict[str, Any]:
    s = o.sla
    if s is None:
        return {"name": name(o), "terms": None}
    found = parts_of(o)
    idle = len(s.caveats) - len(s.biting)
    return {
        "name": name(o),
        "terms": s.terms,
        "version": f"{f'version of {s.terms.version}' if s.terms.version else 'undated'}, read {s.terms.read}, "
        f"{s.terms.confidence}",
        "ref": refs(s.terms.source),
        "link": s.terms.url if s.terms.url.startswith(("https://", "http://")) else "",
        "key": [
            ("Uptime promised", promise_text(o)),
            ("Minutes down allowed a month", _minutes(s)),
            ("Does the plan qualify", _qualifies(s)),
            ("Uptime required", f"{s.required:g} %: {_REACHES[s.enough]}" if s.required else "none stated"),
        ],
        "commitment": s.commitment,
        "conditions": [{"text": c.text, "holds": c not in s.failed, "ref": refs(c.source)} for c in s.terms.conditions],
        "credits": _credits(s.terms.credits),
        "maintenance": maintenance_text(s.terms),
        "caveats": [
            {
                "severity": v.caveat.severity,
                "code": v.caveat.code,
                "text": v.caveat.text,
                "ref": refs(v.caveat.source),
                "seen": refs.seen(v.caveat.source),
            }
            for v in s.biting
        ],
        "idle": f"{counted(idle, 'further caveat does', 'further caveats do')} not touch this plan." if idle else "",
        "parts": [{"text": part_text(p), "ref": refs(p.source)} for p in found],
        "together": together_text(found),
        "not_promised": ", ".join(s.terms.not_promised),
    }


def _minutes(s: SlaVerdict) -> str:
    if s.minutes is None:
        return "none promised"
    return f"{s.minutes:,.1f}" if s.covers_kafka else f"none for Kafka ({s.minutes:,.1f} for what is covered)"


def _qualifies(s: SlaVerdict) -> str:
    if s.percent is None:
        return "no: nothing is promised to this plan"
    if s.qualifies == "unknown":
        return "open: no conditions in the text as read"
    return "yes" if s.qualifies == "yes" else "no: see conditions"


def _credits(c: Credits) -> list[tuple[str, str]]:
    """Credits as far as they are public; what is not is asked for in one line."""
    bands = "; ".join(
        f"{b.percent} % below {b.below} %" + (f" down to {b.at_least} %" if b.at_least else "") for b in c.bands
    )
    claim = c.claim or (f"within {c.claim_days} days" if c.claim_days else None)
    found = [
        ("Credits", "their bands", bands if c.public == "true" and bands else None),
        ("Taken of", "what they are taken of", c.base),
        ("Cap", "their cap", c.cap),
        ("Claim", "the claim window and the proof", claim),
        ("Expiry of credits", "their expiry", c.expiry),
        ("Sole remedy", "whether they are the sole remedy", _SOLE[c.sole_remedy]),
    ]
    known = [(label, text) for label, _, text in found if text]
    asked = [words for _, words, text in found if not text]
    label = "Open about credits" if known else "Credits"
    return [*known, (label, f"not public: ask for {listed(asked)}")] if asked else known
