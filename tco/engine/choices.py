"""What the buyer can pick: the values open to a plan, and the figures that follow each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from tco.catalog.paths import PathRow
from tco.catalog.schema import OTHER_CLOUD, Access, Answer, Offering
from tco.catalog.yamlfile import Document
from tco.engine.book import Book, Triple
from tco.engine.options import Pin
from tco.errors import Finding, InputError, Place
from tco.model.scope import Item, Kind
from tco.workload.plan import Plan

#: Choices that the shared sheets ask about; an offering that does not name one has only the first value.
COMMON: dict[str, list[str]] = {
    "follower_fetch": ["leader", "follower"],
    "access": [*get_args(Access), OTHER_CLOUD],
}
_PATH_UNITS = {
    "endpoints_a_zone": "endpoint/zone",
    "endpoints": "endpoint",
    "attachments": "attachment",
    "nat_a_zone": "gateway/zone",
}
_PATH_UNIT = "GB[moved]/GB[wire]"
_FOLLOWER = {"true": "follower", "false": "leader", "auto": ""}


@dataclass(frozen=True)
class Refusal:
    """Something that a plan asks of a choice and the offering does not have, or is not known to have."""

    answer: Answer
    text: str


def name_findings(offering: Offering, document: Document) -> list[Finding]:
    """Return a finding for each choice that is called like a row."""
    text = "'{}' is a choice and a row; call one of them otherwise"
    both = sorted(set(offering.choices) & set(offering.rows))
    return [Finding(document.place("choices", name), "same-name", text.format(name)) for name in both]


def open_ways(
    offering: Offering, plan: Plan, paths: Sequence[PathRow], document: Document, cloud: str
) -> tuple[list[str], list[Refusal]]:
    """Return the ways of reaching brokers that are open to a plan, and why none is the one asked for.

    A plan that asks for any way gets private ones, and a public one only where there is no other.

    Raises:
        InputError: the paths table has no row for the offering.
    """
    asked = plan.workload.network.access
    known = {p.access for p in paths}
    offered: list[str] = [a for a, c in offering.access.items() if c.answer in ("met", "met_otherwise") and a in known]
    if not offered:
        text = f"no row of the paths table for tenancy {offering.tenancy} and its kinds of access"
        raise InputError.one(document.place("access"), "no-path", text)
    if plan.workload.network.clients == "stay" and cloud != plan.workload.cloud:
        refused = _not_from_elsewhere(offered, plan)
        return (offered[:1], [Refusal("no", refused)]) if refused else ([OTHER_CLOUD], [])
    if asked == "any":
        return [a for a in offered if a != "public"] or offered, []
    if asked in offered:
        return [asked], []
    answer = offering.access[asked].answer if asked in offering.access else "unknown"
    verb = {"unknown": "is not known to offer", "preview": "has only in preview"}.get(answer, "does not offer")
    shown = ", ".join(a.replace("_", " ") for a in offered)
    ask = ": ask" if answer == "unknown" else ""
    text = f"{verb} access by {asked.replace('_', ' ')}, only {shown}{ask}"
    return offered[:1], [Refusal(answer if answer in ("unknown", "preview") else "no", text)]


def _not_from_elsewhere(offered: Sequence[str], plan: Plan) -> str:
    """Say why clients cannot stay in the plan's own cloud; "" where they can."""
    asked = plan.workload.network.access
    if asked not in ("any", "public"):
        return f"clients cannot stay in {plan.workload.cloud} and have access by {asked.replace('_', ' ')}"
    return "" if "public" in offered else f"clients cannot stay in {plan.workload.cloud}: it has no public access"


def open_choices(offering: Offering, plan: Plan, pins: Mapping[str, Pin], ways: Sequence[str]) -> dict[str, list[str]]:
    """Return the values open to a plan: pinned by the workload or by hand, else all.

    A pin for all offerings holds where its value exists; whether it exists anywhere is not asked here.

    Raises:
        InputError: a value pinned for this offering alone that it does not have.
    """
    result = {"access": list(ways), "follower_fetch": COMMON["follower_fetch"][:1]}
    for name, choice in offering.choices.items():
        values = offering.values(name)
        wanted = pins[name].text if name in pins else ""
        if wanted not in ("", *values) and pins[name].own:
            text = f"{name} of {offering.id} is one of {', '.join(values)}, not {wanted}"
            raise InputError.one(pins[name].place, "bad-value", text)
        if wanted not in values and choice.pinned_by == "fetch_from_follower":
            wanted = _FOLLOWER[plan.workload.network.fetch_from_follower]
        result[name] = [wanted] if wanted in values else values
    return result


def give_choices(book: Book, offering: Offering, paths: Sequence[PathRow], document: Document, several: bool) -> None:
    """Add to a book the 0/1 flag of each value, the figures of tables, and those of the paths.

    Args:
        book: grows.
        offering: whose choices.
        paths: rows of the paths table for its cloud and tenancy.
        document: for places.
        several: whether the plan has several kinds of cluster, which may choose differently.
    """

    def give(
        name: str,
        label: str,
        unit: str,
        kind: Kind,
        choice: str,
        sheet: str,
        figures: dict[str, float],
        source: str = "",
        place: Place | None = None,
    ) -> None:
        triples: dict[str, Triple] = {value: (figure,) * 3 for value, figure in figures.items()}
        varies = several and choice != "access"
        item = Item(
            name,
            label,
            book.unit(unit, place or Place()),
            kind,
            source=source,
            per_cluster=varies,
            place=place or Place(),
        )
        book.give_by_choice(item, choice, triples, sheet)

    labels = {name: choice.label for name, choice in offering.choices.items()}
    for choice, values in ({n: c.values for n, c in offering.choices.items()} | COMMON).items():
        for value in values:
            flags = {v: float(v == value) for v in values}
            label = f"{labels.get(choice, choice.replace('_', ' ').capitalize())}: {value}"
            give(f"{choice}.{value}", label, "1", "choice", choice, offering.id, flags)
    for choice, table in offering.tables.items():
        for i, (column, spec) in enumerate(table.columns.items()):
            figures = {variant: float(row[i]) for variant, row in table.rows.items()}
            place = document.place("tables", choice, "columns", column)
            give(
                f"{choice}.{column}", spec.label, spec.unit, "column", choice, offering.id, figures, spec.source, place
            )
    for column in paths[0].factors:
        figures = {p.access: p.factors[column] for p in paths}
        label, unit = f"Path: {column.replace('_', ' ')}", _PATH_UNITS.get(column, _PATH_UNIT)
        give(f"path.{column}", label, unit, "column", "access", "paths", figures, paths[0].source)
