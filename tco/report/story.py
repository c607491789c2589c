"""What the PDF and the HTML tell, as finished text: the templates place it and compute nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tco import __version__
from tco.analysis.compare import Comparison
from tco.engine.outcome import Outcome, plain_unit
from tco.engine.pricing import CostLine
from tco.report.citations import sources_used
from tco.report.headline import headline
from tco.report.words import (
    VERDICTS,
    configuration_text,
    money,
    price_text,
    promise_text,
    quantity_text,
    range_text,
    sizing_text,
    total_text,
)

_FINALISTS, _TOP_CAVEATS, _YEAR = 4, 6, 12
NOT_ASSESSED = (
    "taxes, negotiated discounts and commitments, vendor support plans, migration and exit, carbon and energy, "
    "the effort of application teams, and what a skills market offers"
)


@dataclass(frozen=True)
class Bar:
    """A stacked bar: parts and whisker as shares of the widest bar."""

    label: str
    total: str
    parts: list[tuple[str, float, float]]
    low: float
    high: float


def story(comparison: Comparison) -> dict[str, Any]:
    """Return everything the templates place, already in words."""
    plan, options = comparison.plan, comparison.options
    finalists = comparison.ranked[:_FINALISTS]
    return {
        "title": f"Total cost of running Apache Kafka: {plan.workload.name}",
        "name": plan.workload.name,
        "as_of": options.as_of.isoformat(),
        "catalog": comparison.catalog.digest,
        "tool": f"kafka-tco {__version__}",
        "facts": _facts(comparison),
        "production_only": len(plan.clusters) == 1,
        "warnings": plan.warnings,
        "defaults": f"{len(plan.defaults)} of {len(plan.inputs)}",
        "headline": headline(comparison),
        "months": plan.workload.horizon,
        "ranking": [_ranked(comparison, o) for o in comparison.ranked],
        "bars": _bars(comparison),
        "caveats": _top_caveats(finalists),
        "counter": _counter_arguments(comparison),
        "not_assessed": NOT_ASSESSED,
        "others": [
            {
                "name": o.subject.offering.name,
                "verdict": VERDICTS[o.status],
                "reasons": o.reasons,
                "total": total_text(o) if o.priced_lines and o.status == "not_a_substitute" else "",
            }
            for o in comparison.others
        ],
        "requirements": [_requirements(o) for o in finalists],
        "sizing": [_sizing(o) for o in comparison.ranked],
        "costs": [_costs(o) for o in finalists],
        "slas": [_sla(comparison, o) for o in finalists],
        "evidence": [_evidence(o) for o in comparison.ranked],
        "questions": [_questions(o) for o in comparison.outcomes if o.subject.offering.questions],
        "assumptions": _assumptions(comparison),
        "inputs": _inputs(comparison),
        "sources": _sources(comparison),
        "command": _command(comparison),
    }


def _facts(comparison: Comparison) -> list[tuple[str, str]]:
    plan, options = comparison.plan, comparison.options
    w = plan.workload
    return [
        ("Cloud and region", f"{w.cloud}, {w.region}"),
        ("Horizon", f"{w.horizon} months from {w.start}"),
        ("Prices", f"list prices in USD in force on {options.as_of.isoformat()}, taxes excluded"),
        ("Sizing", "each vendor's own published rule" if options.sizing == "vendor" else "one service level for all"),
        ("Environments", ", ".join(f"{c.name} x {c.count}" for c in plan.clusters)),
        ("Catalog", f"SHA-256 {comparison.catalog.digest[:16]}, {__version__}"),
    ]


def _ranked(comparison: Comparison, o: Outcome) -> dict[str, str]:
    tied, first = comparison.tied, comparison.ranked[0]
    apart = "" if o is first and len(tied) == 1 else "tied" if o in tied and len(tied) > 1 else "yes"
    return {
        "rank": str(comparison.ranked.index(o) + 1),
        "name": o.subject.offering.name,
        "size": sizing_text(o),
        "total": total_text(o),
        "range": range_text(o.interval("total")) or "no range",
        "npv": money(o.interval("npv").base),
        "labour": money(o.interval("total_with_labour").base),
        "month": money(float(o.monthly("invoices")[0])),
        "unit": f"{o.interval('unit_cost').base:.4f}",
        "apart": apart or "cheapest",
        "promise": promise_text(o),
        "marks": "; ".join(o.marks),
    }


def _bars(comparison: Comparison) -> list[Bar]:
    widest = max((o.interval("total").high for o in comparison.ranked), default=1.0) or 1.0
    bars = []
    for o in comparison.ranked:
        parts, at = [], 0.0
        for payer, row in (("vendor invoice", "vendor_invoice"), ("cloud invoice", "cloud_invoice")):
            share = float(o.monthly(row).sum()) / widest
            parts.append((payer, at, share))
            at += share
        total = o.interval("total")
        bars.append(Bar(o.subject.offering.name, total_text(o), parts, total.low / widest, total.high / widest))
    return bars


def _top_caveats(finalists: list[Outcome]) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for o in finalists:
        for v in o.sla.biting if o.sla else ():
            entry = found.setdefault(v.caveat.code, {"severity": v.caveat.severity, "text": v.caveat.text, "names": ""})
            entry["names"] = ", ".join(p for p in (entry["names"], o.subject.offering.name) if p)
    order = sorted(found.values(), key=lambda e: ("critical", "major", "minor").index(e["severity"]))
    return order[:_TOP_CAVEATS]


def _counter_arguments(comparison: Comparison) -> list[str]:
    """Say what speaks against the first place, from the figures."""
    if not comparison.ranked:
        return []
    best = comparison.ranked[0]
    name, found = best.subject.offering.name, []
    if len(comparison.tied) > 1:
        others = ", ".join(o.subject.offering.name for o in comparison.tied if o is not best)
        found.append(f"Public evidence does not separate {name} from {others}.")
    with_labour = comparison.cheapest_with_labour
    if with_labour and with_labour is not best:
        found.append(f"Once labour counts at the assumed rates, {with_labour.subject.offering.name} is cheaper.")
    unsafe = [v for v in best.sla.biting if v.caveat.severity == "critical"] if best.sla else []
    if best.sla is None or not best.sla.covers_kafka:
        found.append(f"{name} comes with no promise that Kafka is up.")
    elif unsafe:
        found.append(f"The promise of {name} is thinner than its percentage: {unsafe[0].caveat.text}")
    down = best.utilisation("zone_down")
    if down is not None and down > 1:
        found.append(f"With a zone down, {name} would run at {down:.0%} of its sustained capacity at peak.")
    old = best.evidence.older_than_a_year + best.evidence.undated
    if old > comparison.stale_share:
        found.append(f"{old:.0%} of the money for {name} rests on prices read over a year ago or undated.")
    return found


def _requirements(o: Outcome) -> dict[str, Any]:
    answers = [
        {"text": r.text, "must": "must" if r.must else "should", "answer": r.answer.replace("_", " ")}
        for r in o.requirements
    ]
    return {"name": o.subject.offering.name, "answers": answers}


def _sizing(o: Outcome) -> dict[str, Any]:
    offering = o.subject.offering
    source = o.catalog.sources.get(offering.sizing.source)
    choice = o.choices[0]
    peak, down = o.utilisation("peak"), o.utilisation("zone_down")
    return {
        "name": offering.name,
        "size": sizing_text(o),
        "configuration": configuration_text(o),
        "binding": o.binding,
        "peak": f"{peak:.0%}" if peak is not None else "",
        "down": f"{down:.0%}" if down is not None else "",
        "basis": offering.sizing.basis,
        "source": source.title if source else offering.sizing.source,
        "default": money(o.default_total) if o.default_total is not None else "not feasible",
        "total": total_text(o),
        "own": money(choice.total),
        "tied": len(choice.tied),
        "runners_up": [
            {
                "configuration": ", ".join(v for k, v in r.configuration.items() if k != "access"),
                "total": money(r.total),
                "why": r.why,
            }
            for r in choice.runners_up[:3]
        ],
    }


def _costs(o: Outcome) -> dict[str, Any]:
    years = range(-(-o.horizon // _YEAR))
    lines = sorted((ln for ln in o.priced_lines), key=lambda ln: (ln.line.payer == "labour", -o.cost(ln)))
    return {
        "name": o.subject.offering.name,
        "years": [f"Year {y + 1}" for y in years],
        "lines": [_cost_line(o, ln) for ln in lines if ln.line.payer != "labour"],
        "labour": [_cost_line(o, ln) for ln in lines if ln.line.payer == "labour"],
        "unpriced": [f"{ln.line.label}: {ln.missing}" for ln in o.unpriced],
        "total": {"years": _by_year(o, "invoices"), "sum": total_text(o), "range": range_text(o.interval("total"))},
    }


def _cost_line(o: Outcome, line: CostLine) -> dict[str, Any]:
    points = o.points(line)
    prices = [price_text(p) for p in points[:1]] + (
        [f"{len(points)} bands"] if len(points) > 1 and not line.line.variant else []
    )
    constant = o.book.items.get(line.constant)
    low, high = o.cost(line, 0), o.cost(line, 2)
    return {
        "label": line.line.label,
        "payer": line.line.payer.replace("_", "-"),
        "quantity": quantity_text(float(o.monthly(line.name).sum())),
        "unit": plain_unit(line.unit),
        "price": ", ".join(prices) if points else money(o.interval(line.constant).base) if constant else "",
        "source": points[0].source if points else (constant.source if constant else ""),
        "years": _by_year(o, f"{line.name}.cost"),
        "sum": money(o.cost(line)),
        "range": f"{money(low)} to {money(high)}" if low != high else "",
    }


def _by_year(o: Outcome, row: str) -> list[str]:
    months = o.monthly(row)
    return [money(float(months[y * _YEAR : (y + 1) * _YEAR].sum())) for y in range(-(-o.horizon // _YEAR))]


def _sla(comparison: Comparison, o: Outcome) -> dict[str, Any]:
    name = o.subject.offering.name
    if o.sla is None:
        return {"name": name, "terms": None}
    s, c = o.sla, o.sla.terms.credits
    bands = "; ".join(f"below {b.below} % and at least {b.at_least} %: {b.percent} %" for b in c.bands)
    sole = {"true": "yes", "false": "no", None: "not known"}[c.sole_remedy]
    caveats = []
    for v in s.biting:
        source = comparison.catalog.sources.get(v.caveat.source)
        seen = source.seen.isoformat() if source and source.seen else "undated"
        caveats.append(
            {
                "code": v.caveat.code,
                "severity": v.caveat.severity,
                "text": v.caveat.text,
                "source": v.caveat.source,
                "seen": seen,
            }
        )
    return {
        "name": name,
        "terms": s.terms,
        "promise": promise_text(o),
        "commitment": s.commitment,
        "qualifies": s.qualifies,
        "failed": [f.text for f in s.failed],
        "conditions": [f.text for f in s.terms.conditions],
        "minutes": f"{s.minutes:,.1f}" if s.minutes is not None else "none",
        "enough": {True: "reaches the uptime required", False: "does not reach the uptime required", None: ""}[
            s.enough
        ],
        "rows": [
            ("Covers", s.terms.scope_text),
            ("Counts as down", s.terms.measure.text),
            ("Credits", bands if c.public == "true" and bands else "not public: ask"),
            ("Taken of", c.base or "not public: ask"),
            ("Cap", c.cap or "not public: ask"),
            ("Claim", c.claim or (f"within {c.claim_days} days" if c.claim_days else "not public: ask")),
            ("Credits expire", c.expiry or "not public: ask"),
            ("Sole remedy", sole),
            ("Maintenance", s.terms.maintenance or "not stated"),
        ],
        "exclusions": s.terms.exclusions,
        "caveats": caveats,
        "not_promised": ", ".join(s.terms.not_promised),
        "version": f"{s.terms.version or 'undated'}, read {s.terms.read}, {s.terms.confidence}",
        "url": s.terms.url,
    }


def _evidence(o: Outcome) -> dict[str, str]:
    e = o.evidence
    shares = ", ".join(f"{k} {v:.0%}" for k, v in sorted(e.by_confidence.items(), key=lambda i: -i[1]))
    oldest = f"{e.oldest[0]}, read {e.oldest[1].isoformat()}" if e.oldest else "none dated"
    return {
        "name": o.subject.offering.name,
        "confidence": shares,
        "old": f"{e.older_than_a_year:.0%}",
        "undated": f"{e.undated:.0%}",
        "oldest": oldest,
    }


def _questions(o: Outcome) -> dict[str, Any]:
    asked = []
    costs = {ln.name: ln for ln in o.priced_lines}
    for q in o.subject.offering.questions:
        settled = [costs[n] for n in q.settles if n in costs]
        amount = sum(o.cost(ln) for ln in settled)
        asked.append({"ask": q.ask, "money": money(amount) if settled else ""})
    return {"name": o.subject.offering.name, "asked": asked}


def _assumptions(comparison: Comparison) -> list[dict[str, str]]:
    rows = []
    sheet = comparison.catalog.sheets["assumptions"]
    book = comparison.outcomes[0].book
    for name in sheet.constants:
        item, value = book.items[name], [float(v) for v in book.given[name].ravel()]
        if item.note == "a definition":
            continue
        shown = f"{value[1]:,g} ({value[0]:,g} to {value[2]:,g})" if len(value) > 1 else f"{value[0]:,g}"
        rows.append(
            {
                "label": item.label,
                "value": shown,
                "unit": plain_unit(item.unit.text),
                "source": item.source,
                "note": item.note,
            }
        )
    return rows


def _inputs(comparison: Comparison) -> list[dict[str, str]]:
    rows = []
    for name, value in comparison.plan.inputs.items():
        row = comparison.catalog.inputs.get(name)
        if row:
            number = (
                f"{value.number:,f}".rstrip("0").rstrip(".") if "." in f"{value.number:f}" else f"{value.number:,f}"
            )
            rows.append({"label": row.label, "value": number, "unit": plain_unit(row.unit), "status": value.status})
    return rows


def _sources(comparison: Comparison) -> list[dict[str, str]]:
    known = comparison.catalog.sources
    return [
        {
            "id": n,
            "title": known[n].title,
            "url": known[n].url,
            "seen": str(known[n].seen or "undated"),
            "kind": known[n].kind,
        }
        for n in sorted(sources_used(comparison))
        if n in known
    ]


def _command(comparison: Comparison) -> str:
    options, plan = comparison.options, comparison.plan
    parts = ["tco report WORKLOAD.yaml", f"--as-of {options.as_of.isoformat()}", f"--sizing {options.sizing}"]
    parts += [f"--set {k}='{v}'" for k, v in plan.overrides.items()] + [
        f"--given {k}='{v}'" for k, v in options.given.items()
    ]
    return " ".join([*parts, *(["--cloud any"] if options.any_cloud else [])])
