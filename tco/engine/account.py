"""What is priced for the account as a whole, once an estate: shared price bands, and what comes on top of invoices."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tco.catalog.load import Catalog
from tco.catalog.prices import ANY_REGION
from tco.catalog.schema import Line, Payer, Support
from tco.engine.book import Book, months_array, pure
from tco.engine.figure import Figure
from tco.engine.lines import Market, bind, line_drafts, put_price
from tco.engine.options import Options
from tco.engine.pricing import CostLine, give_price
from tco.engine.sheets import sheet_drafts
from tco.errors import InputError
from tco.model.evaluate import Array
from tco.model.scope import Draft, Item, sum_draft

SHEET = "account"
_SURCHARGES = "surcharges"
_NAME = re.compile(r"\b[a-z_]\w*(?:\.\w+)*")
_NO_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Use:
    """What one kind of cluster or link takes of a meter that is priced for the account.

    Attributes:
        by: name of the cluster or link.
        line: bound to its price.
        region: whose prices hold.
        figure: how much, by month.
        baseline: what the account uses of it anyway; None where nothing is asked of that.
    """

    by: str
    line: CostLine
    region: str
    figure: Figure
    baseline: Figure | None

    @property
    def used(self) -> Array:
        """How much, by month, axes (low/base/high, 1, 1, month)."""
        return self.figure.value

    @property
    def elsewhere(self) -> Array | None:
        """What the account uses of it anyway, in the same axes."""
        return None if self.baseline is None else self.baseline.value


@dataclass(frozen=True)
class Invoice:
    """What one kind of cluster or link owes one sender of invoices by itself.

    Attributes:
        by: name of the cluster or link.
        sender: the first part of an offering's id, or a cloud.
        row: of the estate's book.
        figure: cost by month, USD.
        alive: for each month, whether the cluster or link runs.
    """

    by: str
    payer: Payer
    sender: str
    row: str
    figure: Figure
    alive: Sequence[bool]


@dataclass
class AccountRow:
    """A cost that is priced once for the estate.

    Attributes:
        cost: row with it; "" where it has no price.
        sender: who sends the invoice.
        shares: cluster or link to the row with its part, by use.
    """

    cost: str
    label: str
    sender: str
    line: CostLine
    shares: dict[str, str] = field(default_factory=dict)


def account_rows(
    catalog: Catalog,
    book: Book,
    options: Options,
    support: Support,
    home: str,
    uses: Sequence[Use],
    invoices: Sequence[Invoice],
) -> tuple[list[AccountRow], list[Draft], dict[str, Figure]]:
    """Put what is priced for the account into a book.

    Args:
        catalog: for the prices and the sheet of what comes on top.
        book: grows by what the rows rest on.
        options: of the run.
        support: class of support plan.
        home: cloud of the estate.
        uses: of meters whose price bands the account shares; each region fills its bands by itself.
        invoices: what each cluster and link costs by itself.

    Returns:
        The costs, the rows to be defined, and where those that are given come from.
    """
    maker = _Maker(catalog, book, options, support, home)
    pools: dict[tuple[str, str], list[Use]] = {}
    for use in uses:
        pools.setdefault((use.line.meter, use.region), []).append(use)
    for (meter, region), pool in sorted(pools.items(), key=lambda p: p[0]):
        maker.meter(_word(f"{meter} {region}"), region, pool)
    payers: tuple[Payer, ...] = ("vendor", "cloud")
    for payer in payers:
        for sender in sorted({i.sender for i in invoices if i.payer == payer}):
            maker.on_top(payer, sender, [i for i in invoices if (i.payer, i.sender) == (payer, sender)])
    return maker.rows, maker.drafts, maker.figures


def give_figure(book: Book, name: str, label: str, unit: str, figure: Figure, sheet: str) -> None:
    """Add what stands in the books of parts to a book as a row of its own."""
    uncertain = figure.uncertain
    item = Item(name, label, book.units.parse(unit), "input", monthly=True, uncertain=uncertain)
    book.give(item, figure.value if uncertain else _point(figure.value), sheet)


def _point(value: Array) -> Array:
    """Leave out low and high where the evidence is a point."""
    return value[1:2] if value.shape[0] > 1 else value


class _Maker:
    def __init__(self, catalog: Catalog, book: Book, options: Options, support: Support, home: str) -> None:
        self.catalog, self.book, self.options = catalog, book, options
        self.support, self.home = support, home
        self.rows: list[AccountRow] = []
        self.drafts: list[Draft] = []
        self.figures: dict[str, Figure] = {}

    def meter(self, name: str, region: str, pool: Sequence[Use]) -> None:
        """Price what all use of a meter in a region, and share the cost out by use."""
        first, labels = pool[0].line, {u.line.line.label for u in pool}
        what = labels.pop() if len(labels) == 1 else first.meter.partition(":")[2].replace("_", " ").capitalize()
        label = f"{what}, {region}" if region != ANY_REGION else what
        parts = [f"{name}.use.{u.by}" for u in pool]
        for part, use in zip(parts, pool, strict=True):
            self._give(part, f"{label}, {use.by}", first.unit, use.figure)
        elsewhere = [t for u in pool if u.baseline for t in u.baseline.terms]
        if elsewhere:
            self._give(f"{name}.anyway", f"{label}, used anyway", first.unit, Figure(tuple(elsewhere), largest=True))
        line = first.line.model_copy(
            update={"label": label, "on_top": True, "baseline": f"{name}.anyway" if elsewhere else None}
        )
        sender = first.meter.partition(":")[0].partition(".")[0]
        self.drafts.append(sum_draft(f"{name}.all", f"{label}, all", first.unit, parts, SHEET))
        bound = replace(first, name=name, line=line)
        self._cost(bound, f"{name}.all", sender, f"{name}.all", dict(zip([u.by for u in pool], parts, strict=True)))

    def on_top(self, payer: Payer, sender: str, invoices: Sequence[Invoice]) -> None:
        """Reckon what comes on top of all invoices of a sender: repricing at a renewal, support plans."""
        sheet = self.catalog.sheets[_SURCHARGES]
        lines = {n: ln for n, ln in sheet.lines.items() if ln.payer == payer and self._wanted(ln)}
        billed = [i for i in invoices if i.figure.value.any()]
        if not lines or not billed:
            return
        prefix = f"{payer}_{_word(sender)}"
        mine = {*sheet.rows, *sheet.lines, "at_home"}

        def renamed(text: str) -> str:
            return _NAME.sub(lambda m: _prefixed(m.group(), mine, prefix), text)

        own = [i.row for i in invoices]
        item = Item(f"{prefix}.at_home", "Cloud of the estate (1) or not (0)", pure(self.book.units), "input")
        self.book.give(item, float(sender == self.home), SHEET)
        pooled = [r.cost for r in self.rows if r.line.line.payer == payer and r.sender == sender and r.cost]
        self.drafts.append(sum_draft(f"{prefix}.own_all", f"Own invoices of all, {sender}", "USD", own, SHEET))
        for draft in sheet_drafts(self.catalog, _SURCHARGES):
            name = renamed(draft.name)
            if draft.name == f"{payer}_usage":
                self.drafts.append(sum_draft(name, draft.label, draft.unit, [*own, *pooled], SHEET))
            elif not draft.name.endswith("_usage"):
                self.drafts.append(replace(draft, name=name, text=renamed(draft.text), sheet=SHEET))
        users = dict(zip([i.by for i in invoices], own, strict=True))
        held = [any(month) for month in zip(*(i.alive for i in billed), strict=True)]
        if not all(held):
            label = f"Something of {sender} runs (1) or not (0), so that a plan is held"
            item = Item(f"{prefix}.held", label, pure(self.book.units), "input", monthly=True, source="given")
            self.book.give(item, months_array(Decimal(on) for on in held), SHEET)
        market = Market(sender, {payer: sender, "support": self.support}, "", self.options.as_of)
        for name, line in lines.items():
            changed = line.model_copy(
                update={
                    "label": f"{line.label}, {sender}",
                    "baseline": renamed(line.baseline) if line.baseline else None,
                }
            )
            bound = bind(self.catalog.prices, self.book, market, f"{prefix}.{name}", changed, (), ())
            if found := put_price(self.book, bound, self.catalog.documents[_SURCHARGES].place("lines", name), False):
                raise InputError(found)
            quantity = renamed(line.quantity) if all(held) else f"({renamed(line.quantity)}) * {prefix}.held"
            self._cost(bound, quantity, sender, f"{prefix}.own_all", users)

    def _wanted(self, line: Line) -> bool:
        return self.support != "none" or "{support}" not in line.price

    def _cost(self, bound: CostLine, quantity: str, sender: str, whole: str, users: Mapping[str, str]) -> None:
        """Add a line that is priced as a whole, and the part of each user: its own row of use over the whole."""
        name = bound.name
        row = AccountRow(f"{name}.cost" if bound.priced else "", bound.line.label, sender, bound)
        self.rows.append(row)
        if not bound.priced:
            return
        if bound.points and f"price.{name}" not in self.book.tables and f"price.{name}" not in self.book.items:
            give_price(self.book, bound, per_cluster=False)
        place = bound.points[0].place if bound.points else self.catalog.documents[_SURCHARGES].place()
        self.drafts += line_drafts(self.book, bound, quantity, place, SHEET, several=False)
        for by, part in users.items():
            row.shares[by] = f"{name}.share.{by}"
            text = f"ratio({part}, {whole}) * {row.cost}"
            self.drafts.append(Draft(row.shares[by], f"{bound.line.label}, share of {by}", "USD", text, SHEET))

    def _give(self, name: str, label: str, unit: str, figure: Figure) -> None:
        self.figures[name] = figure
        give_figure(self.book, name, label, unit, figure, SHEET)


def _prefixed(name: str, mine: set[str], prefix: str) -> str:
    head, _, rest = name.partition(".")
    if head == "price":
        return f"price.{prefix}.{rest}"
    return f"{prefix}.{name}" if head in mine else name


def _word(text: str) -> str:
    return _NO_WORD.sub("_", text.lower()).strip("_")
