"""An estate on each offering in turn, and the cheapest mix of them under constraints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tco.catalog.load import Catalog
from tco.engine.estate import INVOICED, Costing, EstateOutcome, Placement, link_status, uses_of
from tco.engine.options import Options
from tco.errors import InputError, Place
from tco.workload.estate import EstatePlan, Member

_ORDER = ("priced", "lower_bound", "not_a_substitute", "infeasible", "quote_needed")
RANKED = _ORDER[:2]
#: Most mixes that are costed to the cent before the search says how close it came.
_MOST_MIXES = 200


@dataclass(frozen=True)
class Candidate:
    """An estate with all clusters that are open on one offering.

    Attributes:
        offering: its id; "" where every cluster has one of its own in the file.
    """

    offering: str
    outcome: EstateOutcome


@dataclass
class EstateComparison:
    """The outcomes of an estate, in the order in which they are shown."""

    catalog: Catalog
    estate: EstatePlan
    options: Options
    costing: Costing
    candidates: list[Candidate]

    @property
    def ranked(self) -> list[Candidate]:
        """Offerings that can carry the whole estate and have a price."""
        return [c for c in self.candidates if c.outcome.status in RANKED]

    @property
    def others(self) -> list[Candidate]:
        """Offerings below the ranking."""
        return [c for c in self.candidates if c.outcome.status not in RANKED]


def compare_estate(
    catalog: Catalog, estate: EstatePlan, options: Options, offerings: Sequence[str] = ()
) -> EstateComparison:
    """Cost an estate on each offering in turn; clusters with an offering of their own stay on that.

    Raises:
        InputError: an unknown offering, or a faulty file of the catalog.
    """
    costing = Costing(catalog, estate, options)
    candidates = [
        Candidate(o, costing.cost({m.name: m.spec.offering or o for m in estate.members}))
        for o in (_offerings(catalog, estate, options, costing, offerings) or [""])
    ]
    candidates.sort(key=lambda c: (_ORDER.index(c.outcome.status), c.outcome.invoices, c.offering))
    return EstateComparison(catalog, estate, options, costing, candidates)


def _open(estate: EstatePlan) -> list[Member]:
    return [m for m in estate.members if m.spec.offering is None]


def _offerings(
    catalog: Catalog, estate: EstatePlan, options: Options, costing: Costing, wanted: Sequence[str]
) -> list[str]:
    """Offerings to run: those asked for, else all that are sold and run where any open cluster is."""
    unknown = sorted(set(wanted) - set(catalog.offerings))
    if unknown:
        raise InputError.one(
            Place("--offering"), "unknown-offering", f"no offering '{unknown[0]}'; `tco catalog list` shows all"
        )
    members = _open(estate)
    if not members:
        return []
    sold = [n for n, o in catalog.offerings.items() if o.status.ended is None or options.as_of < o.status.ended]
    return [o for o in wanted or sorted(sold) if wanted or any(costing.site(m, o) for m in members)]


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
class Mix:
    """The cheapest assignment found under a constraint.

    Attributes:
        outcome: None where no assignment keeps the constraint.
        at_least: no assignment is cheaper than this, USD; the outcome's own invoices where it is proven to be best.
    """

    constraint: Constraint
    outcome: EstateOutcome | None
    assignment: dict[str, str]
    at_least: float = 0.0

    @property
    def proven(self) -> bool:
        """Whether it is proven that nothing is cheaper."""
        return self.outcome is not None and self.outcome.invoices <= self.at_least + _CENT


_CENT = 0.005


@dataclass
class Choices:
    """What each open cluster could run on, and what each costs by itself at least."""

    placements: dict[str, dict[str, Placement]]
    fixed: dict[str, Placement]
    least: dict[tuple[str, str], float] = field(default_factory=dict)


def optimize(comparison: EstateComparison, constraints: Iterable[Constraint]) -> list[Mix]:
    """Find the cheapest feasible mix under each constraint.

    A mix is a binary programme: one offering for each open cluster, and for each link a pair of offerings at its
    ends. What the account shares is not separable, so that each cluster is first counted at the least that its use
    can cost; mixes are then costed to the cent, cheapest bound first, until no bound is below the best found.
    """
    choices = _choices(comparison)
    return [_best(comparison, choices, c) for c in constraints]


def _choices(comparison: EstateComparison) -> Choices:
    costing, estate = comparison.costing, comparison.estate
    known = [c.offering for c in comparison.candidates if c.offering]
    found: dict[str, dict[str, Placement]] = {m.name: {} for m in _open(estate)}
    for offering in known:
        for name, placement in costing.placements(list(found), offering).items():
            if placement.status == "priced":
                found[name][offering] = placement
    fixed = {
        m.name: costing.placements([m.name], m.spec.offering)[m.name]
        for m in estate.members
        if m.spec.offering is not None
    }
    choices = Choices(found, fixed)
    for name, options in found.items():
        for offering, placement in options.items():
            choices.least[name, offering] = placement.total + _least_shared(placement)
    return choices


def _least_shared(placement: Placement) -> float:
    """Least that a cluster's use of what the account shares can cost: all of it at the lowest band."""
    total = 0.0
    for use in uses_of(placement):
        quantity = use.used[1 if use.used.shape[0] == 3 else 0].sum()
        total += float(quantity) * min(float(p.base) for p in use.line.points)
    return total


def _best(comparison: EstateComparison, choices: Choices, constraint: Constraint) -> Mix:
    programme = _Programme(comparison, choices, constraint)
    best: EstateOutcome | None = None
    taken: dict[str, str] = {}
    bound = 0.0
    for _ in range(_MOST_MIXES):
        solved = programme.solve()
        if solved is None:
            break
        bound, assignment = solved
        if best is not None and bound >= best.invoices - _CENT:
            return Mix(constraint, best, taken, best.invoices)
        outcome = comparison.costing.cost(assignment)
        if best is None or outcome.invoices < best.invoices:
            best, taken = outcome, assignment
        programme.exclude(assignment)
    else:
        return Mix(constraint, best, taken, bound)
    return Mix(constraint, best, taken, best.invoices if best else 0.0)


class _Programme:
    """The binary programme of an estate under a constraint."""

    def __init__(self, comparison: EstateComparison, choices: Choices, constraint: Constraint) -> None:
        import highspy

        self.choices, self.comparison = choices, comparison
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("log_to_console", False)
        self.solver.setOptionValue("mip_rel_gap", 0.0)
        self.solver.setOptionValue("mip_abs_gap", _CENT / 2)
        self.optimal = highspy.HighsModelStatus.kOptimal
        self.taken = {
            (m, o): self.solver.addBinary(obj=choices.least[m, o])
            for m, options in choices.placements.items()
            for o, placement in options.items()
            if _keeps(placement, constraint)
        }
        self.fixed = sum(p.total + _least_shared(p) for p in choices.fixed.values())
        self.possible = all(self._of(m) for m in choices.placements)
        if self.possible:
            for m in choices.placements:
                self.solver.addConstr(sum(self._of(m).values()) == 1)
            for link in comparison.estate.links:
                self._link(link.name, link.source.name, link.target.name)
            self._at_most(constraint)

    def _of(self, member: str) -> dict[str, Any]:
        return {o: x for (m, o), x in self.taken.items() if m == member}

    def _link(self, name: str, source: str, target: str) -> None:
        """One variable for each pair of offerings that a mechanism joins; pairs that none joins cannot be taken."""
        pairs = [(a, b) for a in self._ends(source) for b in self._ends(target)]
        variables: dict[tuple[str, str], Any] = {}
        for a, b in pairs:
            cost = self._joining(name, source, a, target, b)
            if cost is not None:
                variables[a, b] = self.solver.addBinary(obj=cost)
        for end, member in ((0, source), (1, target)):
            for o, x in self._of(member).items():
                self.solver.addConstr(sum(z for pair, z in variables.items() if pair[end] == o) == x)
        if source in self.choices.fixed and target in self.choices.fixed:
            self.possible = self.possible and bool(variables)
            for z in variables.values():
                self.solver.addConstr(z == 1)

    def _ends(self, member: str) -> list[str]:
        fixed = self.choices.fixed.get(member)
        return [fixed.offering] if fixed else list(self._of(member))

    def _placement(self, member: str, offering: str) -> Placement:
        return self.choices.fixed.get(member) or self.choices.placements[member][offering]

    def _joining(self, name: str, source: str, a: str, target: str, b: str) -> float | None:
        ends = self._placement(source, a), self._placement(target, b)
        first = self.comparison.costing.joined(name, *ends)[0]
        if link_status(first) != "priced":
            return None
        own = [first.monthly(f"own.{p}") for p in INVOICED]
        return float(sum(v[1 if v.shape[0] == 3 else 0].sum() for v in own))

    def _at_most(self, constraint: Constraint) -> None:
        groups: list[tuple[int, Callable[[str, str], str]]] = []
        if constraint.vendors is not None:
            groups.append((constraint.vendors, lambda _, o: o.partition(".")[0]))
        if constraint.one_cloud:
            groups.append((1, lambda m, o: self._placement(m, o).group.subject.site.cloud))
        for most, of in groups:
            names = sorted({of(m, o) for m, o in self.taken})
            used = {n: self.solver.addBinary() for n in names}
            for (m, o), x in self.taken.items():
                self.solver.addConstr(x <= used[of(m, o)])
            self.solver.addConstr(sum(used.values()) <= most)

    def solve(self) -> tuple[float, dict[str, str]] | None:
        """Return the least bound and its assignment; None where nothing is left."""
        if not self.possible:
            return None
        if not self.taken:
            return self.fixed, {m: p.offering for m, p in self.choices.fixed.items()}
        self.solver.run()
        if self.solver.getModelStatus() != self.optimal:
            return None
        picked = {m: o for (m, o), x in self.taken.items() if self.solver.val(x) > 1 / 2}
        fixed = {m: p.offering for m, p in self.choices.fixed.items()}
        return float(self.solver.getObjectiveValue()) + self.fixed, {**picked, **fixed}

    def exclude(self, assignment: Mapping[str, str]) -> None:
        """Leave an assignment out from now on."""
        picked = [x for (m, o), x in self.taken.items() if assignment[m] == o]
        if not picked:
            self.possible = False
            return
        self.solver.addConstr(sum(picked) <= len(picked) - 1)


def _keeps(placement: Placement, constraint: Constraint) -> bool:
    """Whether a cluster's SLA promises as much as is asked for."""
    if not constraint.uptime:
        return True
    sla = placement.sla
    held = sla is not None and sla.covers_kafka and sla.qualifies != "no"
    return held and float(sla.percent or 0) >= constraint.uptime  # type: ignore[union-attr]
