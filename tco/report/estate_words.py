"""How what an estate comes to is written for people, the same in every report."""

from __future__ import annotations

from tco.analysis.estates import Candidate, EstateComparison, Mix
from tco.analysis.recovery import Met, Objective
from tco.engine.book import Triple
from tco.engine.estate import INVOICED, EstateOutcome, Placement
from tco.engine.link import LinkOutcome
from tco.engine.quotas import QuotaUse
from tco.engine.spoken import amount
from tco.report.words import VERDICTS, money

_MINUTE, _HOUR = 60.0, 3600.0
MET: dict[Met, str] = {"met": "met", "not met": "not met", "unknown": "open", "not asked": ""}


def estate_title(comparison: EstateComparison) -> str:
    """Name, size and time of an estate in a line."""
    e = comparison.estate
    count = sum(m.count for m in e.members)
    kinds = f" of {len(e.members)} kinds" if count > len(e.members) else ""
    sizes = f"{counted(int(count), 'cluster')}{kinds}, {counted(len(e.links), 'link')}"
    return (
        f"{e.estate.name}: {sizes}, {e.estate.horizon} months from {e.estate.start}, "
        f"list prices of {comparison.options.as_of}"
    )


def counted(number: int, what: str) -> str:
    """Write a number of things."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def invoices_text(outcome: EstateOutcome) -> str:
    """Invoices with their mark: ≥ where something has no price."""
    if outcome.status == "quote_needed":
        return "quote needed"
    return ("≥ " if outcome.status == "lower_bound" else "") + money(outcome.invoices)


def summed_text(outcome: EstateOutcome) -> str:
    """Sum of all that runs and has a price, with its mark: ≥ where something does not or has none."""
    left_out = len(outcome.placements) < len(outcome.estate.members) or len(outcome.links) < len(outcome.estate.links)
    unpriced = any(p.unpriced for p in outcome.placements) or any(x.unpriced for x in outcome.links)
    least = left_out or unpriced or any(not r.cost for r in outcome.account)
    return marked(money(outcome.invoices), least)


def clients_text(comparison: EstateComparison) -> str:
    """Where clients are taken to be when clusters may run on another cloud than the estate says; else nothing."""
    if not comparison.options.any_cloud:
        return ""
    return (
        "Clients are taken to be beside the brokers, on another cloud too; "
        "--set workloads.NAME.network.clients=stay keeps them where they are."
    )


def interval_text(outcome: EstateOutcome) -> str:
    """Low to high by the evidence; empty where it is a point."""
    low, high = outcome.total("invoices", 0), outcome.total("invoices", 2)
    return "" if abs(high - low) < 1 / 2 else f"{money(low)} to {money(high)}"


def clusters_text(outcome: EstateOutcome) -> str:
    """Own invoices of all clusters, USD, with their mark."""
    total = sum(_own(outcome, p.member.name) for p in outcome.placements)
    return marked(money(total), any(p.unpriced for p in outcome.placements))


def links_text(outcome: EstateOutcome) -> str:
    """Own invoices of all links, USD, with their mark."""
    total = sum(_own(outcome, x.flow.name) for x in outcome.links)
    return marked(money(total), any(x.unpriced for x in outcome.links))


def account_text(outcome: EstateOutcome) -> str:
    """Invoices that are priced for the account as a whole, USD, with their mark."""
    total = sum(outcome.total(r.cost) for r in outcome.account if r.cost and r.line.line.payer in INVOICED)
    return marked(money(total), any(not r.cost for r in outcome.account))


def part_text(outcome: EstateOutcome, part: Placement | LinkOutcome) -> str:
    """Own invoices of a kind of cluster or link over the horizon, USD, with their mark."""
    return marked(money(_own(outcome, part_name(part))), bool(part.unpriced))


def share_text(outcome: EstateOutcome, part: Placement | LinkOutcome) -> str:
    """The same with its share of what the account pays."""
    return marked(money(outcome.total(f"{part_name(part)}.invoices")), bool(part.unpriced))


def part_name(part: Placement | LinkOutcome) -> str:
    """Name of a kind of cluster or link."""
    return part.member.name if isinstance(part, Placement) else part.flow.name


def _own(outcome: EstateOutcome, name: str) -> float:
    return sum(outcome.total(f"{name}.{p}") for p in INVOICED)


def marked(text: str, unpriced: bool) -> str:
    """Mark an amount that is only a part of what has to be paid: ≥, or that all of it has to be asked for."""
    if not unpriced:
        return text
    return f"≥ {text}" if text.strip("-0.") else VERDICTS["quote_needed"]


def promised(outcome: EstateOutcome) -> str:
    """The least uptime promised to a production cluster of the estate."""
    found = [sla_text(p) for p in outcome.placements if p.member.spec.environment == "production"]
    if not found:
        return ""
    return "none" if "none" in found else min(found, key=lambda text: float(text.split()[0]))


def sla_text(placement: Placement) -> str:
    """Uptime promised to a cluster for reading and writing."""
    sla = placement.sla
    if sla is None or not sla.covers_kafka or sla.percent is None:
        return "none"
    return f"{sla.percent} %{'' if sla.qualifies == 'yes' else ' ?'}"


def size_text(placement: Placement) -> str:
    """Most units that one cluster of the kind needs."""
    group = placement.group
    row = group.subject.offering.sizing.units
    return amount(float(group.monthly(row, placement.place).max()), group.book.items[row].unit.text)


def duration(seconds: float) -> str:
    """Write a time in the unit that reads best."""
    if seconds < _MINUTE * 2:
        return f"{seconds:g} s"
    if seconds < _HOUR * 2:
        return f"{seconds / _MINUTE:.3g} min"
    return f"{seconds / _HOUR:.3g} h"


def span_text(found: Triple | None, scale: float) -> str:
    """Low to high of a time; `scale` turns it into seconds."""
    if found is None:
        return "unknown"
    low, _, high = (v * scale for v in found)
    return duration(low) if low == high else f"{duration(low)} to {duration(high)}"


def rpo_text(o: Objective) -> str:
    """Recovery point, and whether it is what is asked for."""
    found = "all" if o.lost and o.rpo is None else span_text(o.rpo, 1.0)
    return _judged(found, o.asked_rpo, 1.0, o.rpo_met)


def rto_text(o: Objective) -> str:
    """Recovery time, and whether it is what is asked for."""
    found = "until it is back" if o.lost and o.rto is None else span_text(o.rto, _MINUTE)
    return _judged(found, o.asked_rto, _MINUTE, o.rto_met)


def _judged(found: str, asked: float | None, scale: float, met: Met) -> str:
    return found if asked is None else f"{found} ({MET[met]}, {duration(asked * scale)} asked)"


def quota_text(use: QuotaUse) -> str:
    """A quota, what is used of it, and how many accounts that takes."""
    where = f" in {use.where}" if use.where else ""
    needs = f"{use.of}{where}: {use.used:g} of {use.quota.value:g} ({use.quota.label})"
    return f"{needs}; {use.accounts} accounts, or a raise" if use.exceeded else needs


def path_text(link: LinkOutcome) -> str:
    """On what way the bytes of a link travel."""
    return link.path.path.replace("_", " ") if link.path else ""


def verdict_line(candidate: Candidate) -> str:
    """Why an offering cannot carry the estate, or what is missing."""
    return f"{candidate.offering or 'as assigned'}: {VERDICTS[candidate.outcome.status]}"


def mix_text(mix: Mix, free: float) -> str:
    """A constraint, its cheapest mix, and what the constraint costs."""
    if mix.outcome is None:
        return f"{mix.constraint.label}: no mix of offerings with public prices keeps it"
    total = mix.outcome.invoices
    more = f", {total / free - 1:.1%} more than without" if free and total > free * 1.0005 else ""
    sure = "" if mix.proven else f" (nothing is below {money(mix.at_least)})"
    return f"{mix.constraint.label}: {money(total)} USD{more}{sure}"


def assignment_text(mix: Mix) -> list[str]:
    """Offerings of a mix with the clusters that they carry."""
    by: dict[str, list[str]] = {}
    for cluster, offering in mix.assignment.items():
        by.setdefault(offering, []).append(cluster)
    return [f"{offering}: {', '.join(names)}" for offering, names in sorted(by.items())]
