"""What estates come to, as data."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tco import __version__
from tco.analysis.estates import Candidate, EstateComparison, Mix
from tco.analysis.recovery import Objective, objectives
from tco.engine.estate import PAYERS, EstateOutcome, Placement, link_status
from tco.engine.link import LinkOutcome
from tco.engine.quotas import quota_uses
from tco.model.evaluate import end_of
from tco.workload.estate_rules import warnings

SCHEMA_VERSION = 1


def estate_json(compared: Sequence[EstateComparison], mixes: Sequence[Mix] = ()) -> str:
    """Return several estates, each on every offering, as JSON: USD, seconds for RPO and minutes for RTO."""
    data = {
        "schema_version": SCHEMA_VERSION,
        "tool": f"kafka-tco {__version__}",
        "estates": [_estate(c) for c in compared],
    }
    if mixes:
        data["mixes"] = [_mix(m) for m in mixes]
    return json.dumps(data, indent=2, ensure_ascii=False)


def _estate(c: EstateComparison) -> dict[str, object]:
    return {
        "name": c.estate.estate.name,
        "catalog": {"release": c.catalog.name, "sha256": c.catalog.digest},
        "as_of": str(c.options.as_of),
        "months": c.estate.estate.horizon,
        "text": c.estate.text,
        "warnings": [{"code": w.code, "text": w.text} for w in warnings(c.estate, c.catalog)],
        "results": [_result(c, x) for x in c.candidates],
    }


def _result(c: EstateComparison, x: Candidate) -> dict[str, object]:
    o = x.outcome
    return {
        "offering": x.offering or None,
        "status": o.status,
        "reasons": o.reasons,
        "invoices": _three(o, "invoices"),
        "with_labour": _three(o, "cash"),
        "discounted": _three(o, "discounted"),
        "clusters": [_cluster(o, p) for p in o.placements],
        "links": [_link(o, link) for link in o.links],
        "account": [
            {
                "label": r.label,
                "payer": r.line.line.payer,
                "cost": _three(o, r.cost) if r.cost else None,
                "missing": r.line.missing or None,
                "shares": {by: _three(o, row) for by, row in r.shares.items()},
            }
            for r in o.account
        ],
        "quotas": [
            {
                "of": u.of,
                "region": u.where or None,
                "label": u.quota.label,
                "used": u.used,
                "quota": float(u.quota.value),
                "unit": u.quota.unit,
                "accounts": u.accounts,
            }
            for u in quota_uses(o)
        ],
        "recovery": [_objective(r) for r in objectives(c.catalog, c.costing, o)],
    }


def _cluster(o: EstateOutcome, p: Placement) -> dict[str, object]:
    name = p.member.name
    group = p.group
    units = group.subject.offering.sizing.units
    return {
        "cluster": name,
        "count": float(p.member.count),
        "role": p.member.spec.role,
        "environment": p.member.spec.environment,
        "team": p.member.spec.team,
        "offering": p.offering,
        "cloud": group.subject.site.cloud,
        "region": group.subject.site.region,
        "configuration": group.choices[p.place].configuration,
        "units": float(group.monthly(units, p.place).max()),
        "unit": group.book.items[units].unit.text,
        "status": p.status,
        "reasons": p.reasons,
        "uptime_promised": float(p.sla.percent) if p.sla and p.sla.percent is not None and p.sla.covers_kafka else None,
        "own": {payer: _three(o, f"{name}.{payer}") for payer in PAYERS},
        "with_share": _three(o, f"{name}.invoices"),
    }


def _link(o: EstateOutcome, x: LinkOutcome) -> dict[str, object]:
    name = x.flow.name
    return {
        "link": name,
        "count": float(x.flow.links),
        "from": x.flow.source.name,
        "to": x.flow.target.name,
        "mechanism": x.mechanism.id,
        "mode": x.flow.spec.mode,
        "path": x.path.path if x.path else None,
        "status": link_status(x),
        "reasons": [*x.refused, *x.broken, *x.misses, *(ln.missing for ln in x.unpriced)],
        "peak_mb_s": x.worst(f"link.{name}.peak")[1],
        "own": {payer: _three(o, f"{name}.{payer}") for payer in PAYERS},
        "with_share": _three(o, f"{name}.invoices"),
        "lines": [
            {"label": ln.line.label, "payer": ln.line.payer, "cost": _sum(x, f"{ln.name}.cost")}
            for ln in x.lines
            if ln.priced and _sum(x, f"{ln.name}.cost")
        ],
        "others": [
            {"mechanism": y.mechanism.id, "path": y.path.path if y.path else None, "status": link_status(y)}
            for y in o.others[name][1:]
        ],
    }


def _sum(x: LinkOutcome, row: str) -> float:
    return float(end_of(x.monthly(row)).sum())


def _objective(r: Objective) -> dict[str, object]:
    return {
        "cluster": r.cluster,
        "loss": r.loss,
        "by": r.by or None,
        "rpo_s": list(r.rpo) if r.rpo else None,
        "rto_min": list(r.rto) if r.rto else None,
        "rpo_asked_s": r.asked_rpo,
        "rto_asked_min": r.asked_rto,
        "rpo": r.rpo_met,
        "rto": r.rto_met,
        "text": r.text,
    }


def _mix(m: Mix) -> dict[str, object]:
    return {
        "constraint": m.constraint.label,
        "assignment": m.assignment or None,
        "invoices": m.outcome.invoices if m.outcome else None,
        "proven": m.proven,
        "at_least": m.at_least,
    }


def _three(o: EstateOutcome, row: str) -> dict[str, float]:
    return {word: o.total(row, e) for e, word in enumerate(("low", "base", "high"))}
