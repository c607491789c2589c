"""What an estate costs: its clusters each on an offering, the links between them, and what the account shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import get_args

import numpy as np

from tco.catalog.load import Catalog
from tco.catalog.schema import Growing, Payer
from tco.engine.account import AccountRow, Invoice, Use, account_rows, give_figure
from tco.engine.book import Book, Triple, triple
from tco.engine.build import build, ways
from tco.engine.figure import Figure, Term
from tco.engine.link import RECOVERY, Cache, End, LinkOutcome, billed, give_recovery, joined
from tco.engine.offering import OWN, Site
from tco.engine.options import Options, Settable
from tco.engine.outcome import Outcome, Status, verdict
from tco.engine.pricing import CostLine
from tco.engine.replication import Replication
from tco.engine.run import run_rows, settled
from tco.engine.shared import shared_book
from tco.engine.sheets import sheet_drafts
from tco.engine.substitute import Requirement, requirements
from tco.model.evaluate import BASE, Array, end_of
from tco.model.scope import Draft, Item, sum_draft
from tco.sla.verdict import SlaVerdict, sla_verdict
from tco.workload.estate import EstatePlan, Member, side_by_side

PAYERS: tuple[Payer, ...] = get_args(Payer)
#: Payers whose costs are invoices.
INVOICED: tuple[Payer, ...] = ("vendor", "cloud", "one_off")
#: How a stretched cluster goes on without a region: rows of sheet recovery.
BY_ITSELF, BY_HAND = "moved_by_itself", "moved_by_hand"
Assignment = Mapping[str, str]


@dataclass
class Placement:
    """A kind of cluster on an offering.

    Attributes:
        group: the outcome of all clusters of the estate on this offering at this site.
        place: of the cluster in the group; its environments come right after it.
    """

    member: Member
    group: Outcome
    place: int
    catalog: Catalog

    @property
    def offering(self) -> str:
        """Id of the offering."""
        return self.group.id

    @property
    def end(self) -> End:
        """As an end of links."""
        return End(self.group.subject.offering, self.group.subject.site)

    @property
    def places(self) -> range:
        """Its own place in the group, and those of its environments."""
        return range(self.place, self.place + len(self.member.plan.clusters))

    def own(self, payer: Payer) -> Array:
        """Own cost by month of all clusters of the kind, USD, axes (low/base/high, 1, 1, month)."""
        return self.summed(f"{OWN}{payer}")

    def summed(self, row: str) -> Array:
        """Add up a row of the group over the kind and its environments."""
        value = self.group.values[row]
        part = value[:, :, list(self.places)] if value.shape[2] > 1 else value
        shape = (part.shape[0], 1, part.shape[2], self.group.horizon)
        return np.asarray(np.broadcast_to(part, shape).sum(axis=2, keepdims=True))

    @cached_property
    def total(self) -> float:
        """Own invoices over the horizon at base, USD."""
        return float(sum(end_of(self.own(p)).sum() for p in INVOICED))

    @cached_property
    def requirements(self) -> list[Requirement]:
        """How the offering answers what this cluster asks for."""
        return requirements(self.catalog, self.member.plan, self.group.subject, self.group.as_of)

    @cached_property
    def sla(self) -> SlaVerdict | None:
        """What the SLA promises for this cluster."""
        k = self.place
        values = {n: v[:, :, k : k + 1] if v.shape[2] > 1 else v for n, v in self.group.values.items()}
        return sla_verdict(self.catalog, self.group.subject.offering, values)

    @cached_property
    def unpriced(self) -> list[CostLine]:
        """Lines without a price that this cluster uses."""
        return [ln for ln in self.group.subject.lines if not ln.priced and (not ln.unit or self._uses(ln))]

    def _uses(self, line: CostLine) -> bool:
        row = f"{line.name}.each"
        return bool(self.summed(row if row in self.group.values else line.name).max() > 0)

    @cached_property
    def feasible(self) -> bool:
        """Whether the cluster and its environments keep every limit and rule."""
        return all(self.group.choices[k].feasible for k in self.places)

    @cached_property
    def status(self) -> Status:
        """The verdict on this cluster alone."""
        blocked = any(r.blocks for r in self.requirements)
        return verdict(self.group.without_any_price, self.feasible, blocked, bool(self.unpriced))

    @cached_property
    def reasons(self) -> list[str]:
        """Why it has that status, one sentence each."""
        names = [self.group.cluster_names[k] for k in self.places]
        return self.group.reasons_of(names, self.requirements, self.unpriced)


@dataclass(frozen=True)
class Growth:
    """What a standby has and would have in a failover, in the offering's units, and how fast it grows."""

    now: float
    full: float
    speed: Growing | None

    @property
    def minutes(self) -> Triple | None:
        """Minutes until it has its full size: low, base, high; None where that is not known."""
        added = self.full - self.now
        if added <= 0:
            return 0.0, 0.0, 0.0
        if self.speed is None:
            return None
        steps = 1 if self.speed.units is None else ceil(added / float(self.speed.units))
        low, base, high = triple(self.speed.minutes)
        return low * steps, base * steps, high * steps


@dataclass
class EstateOutcome:
    """What an estate comes to when each cluster runs on a given offering.

    Attributes:
        placements: in the order of the estate's clusters.
        links: by the mechanism taken for each; `others` has what else could join its ends, and what could not.
        impossible: cluster to why it cannot run on the offering at all.
        account: costs that are priced once for the estate.
        book: sums of all of it, with one row a cluster, link and account cost.
        values: of its rows, axes (low/base/high, 1, 1, month).
        figures: where its given rows come from.
    """

    estate: EstatePlan
    placements: list[Placement]
    links: list[LinkOutcome]
    others: dict[str, list[LinkOutcome]]
    impossible: dict[str, str]
    account: list[AccountRow]
    book: Book
    values: dict[str, Array]
    horizon: int
    figures: dict[str, Figure]

    def total(self, row: str, evidence: int = BASE) -> float:
        """Sum of a row over the horizon, USD."""
        value = end_of(self.values[row], evidence)
        return float(np.broadcast_to(value[0, 0], (self.horizon,)).sum())

    @cached_property
    def invoices(self) -> float:
        """All invoices over the horizon at base, USD."""
        return self.total("invoices")

    @cached_property
    def reasons(self) -> list[str]:
        """Why it has that status, one sentence each, with the cluster or link that it is about."""
        texts = [f"{name}: {text}" for name, text in self.impossible.items()]
        texts += [f"{p.member.name}: {r}" for p in self.placements if p.status != "priced" for r in p.reasons]
        for x in self.links:
            missing = [f"{ln.line.label}: quote needed ({ln.missing})" for ln in x.unpriced]
            texts += [f"{x.flow.name}: {r}" for r in [*x.refused, *x.broken, *x.misses, *missing]]
        return texts + [f"account: {r.label}: quote needed ({r.line.missing})" for r in self.account if not r.cost]

    @cached_property
    def status(self) -> Status:
        """The worst of its parts."""
        if self.impossible:
            return "infeasible"
        worst: list[Status] = ["quote_needed", "infeasible", "not_a_substitute", "lower_bound"]
        found = {p.status for p in self.placements} | {link_status(x) for x in self.links}
        if any(not r.cost for r in self.account):
            found.add("lower_bound")
        return next((s for s in worst if s in found), "priced")


def link_status(link: LinkOutcome) -> Status:
    """The verdict on a link alone."""
    return verdict(False, link.feasible, bool(link.misses), bool(link.unpriced))


class Costing:
    """Costs one estate in many assignments, and keeps what several of them share."""

    def __init__(self, catalog: Catalog, estate: EstatePlan, options: Options) -> None:
        self.catalog, self.estate, self.options = catalog, estate, options
        self.horizon = estate.plan.workload.horizon
        self._shared: dict[tuple[frozenset[str], frozenset[str]], Book] = {}
        self._groups: dict[tuple[object, ...], Outcome] = {}
        self._ways: dict[tuple[str, Site, str], str] = {}
        self._links: dict[tuple[object, ...], list[LinkOutcome]] = {}
        self._link_cache: Cache = {}

    def site(self, member: Member, offering: str) -> Site | None:
        """Where a cluster would run on an offering; None where that does not run anywhere near."""
        clouds = self.catalog.offerings[offering].clouds
        cloud, region = member.site
        if cloud in clouds:
            return Site(cloud, region)
        near = self.catalog.regions.equivalents(region)
        found = next((c for c in clouds if c in near), None)
        return Site(found, near[found]) if found and self.options.any_cloud else None

    def placements(self, names: Sequence[str], offering: str) -> dict[str, Placement]:
        """Cost clusters on an offering, those of a site together; clusters that cannot be there are left out."""
        grouped: dict[tuple[object, ...], list[Member]] = {}
        sites: dict[tuple[object, ...], Site] = {}
        for member in self.estate.members:
            site = self.site(member, offering) if member.name in names else None
            if site is not None:
                site = replace(site, access=self._way(offering, site, member))
                key = _hashable((site, *_terms(member)))
                grouped.setdefault(key, []).append(member)
                sites[key] = site
        found: dict[str, Placement] = {}
        for key, members in grouped.items():
            group = self._group(offering, sites[key], members)
            place = 0
            for member in members:
                found[member.name] = Placement(member, group, place, self.catalog)
                place += len(member.plan.clusters)
        return found

    def _way(self, offering: str, site: Site, member: Member) -> str:
        """How the clients of a cluster reach it on an offering: by itself the best way, whatever else runs there."""
        key = (offering, site, member.name)
        if key not in self._ways:
            alike = [m for m in self.estate.members if m.site == member.site and _terms(m) == _terms(member)]
            shared = self._work(offering).narrowed([k for m in alike for k in m.places])
            plan = side_by_side(self.estate.estate.name, alike)
            best, place = ways(self.catalog, shared, offering, plan, self.options, site), 0
            for m in alike:
                self._ways[offering, site, m.name] = best[place]
                place += len(m.places)
        return self._ways[key]

    def _work(self, offering: str, full: frozenset[str] = frozenset()) -> Book:
        sized = frozenset() if self._elastic(offering) else frozenset(m.name for m in self.estate.members)
        return self.shared(sized, full)

    def _group(self, offering: str, site: Site, members: Sequence[Member], full: bool = False) -> Outcome:
        key = (offering, site, tuple(m.name for m in members), full)
        if key not in self._groups:
            places = [k for m in members for k in m.places]
            work = self._work(offering, frozenset(m.name for m in members) if full else frozenset())
            shared = work.narrowed(places)
            plan = side_by_side(self.estate.estate.name, members)
            self._groups[key] = build(self.catalog, shared, offering, plan, self.options, site)
        return self._groups[key]

    def shared(self, sized: frozenset[str] = frozenset(), full: frozenset[str] = frozenset()) -> Book:
        """Return the book of the work of all clusters, some of them sized ahead for a failover; see `Replication`."""
        if (sized, full) not in self._shared:
            replication = Replication(self.estate.members, self.estate.links, sized, full)
            book = shared_book(self.catalog, self.estate.plan, self.options, replication)
            self._shared[sized, full] = settled(book, self.horizon)
        return self._shared[sized, full]

    def _elastic(self, offering: str) -> bool:
        """Whether an offering is billed by the hour for what it needs, so that a standby need not be sized ahead."""
        return self.catalog.offerings[offering].sizing.scales == "hourly"

    def work(self, outcome: EstateOutcome) -> Book:
        """Return the book of the work of all clusters as an outcome has them: sized ahead where they cannot grow."""
        return self.shared(frozenset(p.member.name for p in outcome.placements if not self._elastic(p.offering)))

    @cached_property
    def recovery(self) -> tuple[Book, dict[str, Array]]:
        """How long stretched clusters take until they work again, min: two rows of sheet recovery, and their values."""
        book = Book(self.catalog.units)
        give_recovery(self.catalog, book, self.options)
        rows = [d for d in sheet_drafts(self.catalog, RECOVERY) if d.name in (BY_ITSELF, BY_HAND)]
        book.give(
            Item("cluster.count", "The cluster", book.units.parse("1"), "input", source="definition"), 1.0, RECOVERY
        )
        book.define(rows, {}, lambda *_: None)
        return book, run_rows(book, self.horizon)

    def stretched(self, row: str) -> Triple:
        """Minutes until a stretched cluster works again, by the row of sheet recovery that says how."""
        low, base, high = (float(v) for v in np.broadcast_to(self.recovery[1][row], (3, 1, 1, 1)).ravel())
        return low, base, high

    @property
    def settable(self) -> dict[str, Settable]:
        """What a run may hold or replace, by offering and mechanism, in all that was costed so far."""
        found = {o.id: o.subject.settable for o in self._groups.values()}
        for x in self._link_cache.values():
            mine, known = x.settable, found.get(x.mechanism.id)
            found[x.mechanism.id] = mine if known is None else known.joined(mine)
        return found

    def growth(self, placement: Placement) -> Growth:
        """Return what a cluster adds to carry all that it stands in for, and how long that takes."""
        member, group = placement.member, placement.group
        sizing = group.subject.offering.sizing
        now = float(group.monthly(sizing.units, placement.place).max())
        if member.carries >= 1 and not self._elastic(placement.offering):
            return Growth(now, now, sizing.grows)
        full = self._group(placement.offering, group.subject.site, [member], full=True)
        return Growth(now, float(full.monthly(sizing.units).max()), sizing.grows)

    def cost(self, assignment: Assignment) -> EstateOutcome:
        """Cost the estate with each cluster on the offering that it is assigned to."""
        placed: dict[str, Placement] = {}
        for offering in dict.fromkeys(assignment.values()):
            placed |= self.placements([n for n, o in assignment.items() if o == offering], offering)
        impossible = {
            m.name: f"{self.catalog.offerings[assignment[m.name]].name} does not run on {m.site[0]}"
            for m in self.estate.members
            if m.name not in placed
        }
        placements = [placed[m.name] for m in self.estate.members if m.name in placed]
        others = {
            x.name: self.joined(x.name, placed[x.source.name], placed[x.target.name])
            for x in self.estate.links
            if x.source.name in placed and x.target.name in placed
        }
        links = [candidates[0] for candidates in others.values() if candidates]
        return self._summed(placements, links, others, impossible)

    def joined(self, name: str, source: Placement, target: Placement) -> list[LinkOutcome]:
        """Cost a link between two placed clusters by every mechanism that is open to it."""
        ends = source.end, target.end
        key = (name, *((e.offering.id, e.site.region) for e in ends))
        if key not in self._links:
            flow = next(x for x in self.estate.links if x.name == name)
            growing = self.growth(target).minutes if flow.recovers else (0.0, 0.0, 0.0)
            self._links[key] = joined(self.catalog, self.shared(), flow, ends, self.options, growing, self._link_cache)
        return self._links[key]

    def _summed(
        self,
        placements: list[Placement],
        links: list[LinkOutcome],
        others: dict[str, list[LinkOutcome]],
        impossible: dict[str, str],
    ) -> EstateOutcome:
        book = self._frame()
        uses = [u for p in placements for u in uses_of(p)] + [u for x in links for u in link_uses(x)]
        invoices = [i for p in placements for i in _invoices(p)] + [i for x in links for i in _link_invoices(x)]
        workload = self.estate.plan.workload
        rows, drafts, figures = account_rows(
            self.catalog, book, self.options, workload.account.support, workload.cloud, uses, invoices
        )
        for i in invoices:
            figures[i.row] = i.figure
            label = f"{i.by}, {i.payer.replace('_', ' ')}{'' if i.row == f'{i.by}.{i.payer}' else f', {i.sender}'}"
            give_figure(book, i.row, label, "USD", i.figure, "estate")
        book.define(drafts + _sums(invoices, rows), {}, lambda *_: None)
        values = run_rows(book, self.horizon)
        return EstateOutcome(
            self.estate, placements, links, others, impossible, rows, book, values, self.horizon, figures
        )

    def _frame(self) -> Book:
        """A book with the assumptions and months alone."""
        shared = self.shared()
        names = {*self.catalog.sheets["assumptions"].constants, "month", "calendar_month", "discount_factor"}
        names |= {n for n in self.catalog.inputs if n.startswith("account.")}
        book = Book(self.catalog.units, checked=shared.checked)
        for name in [n for n in shared.items if n in names]:
            book.give(replace(shared.items[name], node=None), shared.given[name], "estate")
        one = Item("cluster.count", "The estate", book.units.parse("1"), "input", source="definition")
        book.give(one, 1.0, "estate")
        return book


def _terms(member: Member) -> tuple[object, ...]:
    """What clusters that are costed together have in common."""
    w = member.plan.workload
    return w.cloud, w.network, w.commitment, w.account, w.compression.codec


def _hashable(key: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(part if isinstance(part, str | Site) else str(part) for part in key)


def uses_of(placement: Placement) -> list[Use]:
    """What a kind of cluster takes of the meters that are priced for the account."""
    found = []
    group = placement.group
    for line in group.subject.lines:
        if line.pooled and line.priced and not line.line.on_top:
            each, baseline = f"{line.name}.each", f"{line.name}.baseline"
            used = Figure(tuple(Term(group, each, k, "cluster.count") for k in placement.places))
            elsewhere = Figure((Term(group, baseline),)) if baseline in group.values else None
            found.append(Use(placement.member.name, line, line.points[0].region, used, elsewhere))
    return found


def link_uses(link: LinkOutcome) -> list[Use]:
    """What a kind of link takes of the meters that are priced for the account, there and back together."""
    meters: dict[tuple[str, str], list[CostLine]] = {}
    for line in link.lines:
        if line.pooled and line.priced:
            meters.setdefault((line.meter, line.points[0].region), []).append(line)
    return [
        Use(link.flow.name, lines[0], region, Figure(tuple(Term(link, ln.name) for ln in lines)), None)
        for (_, region), lines in meters.items()
    ]


def _invoices(placement: Placement) -> Iterator[Invoice]:
    name, cloud = placement.member.name, placement.group.subject.site.cloud
    for payer in PAYERS:
        figure = Figure(tuple(Term(placement.group, f"{OWN}{payer}", k) for k in placement.places))
        sender = cloud if payer == "cloud" else placement.offering.partition(".")[0]
        yield Invoice(name, payer, sender, f"{name}.{payer}", figure, placement.member.alive)


def _link_invoices(link: LinkOutcome) -> Iterator[Invoice]:
    name = link.flow.name
    for payer in PAYERS:
        home = link.source.site.cloud if payer == "cloud" else link.mechanism.id.partition(".")[0]
        for sender, row in billed(payer, link.lines, home).items():
            figure = Figure((Term(link, row),))
            yield Invoice(name, payer, sender, f"{name}.{row.removeprefix(OWN)}", figure, link.flow.alive)


def _sums(invoices: Sequence[Invoice], rows: Sequence[AccountRow]) -> list[Draft]:
    """Rows with the totals by payer, each the sum of the clusters, the links and what the account shares."""
    drafts, names = [], list(dict.fromkeys(i.by for i in invoices))
    for name in names:
        for payer in PAYERS:
            parts = [i.row for i in invoices if (i.by, i.payer) == (name, payer)]
            if len(parts) > 1:
                drafts.append(sum_draft(f"{name}.{payer}", f"{name}, {payer}", "USD", parts, "estate"))
    for payer in PAYERS:
        terms = [f"{n}.{payer}" for n in names] + [r.cost for r in rows if r.cost and r.line.line.payer == payer]
        drafts.append(sum_draft(f"all.{payer}", f"All, {payer.replace('_', ' ')}", "USD", terms, "estate"))
    drafts.append(sum_draft("invoices", "Invoices", "USD", [f"all.{p}" for p in INVOICED], "estate"))
    drafts.append(Draft("cash", "Invoices and labour", "USD", "invoices + all.labour", "estate"))
    drafts.append(Draft("discounted", "Invoices, discounted", "USD", "invoices * discount_factor", "estate"))
    for name in names:
        terms = [f"{name}.{p}" for p in INVOICED]
        terms += [r.shares[name] for r in rows if name in r.shares and r.line.line.payer in INVOICED]
        drafts.append(sum_draft(f"{name}.invoices", f"{name}, with its share of the account", "USD", terms, "estate"))
    return drafts
