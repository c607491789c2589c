"""The part of a book that all offerings share: inputs, assumptions, timeline, topics."""

from __future__ import annotations

from decimal import Decimal

from tco.catalog.load import Catalog
from tco.catalog.schema import Constant, Row
from tco.catalog.values import in_unit, quantity
from tco.catalog.yamlfile import Document
from tco.engine.book import Book, clusters_array, months_array
from tco.engine.options import Options, Pin
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
_TOPIC = (
    ("share", "Share of the bytes written", "1"),
    ("retention", "Retention", "day"),
    ("hot", "Retention on broker disks when tiered", "day"),
    ("fanout", "Read fan-out", "1"),
    ("compacted", "Compacted (1) or not (0)", "1"),
    ("kept", "Share of the bytes that compaction leaves", "1"),
)


def shared_book(catalog: Catalog, plan: Plan, options: Options) -> Book:
    """Build the book that every offering's book starts from.

    Raises:
        InputError: a faulty shared sheet, or an assumption that is not known.
    """
    book = Book(catalog.units)
    _inputs(book, catalog, plan)
    _assumptions(book, catalog, options)
    _topics(book, plan)
    drafts = [*sheet_drafts(catalog, "timeline"), *_topic_defaults(plan), _longest_retention(plan)]
    for topic in plan.topics:
        drafts += _topic_drafts(catalog, topic)

    def expand(function: str, arguments: tuple[Node, ...]) -> list[str] | None:
        if function != "sum_topics" or not isinstance(arguments[0], Name):
            return None
        return [f"topic.{t.name}.{arguments[0].name}" for t in plan.topics]

    book.define(drafts, options.pins(""), expand)
    return book


def sheet_drafts(catalog: Catalog, sheet: str) -> list[Draft]:
    """Rows of a shared sheet as drafts."""
    document = catalog.documents[sheet]
    return [row_draft(name, row, sheet, document) for name, row in catalog.sheets[sheet].rows.items()]


def row_draft(name: str, row: Row, sheet: str, document: Document) -> Draft:
    """Turn a row of a file into a draft that knows its place."""
    return Draft(name, row.label, row.unit, row.formula, sheet, document.place("rows", name, "formula"), row.note)


def _inputs(book: Book, catalog: Catalog, plan: Plan) -> None:
    units = catalog.units
    for name, value in plan.inputs.items():
        row = catalog.inputs.get(name)
        label = row.label if row else f"{catalog.inputs[name.removesuffix('_given')].label}: given (1) or not (0)"
        unit = units.parse(row.unit if row else "1")
        item = Item(name, label, unit, "input", note=row.note if row else "", source=value.status)
        book.give(item, float(value.number), "inputs")
    several = len(plan.clusters) > 1
    for field, label in _CLUSTER:
        item = Item(f"cluster.{field}", label, units.parse("1"), "input", per_cluster=several, source="given")
        book.give(item, clusters_array(getattr(c, field) for c in plan.clusters), "clusters")
    months = plan.months
    for name, label, numbers in (
        ("month", "Month of the plan", range(1, len(months) + 1)),
        ("calendar_month", "Calendar month", [m for _, m in months]),
    ):
        item = Item(name, label, units.parse("1"), "input", monthly=True, source="given")
        book.give(item, months_array(numbers), "timeline")
    book.tables["seasonality"] = Table(
        "seasonality",
        units.parse("1"),
        units.parse("1"),
        tuple(float(m) for m in range(1, 13)),
        tuple((float(f),) * 3 for f in plan.seasonality),
    )


def _assumptions(book: Book, catalog: Catalog, options: Options) -> None:
    sheet = catalog.sheets["assumptions"]
    unknown = sorted(set(options.assumptions) - set(sheet.constants))
    if unknown:
        text = f"'{unknown[0]}' is not an assumption; known are {', '.join(sheet.constants)}"
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
            value = getattr(topic, field)
            if value is not None:
                item = Item(
                    f"topic.{topic.name}.{field}", f"{label}, {topic.name}", units.parse(unit), "input", source="given"
                )
                book.give(item, float(value), "topics")
    compacted = sum((t.partitions for t in plan.topics if t.compacted), Decimal(0))
    item = Item("compacted_partitions", "Compacted partitions", units.parse("partition"), "input", source="given")
    book.give(item, float(compacted), "topics")


def _topic_defaults(plan: Plan) -> list[Draft]:
    """Rows for what a topic class leaves to the cluster, so that they follow it when an input changes."""
    given = [f"topic.{t.name}.share" for t in plan.topics if t.share is not None]
    formulas = {
        "share": " - ".join(["1", *given]),
        "retention": "retention.total",
        "hot": "retention.hot",
        "fanout": "reads.fanout",
    }
    return [
        Draft(f"topic.{t.name}.{field}", f"{label}, {t.name}", unit, formulas[field], "topics")
        for t in plan.topics
        for field, label, unit in _TOPIC
        if field in formulas and getattr(t, field) is None
    ]


def _longest_retention(plan: Plan) -> Draft:
    """Row with the longest retention of the topics that delete, which a service's limit must hold."""
    formula = "0"
    for t in plan.topics:
        if not t.compacted:
            name = f"topic.{t.name}.retention"
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
