"""An offering's book: its choices, figures, prices, limits, rows and cost lines on top of the shared book."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import get_args

from tco.catalog.load import Catalog
from tco.catalog.paths import PathRow
from tco.catalog.schema import Line, Offering, Payer
from tco.engine.book import Book, clusters_array, pure
from tco.engine.choices import Refusal, give_choices, name_findings, open_choices, open_ways
from tco.engine.lines import Market, bind, line_drafts, put_price
from tco.engine.options import Options, Settable
from tco.engine.pricing import CostLine
from tco.engine.shared import replaced
from tco.engine.sheets import row_draft, sheet_drafts
from tco.errors import Finding, InputError, Place
from tco.model.parse import FormulaError, parse
from tco.model.scope import Draft, Item, Table, sum_draft
from tco.model.tree import Name, Node, names
from tco.sla.layers import layer_rows
from tco.sla.rows import sla_rows
from tco.workload.plan import Plan

#: Row with what a kind of cluster costs by itself, by payer.
OWN = "own."
_PAYER_WORDS = {"vendor": "vendor invoice", "cloud": "cloud invoice", "one_off": "one-off costs", "labour": "labour"}
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
        self.several = len(plan.clusters) > 1
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
        give_choices(self.book, o, self.paths, self.document, self.several)
        self._steps()
        lines = [self._bind(name, line, self._document_of(name)) for name, line in self._all_lines().items()]
        drafts = self._limits() + self._rows(lines) + [d for line in lines for d in self._line_drafts(line)]
        drafts += (
            self._verdicts()
            + self._cluster_costs(lines)
            + self._sla()
            + layer_rows(o, self.document)
            + self._cash_flow()
        )
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
        asked = [{*wanted.must, *wanted.should} if c.needs is None else c.needs for c in self.plan.clusters]
        formulas = [r.formula for r in o.rows.values()] + [ln.quantity for ln in o.lines.values()]
        formulas += [layer.when for layer in o.layers.values()]
        for name in sorted({n for f in formulas for n in _NEEDS.findall(f)}):
            label = f"Plan asks for {name.replace('_', ' ')} (1) or not (0)"
            item = Item(f"needs.{name}", label, pure(self.book.units), "input", source="given")
            flags = [name in names for names in asked]
            if len(set(flags)) == 1:
                self.book.give(item, float(flags[0]), o.id)
            else:
                self.book.give(replace(item, per_cluster=True), clusters_array(flags), o.id)

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
        o, workload = self.offering, self.plan.workload
        market = Market(
            o.id,
            {
                "cloud": self.cloud,
                "home": workload.cloud,
                "vendor": o.id.partition(".")[0],
                "support": workload.account.support,
            },
            self.region,
            self.options.as_of,
            workload.commitment,
            {"home": workload.region},
            self.options.prices,
            o.proxy_regions,
            o.unpriced,
        )
        values, open_ = (o.values(line.variant), self.choices[line.variant]) if line.variant else ([], [])
        bound = bind(self.catalog.prices, self.book, market, name, line, values, open_)
        self.findings += put_price(self.book, bound, where[0], bool(line.variant) and self.several)
        return bound

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
        place, sheet = self._document_of(bound.name)
        quantity = bound.line.quantity.replace("{model}", self.offering.model)
        return line_drafts(self.book, bound, quantity, place, sheet, self.several and self.plan.of_estate)

    def _cluster_costs(self, lines: list[CostLine]) -> list[Draft]:
        """What each cluster of an estate costs by itself, by payer; what is priced for the account stands beside it."""
        if not self.plan.of_estate:
            return []
        own = [ln for ln in lines if ln.priced and not ln.pooled]
        term = "{}.cost_each * cluster.count" if self.several else "{}.cost"
        drafts = []
        for payer, words in _PAYER_WORDS.items():
            terms = [term.format(ln.name) for ln in own if ln.line.payer == payer]
            drafts.append(sum_draft(f"{OWN}{payer}", f"Own {words}, all of its kind", "USD", terms, "cash_flow"))
        return drafts

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
