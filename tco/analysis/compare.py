"""All offerings for one plan: ranked by invoices, tied where the evidence does not decide, the rest with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tco.catalog.load import Catalog
from tco.engine.build import build
from tco.engine.offering import Site
from tco.engine.options import Options, Settable, refuse_unknown
from tco.engine.outcome import Outcome
from tco.engine.run import settled
from tco.engine.shared import shared_book
from tco.errors import InputError, Place
from tco.sla.outage import read_outages
from tco.workload.plan import Plan

RANKED = ("priced", "lower_bound")


@dataclass
class Comparison:
    """The outcomes of a plan, in the order in which they are shown.

    Attributes:
        outcomes: ranked ones first, cheapest first; then not a substitute, infeasible, quote needed.
        model_error: two totals closer than this share are not told apart.
        stale_share: share of the money on old or undated evidence above which a report says so.
    """

    catalog: Catalog
    plan: Plan
    options: Options
    outcomes: list[Outcome]
    model_error: float
    stale_share: float

    @cached_property
    def ranked(self) -> list[Outcome]:
        """Offerings that can do the work and have a price."""
        return [o for o in self.outcomes if o.status in RANKED]

    @cached_property
    def others(self) -> list[Outcome]:
        """Offerings below the ranking."""
        return [o for o in self.outcomes if o.status not in RANKED]

    @cached_property
    def tied(self) -> list[Outcome]:
        """Offerings that public evidence does not tell apart from the cheapest, itself included.

        A total that public prices do not settle cannot be the one to beat, but may undercut it.
        """
        best = next((o.interval("total") for o in self.ranked if not o.unsettled), None)
        if best is None:
            return self.ranked
        reach = best.high * (1 + self.model_error)
        return [o for o in self.ranked if o.interval("total").low <= reach]

    @cached_property
    def winner(self) -> Outcome | None:
        """The cheapest, where public evidence and the stated model error leave no doubt about it."""
        return self.tied[0] if len(self.tied) == 1 and not self.tied[0].unsettled else None

    @cached_property
    def cheapest_with_labour(self) -> Outcome | None:
        """The cheapest once labour counts, which may be another one; None where its total is not settled."""
        lowest = min(self.ranked, key=lambda o: o.interval("total_with_labour").base, default=None)
        return lowest if lowest and not lowest.unsettled else None


def compare(
    catalog: Catalog,
    plan: Plan,
    options: Options,
    offerings: Sequence[str] = (),
) -> Comparison:
    """Cost and judge offerings for a plan.

    Args:
        catalog: what can be bought.
        plan: the work.
        options: date, sizing rule, pins.
        offerings: ids; all of the plan's cloud when empty.

    Raises:
        InputError: an unknown offering, an unknown name in `options`, an outage that cannot be read, or a faulty
            catalog file.
    """
    read_outages(plan.workload.outages)  # refused before anything is costed
    shared = settled(shared_book(catalog, plan, options), plan.workload.horizon)
    subjects = _subjects(catalog, plan, options, offerings)
    outcomes = [build(catalog, shared, o, plan, options, site) for o, site in subjects]
    if plan.workload.network.clients == "beside":
        stay = plan.with_clients_staying()
        for o in outcomes:
            if o.subject.site.cloud != plan.workload.cloud:
                anyhow = replace(o.subject.site, access="")
                o.staying = build(catalog, shared, o.id, stay, options, anyhow)
    refuse_unknown_names(catalog, options, {o.id: o.subject.settable for o in outcomes})
    outcomes.sort(key=_order)
    return Comparison(
        catalog,
        plan,
        options,
        outcomes,
        float(shared.given["model_error"].ravel()[0]),
        float(shared.given["stale_share"].ravel()[0]),
    )


def refuse_unknown_names(catalog: Catalog, options: Options, known: Mapping[str, Settable]) -> None:
    """Refuse pins and prices that nothing in a run answers to; see `refuse_unknown`."""
    elsewhere = dict.fromkeys(catalog.inputs, "it is an input: use --set, or write it in the workload")
    elsewhere |= dict.fromkeys(catalog.sheets["assumptions"].constants, "it is an assumption: use --assumptions")
    refuse_unknown(options, known, elsewhere)


def _subjects(catalog: Catalog, plan: Plan, options: Options, wanted: Sequence[str]) -> list[tuple[str, Site]]:
    """(offering, site) to run: those asked for, else all on the plan's cloud."""
    unknown = sorted(set(wanted) - set(catalog.offerings))
    if unknown:
        raise InputError.one(
            Place("--offering"), "unknown-offering", f"no offering '{unknown[0]}'; `tco catalog list` shows all"
        )
    home, region = plan.workload.cloud, plan.workload.region
    elsewhere = catalog.regions.equivalents(region)
    subjects: list[tuple[str, Site]] = []
    sold = [n for n, o in catalog.offerings.items() if o.status.ended is None or options.as_of < o.status.ended]
    for name in wanted or sorted(sold):
        clouds = catalog.offerings[name].clouds
        if home in clouds:
            subjects.append((name, Site(home, region)))
        elif (options.any_cloud or wanted) and any(c in elsewhere for c in clouds):
            cloud = next(c for c in clouds if c in elsewhere)
            subjects.append((name, Site(cloud, elsewhere[cloud])))
        elif wanted:
            text = f"{name} runs on {' and '.join(clouds)}, and no region of that stands for {region}: regions.yaml"
            raise InputError.one(Place("--offering"), "not-near", text)
    return subjects


def _order(o: Outcome) -> tuple[int, float, str]:
    place = {"priced": 0, "lower_bound": 0, "not_a_substitute": 1, "infeasible": 2, "quote_needed": 3}[o.status]
    return place, o.interval("total").base, o.id
