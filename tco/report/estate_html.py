"""The report on an estate as one self-contained HTML file, and the same document as PDF."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from tco import __version__
from tco.analysis.estates import RANKED, Candidate, EstateComparison, Mix
from tco.analysis.recovery import REGION, Objective, objectives
from tco.engine.estate import EstateOutcome, Placement
from tco.engine.link import LinkOutcome
from tco.report import estate_evidence as basis
from tco.report import estate_tables as tables
from tco.report.chapters.evidence import sources
from tco.report.estate_json import estate_json
from tco.report.estate_ledger import ledger
from tco.report.estate_words import (
    clients_text,
    counted,
    interval_text,
    invoices_text,
    part_text,
    promised,
    rpo_text,
    sla_text,
)
from tco.report.html import rendered
from tco.report.pdf import printed
from tco.report.topology import Edge, Node, Topology, draw
from tco.report.words import NOT_ASSESSED, VERDICTS, catalog_text, money
from tco.workload.estate_rules import warnings

_TEMPLATE = "estate.html.j2"
_LONGEST_FOOTER = 60


def render_estate_html(
    comparison: EstateComparison, sets: Mapping[str, str] | None = None, mixes: Sequence[Mix] = ()
) -> str:
    """Return the report on the first candidate: no script, nothing loaded from elsewhere, all text escaped.

    Args:
        comparison: the estate on each offering that was asked for.
        sets: what `--set` changed, for the command that makes the report again.
        mixes: the cheapest mixes of these offerings, the one without constraints first; none if not searched for.
    """
    return rendered(_TEMPLATE, estate_story(comparison, sets or {}, mixes))


def render_estate_pdf(
    comparison: EstateComparison, sets: Mapping[str, str] | None = None, mixes: Sequence[Mix] = ()
) -> bytes:
    """Return the PDF, with the estate and the results attached.

    Raises:
        InputError: Pango is not installed.
    """
    return printed(
        render_estate_html(comparison, sets, mixes),
        comparison.options.as_of,
        comparison.catalog.digest,
        [
            ("results.json", estate_json([comparison], mixes), "The results, for machines"),
            ("estate.yaml", comparison.estate.text, "The estate, as read"),
        ],
    )


def estate_story(comparison: EstateComparison, sets: Mapping[str, str], mixes: Sequence[Mix] = ()) -> dict[str, Any]:
    """Return everything the template places, already in words."""
    first, estate = comparison.candidates[0], comparison.estate.estate
    outcome = first.outcome
    refs = basis.references(comparison, outcome)
    found = objectives(comparison.catalog, comparison.costing, outcome)
    book = ledger(outcome)
    return {
        "name": estate.name,
        "about": estate.about,
        "footer": _footer(comparison),
        "tool": f"kafka-tco {__version__}",
        "months": estate.horizon,
        "facts": _facts(comparison, sets),
        "key": _key(outcome),
        "answer": [*_answer(comparison, first), *_mixed(first.outcome, mixes), clients_text(comparison)],
        "reasons": tables.reasons(outcome),
        "against": tables.against(outcome, found),
        "warnings": [w.text for w in warnings(comparison.estate, comparison.catalog)],
        "topology": topology(comparison, found),
        "open_promise": any(sla_text(p).endswith("?") for p in outcome.placements),
        "clusters": tables.clusters(outcome, book),
        "links": tables.links(outcome, book),
        "account": tables.account(outcome),
        "sums": tables.sums(outcome, book),
        "recovery": tables.recovery(found),
        "quotas": [q | {"ref": refs(q["source"])} for q in tables.quotas(comparison.catalog, outcome)],
        "slas": basis.promises(outcome, refs),
        "ranking": tables.ranking(comparison),
        "below": tables.below(comparison),
        "mixes": tables.mixes(mixes),
        "alone": len(comparison.candidates) == 1,
        "questions": basis.questions(outcome),
        "told": estate.sources,
        "assumptions": basis.assumptions(comparison, outcome, refs),
        "sources": sources(refs),
        "not_assessed": NOT_ASSESSED,
        "command": _command(comparison, sets, mixes),
        "catalog": comparison.catalog.digest,
    }


def _footer(comparison: EstateComparison) -> str:
    title = comparison.estate.estate.name
    title = title if len(title) <= _LONGEST_FOOTER else f"{title[: _LONGEST_FOOTER - 1]}…"
    return f"{title} · prices of {comparison.options.as_of.isoformat()} · catalog {catalog_text(comparison.catalog)}"


def _facts(comparison: EstateComparison, sets: Mapping[str, str]) -> list[tuple[str, str]]:
    e, options = comparison.estate, comparison.options
    clusters = counted(int(sum(m.count for m in e.members)), "cluster")
    changed = {**sets, **options.given, **options.assumptions, **options.prices}
    rows = [
        ("Estate", f"{clusters} of {counted(len(e.members), 'kind')}, {counted(len(e.links), 'link')}"),
        ("Horizon", f"{e.estate.horizon} months from {e.estate.start}"),
        ("Prices as of", options.as_of.isoformat()),
        ("Catalog", catalog_text(comparison.catalog)),
    ]
    return [*rows, ("Set for this run", ", ".join(f"{k}={v}" for k, v in changed.items()))] if changed else rows


def _key(outcome: EstateOutcome) -> list[tuple[str, str]]:
    return [
        *((f"{word}, USD", value) for word, value in tables.parts(outcome)),
        ("Least uptime promised", promised(outcome) or "none asked"),
    ]


def _answer(comparison: EstateComparison, first: Candidate) -> list[str]:
    """What is chosen and what it costs; the first sentence is the answer."""
    outcome, name = first.outcome, tables.offering_name(comparison, first)
    if first not in comparison.ranked:
        return [f"Not recommended, {VERDICTS[outcome.status]}: {name}."]
    several = len(comparison.ranked)
    lead = f"On {name}" if first.offering else "As assigned in the file"
    if several > 1:
        lead = f"Cheapest of {several} offerings that can carry all of it: {name}"
    elif len(comparison.candidates) > 1:
        lead = f"The only one of {len(comparison.candidates)} that can carry all of it: {name}"
    between = interval_text(outcome)
    range_ = f" ({between})" if between else ""
    months = comparison.estate.estate.horizon
    return [
        f"{lead}: {invoices_text(outcome)} USD of invoices over {months} months{range_}.",
        f"With labour at the assumed rates {money(outcome.total('cash'))} USD; invoices discounted "
        f"{money(outcome.total('discounted'))} USD.",
    ]


def _mixed(outcome: EstateOutcome, mixes: Sequence[Mix]) -> list[str]:
    """Say what choosing cluster by cluster saves."""
    best = mixes[0].outcome if mixes else None
    if best is None or outcome.status not in RANKED or best.invoices > outcome.invoices - 1:
        return []
    less = 1 - best.invoices / outcome.invoices
    return [f"A mix of offerings, cluster by cluster, comes to {money(best.invoices)} USD, {less:.1%} less."]


def topology(comparison: EstateComparison, found: Sequence[Objective]) -> Topology:
    """Draw the estate on its first candidate."""
    outcome = comparison.candidates[0].outcome
    rpos: dict[str, list[str]] = {}
    for o in found:
        if o.loss == REGION:
            rpos.setdefault(o.cluster, []).append(rpo_text(o))
    edges = [
        Edge(f.source.name, f.target.name, _edge_text(outcome, f.name), "recovers" if f.recovers else "feeds")
        for f in comparison.estate.links
    ]
    nodes = _nodes(outcome, rpos)
    said = "; ".join(f"{e.source} {e.text}" for e in edges) or "no links"
    title = f"Clusters and links of {comparison.estate.estate.name}"
    return draw(title, f"{', '.join(f'{n.title} in {n.column}' for n in nodes)}. {said}.", nodes, edges)


def _nodes(outcome: EstateOutcome, rpos: Mapping[str, Sequence[str]]) -> list[Node]:
    by = {p.member.name: p for p in outcome.placements}
    found = []
    for m in outcome.estate.members:
        p = by.get(m.name)
        site = p.group.subject.site if p else None
        cloud, region = (site.cloud, site.region) if site else m.site
        other = f", also in {m.spec.other_region}" if m.spec.other_region else ""
        lines = [f"{m.spec.role}{other} · {p.offering if p else 'cannot run here'}"]
        if p:
            lines.append(f"{_usd(outcome, p)} · SLA\u00a0{_kept(sla_text(p))}")
        rpo = f"RPO\u00a0{'; '.join(dict.fromkeys(rpos[m.name]))}" if m.name in rpos else ""
        if rpo == "RPO\u00a0all" and p:
            lines[-1] += f" · {rpo}"
        elif rpo:
            lines.append(rpo)
        found.append(Node(m.name, f"{m.name} ×\u00a0{m.count:g}", f"{cloud} {region}", lines))
    return found


def _edge_text(outcome: EstateOutcome, name: str) -> str:
    flow = next(f for f in outcome.estate.links if f.name == name)
    x = next((x for x in outcome.links if x.flow.name == name), None)
    by = f"{x.mechanism.id} {_usd(outcome, x)}" if x else "not costed"
    return f"→\u00a0{flow.target.name} ×\u00a0{flow.links:g}: {by}"


def _usd(outcome: EstateOutcome, part: Placement | LinkOutcome) -> str:
    text = part_text(outcome, part)
    return _kept(text if text == VERDICTS["quote_needed"] else f"{text} USD")


def _kept(text: str) -> str:
    """Text that is not broken between words."""
    return text.replace(" ", "\u00a0")


def _command(comparison: EstateComparison, sets: Mapping[str, str], mixes: Sequence[Mix]) -> str:
    """The command that makes this report again."""
    options = comparison.options
    words = ["tco", "report", "estate.yaml", "--as-of", options.as_of.isoformat(), "--sizing", options.sizing]
    for option, values in (("--set", sets), ("--given", options.given)):
        for key, value in values.items():
            words += [option, f"{key}={value}"]
    words += ["--assumptions", "FILE"] if options.assumptions else []
    words += ["--catalog", comparison.catalog.name] if comparison.catalog.name != "head" else []
    words += [word for _ in comparison.catalog.quotes for word in ("--overlay", "FILE")]
    words += ["--cloud", "any"] if options.any_cloud else []
    words += [word for offering in comparison.asked for word in ("--offering", offering)]
    return shlex.join([*words, *(["--optimize", *_limits(mixes)] if mixes else [])])


def _limits(mixes: Sequence[Mix]) -> list[str]:
    """Options for the constraints that mixes were looked for under."""
    asked = [m.constraint for m in mixes]
    vendors, uptime = max(c.vendors or 0 for c in asked), max(c.uptime for c in asked)
    words = ["--vendors", str(vendors)] if vendors else []
    words += ["--one-cloud"] if any(c.one_cloud for c in asked) else []
    return [*words, *(["--uptime", f"{uptime:g}"] if uptime else [])]
