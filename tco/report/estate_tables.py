"""Rows of an estate's report: what each part costs, and what is lost when one goes down."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from tco.analysis.estates import Candidate, EstateComparison, Mix
from tco.analysis.recovery import GOOD_DATA, LOGICAL_LOSS, REGION, ZONE, Met, Objective
from tco.catalog.load import Catalog
from tco.engine.account import AccountRow
from tco.engine.estate import INVOICED, EstateOutcome, Placement, link_status
from tco.engine.link import LinkOutcome
from tco.engine.quotas import QuotaUse, quota_uses
from tco.report.estate_ledger import Ledger, dollars
from tco.report.estate_words import (
    account_text,
    assignment_text,
    clusters_text,
    counted,
    interval_text,
    invoices_text,
    links_text,
    marked,
    mix_text,
    part_name,
    part_text,
    path_text,
    promised,
    rpo_text,
    rto_text,
    size_text,
    sla_text,
)
from tco.report.words import VERDICTS, money

_REASONS, _NAMED, _LEAST = 3, 4, 0.5
_PAYER_WORDS = {"vendor": "Vendor invoices", "cloud": "Cloud invoices", "one_off": "One-off"}


def clusters(outcome: EstateOutcome, book: Ledger) -> dict[str, Any]:
    """One row a kind of cluster, those that cannot run among them, and their sum."""
    by = {p.member.name: p for p in outcome.placements}
    rows = [
        _cluster(outcome, book, by[m.name])
        if m.name in by
        else {
            "name": m.name,
            "count": f"{m.count:g}",
            "role": m.spec.role,
            "region": m.site[1],
            "why": outcome.impossible.get(m.name, ""),
        }
        for m in outcome.estate.members
    ]
    return {
        "rows": rows,
        "own": clusters_text(outcome),
        "share": _shares(book, by, any(p.unpriced for p in by.values())),
    }


def _shares(book: Ledger, names: Iterable[str], unpriced: bool) -> str:
    return marked(dollars(sum(book.of(n) for n in names)), unpriced)


def _cluster(outcome: EstateOutcome, book: Ledger, p: Placement) -> dict[str, Any]:
    return {
        "name": p.member.name,
        "count": f"{p.member.count:g}",
        "role": p.member.spec.role,
        "region": p.group.subject.site.region,
        "offering": p.group.subject.offering.name,
        "size": size_text(p),
        "own": part_text(outcome, p),
        "share": _shares(book, [p.member.name], bool(p.unpriced)),
        "sla": sla_text(p),
        "status": "" if p.status == "priced" else VERDICTS[p.status],
        "why": "",
    }


def links(outcome: EstateOutcome, book: Ledger) -> dict[str, Any]:
    """One row a kind of link, those that were not costed among them, and their sum."""
    by = {x.flow.name: x for x in outcome.links}
    rows = [
        _link(outcome, book, by[f.name])
        if f.name in by
        else {"name": f.name, "count": f"{f.links:g}", "source": f.source.name, "target": f.target.name, "by": ""}
        for f in outcome.estate.links
    ]
    return {"rows": rows, "own": links_text(outcome), "share": _shares(book, by, any(x.unpriced for x in by.values()))}


def _link(outcome: EstateOutcome, book: Ledger, x: LinkOutcome) -> dict[str, Any]:
    name, status = x.flow.name, link_status(x)
    return {
        "name": name,
        "count": f"{x.flow.links:g}",
        "source": x.flow.source.name,
        "target": x.flow.target.name,
        "by": x.mechanism.name,
        "way": f"{path_text(x)}, {'synchronous' if x.flow.spec.mode == 'sync' else 'asynchronous'}",
        "peak": f"{x.worst(f'link.{name}.peak')[1]:,.4g}",
        "own": part_text(outcome, x),
        "share": _shares(book, [name], bool(x.unpriced)),
        "status": "" if status == "priced" else VERDICTS[status],
    }


def account(outcome: EstateOutcome) -> dict[str, Any]:
    """What is priced for the account as a whole, and the part of each cluster and link by its use."""
    rows = [_account(outcome, r) for r in outcome.account if not r.cost or abs(outcome.total(r.cost)) > 0]
    return {"rows": rows, "total": account_text(outcome)}


def _account(outcome: EstateOutcome, row: AccountRow) -> dict[str, Any]:
    shares = {name: outcome.total(share) for name, share in row.shares.items()}
    return {
        "label": row.label,
        "cost": money(outcome.total(row.cost)) if row.cost else "quote needed",
        "labour": row.line.line.payer not in INVOICED,
        "shares": [(name, money(v)) for name, v in shares.items() if abs(v) >= _LEAST],
    }


def parts(outcome: EstateOutcome) -> list[tuple[str, str]]:
    """What the total is the sum of, each with its mark where something has no price."""
    return [
        ("Clusters", clusters_text(outcome)),
        ("Links", links_text(outcome)),
        ("Shared by the account", account_text(outcome)),
    ]


def sums(outcome: EstateOutcome, book: Ledger) -> list[dict[str, Any]]:
    """Invoices to the cent by part, environment, team and payer; a link goes with where it leads.

    There is nothing to tell where all of them are of one team or environment.
    """
    members = {p.member.name: p.member for p in outcome.placements}
    flows = {x.flow.name: x.flow for x in outcome.links}
    ends = members | {name: flow.target for name, flow in flows.items()}
    keys = {
        "Part": dict.fromkeys(members, "all clusters") | dict.fromkeys(flows, "all links"),
        "Environment": {n: m.spec.environment for n, m in ends.items()},
        "Team": {n: m.spec.team for n, m in ends.items()},
    }
    parts_: list[Placement | LinkOutcome] = [*outcome.placements, *outcome.links]
    missing = [(part_name(p), ln) for p in parts_ for ln in p.unpriced]
    asked = {ln.line.payer for _, ln in missing} | {r.line.line.payer for r in outcome.account if not r.cost}
    total = marked(dollars(book.total), any(p in asked for p in INVOICED))
    found = [
        _summed(book, title, values, {mine[name] for name, _ in missing}, total)
        for title, mine in keys.items()
        if len(values := book.by_key(mine)) > 1
    ]
    by_payer = {_PAYER_WORDS[p]: cents for p, cents in book.by_payer().items()}
    return [*found, _summed(book, "Payer", by_payer, {_PAYER_WORDS[p] for p in INVOICED if p in asked}, total)]


def _summed(
    book: Ledger, title: str, values: Mapping[str, int], unpriced: Collection[str], total: str
) -> dict[str, Any]:
    """A sum and its rows, those marked of which a part has no price."""
    return {
        "title": title,
        "rows": [
            (key, marked(dollars(cents), key in unpriced), f"{cents / book.total:.1%}" if book.total else "")
            for key, cents in values.items()
        ],
        "total": total,
    }


def recovery(found: Sequence[Objective]) -> dict[str, Any]:
    """What the loss of a region, of a zone and of good data means, each reason once."""
    regions = [o for o in found if o.loss == REGION]
    zones = [o for o in found if o.loss == ZONE]
    return {
        "regions": [
            {"cluster": o.cluster, "by": o.by or "no standby", "rpo": rpo_text(o), "rto": rto_text(o)} for o in regions
        ],
        "why": list(_grouped(regions)),
        "zones": [(names, text, text in {o.text for o in zones if o.lost}) for names, text in _grouped(zones)],
        "good": LOGICAL_LOSS if any(o.loss == GOOD_DATA for o in found) else "",
    }


def _grouped(found: Iterable[Objective]) -> Iterator[tuple[str, str]]:
    why: dict[str, list[str]] = {}
    for o in found:
        why.setdefault(o.text, []).append(o.cluster)
    yield from ((", ".join(dict.fromkeys(names)), text) for text, names in why.items())


def quotas(catalog: Catalog, outcome: EstateOutcome) -> list[dict[str, Any]]:
    """Quotas of the account, with what is used of each."""
    return [_quota(catalog, u) for u in quota_uses(outcome)]


def _quota(catalog: Catalog, u: QuotaUse) -> dict[str, Any]:
    return {
        "of": named(catalog, u.of),
        "where": u.where or "the account",
        "label": u.quota.label,
        "used": f"{u.used:,g}",
        "quota": f"{float(u.quota.value):,g}",
        "accounts": f"{u.accounts} accounts, or a raise" if u.exceeded else "",
        "source": u.quota.source,
    }


def named(catalog: Catalog, of: str) -> str:
    """The vendor's own name of an offering or a mechanism."""
    return (catalog.offerings[of] if of in catalog.offerings else catalog.mechanisms[of]).name


def ranking(comparison: EstateComparison) -> list[dict[str, str]]:
    """Offerings that carry the whole estate."""
    return [
        {
            "rank": str(i),
            "name": offering_name(comparison, c),
            "total": invoices_text(c.outcome),
            "range": interval_text(c.outcome),
            "clusters": clusters_text(c.outcome),
            "links": links_text(c.outcome),
            "account": account_text(c.outcome),
            "cash": money(c.outcome.total("cash")),
            "sla": promised(c.outcome),
        }
        for i, c in enumerate(comparison.ranked, 1)
    ]


def mixes(found: Sequence[Mix]) -> list[dict[str, Any]]:
    """The cheapest mix under each constraint, and which clusters run on what."""
    free = found[0].outcome.invoices if found and found[0].outcome else 0.0
    return [{"text": mix_text(m, free), "lines": assignment_text(m) if m.outcome else []} for m in found]


def below(comparison: EstateComparison) -> list[dict[str, Any]]:
    """Offerings below the ranking, with why."""
    return [
        {
            "name": offering_name(comparison, c),
            "verdict": VERDICTS[c.outcome.status],
            "reasons": reasons(c.outcome),
        }
        for c in comparison.others
    ]


def reasons(outcome: EstateOutcome) -> list[str]:
    """Why an outcome has its verdict, each reason once with all that it is about."""
    why: dict[str, list[str]] = {}
    for reason in outcome.reasons:
        name, _, text = reason.partition(": ")
        why.setdefault(text.replace(f"; cluster {name})", ")"), []).append(name)
    said = [f"{', '.join(dict.fromkeys(names))}: {text}" for text, names in why.items()]
    more = len(said) - _REASONS
    return [*said[:_REASONS], *([f"and {counted(more, 'more reason')}, in results.json"] if more > 0 else [])]


def against(outcome: EstateOutcome, found: Sequence[Objective]) -> list[str]:
    """What speaks against it: recovery that is not met or open, quotas, promises that are missing."""
    said = []
    for what, missed in (("RPO", _those(found, "rpo_met", "not met")), ("RTO", _those(found, "rto_met", "not met"))):
        if missed:
            said.append(f"The {what} asked for is not met: {missed}")
    open_ = {"RPO": _those(found, "rpo_met", "unknown"), "RTO": _those(found, "rto_met", "unknown")}
    unsettled = [f"the {what} asked for is met: {names}" for what, names in open_.items() if names]
    if unsettled:
        said.append(f"Nothing settles whether {'; nor whether '.join(unsettled)}")
    zones = [o.cluster for o in found if o.loss == ZONE and o.lost]
    if zones:
        said.append(f"Acknowledged data may be lost with a zone: {', '.join(zones)}")
    over = [u for u in quota_uses(outcome) if u.exceeded]
    if over:
        worst = max(over, key=lambda u: u.accounts)
        said.append(
            f"{counted(len(over), 'quota')} of one account would not do; most of all {worst.quota.label.lower()}: "
            f"{worst.used:,g} of {float(worst.quota.value):,g} in {worst.where or 'the account'}"
        )
    less = [p.member.name for p in outcome.placements if sla_text(p) != "none" and p.sla and p.sla.enough is False]
    if less:
        more = f" and {len(less) - _NAMED} more" if len(less) > _NAMED else ""
        said.append(f"Less uptime is promised than asked for: {', '.join(less[:_NAMED])}{more}")
    unpromised = [p.member.name for p in outcome.placements if sla_text(p) == "none"]
    if unpromised:
        said.append(f"Nobody promises that Kafka is up: {', '.join(unpromised)}")
    return said


def _those(found: Sequence[Objective], which: Literal["rpo_met", "rto_met"], met: Met) -> str:
    """Clusters with an objective that is met as said."""
    return ", ".join(dict.fromkeys(o.cluster for o in found if getattr(o, which) == met))


def offering_name(comparison: EstateComparison, candidate: Candidate) -> str:
    """What the clusters that are open run on."""
    return named(comparison.catalog, candidate.offering) if candidate.offering else "as assigned in the file"
