"""What one offering comes to for one plan: sizing, cost with its evidence, verdict and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import numpy as np

from tco.catalog.load import Catalog, Quote
from tco.catalog.prices import PricePoint
from tco.catalog.schema import Event
from tco.catalog.values import month_end
from tco.engine.book import Book
from tco.engine.offering import OfferingBook
from tco.engine.pricing import CostLine
from tco.engine.run import ClusterChoice
from tco.engine.spoken import amount, figure
from tco.engine.substitute import Requirement
from tco.model.evaluate import BASE, COMPARE_TOLERANCE, Array, end_of
from tco.sla.verdict import SlaVerdict
from tco.workload.plan import Plan

Status = Literal["priced", "lower_bound", "infeasible", "not_a_substitute", "quote_needed"]
_MAIN_PAYERS = ("vendor", "cloud", "one_off")
_YEAR_DAYS = 365
UNDATED = "undated"
#: From so many on, what is not known of an offering is one sentence.
_MANY_UNKNOWN = 2
#: How old a price is on the day of the run, by when its source was read.
AGES = ("read within a year", "1 to 2 years ago", "over 2 years ago", UNDATED)


@dataclass(frozen=True)
class Interval:
    """A number with its evidence: low, base, high."""

    low: float
    base: float
    high: float

    @property
    def is_range(self) -> bool:
        """Whether the evidence leaves a range."""
        return self.low != self.high


@dataclass(frozen=True)
class Weak:
    """A cost line on old, undated or third-party evidence.

    Attributes:
        share, cost: its part of the invoices, and in USD over the horizon.
        price, source: the price point or constant behind most of it, and where that was read.
        seen: when it was read; None where that is not known.
        why: which of old, undated and third-party it is.
    """

    label: str
    share: float
    cost: float
    price: str
    source: str
    seen: date | None
    why: str


@dataclass(frozen=True)
class Evidence:
    """Shares of an offering's invoices, by confidence and by age of the source.

    Attributes:
        by_age: each of AGES to its share.
        weak: lines on old, undated or third-party evidence, most money first: what to read again first.
    """

    by_confidence: dict[str, float]
    by_age: dict[str, float]
    oldest: tuple[str, date] | None
    weak: list[Weak]

    @property
    def older_than_a_year(self) -> float:
        """Share of the invoices on prices read over a year before the day of the prices."""
        return sum(self.by_age[age] for age in AGES[1:-1])

    @property
    def undated(self) -> float:
        """Share of the invoices on prices that nobody dated."""
        return self.by_age[UNDATED]

    @property
    def weak_share(self) -> float:
        """Share of the invoices on old, undated or third-party evidence."""
        return sum(w.share for w in self.weak)


@dataclass
class Outcome:
    """The result of one offering.

    Attributes:
        subject: its book, with lines and prices.
        choices: what each kind of cluster runs on, production first.
        values: every row, axes (low/base/high, 1, cluster, month).
        default_total: invoices with every choice at its default, base evidence; None if not feasible so.
        requirements: how it answers what the workload asks for.
        sla: what its SLA promises for this plan; None where the catalog has no document.
        cluster_names: names of the plan's clusters, production first.
        plan: what it is for.
        staying: the same with clients that stay in the plan's own cloud, where the brokers are in another.
    """

    subject: OfferingBook
    choices: list[ClusterChoice]
    values: dict[str, Array]
    default_total: float | None
    requirements: list[Requirement]
    sla: SlaVerdict | None
    as_of: date
    catalog: Catalog
    cluster_names: list[str]
    plan: Plan
    staying: Outcome | None = None

    @property
    def id(self) -> str:
        """Id of the offering."""
        return self.subject.offering.id

    @property
    def book(self) -> Book:
        """The rows."""
        return self.subject.book

    def interval(self, row: str) -> Interval:
        """Value of a row that holds for the whole horizon."""
        three = np.broadcast_to(self.values[row], (3, *self.values[row].shape[1:])).reshape(3, -1)[:, 0]
        return Interval(*(float(v) for v in three))

    def monthly(self, row: str, cluster: int = 0, evidence: int = BASE) -> Array:
        """Values of a row by month, for one cluster and one end of the evidence."""
        value = self.values[row]
        k = cluster if value.shape[2] > 1 else 0
        return np.asarray(np.broadcast_to(end_of(value, evidence)[0, k], (self.horizon,)))

    @cached_property
    def horizon(self) -> int:
        """Months."""
        return int(self.values["month"].shape[-1])

    @cached_property
    def unpriced(self) -> list[CostLine]:
        """Lines that have a quantity and no price."""
        return without_price(self.subject, self.values)

    @cached_property
    def priced_lines(self) -> list[CostLine]:
        """Lines that cost something."""
        return [ln for ln in self.subject.lines if ln.priced and np.abs(self.values[f"{ln.name}.cost"]).max() > 0]

    @cached_property
    def proxies(self) -> list[str]:
        """Regions whose prices stand in for those of the plan's own."""
        return sorted({p.region for ln in self.priced_lines for p in self.points(ln) if p.proxy_for})

    @cached_property
    def unsettled(self) -> list[str]:
        """Why public prices do not settle the total; empty where they do."""
        missing, regions = ", ".join(ln.line.label for ln in self.unpriced), ", ".join(self.proxies)
        texts = [f"has no public price for {missing}"] if missing else []
        return (
            [*texts, f"is priced by {regions} for want of prices in {self.subject.site.region}"] if regions else texts
        )

    @cached_property
    def feasible(self) -> bool:
        """Whether every cluster keeps every limit and rule."""
        return all(c.feasible for c in self.choices)

    @cached_property
    def status(self) -> Status:
        """The verdict, the most serious first."""
        blocked = any(r.blocks for r in self.requirements)
        return verdict(self.without_any_price, self.feasible, blocked, bool(self.unpriced))

    @property
    def without_any_price(self) -> bool:
        """Whether nothing that is sold has a price here, or the vendor prices it by quote alone.

        Machines and traffic on the buyer's own bill are then no total to rank by.
        """
        o = self.subject.offering
        if o.unpriced and self.unpriced:
            return True
        lines = [ln for ln in self.subject.lines if ln.name in o.lines and ln.line.payer in _MAIN_PAYERS]
        used = [ln for ln in lines if self.values[ln.name].max() > 0]
        if any(not ln.priced and self._open(ln.line.variant) for ln in used):
            return True  # not one of the sizes has a price, so that none can be chosen
        own = [ln for ln in used if ln.meter.startswith(f"{o.id}:")] if o.model in ("dedicated", "serverless") else []
        return bool(used) and not any(ln.priced for ln in own or used)

    def _open(self, choice: str) -> bool:
        """Whether a choice selects prices and is left to the tool."""
        return bool(choice) and len(self.subject.choices[choice]) == len(self.subject.offering.values(choice)) > 1

    @cached_property
    def reasons(self) -> list[str]:
        """Why it has that status, one sentence each: limits first, then what it has not, then what is not known."""
        return self.reasons_of(self.cluster_names, self.requirements, self.unpriced)

    def reasons_of(
        self, names: Sequence[str], requirements: Sequence[Requirement], unpriced: Sequence[CostLine]
    ) -> list[str]:
        """Return the reasons that concern some of its clusters; see `reasons`."""
        blocking = [r for r in requirements if r.blocks]
        unknown = [r for r in blocking if r.answer == "unknown"]
        texts = self._broken(names)
        texts += [r.text for r in blocking if r not in unknown]
        texts += [r.text for r in unknown] if len(unknown) < _MANY_UNKNOWN else [_unknown_text(unknown)]
        if self.subject.offering.unpriced:
            texts.append(f"quote needed: {self.subject.offering.unpriced}")
        else:
            texts += [f"{ln.line.label}: quote needed ({ln.missing})" for ln in unpriced]
        return texts

    def _broken(self, names: Sequence[str]) -> list[str]:
        """Limits and rules that no configuration keeps; of clusters that break the same limit, the first in full."""
        texts: list[str] = []
        choices = [(n, c) for n, c in zip(self.cluster_names, self.choices, strict=True) if n in names]
        failing = [(n, c) for n, c in choices if not c.feasible]
        for limit in dict.fromkeys(m for _, choice in failing for m in choice.broken):
            (cluster, choice), *others = [(n, c) for n, c in failing if limit in c.broken]
            also = f"; so {'do' if len(others) > 1 else 'does'} {' and '.join(n for n, _ in others)}" if others else ""
            texts.append(self._limit_text(limit, cluster, *choice.broken[limit]) + also)
        return texts + [
            f"{cluster}: no configuration keeps the rule: {rule}"
            for cluster, choice in failing
            for rule in choice.broken_rules
        ]

    def _limit_text(self, name: str, cluster: str, first: int, months: int) -> str:
        limit = self.subject.offering.limits[name]
        k = self.cluster_names.index(cluster)
        unit = self.book.items[limit.caps].unit
        needs = self.monthly(limit.caps, k).max()
        allowed = self.monthly(f"limit.{name}", k).min()
        source = self.catalog.sources.get(limit.source)
        where = f"; {source.title}" if source else ""
        when = (
            "in every month"
            if months == self.horizon
            else f"in {months} of {self.horizon} months, first in month {first}"
        )
        where = f"{where}; cluster {cluster}" if k else where
        figures = f"needs {amount(needs, unit.text)}, the limit is {figure(allowed)}"
        return f"{limit.label}: {figures} ({limit.kind}{where}), {when}"

    @cached_property
    def marks(self) -> list[str]:
        """Marks that stand beside the total wherever it shows."""
        points = [p for ln in self.priced_lines for p in self.points(ln)]
        marks = [f"proxy region {', '.join(self.proxies)}"] if self.proxies else []
        marks += [f"quoted by {q.name}{self._expired(q)}" for q in self.quotes]
        if any(p.region_unstated for p in points):
            marks.append("region of price not stated")
        if any(p.source == "given" for p in points):
            marks.append("prices given for this run")
        return [*marks, *self._listed(), *self._clients(), *self._tight(), *self._overloaded(), *self._short()]

    def _listed(self) -> list[str]:
        """Lines at list prices although the plan commits to a term and other regions have a price for that."""
        term, region = self.plan.workload.commitment, self.subject.site.region
        labels = [
            ln.line.label
            for ln in self.priced_lines
            if any(f"{p.meter}.{term}" in self.catalog.prices.meters(p.offering) for p in self.points(ln))
        ]
        return [f"no committed price in {region}, so list prices for {', '.join(labels)}"] if labels else []

    @cached_property
    def quotes(self) -> list[Quote]:
        """Quotes that reach the total or a limit."""
        used = {p.source for ln in self.priced_lines for p in self.points(ln)}
        used |= {limit.source for limit in self.subject.offering.limits.values()}
        return [q for q in self.catalog.quotes if q.id in used]

    def _expired(self, quote: Quote) -> str:
        over = quote.valid_until is not None and quote.valid_until < self.as_of
        return f", which expired on {quote.valid_until}" if over else ""

    @cached_property
    def events(self) -> list[Event]:
        """What is announced for a day after that of the prices and within the horizon, in order."""
        offering = self.subject.offering
        end, status = month_end(self.plan.months[-1]), offering.status
        last = status.note or "the offering ends"
        gone = [Event(date=status.ended, kind="withdrawal", text=last, source=status.source)] if status.ended else []
        return sorted((e for e in [*offering.events, *gone] if self.as_of < e.date <= end), key=lambda e: e.date)

    def _clients(self) -> list[str]:
        """Where clients are taken to be when the brokers are in another cloud than the plan's own."""
        home, region = self.plan.workload.cloud, self.plan.workload.region
        if self.subject.site.cloud == home:
            return []
        if self.staying is None:
            return [f"clients stay in {home} {region} and cross the internet"]
        other = self.staying
        figures = f"{'at least ' if other.unpriced else ''}{other.interval('total').base:,.0f} USD"
        stay = f"if they stay in {home}: {figures}" if not other.subject.refused else other.subject.refused[0].text
        return [f"clients assumed beside the cluster in {self.subject.site.cloud} {self.subject.site.region}; {stay}"]

    def _tight(self) -> list[str]:
        """Quotas that hold, with little to spare."""
        tight = float(self.values["tight"].ravel()[0])
        shares = {m: float(self.monthly(f"limit.{m}.share").max()) for m in self.subject.offering.limits}
        limits = self.subject.offering.limits
        return [f"tight: {limits[m].label} {share:.0%} used" for m, share in shares.items() if tight < share <= 1]

    def _overloaded(self) -> list[str]:
        """What the vendor's own sizing rule does not keep free for the loss of a zone."""
        down = self.utilisation("zone_down")
        over = down is not None and down > 1 + COMPARE_TOLERANCE
        return [f"with a zone down, production is {down:.0%} busy at peak"] if over else []

    def _short(self) -> list[str]:
        """Conditions of the SLA, or a higher promise, that another size or choice of the same offering would meet."""
        s = self.sla
        if s is None:
            return []
        if s.curable:
            return [f"SLA not met as sized: {self._cited(c.text, c.source)}" for c in s.curable]
        if s.short_of is None:
            return []
        reached = "not met" if s.percent is None else f"at {s.percent} %"
        words = self._cited(s.short_of.text, s.short_of.source)
        return [f"SLA {reached} as sized: {s.short_of.percent} % is for {words}"]

    def _cited(self, text: str, source: str) -> str:
        known = self.catalog.sources.get(source)
        return f"{text.rstrip('.')} ({known.title})" if known else text.rstrip(".")

    def points(self, line: CostLine) -> list[PricePoint]:
        """Price points that a line really uses: those of the chosen variants, or all its bands."""
        if not line.line.variant:
            return line.points
        chosen = {c.configuration[line.line.variant] for c in self.choices}
        return [p for p in line.points if p.variant in chosen]

    def _weightiest(self, line: CostLine) -> PricePoint:
        """The price point behind most of a line's money."""
        points = self.points(line)
        if line.line.variant or len(points) == 1:
            return points[0]
        ends, used = [*(float(p.tier_from) for p in points[1:]), np.inf], self.monthly(line.name)
        money = [
            float(np.clip(used - float(p.tier_from), 0.0, end - float(p.tier_from)).sum() * float(p.base))
            for p, end in zip(points, ends, strict=True)
        ]
        return points[int(np.argmax(money))]

    def cost(self, line: CostLine, evidence: int = 1) -> float:
        """Cost of a line over the horizon, USD."""
        return float(self.monthly(f"{line.name}.cost", 0, evidence).sum())

    @cached_property
    def binding(self) -> str:
        """What set the number of units of the production cluster, in words."""
        sizing = self.subject.offering.sizing
        largest = [self.monthly(row).max() for row in sizing.binding]
        return list(sizing.binding.values())[int(np.argmax(largest))]

    @cached_property
    def units_at_end(self) -> float:
        """Most units that production needs within the horizon."""
        return float(self.monthly(self.subject.offering.sizing.units).max())

    def utilisation(self, which: Literal["peak", "zone_down"]) -> float | None:
        """Largest share of production's capacity in use within the horizon."""
        row = dict(self.subject.offering.utilisation).get(which)
        return float(self.monthly(row).max()) if row else None

    @cached_property
    def evidence(self) -> Evidence:
        """Shares of the invoices by confidence and age."""
        lines = [ln for ln in self.priced_lines if ln.line.payer in _MAIN_PAYERS and not ln.line.on_top]
        total = sum(self.cost(ln) for ln in lines) or 1.0
        by, ages = dict[str, float](), dict.fromkeys(AGES, 0.0)
        dates: list[tuple[str, date]] = []
        weak: list[Weak] = []
        for line in lines:
            price, source, confidence = self._rests_on(line)
            share, cost, seen = self.cost(line) / total, self.cost(line), self._seen(source)
            by[confidence] = by.get(confidence, 0.0) + share
            age = _age(self.as_of, seen)
            ages[age] += share
            if seen is not None:
                dates.append((line.line.label, seen))
            if age != AGES[0] or confidence == "third-party":
                why = age if seen is None else f"read {seen}" if age != AGES[0] else confidence
                weak.append(Weak(line.line.label, share, cost, price, source, seen, why))
        weak.sort(key=lambda w: -w.share)
        return Evidence(by, ages, min(dates, key=lambda d: d[1]) if dates else None, weak)

    def _rests_on(self, line: CostLine) -> tuple[str, str, str]:
        """Price or constant behind most of a line's money, where it was read, and how sure it is."""
        if line.points:
            point = self._weightiest(line)
            return point.id, point.source, point.confidence
        source = self.book.items[line.constant].source
        known = self.catalog.sources.get(source)
        return line.constant, source, known.kind if known else "assumption"

    def _seen(self, source: str) -> date | None:
        known = self.catalog.sources.get(source)
        return known.seen if known else None


def verdict(without_price: bool, feasible: bool, blocked: bool, unpriced: bool) -> Status:
    """Return a status, the most serious first."""
    if without_price:
        return "quote_needed"
    if not feasible:
        return "infeasible"
    if blocked:
        return "not_a_substitute"
    return "lower_bound" if unpriced else "priced"


def _unknown_text(unknown: list[Requirement]) -> str:
    return f"nothing is published about {', '.join(r.name for r in unknown)}: ask"


def _age(as_of: date, seen: date | None) -> str:
    if seen is None:
        return UNDATED
    return AGES[min((as_of - seen).days // _YEAR_DAYS, len(AGES) - 2)] if seen <= as_of else AGES[0]


def without_price(subject: OfferingBook, values: dict[str, Array]) -> list[CostLine]:
    """Lines without a price that a run uses, and those on top of others, whose quantity is not known without one."""
    return [ln for ln in subject.lines if not ln.priced and (not ln.unit or values[ln.name].max() > 0)]
