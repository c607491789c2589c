"""What an estate's report rests on: SLA terms, questions, assumptions, sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tco.analysis.estates import EstateComparison
from tco.catalog.schema import Question
from tco.engine.book import Book
from tco.engine.estate import EstateOutcome, Placement
from tco.engine.link import RECOVERY, LinkOutcome, give_recovery
from tco.report.chapters.evidence import constants
from tco.report.chapters.text import References, question
from tco.report.citations import sources_of, sources_of_links
from tco.report.estate_words import counted, sla_text

_ASSUMPTIONS = "assumptions"


def references(comparison: EstateComparison, outcome: EstateOutcome) -> References:
    """Numbers of the sources behind prices, figures, limits, quotas, capabilities and SLA statements."""
    used = sources_of({id(p.group): p.group for p in outcome.placements}.values()) | sources_of_links(outcome.links)
    used |= {q.source for p in outcome.placements for q in p.group.subject.offering.quotas.values()}
    used |= {v.caveat.source for p in outcome.placements if p.sla for v in p.sla.biting}
    used |= {point.source for r in outcome.account for point in r.line.points}
    return References(comparison.catalog.sources, used)


def promises(outcome: EstateOutcome, refs: References) -> list[dict[str, Any]]:
    """What the SLA of each offering in use promises, and the critical caveats that bite."""
    return [_promise(name, placements, refs) for name, placements in _by_offering(outcome).items()]


def _by_offering(outcome: EstateOutcome) -> dict[str, list[Placement]]:
    found: dict[str, list[Placement]] = {}
    for p in outcome.placements:
        found.setdefault(p.group.subject.offering.name, []).append(p)
    return found


def _promise(name: str, placements: list[Placement], refs: References) -> dict[str, Any]:
    promised: dict[str, list[str]] = {}
    biting: dict[str, tuple[Any, list[str]]] = {}
    for p in placements:
        promised.setdefault(sla_text(p), []).append(p.member.name)
        for v in p.sla.biting if p.sla else ():
            biting.setdefault(v.caveat.code, (v.caveat, []))[1].append(p.member.name)
    critical = [(c, names) for c, names in biting.values() if c.severity == "critical"]
    less = len(biting) - len(critical)
    return {
        "name": name,
        "terms": next((p.sla.terms.title for p in placements if p.sla), ""),
        "promised": [(text, _names(names, placements)) for text, names in promised.items()],
        "caveats": [
            {"text": c.text, "ref": refs(c.source), "seen": refs.seen(c.source), "clusters": _names(names, placements)}
            for c, names in critical
        ],
        "more": f"{counted(less, 'less severe caveat')} {'bites' if less == 1 else 'bite'} too." if less else "",
    }


def _names(names: Iterable[str], placements: list[Placement]) -> str:
    mine = list(names)
    return "all of its clusters" if len(mine) == len(placements) > 1 else ", ".join(mine)


def questions(outcome: EstateOutcome) -> list[dict[str, Any]]:
    """What only vendors can answer about the offerings and mechanisms in use."""
    asked: dict[str, Iterable[Question]] = {}
    for p in outcome.placements:
        asked[p.group.subject.offering.name] = p.group.subject.offering.questions
    for x in outcome.links:
        asked[x.mechanism.name] = x.mechanism.questions
    return [{"name": name, "asked": [question(q.ask) for q in qs]} for name, qs in asked.items() if qs]


def assumptions(comparison: EstateComparison, outcome: EstateOutcome, refs: References) -> list[dict[str, Any]]:
    """Constants that all clusters share, those of recovery, and those of each mechanism in use."""
    catalog = comparison.catalog
    book = Book(catalog.units)
    give_recovery(catalog, book, comparison.options)
    shared = [n for n in catalog.sheets[_ASSUMPTIONS].constants if n in outcome.book.given]
    found = [
        ("All clusters and links", constants(outcome.book, shared, refs)),
        ("Recovery", constants(book, catalog.sheets[RECOVERY].constants, refs)),
    ]
    found += [(x.mechanism.name, _mechanism(x, refs)) for x in {x.mechanism.id: x for x in outcome.links}.values()]
    return [{"name": name, "rows": rows} for name, rows in found if rows]


def _mechanism(x: LinkOutcome, refs: References) -> list[dict[str, Any]]:
    return constants(x.book, [*x.mechanism.constants, "lag"], refs)
