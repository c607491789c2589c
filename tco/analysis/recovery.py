"""What is lost and how long it takes when a cluster goes down, against what its workload asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tco.catalog.load import Catalog
from tco.catalog.values import Quantity, in_unit
from tco.engine.book import Triple
from tco.engine.estate import BY_HAND, BY_ITSELF, Costing, EstateOutcome, Placement
from tco.engine.link import LinkOutcome
from tco.workload.plan import Plan

Met = Literal["met", "not met", "unknown", "not asked"]


#: What may be lost.
ZONE, REGION, GOOD_DATA = "a zone", "its region", "good data"
_NOTHING = (0.0, 0.0, 0.0)
LOGICAL_LOSS = "Copies carry deletes and corruption too: only a backup of its own, or a replay from the source, helps"
_STRETCHED = "stretched cluster"
_CLEAN = "acks=all, no unclean election, a third place with a vote of the controllers"


@dataclass(frozen=True)
class Objective:
    """One kind of loss and what it means for a cluster.

    Attributes:
        loss: what goes down.
        by: name of the link or the way by which it recovers; "" where there is none.
        rpo: data lost, s: low, base, high; None where nobody can say, or where all of it is lost.
        rto: time until it works again, min; None where that is not known.
        asked_rpo, asked_rto: what the workload asks for, in the same units; None where it asks for nothing.
        text: why, in words.
    """

    cluster: str
    loss: str
    by: str
    rpo: Triple | None
    rto: Triple | None
    asked_rpo: float | None
    asked_rto: float | None
    lost: bool
    text: str
    least_rto: float = 0.0
    """Minutes that it takes at least, where how fast the standby grows is not known."""

    @property
    def rpo_met(self) -> Met:
        """Whether the loss of data stays within what is asked for."""
        return _met(self.rpo, self.asked_rpo, self.lost)

    @property
    def rto_met(self) -> Met:
        """Whether the time stays within what is asked for."""
        if self.asked_rto is not None and self.least_rto > self.asked_rto:
            return "not met"
        return _met(self.rto, self.asked_rto, self.lost)


def _met(found: Triple | None, asked: float | None, lost: bool) -> Met:
    """Met where even the worst is within it, not met where even the best is not, and open in between."""
    if asked is None:
        return "not asked"
    if lost:
        return "not met"
    if found is None:
        return "unknown"
    low, _, high = found
    return "met" if high <= asked else "not met" if low > asked else "unknown"


def objectives(catalog: Catalog, costing: Costing, outcome: EstateOutcome) -> list[Objective]:
    """Return what each cluster that clients write to can expect, by what is lost: a zone, the region, good data."""
    found: list[Objective] = []
    for placement in outcome.placements:
        if placement.member.spec.role != "standby":
            found += _of_cluster(catalog, costing, outcome, placement)
    return found


def _of_cluster(
    catalog: Catalog, costing: Costing, outcome: EstateOutcome, placement: Placement
) -> Iterator[Objective]:
    name, plan = placement.member.name, placement.member.plan
    wanted = plan.workload.requirements
    asked = _in(wanted.rpo, "s", catalog), _in(wanted.rto, "min", catalog)
    lost, text = _zone(plan)
    yield Objective(name, ZONE, "copies in other zones", None if lost else _NOTHING, None, None, None, lost, text)
    links = [x for x in outcome.links if x.flow.source is placement.member and x.flow.recovers]
    if placement.member.spec.role == "stretched":
        yield _stretched(costing, placement, *asked)
    for link in links:
        target = next(p for p in outcome.placements if p.member is link.flow.target)
        yield _region(costing, link, target, *asked)
    if not links and placement.member.spec.role != "stretched":
        text = "no link leads to a standby: everything in the region is lost with it, or waits until it is back"
        yield Objective(name, REGION, "", None, None, *asked, True, text)
    yield Objective(name, GOOD_DATA, "", None, None, None, None, True, LOGICAL_LOSS)


def _zone(plan: Plan) -> tuple[bool, str]:
    """Whether losing a zone loses data that was acknowledged, and why."""
    value = {n: v.number for n, v in plan.inputs.items()}
    names = ("availability_zones", "replication_factor", "min_insync_replicas")
    zones, copies, least = (int(value[n]) for n in names)
    if zones <= 1:
        return True, "one zone: it goes down with it"
    in_one = -(-copies // zones)
    if plan.workload.acks != "all":
        return True, f"acks={plan.workload.acks}: what a dying leader has not handed on is lost"
    if in_one >= copies:
        return True, f"{copies} copies over {zones} zones: all of them may be in one"
    held = copies - in_one >= least
    after = "writes go on" if held else f"writes stop until {least} copies are in sync again"
    return (
        False,
        f"acks=all, {copies} copies over {zones} zones, {least} in sync: nothing acknowledged is lost, {after}",
    )


def _stretched(costing: Costing, placement: Placement, rpo: float | None, rto: float | None) -> Objective:
    """No loss and uninterrupted writes exclude each other over two regions; the RPO asked for decides between them."""
    name, plan, offering = placement.member.name, placement.member.plan, placement.group.subject.offering
    answer = offering.capabilities.get("multi_region")
    if answer is None or answer.answer in ("no", "unknown"):
        text = f"{offering.name} is not known to stretch over regions"
        return Objective(name, REGION, "", None, None, rpo, rto, True, text)
    way = moved(plan)
    time = costing.stretched(way)
    if plan.workload.acks != "all":
        text = f"acks={plan.workload.acks}: what has not reached the other region is lost"
        return Objective(name, REGION, _STRETCHED, None, time, rpo, rto, True, text)
    copies = int(plan.inputs["replication_factor"].number)
    if way == BY_HAND:
        text = (
            f"min_insync_replicas {copies + 1} of {2 * copies} copies, {_CLEAN}: nothing acknowledged is lost, and "
            "writes stop with either region until somebody lowers it"
        )
        return Objective(name, REGION, _STRETCHED, _NOTHING, time, rpo, rto, False, text)
    text = (
        f"min_insync_replicas at most {copies} of {2 * copies} copies, {_CLEAN}: writes go on by themselves, and "
        "nothing is lost while the other region's copies are in sync, which nobody promises"
    )
    return Objective(name, REGION, _STRETCHED, None, time, rpo, rto, False, text)


def moved(plan: Plan) -> str:
    """Row of sheet recovery that says how long a stretched cluster takes: it stops for somebody, or it may lose."""
    asked = plan.workload.requirements.rpo
    return BY_HAND if asked is not None and not asked.value and plan.workload.acks == "all" else BY_ITSELF


def _region(costing: Costing, link: LinkOutcome, target: Placement, rpo: float | None, rto: float | None) -> Objective:
    growth, known = costing.growth(target), link.growth_known
    point = link.worst("rpo")
    time = link.worst("rto") if known else None
    offering = link.target.offering
    unit = link.flow.target.name
    grown = (
        "the standby has its full size"
        if growth.full <= growth.now
        else f"{unit} grows from {growth.now:g} to {growth.full:g} units"
        + ("" if known else f", and how long {offering.name} takes for that is not published")
    )
    kind = "synchronously" if link.flow.spec.mode == "sync" else "asynchronously"
    offsets = link.mechanism.offsets
    found = offsets.how or offsets.answer.replace("_", " ")
    text = f"{link.mechanism.name}: copies {kind}; {grown}; {found}"
    name = link.flow.source.name
    if not any(link.flow.alive):
        text = "its two ends never run in the same month, so that nothing is copied"
        return Objective(name, REGION, link.flow.name, None, None, rpo, rto, True, text)
    if link.source.site == link.target.site:
        text = f"both ends are in {link.source.site.region}: they are lost together"
        return Objective(name, REGION, link.flow.name, None, None, rpo, rto, True, text)
    if link.refused or link.broken:
        why = (link.refused + link.broken)[0]
        return Objective(name, REGION, link.flow.name, None, None, rpo, rto, True, why)
    least = 0.0 if known else link.worst("rto")[0]
    return Objective(name, REGION, link.flow.name, point, time, rpo, rto, False, text, least)


def _in(value: Quantity | None, unit: str, catalog: Catalog) -> float | None:
    return None if value is None else float(in_unit(value, catalog.units.parse(unit), catalog.units))
