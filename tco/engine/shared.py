"""The part of a book that all offerings share: inputs, assumptions, timeline, topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from tco.catalog.load import Catalog
from tco.catalog.schema import Constant
from tco.catalog.values import in_unit, quantity
from tco.engine.book import Book, clusters_array, months_array, pure
from tco.engine.options import Options, Pin
from tco.engine.replication import Replication
from tco.engine.sheets import sheet_drafts
from tco.errors import InputError
from tco.model.scope import Draft, Item, Table
from tco.model.tree import Name, Node
from tco.model.units import UnitError
from tco.workload.plan import Plan, TopicClass

_CLUSTER = (
    ("count", "Clusters of this kind"),
    ("traffic", "Share of production's traffic"),
    ("partitions", "Share of production's partitions"),
    ("production", "Production (1) or not (0)"),
)
#: Sheet of an estate whose constants are assumptions too.
_RECOVERY = "recovery"
#: What a cluster has only in some months: its count while it runs, traffic and topics of its own while clients write.
COURSE = {"count": "alive", "traffic": "served", "partitions": "holds"}
_TOPIC = (
    ("share", "Share of the bytes written", "1"),
    ("retention", "Retention", "day"),
    ("hot", "Retention on broker disks when tiered", "day"),
    ("fanout", "Read fan-out", "1"),
    ("compacted", "Compacted (1) or not (0)", "1"),
    ("kept", "Share of the bytes that compaction leaves", "1"),
)
#: What a topic class leaves open is as it is in the cluster as a whole.
_LEFT_OPEN = {"retention": "retention.total", "hot": "retention.hot", "fanout": "reads.fanout"}


def shared_book(catalog: Catalog, plan: Plan, options: Options, replication: Replication | None = None) -> Book:
    """Build the book that every offering's book starts from.

    Args:
        catalog: for the shared sheets.
        plan: the work.
        options: assumptions and pins.
        replication: the links between the clusters of an estate.

    Raises:
        InputError: a faulty shared sheet, or an assumption that is not known.
    """
    book = Book(catalog.units)
    _inputs(book, catalog, plan)
    _assumptions(book, catalog, options)
    _topics(book, plan)
    timeline = _seasonal(sheet_drafts(catalog, "timeline"), book)
    if replication:
        replication.give(book)
        timeline = replication.drafts(catalog, timeline)
    drafts = [*timeline, *_topic_defaults(plan), _longest_retention(plan)]
    for topic in plan.topics:
        rows = _topic_drafts(catalog, topic)
        drafts += replication.topic_drafts(catalog, topic.name, rows) if replication else rows

    def expand(function: str, arguments: tuple[Node, ...]) -> list[str] | int | None:
        if replication and function == "of_cluster":
            return replication.place(function, arguments)
        if function != "sum_topics" or not isinstance(arguments[0], Name):
            return None
        return [f"topic.{t.name}.{arguments[0].name}" for t in plan.topics]

    book.define(drafts, options.pins(""), expand)
    return book


def _inputs(book: Book, catalog: Catalog, plan: Plan) -> None:
    units = catalog.units
    for name, value in plan.inputs.items():
        row = catalog.inputs.get(name)
        label = row.label if row else f"{catalog.inputs[name.removesuffix('_given')].label}: given (1) or not (0)"
        item = Item(
            name,
            label,
            units.parse(row.unit if row else "1"),
            "input",
            note=row.note if row else "",
            source=value.status,
        )
        _give(book, item, plan.numbers(name), "inputs")
    months = plan.months
    several = len(plan.clusters) > 1
    for field, label in _CLUSTER:
        item = Item(f"cluster.{field}", label, units.parse("1"), "input", per_cluster=several, source="given")
        each = clusters_array(getattr(c, field) for c in plan.clusters)
        courses = [getattr(c, COURSE[field]) or (True,) * len(months) for c in plan.clusters if field in COURSE]
        if not all(all(course) for course in courses):
            item, each = replace(item, monthly=True), each * np.asarray(courses, dtype=np.float64)
        book.give(item, each, "clusters")
    for name, label, numbers in (
        ("month", "Month of the plan", range(1, len(months) + 1)),
        ("calendar_month", "Calendar month", [m for _, m in months]),
    ):
        item = Item(name, label, units.parse("1"), "input", monthly=True, source="given")
        book.give(item, months_array(numbers), "timeline")
    _seasons(book, plan)


def _give(book: Book, item: Item, numbers: Sequence[Decimal], sheet: str) -> None:
    """Give a number that all clusters share, or beside what else differs between them one for each."""
    if len(set(numbers)) == 1:
        book.give(item, float(numbers[0]), sheet)
    else:
        book.give(replace(item, per_cluster=True), clusters_array(numbers), "clusters")


def _seasonal(timeline: list[Draft], book: Book) -> list[Draft]:
    """Let each cluster follow its own course of the year, where there are several."""
    others = [name for name in book.tables if name.startswith("seasonality_")]
    text = "lookup(seasonality, calendar_month)"
    for name in others:
        text = f"if_else({name}.follows, lookup({name}, calendar_month), {text})"
    return [replace(d, text=text) if others and d.name == "seasonal_factor" else d for d in timeline]


def _seasons(book: Book, plan: Plan) -> None:
    """Give the factors of the calendar months as a table: one for the plan, and one more for each other course."""
    one = pure(book.units)
    months = tuple(float(m) for m in range(1, 13))
    courses = dict.fromkeys(c.seasonality or plan.seasonality for c in plan.clusters)
    for i, factors in enumerate(courses):
        name = f"seasonality_{i}" if i else "seasonality"
        book.tables[name] = Table(name, one, one, months, tuple((float(f),) * 3 for f in factors))
        if i:
            follows = [Decimal((c.seasonality or plan.seasonality) == factors) for c in plan.clusters]
            _give(
                book,
                Item(name + ".follows", f"Follows course {i} of the year (1) or not (0)", one, "input"),
                follows,
                "clusters",
            )


def _assumptions(book: Book, catalog: Catalog, options: Options) -> None:
    sheet = catalog.sheets["assumptions"]
    known = {**sheet.constants, **(catalog.sheets[_RECOVERY].constants if _RECOVERY in catalog.sheets else {})}
    unknown = sorted(set(options.assumptions) - set(known))
    if unknown:
        text = f"'{unknown[0]}' is not an assumption; known are {', '.join(known)}"
        raise InputError.one(options.places("assumptions", unknown[0]), "unknown-key", text)
    for name, constant in sheet.constants.items():
        place = catalog.documents["assumptions"].place("constants", name)
        if name == "equal_sizing":
            constant = replaced(constant, Pin(str(int(options.sizing == "equal")), place), catalog)
        if name in options.assumptions:
            pin = Pin(options.assumptions[name], options.places("assumptions", name))
            constant = replaced(constant, pin, catalog)
        book.constant(name, constant, "assumptions", place)


def replaced(constant: Constant, pin: Pin, catalog: Catalog) -> Constant:
    """Return a constant with the user's value, converted to the constant's unit."""
    try:
        number = in_unit(quantity(pin.text), catalog.units.parse(constant.unit), catalog.units)
    except (UnitError, ValueError) as error:
        raise InputError.one(pin.place, "bad-value", f"{constant.label}: {error}") from None
    data = constant.model_dump() | {"value": str(number), "source": "given", "note": "changed for this run"}
    return Constant.model_validate(data)


def _topics(book: Book, plan: Plan) -> None:
    units = book.units
    for topic in plan.topics:
        for field, label, unit in _TOPIC:
            numbers = _of_topic(plan, topic, field)
            if numbers is not None:
                name = f"topic.{topic.name}.{field}"
                item = Item(name, f"{label}, {topic.name}", units.parse(unit), "input", source="given")
                _give(book, item, numbers, "topics")
    compacted = [
        sum((t.partitions for t in (c.topics or _by_name(plan)).values() if t.compacted), Decimal(0))
        for c in plan.clusters
    ]
    item = Item("compacted_partitions", "Compacted partitions", units.parse("partition"), "input", source="given")
    _give(book, item, compacted, "topics")


def _by_name(plan: Plan) -> dict[str, TopicClass]:
    return {t.name: t for t in plan.topics}


def _of_topic(plan: Plan, topic: TopicClass, field: str) -> list[Decimal] | None:
    """Return what a topic class has in each kind of cluster; None where all leave it to the cluster.

    A cluster without the class has none of its bytes, and what else it leaves open as it is in the cluster as a whole.
    """
    absent = TopicClass(topic.name, Decimal(0), Decimal(0), False)
    values = [getattr((c.topics or _by_name(plan)).get(topic.name, absent), field) for c in plan.clusters]
    if all(v is None for v in values) or (field == "share" and topic.share is None):
        return None
    open_ = plan.numbers(_LEFT_OPEN[field]) if field in _LEFT_OPEN else []
    return [open_[i] if v is None else Decimal(v) for i, v in enumerate(values)]


def _topic_defaults(plan: Plan) -> list[Draft]:
    """Rows for what a topic class leaves to the cluster, so that they follow it when an input changes."""
    given = [f"topic.{t.name}.share" for t in plan.topics if t.share is not None]
    formulas = {"share": " - ".join(["1", *given]), **_LEFT_OPEN}
    return [
        Draft(f"topic.{t.name}.{field}", f"{label}, {t.name}", unit, formulas[field], "topics")
        for t in plan.topics
        for field, label, unit in _TOPIC
        if _of_topic(plan, t, field) is None
    ]


def _longest_retention(plan: Plan) -> Draft:
    """Row with the longest retention of the topics that delete, which a service's limit must hold."""
    formula = "0"
    for t in plan.topics:
        compacted = _of_topic(plan, t, "compacted") or []
        if not all(compacted):
            name = f"topic.{t.name}.retention"
            name = f"if_else(topic.{t.name}.compacted, 0, {name})" if any(compacted) else name
            formula = name if formula == "0" else f"max({formula}, {name})"
    return Draft("longest_retention", "Longest retention of topics that delete", "day", formula, "topics")


def _topic_drafts(catalog: Catalog, topic: TopicClass) -> list[Draft]:
    own = set(catalog.sheets["topics"].rows)

    def rename(name: str) -> str:
        if name in own:
            return f"topic.{topic.name}.{name}"
        return f"topic.{topic.name}.{name.removeprefix('topic.')}" if name.startswith("topic.") else name

    return [
        Draft(
            f"topic.{topic.name}.{d.name}",
            f"{d.label}, {topic.name}",
            d.unit,
            d.text,
            "topics",
            d.place,
            d.note,
            rename=rename,
        )
        for d in sheet_drafts(catalog, "topics")
    ]
