"""A link between two clusters: the mechanisms that can join them, and what each costs."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import get_args

import numpy as np

from tco.catalog.load import Catalog
from tco.catalog.mechanisms import ANY, REACHES, Mechanism, Reach
from tco.catalog.paths import LinkPathRow
from tco.catalog.schema import Line, Offering, Payer, Side
from tco.catalog.values import in_unit
from tco.engine.book import Book, Expand, Triple, months_array, pure, triple_array
from tco.engine.lines import Market, bind, line_drafts, put_price
from tco.engine.offering import OWN, Site
from tco.engine.options import Options, Pin, Settable
from tco.engine.pricing import CostLine
from tco.engine.run import run_rows
from tco.engine.shared import replaced
from tco.engine.sheets import row_draft, sheet_drafts
from tco.engine.spoken import amount, figure
from tco.errors import Finding, InputError, Place
from tco.model.evaluate import Array, end_of
from tco.model.parse import parse
from tco.model.scope import Draft, Item, sum_draft
from tco.model.sparse import ZERO, without_zeros
from tco.model.tree import Name, Node
from tco.workload.estate import Flow

SHEET, RECOVERY = "link_paths", "recovery"
_LINK_ROW = re.compile(r"\blink\.(\w+)")
_OF_AN_END = re.compile(r"\b(source|target)\.(\w+(?:\.\w+)*)")


@dataclass(frozen=True)
class End:
    """One end of a link: an offering at a site."""

    offering: Offering
    site: Site


@dataclass
class LinkOutcome:
    """A link by one mechanism: its cost, and whether it can be.

    Attributes:
        values: every row of its book, axes (low/base/high, 1, 1, month).
        refused: why this mechanism cannot join these ends, or is not as the link asks; empty where it can.
        path: the way on which its bytes travel; None where there is none.
        growth_known: whether anybody says how fast the target grows, without which its recovery time is a least one.
        misses: recovery that is asked for and that it cannot reach.
    """

    flow: Flow
    mechanism: Mechanism
    source: End
    target: End
    path: LinkPathRow | None
    book: Book
    lines: list[CostLine]
    values: dict[str, Array]
    growth_known: bool = True
    refused: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    @property
    def settable(self) -> Settable:
        """What a run may hold or replace here."""
        own = {*self.mechanism.rows, *self.mechanism.constants, *(ln.name for ln in self.lines), "lag"}
        return Settable(own, {}, (), {ln.meter for ln in self.lines if ln.meter})

    @cached_property
    def unpriced(self) -> list[CostLine]:
        """Lines that have a quantity and no price."""
        return [ln for ln in self.lines if not ln.priced and self.values[ln.name].max() > 0]

    @cached_property
    def broken(self) -> list[str]:
        """Limits that it breaks, in words."""
        found = []
        for name, limit in self.mechanism.limits.items():
            needs, allowed = self.values[limit.caps].max(), self.values[f"limit.{name}"].min()
            if self.values[f"limit.{name}.broken"].max() > 0:
                unit = self.book.items[limit.caps].unit.text
                found.append(f"{limit.label}: needs {amount(needs, unit)}, the limit is {figure(allowed)}")
        return found

    @property
    def feasible(self) -> bool:
        """Whether it can join the two ends as asked, within its limits."""
        return not self.refused and not self.broken

    def monthly(self, row: str) -> Array:
        """Values of a row by month, all links of the kind, axes (low/base/high, 1, 1, month)."""
        value = self.values[row]
        return np.asarray(np.broadcast_to(value, (value.shape[0], 1, 1, self.horizon)))

    def grow(self, growing: Triple | None) -> None:
        """Let the target take some minutes until it has its full size: low, base, high; None if not known."""
        self.growth_known = growing is not None
        if not growing or not any(growing):
            return
        self.book = self.book.copy()
        self.book.given["growing"] = triple_array(growing)
        rest = {n: v for n, v in self.values.items() if n != "rto"} | {"growing": self.book.given["growing"]}
        self.values = run_rows(self.book, self.horizon, rest)

    def worst(self, row: str) -> tuple[float, float, float]:
        """Largest value of a row over the months in which the link runs: low, base, high."""
        if not any(self.flow.alive):
            return 0.0, 0.0, 0.0
        value = np.broadcast_to(self.monthly(row), (3, 1, 1, self.horizon))[:, 0, 0, list(self.flow.alive)]
        low, base, high = (float(v) for v in value.max(axis=-1))
        return low, base, high

    @cached_property
    def horizon(self) -> int:
        """Months."""
        return int(self.values["month"].shape[-1])

    @cached_property
    def total(self) -> float:
        """Invoices over the horizon at base, USD, with what it adds to price bands by itself."""
        lines = [ln for ln in self.lines if ln.priced]
        costs = [self.monthly(f"{ln.name}.cost") for ln in lines]
        return float(sum(end_of(c).sum() for c in costs))


#: Outcomes by what their figures rest on, so that ends on many offerings share them.
Cache = dict[tuple[object, ...], "LinkOutcome"]


def joined(
    catalog: Catalog,
    settled: Book,
    flow: Flow,
    ends: tuple[End, End],
    options: Options,
    growing: Triple | None,
    cache: Cache,
) -> list[LinkOutcome]:
    """Cost a link by every mechanism that its file leaves open, the one to take first.

    Those that reach the recovery asked for come first, then those that are priced, then the cheapest; mechanisms that
    cannot join the ends only where no other can.

    Args:
        catalog: for mechanisms and prices.
        settled: the book of the work of all clusters, its rows run.
        flow: the link.
        ends: what the ends that are read and written run on.
        options: of the run.
        growing: minutes until the target has grown to its full size in a failover: low, base, high; None if not known.
        cache: of this estate.

    Raises:
        InputError: a faulty file of a mechanism.
    """
    asked = flow.spec.mechanism
    ways = [
        (m, path, _refused(flow, m, *ends, path))
        for m in catalog.mechanisms.values()
        if asked in (ANY, m.id)
        for path in _paths(catalog, flow, m, *ends)
    ]
    found = []
    for m, path, refused in [w for w in ways if not w[2]] or ways:
        key = flow.name, m.id, path and (path.cloud, path.tenancy, path.path), *(e.site for e in ends)
        if key not in cache:
            cache[key] = link_outcome(catalog, settled, flow, m, *ends, path, options)
        outcome = replace(cache[key], source=ends[0], target=ends[1], refused=refused)
        outcome.grow(growing)
        outcome.misses = _missed(catalog, outcome)
        found.append(outcome)
    return sorted(found, key=lambda o: (not o.feasible, len(o.misses), len(o.unpriced), o.total, o.mechanism.id))


def _missed(catalog: Catalog, outcome: LinkOutcome) -> list[str]:
    """Recovery asked for at the source that the link cannot reach even at best."""
    wanted, found = outcome.flow.source.plan.workload.requirements, []
    for name, value, unit in (("rpo", wanted.rpo, "s"), ("rto", wanted.rto, "min")):
        if outcome.flow.recovers and value is not None:
            asked, best = float(in_unit(value, catalog.units.parse(unit), catalog.units)), outcome.worst(name)[0]
            if best > asked:
                what = "loses" if name == "rpo" else "takes"
                found.append(f"{outcome.mechanism.name} {what} at least {best:g} {unit}; {asked:g} {unit} is asked for")
    return found


def reach(source: Site, target: Site) -> Reach:
    """How far apart two sites are."""
    if source.cloud != target.cloud:
        return "other_cloud"
    return "same_region" if source.region == target.region else "other_region"


def _paths(catalog: Catalog, flow: Flow, m: Mechanism, source: End, target: End) -> list[LinkPathRow | None]:
    """Ways that are open to a link: the one asked for, else the private ones, else a public one."""
    far = reach(source.site, target.site)
    rows = [
        p
        for p in catalog.link_paths
        if (p.cloud, p.tenancy, p.reach) == (source.site.cloud, source.offering.tenancy, far) and p.path in m.paths
    ]
    if flow.spec.path is not None:
        rows = [p for p in rows if p.path == flow.spec.path]
    private = [p for p in rows if p.path != "internet"]
    return [*(private or rows)] or [None]


def _refused(flow: Flow, m: Mechanism, source: End, target: End, path: LinkPathRow | None) -> list[str]:
    """Why a mechanism cannot join two ends as a link asks; empty where it can."""
    found = []
    spec, far = flow.spec, reach(source.site, target.site)
    for end, offered, words in ((source, m.source, "read from"), (target, m.target, "write to")):
        if ANY not in offered and end.offering.id not in offered:
            found.append(f"{m.name} cannot {words} {end.offering.name}")
    if m.same_offering and source.offering.id != target.offering.id:
        found.append(f"{m.name} needs the same offering at both ends")
    if spec.mode not in m.modes:
        found.append(f"{m.name} does not copy {'synchronously' if spec.mode == 'sync' else 'asynchronously'}")
    if far not in m.reaches:
        found.append(f"{m.name} does not join {_REACH_WORDS[far]}")
    elif path is None:
        by = f" by {spec.path.replace('_', ' ')}" if spec.path else ""
        found.append(f"no way{by} from {source.site.region} to {target.site.region} is known for {m.name}")
    if spec.dials is not None and spec.dials not in m.dials:
        found.append(f"with {m.name} the {m.dials[0]} opens the connection, not the {spec.dials}")
    return found


_REACH_WORDS = {
    "same_region": "two clusters of one region",
    "other_region": "two regions",
    "other_cloud": "two clouds",
}


def runs_side(flow: Flow, m: Mechanism) -> Side:
    """End at which a mechanism's workers or meters are."""
    return (flow.spec.dials or m.dials[0]) if m.runs_at == "dialer" else m.runs_at


def link_outcome(
    catalog: Catalog,
    settled: Book,
    flow: Flow,
    m: Mechanism,
    source: End,
    target: End,
    path: LinkPathRow | None,
    options: Options,
) -> LinkOutcome:
    """Cost a link by one mechanism on one way, with a target that is at its full size already; see `joined`."""
    book = settled.copy()
    runs = source.site if runs_side(flow, m) == "source" else target.site
    _give(catalog, book, flow, m, runs, path, options)
    minutes = Item("growing", "Until the target has its full size", book.units.parse("min"), "input", uncertain=True)
    book.give(replace(minutes, source="given"), 0.0, RECOVERY)
    document = catalog.documents[f"mechanism:{m.id}"]
    lines_of = catalog.sheets[SHEET].lines
    market = Market(
        m.id,
        {"runs": runs.cloud, "source": source.site.cloud, "target": target.site.cloud},
        runs.region,
        options.as_of,
        flow.target.plan.workload.commitment,
        {"source": source.site.region, "target": target.site.region},
        options.prices,
        unpriced=m.unpriced,
        nearest={
            **m.variants,
            "reach": _nearest_reach(catalog, source.site, target.site),
            "back": _nearest_reach(catalog, target.site, source.site),
        },
    )
    findings: list[Finding] = []
    lines: list[CostLine] = []
    drafts = [row_draft(n, r, m.id, document) for n, r in m.rows.items()]
    drafts += [d for s in (SHEET, RECOVERY) for d in sheet_drafts(catalog, s) if d.name not in m.rows]
    give_recovery(catalog, book, options, m.constants)
    own: dict[str, Line] = {**m.lines, **{n: ln for n, ln in lines_of.items() if n not in m.lines}}
    pins = options.pins(m.id)
    taken = {f"runs.{runs.cloud}", *(f"path.{n}" for n, factor in (path.factors if path else {}).items() if factor)}
    for name, line in own.items():
        if name not in pins and not _met(line, taken):
            continue
        place = (document if name in m.lines else catalog.documents[SHEET]).place("lines", name)
        bound = bind(catalog.prices, book, market, name, line, (), ())
        findings += put_price(book, bound, place, by_choice=False)
        lines.append(bound)
        drafts += line_drafts(book, bound, line.quantity, place, m.id, several=False, each="each link")
    drafts += _limits(book, m, document.place())
    drafts += _own_costs(lines, source.site.cloud)
    drafts += _ends(book, drafts)
    named = [replace(d, text=_LINK_ROW.sub(rf"link.{flow.name}.\1", d.text)) for d in drafts]
    book.define(named, pins, _expansion(flow))
    if findings:
        raise InputError(findings)
    values = run_rows(book, flow.source.plan.workload.horizon)
    return LinkOutcome(flow, m, source, target, path, book, lines, values)


def _met(line: Line, taken: Collection[str]) -> bool:
    """Whether a link meets a line at all: not those of ways that it does not take, or clouds that it is not in."""

    def never(name: str) -> bool:
        return name.startswith(("path.", "runs.")) and name not in taken

    def always(name: str) -> bool:
        return name.startswith("runs.") and name in taken

    return without_zeros(parse(line.quantity), never, always) != ZERO


def give_recovery(catalog: Catalog, book: Book, options: Options, but: Collection[str] = ()) -> None:
    """Add the times that recovery takes, each as assumed for the run, but for those that a mechanism says otherwise."""
    for name, constant in catalog.sheets[RECOVERY].constants.items():
        if name in options.assumptions:
            pin = Pin(options.assumptions[name], options.places("assumptions", name))
            book.constant(name, replaced(constant, pin, catalog), RECOVERY, pin.place)
        elif name not in but:
            book.constant(name, constant, RECOVERY, catalog.documents[RECOVERY].place("constants", name))


def _give(
    catalog: Catalog, book: Book, flow: Flow, m: Mechanism, runs: Site, path: LinkPathRow | None, options: Options
) -> None:
    """Add the constants of a mechanism, those of its path, and how many links there are in each month."""
    one = pure(book.units)
    document = catalog.documents[f"mechanism:{m.id}"]
    pins = options.pins(m.id)
    for name, constant in {**m.constants, "lag": m.lag}.items():
        held = replaced(constant, pins[name], catalog) if name in pins else constant
        book.constant(name, held, m.id, document.place("constants", name))
    for cloud in catalog.regions.clouds:
        item = Item(f"runs.{cloud}", f"Runs in {cloud} (1) or not (0)", one, "input", source="given")
        book.give(item, float(cloud == runs.cloud), m.id)
    columns = catalog.link_paths[0].factors if catalog.link_paths else {}
    for column in columns:
        unit = book.units.parse(_PATH_UNITS.get(column, _PATH_UNIT))
        label, read_in = f"Path: {column.replace('_', ' ')}", path.source if path else ""
        item = Item(f"path.{column}", label, unit, "column", source=read_in)
        book.give(item, path.factors[column] if path else 0.0, m.id)
    links = months_array(float(flow.links) * alive for alive in flow.alive)
    side = flow.source if runs_side(flow, m) == "source" else flow.target
    sharing = float(flow.links) if side.count == 1 else 1.0
    item = Item("sharing", "Links of this kind that share their workers", one, "input", source="given")
    book.give(item, sharing, m.id)
    item = Item("recovers", "Is there to carry on elsewhere (1) or not (0)", one, "input", source="given")
    book.give(item, float(flow.recovers), m.id)
    item = Item("at_source", "Runs at the source (1) or at the target (0)", one, "input", source="given")
    book.give(item, float(side is flow.source), m.id)
    sync = Item("synchronous", "Copies synchronously (1) or asynchronously (0)", one, "input", source="given")
    in_step = flow.spec.mode == "sync" and flow.source.plan.workload.acks == "all"
    book.give(sync, float(in_step), RECOVERY)
    count = Item("cluster.count", "Links of this kind", one, "input", monthly=True, source="given")
    book.give(count, links, m.id)


_PATH_UNITS = {
    "endpoints_a_zone": "endpoint/zone",
    "endpoints": "endpoint",
    "attachments": "attachment",
}
_PATH_UNIT = "GB[moved]/GB[wire]"


def _nearest_reach(catalog: Catalog, source: Site, target: Site) -> list[str]:
    """Variants of a price between two regions: that of the very pair, else of how far it goes."""
    regions = catalog.regions.regions
    same = regions[source.region].continent == regions[target.region].continent
    return [target.region, REACHES[0] if same else REACHES[1]]


def _limits(book: Book, m: Mechanism, place: Place) -> list[Draft]:
    drafts = []
    for name, limit in m.limits.items():
        row = f"limit.{name}"
        if limit.formula is None:
            item = Item(row, limit.label, book.unit(limit.unit, place), "limit", place=place, source=limit.source)
            book.give(item, float(limit.value or 0), m.id)
        else:
            drafts.append(Draft(row, limit.label, limit.unit, limit.formula, m.id, place, kind="limit"))
        text = f"{limit.caps} > {row}"
        drafts.append(Draft(f"{row}.broken", f"Over the limit: {limit.label}", "1", text, m.id, place))
    return drafts


def billed(payer: Payer, lines: Sequence[CostLine], home: str) -> dict[str, str]:
    """Who sends invoices of a link, and the row with each: a cloud bills its own meters, and there may be two.

    Args:
        payer: kind of invoice.
        lines: of the link.
        home: who sends what is of no cloud's meter, and what is of no other kind.
    """
    meters = {ln.meter.partition(".")[0] for ln in lines if ln.line.payer == payer and _own(ln) and ln.meter}
    senders = sorted({home} | meters if payer == "cloud" else {home})
    return {s: f"{OWN}{payer}.{s}" for s in senders} if len(senders) > 1 else {home: f"{OWN}{payer}"}


def _own(line: CostLine) -> bool:
    return line.priced and not line.pooled


def _own_costs(lines: Sequence[CostLine], home: str) -> list[Draft]:
    """Rows with the own costs of a link by payer; `home` is its source's cloud."""
    drafts = []
    for payer in get_args(Payer):
        label = f"Own cost, {payer.replace('_', ' ')}"
        mine = [ln for ln in lines if ln.line.payer == payer and _own(ln)]
        rows = billed(payer, lines, home)
        terms = [f"{ln.name}.cost" for ln in mine]
        if len(rows) > 1:
            for sender, row in rows.items():
                theirs = [f"{ln.name}.cost" for ln in mine if (ln.meter.partition(".")[0] or home) == sender]
                drafts.append(sum_draft(row, f"{label}, {sender}", "USD", theirs, "cash_flow"))
            terms = [*rows.values()]
        drafts.append(sum_draft(f"{OWN}{payer}", label, "USD", terms, "cash_flow"))
    return drafts


def _ends(book: Book, drafts: list[Draft]) -> list[Draft]:
    """Rows for what formulas ask of an end, such as `target.availability_zones`."""
    found = []
    for name in sorted({m.group() for d in drafts for m in _OF_AN_END.finditer(d.text)}):
        end, _, row = name.partition(".")
        item = book.items.get(row)
        label, unit = (f"{item.label}, {end}", item.unit.text) if item else (name, "1")
        found.append(Draft(name, label, unit, f"of_cluster({row}, {end})", SHEET))
    return found


def _expansion(flow: Flow) -> Expand:
    ends = {"source": flow.source.first, "target": flow.target.first}

    def expand(function: str, arguments: tuple[Node, ...]) -> int | None:
        if function != "of_cluster" or not isinstance(arguments[1], Name):
            return None
        return ends.get(arguments[1].name)

    return expand
