"""What links bring to clusters and take from them: rows that stand in for those of the timeline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from tco.catalog.load import Catalog
from tco.engine.book import Book, clusters_array, months_array, pure
from tco.engine.sheets import sheet_drafts
from tco.model.scope import Draft, Item, sum_draft
from tco.model.tree import Name, Node
from tco.workload.estate import Flow, Member

SHEET = "replication"
_LINK, _TOPIC = "link.", "topic."
_TIMELINE_ROW = re.compile(r"\{(\w+)\}")
#: What is added up over the links that arrive at a cluster: row to (unit, row of a link, label).
_ARRIVING = {
    "arriving_average": ("MB[wire]/s", "average", "Brought by links on average"),
    "arriving_peak": ("MB[wire]/s", "peak", "Brought by links at peak"),
    "arriving_before": ("GB[wire]", "before", "Brought by links a month before the start"),
    "arriving_partitions": ("partition", "partitions", "Partitions of what links bring"),
    "arriving_compacted": ("partition", "compacted", "Compacted partitions of what links bring"),
}
_CARRIED = {
    "recovering_peak": ("MB[wire]/s", "peak", "Brought at peak from those it stands in for"),
    "carried_ingress": ("MB[wire]/s", "carried_ingress", "Ingress at peak of those it stands in for"),
    "carried_egress": ("MB[wire]/s", "carried_egress", "Egress at peak of those it stands in for"),
    "carried_connections": ("connection", "carried_connections", "Connections of those it stands in for"),
    "carried_requests": ("request/s", "carried_requests", "Requests of those it stands in for"),
}
#: What a link takes of what producers write at its source, and the row of a link that brings more of it.
_PRODUCED = {
    "from_average": "produced_average",
    "from_peak": "produced_peak",
    "from_before": "produced_before",
    "from_leaders": "own_leaders",
}
_BROUGHT = {"from_average": "average", "from_peak": "peak", "from_before": "before", "from_leaders": "partitions"}
_DEPARTING = {
    "departing": ("GB[wire]", "read", "Read by links"),
    "departing_peak": ("MB[wire]/s", "read_peak", "Read by links at peak"),
}


@dataclass(frozen=True)
class Replication:
    """The links of an estate as its shared book needs them.

    Attributes:
        members: in the order of the clusters.
        sized: members that are sized ahead for what they carry in a failover, and do not grow when it comes.
        full: members that are at their full size, as after a failover.
    """

    members: Sequence[Member]
    links: Sequence[Flow]
    sized: frozenset[str]
    full: frozenset[str] = frozenset()

    def give(self, book: Book) -> None:
        """Add what the rows rest on: the figures of each link, and the share that each cluster carries."""
        columns = [(m, i) for m in self.members for i in range(len(m.plan.clusters))]
        one = pure(book.units)
        carries = [self._carries(m) if not i else Decimal(0) for m, i in columns]
        item = Item("carries", "Share of a failover's load that it is sized for", one, "input", source="given")
        book.give(replace(item, per_cluster=True), clusters_array(carries), "clusters")
        old = [not m.alive or m.alive[0] for m, _ in columns]
        item = Item("from_start", "Runs from the first month on (1) or not (0)", one, "input", source="given")
        book.give(replace(item, per_cluster=True), clusters_array(old), "clusters")
        for link in self.links:
            self._give_link(book, link)

    def _carries(self, member: Member) -> Decimal:
        if member.name in self.full:
            return Decimal(1)
        return member.carries if member.name in self.sized else Decimal(0)

    def _give_link(self, book: Book, link: Flow) -> None:
        one, name = pure(book.units), f"{_LINK}{link.name}"
        for field, label, number in (
            ("share", "Share of the bytes copied", link.shares.bytes),
            ("partition_share", "Share of the partitions copied", link.shares.partitions),
            ("compacted_share", "Share of the compacted partitions copied", link.shares.compacted),
            *((f"of_{t}", f"Share of topics {t} in what is copied", part) for t, part in link.shares.parts.items()),
            ("links", "Links of this kind", link.links),
        ):
            book.give(
                Item(f"{name}.{field}", f"{label}, {link.name}", one, "input", source="given"), float(number), SHEET
            )
        if link.ratio is not None:
            unit = book.units.parse("MB[raw]/MB[wire]")
            item = Item(f"{name}.ratio", f"Compression ratio, {link.name}", unit, "input", source="given")
            book.give(item, float(link.ratio), SHEET)
        alive = months_array(Decimal(a) for a in link.alive)
        for field, label, end, number in (
            ("leaving", "Links that leave the cluster", link.source, link.leaving),
            ("arriving", "Links that arrive at the cluster", link.target, link.arriving),
        ):
            flags = np.zeros((1, 1, sum(len(m.plan.clusters) for m in self.members), 1))
            flags[0, 0, end.first, 0] = float(number)
            item = Item(f"{name}.{field}", f"{label}, {link.name}", one, "input", source="given", per_cluster=True)
            whole = all(link.alive)
            book.give(replace(item, monthly=not whole), flags if whole else flags * alive, "clusters")

    def drafts(self, catalog: Catalog, timeline: Sequence[Draft]) -> list[Draft]:
        """Return the timeline's rows with those that links change, and the rows of the links."""
        texts = {d.name: d.text for d in timeline}
        rows = [d for d in sheet_drafts(catalog, SHEET) if not d.name.startswith((_LINK, _TOPIC))]
        changed = [replace(d, text=_TIMELINE_ROW.sub(lambda m: f"({texts[m[1]]})", d.text)) for d in rows]
        names = {d.name for d in changed}
        sums = [
            *self._sums(_ARRIVING, "arriving", self.links),
            *self._sums(_DEPARTING, "leaving", self.links),
            *self._sums(_CARRIED, "arriving", [x for x in self.links if x.recovers]),
        ]
        links = [d for x in self.links for d in self._link_drafts(catalog, x)]
        return [*(d for d in timeline if d.name not in names), *changed, *sums, *links]

    def topic_drafts(self, catalog: Catalog, topic: str, drafts: Sequence[Draft]) -> list[Draft]:
        """Return the rows of a topic class with those that links change: what they bring of it is kept as it is."""
        sheet = [d for d in sheet_drafts(catalog, SHEET) if d.name.startswith(_TOPIC)]
        texts = {f"{_TOPIC}{topic}.{d.name.removeprefix(_TOPIC)}": d.text for d in sheet}
        changed = [replace(d, text=texts[d.name]) for d in drafts if d.name in texts]
        bring = [x for x in self.links if topic in x.shares.parts]
        for field, unit, row in (("arriving", "MB[wire]/s", "average"), ("arriving_before", "GB[wire]", "before")):
            terms = [f"link.{x.name}.{row} * link.{x.name}.of_{topic} * link.{x.name}.arriving" for x in bring]
            label = f"Brought by links{' a month before the start' if row == 'before' else ' on average'}, {topic}"
            changed.append(sum_draft(f"topic.{topic}.{field}", label, unit, terms, SHEET))
        names = {d.name for d in changed}
        return [*(d for d in drafts if d.name not in names), *changed]

    def _sums(self, wanted: dict[str, tuple[str, str, str]], flag: str, links: Sequence[Flow]) -> list[Draft]:
        result = []
        for name, (unit, row, label) in wanted.items():
            terms = [f"{_LINK}{x.name}.{row} * {_LINK}{x.name}.{flag}" for x in links]
            result.append(sum_draft(name, label, unit, terms, SHEET))
        return result

    def _link_drafts(self, catalog: Catalog, link: Flow) -> list[Draft]:
        brought = [x.name for x in self.links if x.target is link.source] if link.spec.passes_on else []

        def rename(name: str) -> str:
            head, _, field = name.partition(".")
            if name == "source":
                return link.source.name
            if head == "brought":
                return f"{_LINK}{field}"
            return _PRODUCED.get(field) or f"{_LINK}{link.name}.{field}" if head == "link" else name

        def with_brought(text: str) -> str:
            """Add what other links bring to the source to what producers write there."""
            for field, row in _BROUGHT.items():
                own = f"of_cluster(link.{field}, source)"
                more = [f"brought.{x}.{row} * of_cluster(brought.{x}.arriving, source)" for x in brought]
                text = text.replace(own, f"({' + '.join([own, *more])})" if more else own)
            return text

        drafts = []
        for d in sheet_drafts(catalog, SHEET):
            if d.name.startswith(_LINK):
                text = "1" if d.name == "link.shrink" and link.ratio is None else with_brought(d.text)
                label = f"{d.label}, {link.name}"
                drafts.append(replace(d, name=rename(d.name), label=label, text=text, rename=rename))
        return drafts

    def place(self, function: str, arguments: tuple[Node, ...]) -> int | None:
        """Return the place of the cluster that `of_cluster(row, name)` names."""
        if function != "of_cluster" or not isinstance(arguments[1], Name):
            return None
        return next((m.first for m in self.members if m.name == arguments[1].name), None)
