"""What the money rests on, what to ask, what was assumed, where it was read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from tco.analysis.compare import Comparison
from tco.engine.book import Book
from tco.engine.outcome import AGES, Outcome
from tco.report.chapters.plan import number
from tco.report.chapters.summary import name
from tco.report.chapters.text import FINALISTS, References, question, share, unit
from tco.report.words import money

#: A commit's full name; its first ten digits are enough for an address on paper.
_COMMIT = re.compile(r"\b([0-9a-f]{10})[0-9a-f]{30}\b")
_RECHECKED = 3
_CONFIDENCE = ("official", "official-mirror", "third-party", "derived", "assumption")


def evidence(comparison: Comparison) -> dict[str, Any]:
    """Shares of the invoices, by confidence and by age."""
    ranked = comparison.ranked
    kinds = [k for k in _CONFIDENCE if any(o.evidence.by_confidence.get(k) for o in ranked)]
    return {
        "kinds": [k.replace("-", " ") for k in kinds],
        "ages": [a[0].upper() + a[1:] for a in AGES],
        "rows": [_rests_on(o, kinds) for o in ranked],
    }


def _rests_on(o: Outcome, kinds: list[str]) -> dict[str, Any]:
    e = o.evidence
    return {
        "name": name(o),
        "shares": [share(e.by_confidence.get(k, 0.0)) for k in kinds],
        "ages": [share(e.by_age[a]) for a in AGES],
        "oldest": f"{e.oldest[0]}, {e.oldest[1].isoformat()}" if e.oldest else "none dated",
    }


def recheck(comparison: Comparison, refs: References) -> list[dict[str, Any]]:
    """For each finalist the old, undated or third-party prices that most of its money rests on."""
    return [
        {
            "name": name(o),
            "rows": [
                {
                    "label": w.label,
                    "price": w.price,
                    "money": money(w.cost),
                    "share": share(w.share),
                    "seen": str(w.seen or "undated"),
                    "ref": refs(w.source),
                }
                for w in o.evidence.weak[:_RECHECKED]
            ],
        }
        for o in comparison.ranked[:FINALISTS]
        if o.evidence.weak
    ]


def events(comparison: Comparison, refs: References) -> list[dict[str, Any]]:
    """What is announced for a day within the horizon."""
    dated = sorted(((e, o) for o in comparison.ranked for e in o.events), key=lambda pair: (pair[0].date, pair[1].id))
    return [
        {
            "date": e.date.isoformat(),
            "name": name(o),
            "kind": e.kind.replace("_", " "),
            "text": e.text,
            "ref": refs(e.source),
        }
        for e, o in dated
    ]


def questions(comparison: Comparison) -> list[dict[str, Any]]:
    """What only the vendors can answer, with the money that an answer settles."""
    askable = [o for o in comparison.outcomes if o.status != "infeasible" and o.subject.offering.questions]
    return [{"name": name(o), "asked": _asked(o)} for o in askable]


def _asked(o: Outcome) -> list[dict[str, str]]:
    costs = {ln.name: ln for ln in o.priced_lines}
    asked = []
    for q in o.subject.offering.questions:
        lines = [costs[n] for n in q.settles if n in costs]
        low, base, high = (sum(o.cost(ln, e) for ln in lines) for e in range(3))
        asked.append(
            {
                "ask": question(q.ask),
                "money": money(base) if lines else "not priced" if q.settles else "terms",
                "open": f"{money(low)} to {money(high)}" if low != high else "",
            }
        )
    return asked


def assumptions(comparison: Comparison, refs: References) -> list[dict[str, Any]]:
    """Every constant that all plans share, definitions left out: one month is one month."""
    if not comparison.outcomes:
        return []
    return constants(comparison.outcomes[0].book, comparison.catalog.sheets["assumptions"].constants, refs)


def constants(book: Book, names: Iterable[str], refs: References) -> list[dict[str, Any]]:
    """Constants of a book as a run has them, definitions left out."""
    rows = []
    for key in names:
        item, value = book.items[key], [float(v) for v in book.given[key].ravel()]
        if item.source == "definition":
            continue
        shown = f"{value[1]:,g} ({value[0]:,g} to {value[2]:,g})" if len(value) > 1 else f"{value[0]:,g}"
        rows.append(
            {
                "label": item.label,
                "note": item.note,
                "value": shown,
                "unit": unit(item.unit.text),
                "ref": refs(item.source),
            }
        )
    return rows


def inputs(comparison: Comparison) -> list[dict[str, str]]:
    """Every input of the workload, and whether it was given."""
    rows = []
    for key, value in comparison.plan.inputs.items():
        row = comparison.catalog.inputs.get(key)
        if row is None:
            continue
        left = row.optional and value.status == "default"
        rows.append(
            {
                "label": row.label,
                "note": row.note,
                "value": "not given" if left else number(value.number),
                "unit": unit(row.unit),
                "status": value.status,
            }
        )
    return rows


def sources(refs: References) -> list[dict[str, str]]:
    """Every document that a figure or a statement was read from."""
    return [
        {
            "number": refs(key).number,
            "id": key,
            "title": s.title,
            "url": _COMMIT.sub(r"\1", s.url.removeprefix("https://")),
            "link": s.url if s.url.startswith(("https://", "http://")) else "",
            "seen": str(s.seen or "undated"),
            "kind": s.kind.replace("-", " "),
        }
        for key, s in refs.sources
    ]
