"""The cheapest mix of offerings for an estate, as a mixed-integer programme.

One binary variable says that a cluster runs on an offering, one for each link that its ends run on a pair of offerings.
What the account shares is not separable: the use of a meter by all of them fills its price bands month by month, as
segments that fill one after another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np

from tco.engine.account import Use
from tco.engine.estate import INVOICED, Costing, Placement, link_status, link_uses, uses_of
from tco.engine.link import LinkOutcome
from tco.model.evaluate import end_of
from tco.workload.estate import EstatePlan

_TAKEN = 0.5


@dataclass(frozen=True)
class Constraint:
    """What a mix must keep.

    Attributes:
        vendors: at most so many, of clusters that are open; None: any number.
        one_cloud: all open clusters on one cloud.
        uptime: least monthly uptime promised for reading and writing, percent.
    """

    label: str
    vendors: int | None = None
    one_cloud: bool = False
    uptime: float = 0.0


@dataclass(frozen=True)
class Option:
    """What one choice costs by itself over the horizon, USD, and what it uses of meters that the account shares."""

    own: float
    uses: Sequence[Use]


@dataclass
class Choices:
    """What each cluster could run on, and what each link would cost between any two of those.

    Attributes:
        placements: cluster to offering to placement; one offering where the file names it.
        fixed: clusters whose offering the file names.
        links: link to (offering at the source, offering at the target) to its cost; pairs that no mechanism joins
            within its limits and at a public price are left out.
    """

    placements: dict[str, dict[str, Placement]] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    links: dict[str, dict[tuple[str, str], Option]] = field(default_factory=dict)


def choices_of(costing: Costing, offerings: Sequence[str]) -> Choices:
    """Cost every cluster on every offering that carries it at a public price, and every link between those."""
    estate = costing.estate
    open_ = [m.name for m in estate.members if m.spec.offering is None]
    found = Choices({m.name: {} for m in estate.members}, frozenset(m.name for m in estate.members) - {*open_})
    for offering in offerings:
        for name, placement in costing.placements(open_, offering).items():
            if placement.status == "priced":
                found.placements[name][offering] = placement
    for member in estate.members:
        if member.spec.offering is not None:
            placed = costing.placements([member.name], member.spec.offering).get(member.name)
            if placed is not None and placed.status in ("priced", "lower_bound"):
                found.placements[member.name][member.spec.offering] = placed
    for link in estate.links:
        ends = found.placements[link.source.name], found.placements[link.target.name]
        pairs = {(a, b): costing.joined(link.name, p, q)[0] for a, p in ends[0].items() for b, q in ends[1].items()}
        found.links[link.name] = {pair: _option(x) for pair, x in pairs.items() if link_status(x) == "priced"}
    return found


def _option(link: LinkOutcome) -> Option:
    own = [link.monthly(f"own.{p}") for p in INVOICED]
    return Option(float(sum(end_of(v).sum() for v in own)), link_uses(link))


class Programme:
    """The programme of an estate under a constraint."""

    def __init__(self, estate: EstatePlan, choices: Choices, constraint: Constraint) -> None:
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("mip_rel_gap", 0.0)
        self.solver.setOptionValue("mip_abs_gap", 0.001)
        self.solver.setOptionValue("mip_feasibility_tolerance", 1e-9)
        self.taken: dict[tuple[str, str], Any] = {}
        #: (meter, region) to what uses it: a variable, and by how much in each month.
        self.uses: dict[tuple[str, str], list[tuple[Any, Use]]] = {}
        self.possible = True
        for member, options in choices.placements.items():
            kept = {o: p for o, p in options.items() if member in choices.fixed or _keeps(p, constraint)}
            for offering, placement in kept.items():
                self.taken[member, offering] = self._variable(Option(placement.total, uses_of(placement)))
            if kept:
                self.solver.addConstr(sum(self._of(member).values()) == 1)
            self.possible = self.possible and bool(kept)
        for link in estate.links:
            self._link(link.source.name, link.target.name, choices.links[link.name])
        self._at_most(constraint, choices)
        for pool in self.uses.values():
            self._pool(pool)

    def _variable(self, option: Option) -> Any:
        variable = self.solver.addBinary(obj=option.own)
        for use in option.uses:
            if use.line.line.payer in INVOICED:
                self.uses.setdefault((use.line.meter, use.region), []).append((variable, use))
        return variable

    def _of(self, member: str) -> dict[str, Any]:
        return {o: x for (m, o), x in self.taken.items() if m == member}

    def _link(self, source: str, target: str, options: Mapping[tuple[str, str], Option]) -> None:
        """One variable for each pair of offerings, taken where both ends are."""
        ends = self._of(source), self._of(target)
        pairs = {pair: self._variable(o) for pair, o in options.items() if pair[0] in ends[0] and pair[1] in ends[1]}
        for i in (0, 1):
            for offering, x in ends[i].items():
                self.solver.addConstr(sum(z for pair, z in pairs.items() if pair[i] == offering) == x)

    def _at_most(self, constraint: Constraint, choices: Choices) -> None:
        groups: list[tuple[int, Callable[[str, str], str]]] = []
        if constraint.vendors is not None:
            groups.append((constraint.vendors, lambda m, o: choices.placements[m][o].group.subject.offering.vendor))
        if constraint.one_cloud:
            groups.append((1, lambda m, o: choices.placements[m][o].group.subject.site.cloud))
        for most, of in groups:
            open_ = {(m, o): x for (m, o), x in self.taken.items() if m not in choices.fixed}
            used = {name: self.solver.addBinary() for name in sorted({of(m, o) for m, o in open_})}
            for (m, o), x in open_.items():
                self.solver.addConstr(x <= used[of(m, o)])
            if used:
                self.solver.addConstr(sum(used.values()) <= most)

    def _pool(self, pool: Sequence[tuple[Any, Use]]) -> None:
        """Price what all use of a meter in a region, month by month."""
        points = sorted(pool[0][1].line.points, key=lambda p: p.tier_from)
        edges = [float(p.tier_from) for p in points[1:]]
        prices = [float(p.base) for p in points]
        used = [(x, end_of(u.used).reshape(-1)) for x, u in pool]
        rest = [end_of(u.elsewhere).reshape(-1) for _, u in pool if u.elsewhere is not None]
        anyway = np.maximum.reduce(rest) if rest else np.zeros_like(used[0][1])
        for month in range(len(anyway)):
            self._month([(x, float(u[month])) for x, u in used if u[month]], float(anyway[month]), edges, prices)

    def _month(
        self, used: Sequence[tuple[Any, float]], anyway: float, edges: Sequence[float], prices: Sequence[float]
    ) -> None:
        """Segments of the bands above what the account uses anyway, each full before the next one begins."""
        most = sum(u for _, u in used)
        if not most:
            return
        bounds = [0.0, *edges, np.inf]
        spans = [
            (price, min(high, anyway + most) - max(low, anyway))
            for price, low, high in zip(prices, bounds[:-1], bounds[1:], strict=True)
            if min(high, anyway + most) > max(low, anyway)
        ]
        segments = [self.solver.addVariable(lb=0, ub=width, obj=price) for price, width in spans]
        self.solver.addConstr(sum(u * x for x, u in used) == sum(segments))
        for (price, width), (later, next_width), here, after in zip(
            spans, spans[1:], segments, segments[1:], strict=False
        ):
            if later < price:  # a dearer band fills last by itself
                begun = self.solver.addBinary()
                self.solver.addConstr(here >= width * begun)
                self.solver.addConstr(after <= next_width * begun)

    def solve(self) -> tuple[float, dict[str, str]] | None:
        """Return the least cost in USD and its assignment; None where nothing keeps the constraint."""
        if not self.possible:
            return None
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        assignment = {m: o for (m, o), x in self.taken.items() if self.solver.val(x) > _TAKEN}
        return float(self.solver.getObjectiveValue()), assignment

    def exclude(self, assignment: Mapping[str, str]) -> None:
        """Leave an assignment out from now on."""
        picked = [x for (m, o), x in self.taken.items() if assignment[m] == o]
        self.solver.addConstr(sum(picked) <= len(picked) - 1)


def _keeps(placement: Placement, constraint: Constraint) -> bool:
    """Whether a cluster's SLA promises as much as is asked for."""
    if not constraint.uptime:
        return True
    sla = placement.sla
    if sla is None or not sla.covers_kafka or sla.qualifies == "no":
        return False
    return float(sla.percent or 0) >= constraint.uptime
