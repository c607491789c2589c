"""Which sources outcomes rest on."""

from __future__ import annotations

from collections.abc import Iterable

from tco.analysis.compare import Comparison
from tco.engine.link import LinkOutcome
from tco.engine.outcome import Outcome


def sources_used(comparison: Comparison) -> set[str]:
    """Ids of the sources behind all outcomes of a comparison; see `sources_of`."""
    return sources_of(comparison.outcomes)


def sources_of(outcomes: Iterable[Outcome]) -> set[str]:
    """Ids of the sources behind prices, figures, limits, latency, capabilities and SLA statements."""
    used: set[str] = set()
    for o in outcomes:
        offering = o.subject.offering
        used |= {p.source for ln in o.subject.lines for p in ln.points}
        used |= {i.source for i in o.book.items.values() if i.source}
        used |= {limit.source for limit in offering.limits.values()} | {r.source for r in offering.rules.values()}
        used |= {c.source for c in (*offering.capabilities.values(), *offering.access.values())}
        used |= {latency.source for latency in offering.latency.values()}
        used |= {offering.sizing.source, offering.compression_source, *(p.source for p in o.subject.paths)}
        used |= {e.source for e in o.events}
        used |= {layer.source for layer in offering.layers.values()}
        if o.sla:
            used |= {o.sla.terms.source, *(c.source for c in o.sla.terms.caveats)}
    return used


def sources_of_links(links: Iterable[LinkOutcome]) -> set[str]:
    """Ids of the sources behind prices, figures, limits and capabilities of links."""
    used: set[str] = set()
    for x in links:
        m = x.mechanism
        used |= {p.source for ln in x.lines for p in ln.points}
        used |= {i.source for i in x.book.items.values() if i.source}
        used |= {limit.source for limit in m.limits.values()} | {quota.source for quota in m.quotas.values()}
        used |= {m.offsets.source, m.keeps_names.source}
    return used
