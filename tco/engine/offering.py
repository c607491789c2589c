"""An offering's book: its choices, figures, prices, limits, rows and cost lines on top of the shared book."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import get_args

from tco.catalog.load import Catalog
from tco.catalog.paths import PathRow
from tco.catalog.prices import PricePoint
from tco.catalog.schema import Line, Offering, Payer
from tco.engine.book import Book, pure
from tco.engine.choices import Refusal, give_choices, name_findings, open_choices, open_ways
from tco.engine.options import Options, Settable
from tco.engine.pricing import CostLine, by_variant, give_price, unit_findings, with_replacements
from tco.engine.shared import replaced, row_draft, sheet_drafts
from tco.errors import Finding, InputError, Place
from tco.model.parse import FormulaError, parse
from tco.model.scope import Draft, Item, Table
from tco.model.tree import Name, Node, names
from tco.sla.layers import layer_rows
from tco.sla.rows import sla_rows
from tco.workload.plan import Plan

_CONSTANT_PRICE = "constant:"
_NEEDS = re.compile(r"\bneeds\.(\w+)")
_SHARED_SHEETS = ("timeline", "topics")
#: Shared sheets with cost lines.
_LINE_SHEETS = ("client_paths", "labour", "surcharges")
_USAGE = ".usage"


@dataclass(frozen=True)
class Site:
    """Where an offering's brokers are, and how clients reach them; by all ways that are open if not said."""

    cloud: str
    region: str
    access: str = ""


@dataclass
class OfferingBook:
    """Everything needed to run one offering for one plan.

    Attributes:
        choices: choice to the values open to this plan, in the order of preference.
        excluded: value of a choice to why it cannot be bought here.
        refused: what the plan asks of a choice and the offering does not have (to words).
        ways: ways of reaching brokers that are open to the plan; `choices` has those the book is built for.
        site: where it is priced.
    """

    offering: Offering
    book: Book
    site: Site
    lines: list[CostLine]
    choices: dict[str, list[str]]
    paths: list[PathRow]
    refused: list[Refusal]
    ways: list[str]
    excluded: dict[str, str] = field(default_factory=dict)

    @property
    def settable(self) -> Settable:
        """What a run may hold or replace here."""
        rows = {n for n, item in self.book.items.items() if item.text}
        shared = {n for sheet in _SHARED_SHEETS for n in self.book.sheets.get(sheet, ())}
        prices = {ln.meter for ln in self.lines if ln.meter}
        varied = [ln for ln in self.lines if ln.line.variant]
        prices |= {f"{ln.meter}:{value}" for ln in varied for value in self.offering.values(ln.line.variant)}
        choices = {c: self.offering.values(c) for c in self.offering.choices}
        return Settable(rows - shared | set(self.offering.constants), choices, rows & shared, prices)


def offering_book(
    catalog: Catalog, shared: Book, offering: Offering, plan: Plan, options: Options, site: Site
) -> OfferingBook:
    """Build an offering's book for a plan and a site.

    Raises:
        InputError: every mistake in the offering's file, with its place.
    """
    return _Builder(catalog, shared, offering, plan, options, site).build()


class _Builder:
    def __init__(
        self, catalog: Catalog, shared: Book, offering: Offering, plan: Plan, options: Options, site: Site
    ) -> None:
        self.catalog, self.offering, self.plan, self.options = catalog, offering, plan, options
        self.cloud, self.region, self.access = site.cloud, site.region, site.access
        self.document = catalog.documents[offering.id]
        self.book = shared.copy()
        self.pins = options.pins(offering.id)
        self.findings: list[Finding] = []
        self.paths = [p for p in catalog.paths if (p.cloud, p.tenancy) == (site.cloud, offering.tenancy)]

    def build(self) -> OfferingBook:
        o = self.offering
        for name, constant in o.constants.items():
            if name in self.pins:
                constant = replaced(constant, self.pins[name], self.catalog)
            self.book.constant(name, constant, o.id, self.document.place("constants", name))
        if faults := name_findings(o, self.document):
            raise InputError(faults)
        self.ways, self.refused = open_ways(o, self.plan, self.paths, self.document, self.cloud)
        self.taken = [self.access] if self.access else self.ways
        self._place()
        self._needs()
        self.choices = open_choices(o, self.plan, self.pins, self.taken)
        give_choices(self.book, o, self.paths, self.document, len(self.plan.clusters) > 1)
        self._steps()
        lines = [self._bind(name, line, self._document_of(name)) for name, line in self._all_lines().items()]
        drafts = self._limits() + self._rows(lines) + [d for line in lines for d in self._line_drafts(line)]
        drafts += self._verdicts() + self._sla() + layer_rows(o, self.document) + self._cash_flow()
        self._define(drafts, lines)
        if self.findings:
            raise InputError(self.findings)
        excluded = self._excluded(lines)
        site = Site(self.cloud, self.region, self.access)
        return OfferingBook(o, self.book, site, lines, self.choices, self.paths, self.refused, self.ways, excluded)

    def _define(self, drafts: list[Draft], lines: list[CostLine]) -> None:
        payers = get_args(Payer)
        known = {*payers, *(f"{p}.usage" for p in payers)}

        def expand(function: str, arguments: tuple[Node, ...]) -> list[str] | None:
            wanted = {a.name for a in arguments if isinstance(a, Name)} or set(payers)
            if function != "sum_lines" or not wanted <= known:
                return None
            usage = {w.removesuffix(_USAGE) for w in wanted if w.endswith(_USAGE)}
            taken = [c for c in lines if c.line.payer in wanted or (c.line.payer in usage and not c.line.on_top)]
            return [f"{c.name}.cost" for c in taken if c.priced]

        try:
            self.book.define(drafts, self.pins, expand)
        except InputError as error:
            self.findings += error.findings

    def _place(self) -> None:
        """Names that say where the brokers are and on what terms: `cloud.aws` and so on, `at_home`, `committed`."""
        flags = {f"cloud.{c}": (f"Brokers in {c}", c == self.cloud) for c in self.catalog.regions.clouds}
        flags["at_home"] = ("Brokers in the plan's own cloud", self.cloud == self.plan.workload.cloud)
        flags["committed"] = ("Plan commits to a term", self.plan.workload.commitment != "none")
        for name, (label, holds) in flags.items():
            item = Item(name, f"{label} (1) or not (0)", pure(self.book.units), "input", source="given")
            self.book.give(item, float(holds), self.offering.id)

    def _needs(self) -> None:
        """Names that say what the plan must or should have: `needs.schema_registry` and so on, where formulas ask."""
        o, wanted = self.offering, self.plan.workload.requirements
        formulas = [r.formula for r in o.rows.values()] + [ln.quantity for ln in o.lines.values()]
        for name in sorted({n for f in formulas for n in _NEEDS.findall(f)}):
            item = Item(
                f"needs.{name}",
                f"Plan asks for {name.replace('_', ' ')} (1) or not (0)",
                pure(self.book.units),
                "input",
                source="given",
            )
            self.book.give(item, float(name in (*wanted.must, *wanted.should)), o.id)

    def _steps(self) -> None:
        for name, steps in self.offering.steps.items():
            unit = self.book.unit(steps.unit, self.document.place("steps", name))
            sizes = tuple(float(s) for s in steps.sizes)
            self.book.tables[name] = Table(name, unit, unit, sizes, tuple((s, s, s) for s in sizes))

    # -- prices -------------------------------------------------------------------------------------

    def _all_lines(self) -> dict[str, Line]:
        shared = {
            n: ln
            for s in _LINE_SHEETS
            for n, ln in self.catalog.sheets[s].lines.items()
            if n not in self.offering.lines and self._on_path(ln) and self._wanted(ln)
        }
        return {**self.offering.lines, **shared}

    def _wanted(self, line: Line) -> bool:
        """Whether a line on top of others has any below it, and a plan of support one that the workload names."""
        supported = self.plan.workload.account.support != "none" or "{support}" not in line.price
        below = line.payer != "vendor" or any(ln.payer == "vendor" for ln in self.offering.lines.values())
        return not line.on_top or (supported and below)

    def _on_path(self, line: Line) -> bool:
        """Whether a way of reaching brokers that the book is built for meets the line's meter at all."""
        try:
            found = names(parse(line.quantity.replace("{model}", "")))
        except FormulaError:
            return True  # kept, so that it is refused where rows are
        used = [n.removeprefix("path.") for n in found if n.startswith("path.")]
        taken = [p for p in self.paths if p.access in self.taken]
        return not used or any(p.factors.get(u, 1) for p in taken for u in used)

    def _document_of(self, line: str) -> tuple[Place, str]:
        for sheet in _LINE_SHEETS:
            if line in self.catalog.sheets[sheet].lines and line not in self.offering.lines:
                return self.catalog.documents[sheet].place("lines", line), sheet
        return self.document.place("lines", line), self.offering.id

    def _bind(self, name: str, line: Line, where: tuple[Place, str]) -> CostLine:
        """Find the price of a line and put it into the book."""
        place, _ = where
        home = self.plan.workload
        region = home.region if line.price.startswith("{home}") else self.region
        reference = self._reference(line.price)
        if reference.startswith(_CONSTANT_PRICE):
            return CostLine(name, line, line.unit, constant=reference.removeprefix(_CONSTANT_PRICE))
        owner, _, meter = reference.rpartition(":")
        owner = owner or self.offering.id
        proxy = self.offering.proxy_regions.get(region, "")
        points = self._points(owner, meter, region, proxy)
        points = with_replacements(points, self.options.prices, owner, meter, region, self.book.units)
        sought = self.choices[line.variant] if line.variant else []
        if line.variant:
            points = by_variant(points, self.offering.values(line.variant))
        if not points or (sought and not {p.variant for p in points} & set(sought)):
            which = f" for {' or '.join(sought)}" if sought else ""
            why = self.offering.unpriced or f"no price of {owner}:{meter}{which} in {region}"
            unit = "" if line.on_top else line.unit
            return CostLine(name, line, unit, missing=why, meter=f"{owner}:{meter}")
        unit = points[0].unit.text if line.as_priced else line.unit
        bound = CostLine(name, line, unit, points, meter=f"{owner}:{meter}")
        self.findings += unit_findings(bound, self.book.units, place)
        if not any(f.code == "bad-unit" for f in self.findings):
            give_price(self.book, bound, per_cluster=bool(line.variant) and len(self.plan.clusters) > 1)
        return bound

    def _reference(self, price: str) -> str:
        workload, vendor = self.plan.workload, self.offering.id.partition(".")[0]
        texts = {"cloud": self.cloud, "home": workload.cloud, "vendor": vendor, "support": workload.account.support}
        for name, text in texts.items():
            price = price.replace(f"{{{name}}}", text)
        return price

    def _points(self, owner: str, meter: str, region: str, proxy: str) -> list[PricePoint]:
        """Points in force: those of the plan's commitment where it has any, else those of the list."""
        term = self.plan.workload.commitment
        listed = self.catalog.prices.select(owner, meter, region, self.options.as_of, proxy)
        committed = self.catalog.prices.select(owner, f"{meter}.{term}", region, self.options.as_of)
        taken = {(p.variant, p.tier_from) for p in committed}
        return [*committed, *(p for p in listed if (p.variant, p.tier_from) not in taken)]

    def _excluded(self, lines: list[CostLine]) -> dict[str, str]:
        """Values of choices that have no price here although others have one."""
        gone: dict[str, str] = {}
        for bound in lines:
            if bound.line.variant and bound.points:
                priced = {p.variant for p in bound.points}
                for value in self.offering.values(bound.line.variant):
                    if value not in priced:
                        gone[f"{bound.line.variant}={value}"] = f"no price in {self.region}"
        return gone

    # -- rows ---------------------------------------------------------------------------------------

    def _limits(self) -> list[Draft]:
        drafts = []
        for name, limit in self.offering.limits.items():
            place = self.document.place("limits", name)
            row = f"limit.{name}"
            if limit.formula is None:
                unit = self.book.unit(limit.unit, place)
                item = Item(row, limit.label, unit, "limit", place=place, note=limit.includes, source=limit.source)
                self.book.give(item, float(limit.value or 0), self.offering.id)
            else:
                drafts.append(
                    Draft(
                        row,
                        limit.label,
                        limit.unit or self._unit_of(limit.caps),
                        limit.formula,
                        self.offering.id,
                        place,
                        limit.includes,
                        "limit",
                    )
                )
        return drafts

    def _unit_of(self, row: str) -> str:
        if row in self.offering.rows:
            return self.offering.rows[row].unit
        return self.book.items[row].unit.text if row in self.book.items else "1"

    def _rows(self, lines: list[CostLine]) -> list[Draft]:
        o = self.offering
        own = [row_draft(n, r, o.id, self.document) for n, r in o.rows.items()]
        shared = sheet_drafts(self.catalog, "client_paths")
        shared += sheet_drafts(self.catalog, "surcharges") if any(ln.line.on_top for ln in lines) else []
        return own + [d for d in shared if d.name not in o.rows]

    def _line_drafts(self, bound: CostLine) -> list[Draft]:
        """Quantity of each cluster, quantity billed, and their cost: the one place where money is made."""
        name, line = bound.name, bound.line
        place, sheet = self._document_of(name)
        formula = line.quantity.replace("{model}", self.offering.model)
        unit = bound.unit
        if not unit:
            return []
        drafts = [
            Draft(f"{name}.each", f"{line.label}, each cluster", unit, formula, sheet, place, line.note),
            Draft(name, line.label, unit, f"sum_clusters({name}.each)", sheet, place, line.note),
        ]
        if line.on_top:  # reckoned from sums over all clusters
            drafts = [Draft(name, line.label, unit, formula, sheet, place, line.note)]
        if not bound.priced:
            return drafts

        def cost(text: str, suffix: str = "cost", label: str = "") -> Draft:
            return Draft(f"{name}.{suffix}", f"{line.label}{label}", "USD", text, sheet, place, line.note, "line")

        if line.on_top:
            return drafts + self._pooled(bound, cost)
        price = bound.constant or f"price.{name}"
        each = f"tiered({name}.each, {price})"
        if price not in self.book.tables:
            if not line.variant:
                return [*drafts, cost(f"{name} * {price}")]
            each = f"{name}.each * {price}"
        elif bound.points[0].scope == "account":
            return drafts + self._pooled(bound, cost)
        return [*drafts, cost(each, "cost_each", ", each cluster"), cost(f"sum_clusters({name}.cost_each)")]

    def _pooled(self, bound: CostLine, cost: Callable[..., Draft]) -> list[Draft]:
        """Cost of what is billed for the account as a whole, on top of what the account uses already."""
        name, line = bound.name, bound.line
        if not line.baseline:
            return [cost(self._charged(bound, name))]
        place, sheet = self._document_of(name)
        rest, both = f"{name}.baseline", f"{name}.both"
        return [
            Draft(rest, f"{line.label}, used elsewhere", bound.unit, line.baseline, sheet, place),
            Draft(both, f"{line.label}, with use elsewhere", bound.unit, f"{name} + {rest}", sheet, place),
            cost(self._charged(bound, rest), "cost_baseline", ", used elsewhere"),
            cost(self._charged(bound, both), "cost_both", ", with use elsewhere"),
            cost(f"{name}.cost_both - {name}.cost_baseline"),
        ]

    def _charged(self, bound: CostLine, amount: str) -> str:
        price = bound.constant or f"price.{bound.name}"
        return f"tiered({amount}, {price})" if price in self.book.tables else f"{amount} * {price}"

    def _verdicts(self) -> list[Draft]:
        """Rows that say whether a configuration keeps the limits and the engineering rules."""
        o, drafts = self.offering, []
        for name, limit in o.limits.items():
            place = self.document.place("limits", name)
            drafts.append(
                Draft(
                    f"limit.{name}.broken",
                    f"Over the limit: {limit.label}",
                    "1",
                    f"{limit.caps} > limit.{name}",
                    o.id,
                    place,
                )
            )
            drafts.append(
                Draft(
                    f"limit.{name}.share",
                    f"In use: {limit.label}",
                    "1",
                    f"ratio({limit.caps}, limit.{name})",
                    o.id,
                    place,
                )
            )
        for name, rule in o.rules.items():
            drafts.append(
                Draft(
                    f"rule.{name}", rule.label, "1", rule.formula, o.id, self.document.place("rules", name), rule.note
                )
            )
        broken = " + ".join(f"limit.{n}.broken" for n in o.limits) or "0 * month"
        drafts.append(Draft("limits_broken", "Limits broken this month", "1", broken, o.id))
        drafts.append(Draft("limit_months", "Limits broken, over all months", "1", "sum_horizon(limits_broken)", o.id))
        return drafts

    def _sla(self) -> list[Draft]:
        if self.offering.sla is None:
            return []
        constants, drafts = sla_rows(self.catalog, self.offering, self.document)
        for name, constant in constants.items():
            self.book.constant(name, constant, "sla", self.catalog.place("sla"))
        return drafts

    def _cash_flow(self) -> list[Draft]:
        return [
            Draft(d.name, d.label, d.unit, d.text, "cash_flow", d.place, d.note)
            for d in sheet_drafts(self.catalog, "cash_flow")
        ]
