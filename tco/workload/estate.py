"""From an estate file to one plan in which every cluster has inputs of its own, and the links between them."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from tco.catalog.load import Catalog
from tco.catalog.values import Quantity, in_unit
from tco.catalog.yamlfile import Document, load, parse_yaml, read_yaml
from tco.errors import Finding, InputError, nearest
from tco.model.units import UnitError
from tco.workload.estate_schema import Estate, EstateCluster, Link
from tco.workload.plan import Cluster, Plan, TopicClass, Value, override, plan_of

#: Roles whose data comes over links and not from clients of their own.
_FED = ("standby", "aggregate")
_ONE = Decimal(1)


@dataclass(frozen=True)
class Member:
    """A kind of cluster of an estate.

    Attributes:
        plan: its workload by itself, its environments as further clusters.
        first: its place among all clusters of the estate; its environments come right after it.
        carries: share of the load that it takes over in a failover and is sized for.
        alive: for each month, whether it runs.
    """

    name: str
    spec: EstateCluster
    plan: Plan
    first: int
    count: Decimal
    carries: Decimal
    alive: tuple[bool, ...]

    @property
    def places(self) -> range:
        """Its own place among the clusters, and those of its environments."""
        return range(self.first, self.first + len(self.plan.clusters))

    @property
    def site(self) -> tuple[str, str]:
        """Cloud and region that its file names."""
        return self.plan.workload.cloud, self.plan.workload.region


@dataclass(frozen=True)
class Shares:
    """What a link copies of its source.

    Attributes:
        bytes, partitions, compacted: of all, and of the compacted partitions.
        parts: topic class to its share of the bytes copied.
    """

    bytes: Decimal
    partitions: Decimal
    compacted: Decimal
    parts: Mapping[str, Decimal]


@dataclass(frozen=True)
class Flow:
    """A link with its figures.

    Attributes:
        source, target: the members that it joins.
        shares: what it copies of the source.
        ratio: bytes before compression for each byte on the link; None where they travel as they are.
        links: how many there are of its kind.
        leaving, arriving: links at each cluster of the source, and of the target.
        recovers: whether it is there to carry on elsewhere.
    """

    name: str
    spec: Link
    source: Member
    target: Member
    shares: Shares
    ratio: Decimal | None
    links: Decimal
    leaving: Decimal
    arriving: Decimal
    recovers: bool

    @property
    def alive(self) -> tuple[bool, ...]:
        """For each month, whether both of its ends run; of a migration, only until clients have moved."""
        both = (a and b for a, b in zip(self.source.alive, self.target.alive, strict=True))
        served = self.target.plan.clusters[0].served if self.target.spec.clients_from else ()
        if self.spec.purpose != "migration" or not served:
            return tuple(both)
        return tuple(a and not moved for a, moved in zip(both, served, strict=True))


@dataclass(frozen=True)
class EstatePlan:
    """An estate ready for the engine.

    Attributes:
        plan: all clusters beside each other, each with inputs of its own; its workload is that of the first.
        document: for the places of findings.
        text: the file as read, so that a report can be run again from what it carries.
    """

    estate: Estate
    members: tuple[Member, ...]
    links: tuple[Flow, ...]
    plan: Plan
    document: Document
    text: str = ""


def is_estate(document: Document) -> bool:
    """Whether a file is an estate and not a workload."""
    return isinstance(document.data, dict) and "clusters" in document.data


def read_estate(path: Path, catalog: Catalog, overrides: Mapping[str, str] | None = None) -> EstatePlan:
    """Read an estate file.

    Args:
        path: the YAML file.
        catalog: for units, inputs, regions.
        overrides: path in the file to value, as `--set` gives them.

    Raises:
        InputError: everything that is wrong with it, each with its place.
    """
    return estate_of(read_yaml(path), catalog, path.read_text(encoding="utf-8"), overrides)


def estate_from_text(text: str, name: str, catalog: Catalog) -> EstatePlan:
    """Turn the text of an estate file into an estate; see `read_estate`."""
    return estate_of(parse_yaml(text, name), catalog, text)


def estate_of(
    document: Document, catalog: Catalog, text: str = "", overrides: Mapping[str, str] | None = None
) -> EstatePlan:
    """Turn a parsed estate file into an estate; see `read_estate`."""
    if not isinstance(document.data, dict):
        raise InputError.one(document.place(), "not-an-estate", "an estate is a mapping of keys to values")
    override(document, overrides or {})
    estate = load(document, Estate)
    reader = _Reader(estate, document, catalog)
    members = reader.members()
    if reader.findings:
        raise InputError(reader.findings)
    reader.one_account(members)
    links = reader.links(members)
    reader.rules(links)
    if reader.findings:
        raise InputError(reader.findings)
    return EstatePlan(estate, tuple(members), tuple(links), side_by_side(estate.name, members), document, text)


class _Reader:
    def __init__(self, estate: Estate, document: Document, catalog: Catalog) -> None:
        self.estate, self.document, self.catalog = estate, document, catalog
        self.findings: list[Finding] = []

    def fault(self, code: str, text: str, *path: str) -> None:
        self.findings.append(Finding(self.document.place(*path), code, text))

    def number(self, value: Quantity | None, default: Decimal, unit: str, *path: str) -> Decimal:
        if value is None:
            return default
        try:
            found = in_unit(value, self.catalog.units.parse(unit), self.catalog.units)
        except UnitError as error:
            self.fault("bad-unit", f"{'.'.join(path)}: {error}", *path)
            return default
        if found < 0:
            self.fault("bad-value", f"{'.'.join(path)} is negative; it must be 0 or more", *path)
        return found

    # -- clusters -----------------------------------------------------------------------------------

    def members(self) -> list[Member]:
        found: list[Member] = []
        first = 0
        for name, spec in self.estate.clusters.items():
            self._name(name, "clusters")
            try:
                plan = self._plan(name, spec)
            except InputError as error:
                self.findings += error.findings
                continue
            found.append(self._member(name, spec, plan, first))
            first += len(plan.clusters)
        return found

    def _name(self, name: str, key: str) -> None:
        """Names stand in formulas, and `all` is the estate itself."""
        if keyword.iskeyword(name) or name == "all":
            self.fault("bad-name", f"'{name}' is a word of the formula language; choose another name", key, name)

    def _plan(self, name: str, spec: EstateCluster) -> Plan:
        if spec.workload not in self.estate.workloads:
            near = nearest(spec.workload, self.estate.workloads) or f"known are {', '.join(self.estate.workloads)}"
            place = self.document.place("clusters", name, "workload")
            raise InputError.one(place, "unknown-workload", f"no workload is called '{spec.workload}'; {near}")
        if spec.offering is not None and spec.offering not in self.catalog.offerings:
            near = nearest(spec.offering, self.catalog.offerings) or "`tco catalog list` shows all"
            place = self.document.place("clusters", name, "offering")
            raise InputError.one(place, "unknown-offering", f"no offering '{spec.offering}'; {near}")
        return plan_of(self._workload(name, spec), self.catalog)

    def _workload(self, name: str, spec: EstateCluster) -> Document:
        """Return a cluster's workload as a document of its own, whose places are those of the estate file."""
        base = ("workloads", spec.workload)
        data: dict[str, Any] = dict(self.estate.workloads[spec.workload])
        marks = {path[2:]: mark for path, mark in self.document.marks.items() if path[:2] == base}
        for key in ("name", "start", "horizon"):
            if key in data:
                text = f"'{key}' of a workload is the estate's here; leave it out"
                raise InputError.one(self.document.place(*base, key), "unknown-key", text)
        here = ("clusters", name)
        users = [n for n, c in self.estate.clusters.items() if c.workload == spec.workload]
        if name != users[0]:
            data.pop("environments", None)  # other environments are there once, beside the first cluster of the work
        if spec.role == "standby":
            data |= _unread(data)
        for key, value in spec.changes.items():
            both = isinstance(value, dict) and isinstance(data.get(key), dict)
            data[key] = {**data[key], **value} if both else value
            at = (*here, "changes", key)
            marks |= {(key, *p[len(at) :]): m for p, m in self.document.marks.items() if p[: len(at)] == at}
        if spec.role == "stretched":
            wanted = dict(data.get("requirements") or {})
            data["requirements"] = wanted | {"must": [*(wanted.get("must") or ()), "multi_region"]}
        for key, own in (("cloud", spec.cloud), ("region", spec.region)):
            if own is not None:
                data[key] = own
                marks[(key,)] = self.document.place(*here, key)
        data |= {"name": name, "start": self.estate.start, "horizon": str(self.estate.horizon)}
        marks[()] = self.document.place(*here)
        return Document(self.document.file, data, marks)

    def _member(self, name: str, spec: EstateCluster, plan: Plan, first: int) -> Member:
        here = ("clusters", name)
        fed = spec.role in _FED
        count = self.number(spec.count, _ONE, "1", *here, "count")
        if count < 1 or count % 1:
            self.fault("bad-value", f"{name} stands for a whole number of clusters, at least 1", *here, "count")
        traffic = self.number(spec.traffic, Decimal(not fed), "1", *here, "traffic")
        partitions = self.number(spec.partitions, Decimal(not fed or traffic > 0), "1", *here, "partitions")
        carries = self.number(spec.carries, Decimal(spec.role == "standby"), "1", *here, "carries")
        if carries > 1:
            self.fault("bad-value", f"{name} carries at most 100 % of those it stands in for", *here, "carries")
        production = spec.environment == "production"
        clusters = tuple(
            replace(
                c,
                name=name if c.production else f"{name}.{c.name}",
                count=c.count * count,
                traffic=c.traffic * traffic,
                partitions=c.partitions * partitions,
                production=c.production and production,
            )
            for c in plan.clusters
        )
        months = [f"{y}-{m:02d}" for y, m in plan.months]
        starts, ends = spec.starts or months[0], spec.ends or months[-1]
        alive = tuple(starts <= month <= ends for month in months)
        if not any(alive):
            text = f"{name} runs in no month of the estate, {months[0]} to {months[-1]}"
            self.fault("bad-value", text, "clusters", name)
        served = tuple((spec.clients_from or starts) <= m <= (spec.clients_until or ends) for m in months)
        holds = tuple((spec.clients_from or starts) <= m for m in months)
        if not all(alive) or not all(served):
            clusters = tuple(replace(c, alive=alive, served=served, holds=holds) for c in clusters)
        return Member(name, spec, replace(plan, clusters=clusters), first, count, carries, alive)

    # -- links --------------------------------------------------------------------------------------

    def links(self, members: Sequence[Member]) -> list[Flow]:
        by_name = {m.name: m for m in members}
        found = []
        for name, spec in self.estate.links.items():
            self._name(name, "links")
            ends = [(key, by_name.get(end)) for key, end in (("from", spec.source), ("to", spec.target))]
            for key, end in ends:
                if end is None:
                    wanted = spec.source if key == "from" else spec.target
                    near = nearest(wanted, by_name) or f"known are {', '.join(by_name)}"
                    self.fault("unknown-cluster", f"no cluster is called '{wanted}'; {near}", "links", name, key)
            source, target = ends[0][1], ends[1][1]
            if source is None or target is None:
                continue
            if source is target:
                self.fault("bad-link", f"{name} leads from {source.name} to itself", "links", name)
                continue
            found.append(self._flow(name, spec, source, target, rest_of(members)))
        return found

    def _flow(self, name: str, spec: Link, source: Member, target: Member, rest: str) -> Flow:
        here = ("links", name)
        shares = self._shares(spec, source, rest, here)
        ratio = None
        if spec.compression is not None:
            ratio = self.number(spec.compression.ratio, _ONE, "MB[raw]/MB[wire]", *here, "compression", "ratio")
            if ratio <= 0:
                self.fault("bad-value", "compression.ratio must be more than 0", *here, "compression", "ratio")
        n, m = source.count, target.count
        if n != m and 1 not in (n, m):
            text = f"{n} clusters {source.name} and {m} {target.name}: as many at both ends, or one at one of them"
            self.fault("bad-link", text, *here)
        recovers = (spec.purpose or ("recovery" if target.spec.role == "standby" else "")) == "recovery"
        leaving, arriving = (m if n == 1 else _ONE), (n if m == 1 else _ONE)
        return Flow(name, spec, source, target, shares, ratio, max(n, m), leaving, arriving, recovers)

    def _shares(self, spec: Link, source: Member, rest: str, here: tuple[str, ...]) -> Shares:
        classes = {t.name: t for t in source.plan.topics}
        unknown = [t for t in spec.topics if t not in classes]
        for topic in unknown:
            near = nearest(topic, classes) or f"it has {', '.join(classes)}"
            self.fault("unknown-topic", f"{source.name} has no topic class '{topic}'; {near}", *here, "topics")
        if spec.topics and spec.share is not None:
            self.fault("bad-link", "give either topics or share; topics say what share they are", *here, "share")
        taken = [classes[t] for t in spec.topics if t in classes] or list(classes.values())
        left = _ONE - sum((t.share or Decimal(0) for t in classes.values()), Decimal(0))
        parts = {rest if t.share is None else t.name: left if t.share is None else t.share for t in taken}
        copied = sum(parts.values(), Decimal(0))
        compacted = sum((t.partitions for t in taken if t.compacted), Decimal(0))
        all_compacted = sum((t.partitions for t in classes.values() if t.compacted), Decimal(0))
        share, of_partitions = (
            copied,
            sum((t.partitions for t in taken), Decimal(0)) / sum((t.partitions for t in classes.values()), Decimal(0)),
        )
        if not spec.topics:
            share = self.number(spec.share, _ONE, "1", *here, "share")
            of_partitions = Decimal(share > 0)
        if share > 1:
            self.fault("bad-value", "a link copies at most 100 %", *here, "share")
        return Shares(
            share,
            of_partitions,
            compacted / all_compacted if all_compacted else Decimal(0),
            {name: part / copied for name, part in parts.items() if copied},
        )

    # -- the whole ----------------------------------------------------------------------------------

    def rules(self, links: Sequence[Flow]) -> None:
        """What makes an estate impossible, whatever is bought."""
        for name in sorted(set(self.estate.links) & set(self.estate.clusters)):
            self.fault("same-name", f"'{name}' is a cluster and a link; call one of them otherwise", "links", name)
        for kind, chosen in (
            ("synchronous links", [x for x in links if x.spec.mode == "sync"]),
            ("links that pass on what other links bring", [x for x in links if x.spec.passes_on]),
        ):
            cycle = _cycle([(x.source.name, x.target.name) for x in chosen])
            if cycle:
                text = f"{kind} form a cycle: {' -> '.join(cycle)}; no cluster could be the first to have the data"
                self.fault("cycle", text, "links", next(x.name for x in chosen if x.source.name == cycle[0]))
        for link in links:
            self._two_primaries(link)

    def one_account(self, members: Sequence[Member]) -> None:
        """All clusters of an estate are in one account: support plan and use elsewhere are stated alike."""
        for member in members[1:]:
            if member.plan.workload.account != members[0].plan.workload.account:
                text = f"an estate is one account; {member.name} and {members[0].name} state `account` differently"
                self.fault("bad-value", text, "workloads", member.spec.workload, "account")

    def _two_primaries(self, link: Flow) -> None:
        """Refuse two clusters that both write all of one set of topics and copy it to each other."""
        a, b = link.source, link.target
        if not link.recovers or a.spec.workload != b.spec.workload or b.spec.role in _FED:
            return
        written = a.plan.clusters[0].traffic + b.plan.clusters[0].traffic
        if written > 1:
            text = (
                f"two primaries for one topic set: {a.name} and {b.name} together write {written:.0%} of "
                f"{a.spec.workload}; give each its share (traffic: 50 %), or make one a standby"
            )
            self.fault("two-primaries", text, "links", link.name)


def _unread(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a workload under which nobody reads, as of a standby before a failover."""
    topics = [{**t, "fanout": "0"} if isinstance(t, dict) and "fanout" in t else t for t in data.get("topics") or ()]
    reads = data.get("reads")
    quiet = {"fanout": "0", "replay_share": "0 %"}
    kept = {k: v for k, v in reads.items() if k != "peak"} if isinstance(reads, dict) else {}
    return {"reads": {**kept, **quiet}} | ({"topics": topics} if topics else {})


def _cycle(edges: Iterable[tuple[str, str]]) -> list[str]:
    """Return the nodes of a cycle, the first of them again at the end; none where there is none."""
    after: dict[str, list[str]] = {}
    for a, b in edges:
        after.setdefault(a, []).append(b)

    def walk(node: str, trail: list[str]) -> list[str]:
        if node in trail:
            return [*trail[trail.index(node) :], node]
        return next((c for n in after.get(node, []) if (c := walk(n, [*trail, node]))), [])

    return next((c for n in after if (c := walk(n, []))), [])


def side_by_side(name: str, members: Sequence[Member]) -> Plan:
    """Put the clusters of several plans beside each other in one, each with its own inputs, topics and needs.

    What a plan has only once (cloud, region, ways of access, account) is that of the first.
    """
    first = members[0].plan
    names = list(dict.fromkeys(t.name for m in members for t in m.plan.topics if t.share is not None))
    rest = rest_of(members)
    inputs = {
        n: Value(v.number, "given" if any(m.plan.inputs[n].status == "given" for m in members) else "default")
        for n, v in first.inputs.items()
    }
    clusters = [_column(c, m, first, rest) for m in members for c in m.plan.clusters]
    topics = (*(_template(n, members) for n in names), TopicClass(rest, None, Decimal(0), False))
    workload = first.workload.model_copy(update={"name": name})
    return replace(first, workload=workload, inputs=inputs, clusters=tuple(clusters), topics=topics)


def rest_of(members: Sequence[Member]) -> str:
    """Name of the topic class of what no other names, in a plan of these members."""
    return "rest" if any(t.share is not None for m in members for t in m.plan.topics) else "all"


def _template(name: str, members: Sequence[Member]) -> TopicClass:
    return next(t for m in members for t in m.plan.topics if t.name == name)


def _column(cluster: Cluster, member: Member, first: Plan, rest: str) -> Cluster:
    plan = member.plan
    wanted = plan.workload.requirements
    needs = {*wanted.must, *wanted.should}
    if member.spec.role != "stretched":
        needs -= {"multi_region"}  # in an estate other regions are drawn, as links, and paid for there
    return replace(
        cluster,
        inputs={n: v.number for n, v in plan.inputs.items() if v.number != first.inputs[n].number},
        topics={rest if t.share is None else t.name: t for t in plan.topics},
        seasonality=plan.seasonality,
        needs=frozenset(needs),
    )
