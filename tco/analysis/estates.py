"""An estate on each offering in turn, and the cheapest mix of them under constraints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tco.analysis.compare import refuse_unknown_names
from tco.analysis.mix import Choices, Constraint, Programme, choices_of
from tco.catalog.load import Catalog
from tco.engine.estate import Costing, EstateOutcome
from tco.engine.options import Options
from tco.errors import InputError, Place
from tco.workload.estate import EstatePlan

_ORDER = ("priced", "lower_bound", "not_a_substitute", "infeasible", "quote_needed")
RANKED = _ORDER[:2]
#: Most mixes that are costed one after another before the search says how close it came.
_MOST_MIXES = 20


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
    """The outcomes of an estate, in the order in which they are shown.

    Attributes:
        asked: offerings that were asked for; none where all are compared.
    """

    catalog: Catalog
    estate: EstatePlan
    options: Options
    costing: Costing
    candidates: list[Candidate]
    asked: tuple[str, ...] = ()

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
    refuse_unknown_names(catalog, options, costing.settable)
    candidates.sort(key=lambda c: (_ORDER.index(c.outcome.status), c.outcome.invoices, c.offering))
    return EstateComparison(catalog, estate, options, costing, candidates, tuple(offerings))


def _offerings(
    catalog: Catalog, estate: EstatePlan, options: Options, costing: Costing, wanted: Sequence[str]
) -> list[str]:
    """Offerings to run: those asked for, else all that are sold and run where any open cluster is."""
    unknown = sorted(set(wanted) - set(catalog.offerings))
    if unknown:
        raise InputError.one(
            Place("--offering"), "unknown-offering", f"no offering '{unknown[0]}'; `tco catalog list` shows all"
        )
    members = [m for m in estate.members if m.spec.offering is None]
    if not members:
        return []
    sold = [n for n, o in catalog.offerings.items() if o.status.ended is None or options.as_of < o.status.ended]
    return [o for o in wanted or sorted(sold) if wanted or any(costing.site(m, o) for m in members)]


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


def optimize(comparison: EstateComparison, constraints: Iterable[Constraint]) -> list[Mix]:
    """Find the cheapest feasible mix of the offerings compared, under each constraint.

    A mix is a mixed-integer programme, see `tco.analysis.mix`. Its optimum is costed again part by part: a mix is
    proven where the two agree to the cent. They do not where support plans, which are reckoned from all invoices
    together, are bought: then mixes are costed one after another until no bound is below the best found.
    """
    choices = choices_of(comparison.costing, [c.offering for c in comparison.candidates if c.offering])
    return [_best(comparison.costing, choices, c) for c in constraints]


def _best(costing: Costing, choices: Choices, constraint: Constraint) -> Mix:
    programme = Programme(costing.estate, choices, constraint)
    best: EstateOutcome | None = None
    taken: dict[str, str] = {}
    bound = 0.0
    for _ in range(_MOST_MIXES):
        solved = programme.solve()
        if solved is None:
            return Mix(constraint, best, taken, best.invoices if best else 0.0)
        bound, assignment = solved
        if best is not None and bound >= best.invoices - _CENT:
            return Mix(constraint, best, taken, best.invoices)
        outcome = costing.cost(assignment)
        if best is None or outcome.invoices < best.invoices:
            best, taken = outcome, assignment
        if outcome.invoices <= bound + _CENT:
            return Mix(constraint, best, taken, best.invoices)
        programme.exclude(assignment)
    return Mix(constraint, best, taken, bound)
