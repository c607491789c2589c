"""From a workload to a plan: every input as a number in the model's unit, with where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from tco.catalog.load import Catalog
from tco.catalog.schema import InputRow
from tco.catalog.values import Quantity, in_unit, later, quantity
from tco.catalog.yamlfile import Document, load, parse_yaml, read_yaml
from tco.errors import Finding, InputError, Place, nearest
from tco.model.units import UnitError
from tco.workload.schema import Workload

Status = Literal["given", "default"]


@dataclass(frozen=True)
class Value:
    """One input: its number in the model's unit, and whether the user gave it."""

    number: Decimal
    status: Status


@dataclass(frozen=True)
class TopicClass:
    """A class of topics: its share of the bytes and what differs from the cluster as a whole.

    None stands for the cluster's own figure, and for the share that the other classes leave.
    """

    name: str
    share: Decimal | None
    partitions: Decimal
    compacted: bool
    retention: Decimal | None = None
    hot: Decimal | None = None
    fanout: Decimal | None = None
    kept: Decimal = Decimal(1)


@dataclass(frozen=True)
class Cluster:
    """A kind of cluster in the plan: production, or another environment, and how many there are.

    Attributes:
        traffic, partitions: its share of those of the workload.
        inputs: those in which it differs from the plan, in the same units.
        topics: its own topic classes by name; the plan's where it has none.
        seasonality: its own factors of the calendar months; the plan's where it has none.
        needs: what it must or should have; None: what the plan asks for.
        alive, served, holds: for each month, whether it runs, whether its own clients write, and whether its own topics
            are there; always where empty.
    """

    name: str
    count: Decimal
    traffic: Decimal
    partitions: Decimal
    production: bool
    inputs: Mapping[str, Decimal] = field(default_factory=dict)
    topics: Mapping[str, TopicClass] = field(default_factory=dict)
    seasonality: tuple[Decimal, ...] = ()
    needs: frozenset[str] | None = None
    alive: tuple[bool, ...] = ()
    served: tuple[bool, ...] = ()
    holds: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A workload ready for the engine.

    Attributes:
        workload: as read.
        inputs: input name to value, in the unit of `pricing_data/model/inputs.yaml`.
        clusters: production first.
        topics: at least one; shares add up to 1.
        seasonality: factor of each calendar month, 1 to 12.
        text: the workload file as read, so that a report can be run again from what it carries.
    """

    workload: Workload
    inputs: dict[str, Value]
    clusters: tuple[Cluster, ...]
    topics: tuple[TopicClass, ...]
    seasonality: tuple[Decimal, ...]
    text: str = ""
    overrides: dict[str, str] = field(default_factory=dict)

    def numbers(self, name: str) -> list[Decimal]:
        """Return an input's value for each kind of cluster."""
        return [c.inputs.get(name, self.inputs[name].number) for c in self.clusters]

    @property
    def of_estate(self) -> bool:
        """Whether its clusters are those of an estate, each with needs of its own."""
        return any(c.needs is not None for c in self.clusters)

    @property
    def months(self) -> tuple[tuple[int, int], ...]:
        """(year, calendar month) of every month of the horizon."""
        year, month = (int(p) for p in self.workload.start.split("-"))
        return tuple(later((year, month), i) for i in range(self.workload.horizon))

    def with_clients_staying(self) -> Plan:
        """Return the plan with clients that stay in its own cloud wherever the brokers are."""
        network = self.workload.network.model_copy(update={"clients": "stay"})
        return replace(self, workload=self.workload.model_copy(update={"network": network}))

    @property
    def warnings(self) -> list[str]:
        """What the plan cannot do whatever is bought: zones, copies and acknowledgements that do not add up."""
        value = {n: v.number for n, v in self.inputs.items()}
        zones, copies, least = value["availability_zones"], value["replication_factor"], value["min_insync_replicas"]
        found = []
        if zones == 1:
            found.append("One zone: the cluster goes down with it.")
        if zones == 2 and copies - copies // 2 > copies - least:
            found.append(
                f"Two zones with {copies} copies and {least} in sync: losing the zone with more copies stops writes, "
                "and controllers have no majority without a third site."
            )
        if least == copies and copies > 1:
            found.append("min_insync_replicas equals replication_factor: any broker restart stops writes.")
        rpo = self.workload.requirements.rpo
        if rpo is not None and rpo.value == 0 and self.workload.acks != "all":
            found.append(
                f"An RPO of 0 needs acks=all; acks={self.workload.acks} loses what a dying leader has not replicated."
            )
        return found

    @property
    def defaults(self) -> list[str]:
        """Inputs that the workload leaves to their default."""
        return [n for n in self.asked if self.inputs[n].status == "default"]

    @property
    def asked(self) -> list[str]:
        """All inputs that a workload may give."""
        return [n for n in self.inputs if not n.endswith("_given")]


def read_plan(path: Path, catalog: Catalog, overrides: Mapping[str, str] | None = None) -> Plan:
    """Read a workload file and turn it into a plan.

    Args:
        path: the YAML file.
        catalog: for units, inputs, regions.
        overrides: workload path to value (`ingress.peak` to "200 MB/s"), as `--set` gives them.

    Raises:
        InputError: everything that is wrong with it, each with its place.
    """
    return plan_of(read_yaml(path), catalog, overrides, path.read_text(encoding="utf-8"))


def plan_from_text(text: str, name: str, catalog: Catalog, overrides: Mapping[str, str] | None = None) -> Plan:
    """Turn the text of a workload file into a plan; see `read_plan`."""
    return plan_of(parse_yaml(text, name), catalog, overrides, text)


def plan_of(document: Document, catalog: Catalog, overrides: Mapping[str, str] | None = None, text: str = "") -> Plan:
    """Turn a parsed workload into a plan; see `read_plan`."""
    overrides = dict(overrides or {})
    if not isinstance(document.data, dict):
        raise InputError.one(document.place(), "not-a-workload", "a workload is a mapping of keys to values")
    override(document, overrides)
    workload = load(document, Workload)
    reader = _Reader(workload, document, catalog)
    inputs = reader.inputs()
    clusters = reader.clusters()
    topics = reader.topics(inputs)
    seasonality = tuple(
        reader.convert(
            workload.growth.seasonality.get(str(m), Quantity(Decimal(1), "")), "1", "growth", "seasonality", str(m)
        )
        for m in range(1, 13)
    )
    reader.rules(inputs)
    if reader.findings:
        raise InputError(reader.findings)
    return Plan(workload, inputs, clusters, topics, seasonality, text, overrides)


def override(document: Document, overrides: Mapping[str, str]) -> None:
    """Write values given by path into a document, as `--set` does.

    Raises:
        InputError: a path that leads through a value.
    """
    for path, value in overrides.items():
        place, data = Place(f"--set {path}"), document.data
        *parents, last = path.split(".")
        for i, step in enumerate(parents, 1):
            if step not in data:
                data[step] = {}
                document.marks[tuple(parents[:i])] = place
            data = data[step]
            if not isinstance(data, dict):
                raise InputError.one(place, "bad-value", f"'{path}' is not the path of an input")
        data[last] = value
        document.marks[*parents, last] = place


class _Reader:
    def __init__(self, workload: Workload, document: Document, catalog: Catalog) -> None:
        self.workload, self.document, self.catalog = workload, document, catalog
        self.findings: list[Finding] = []

    def fault(self, text: str, *path: str, code: str = "bad-value") -> None:
        self.findings.append(Finding(self.document.place(*path), code, text))

    def convert(self, value: Quantity, unit: str, *path: str) -> Decimal:
        """Return the value in the unit wanted; a finding and 0 where it measures something else."""
        try:
            number = in_unit(value, self.catalog.units.parse(unit), self.catalog.units)
        except UnitError as error:
            self.fault(f"{'.'.join(path)}: {error}", *path, code="bad-unit")
            return Decimal(0)
        if value.value < 0:
            self.fault(f"{'.'.join(path)} is negative; it must be 0 or more", *path)
        return number

    def inputs(self) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for name, row in self.catalog.inputs.items():
            given = _at(self.workload, name.split("."))
            if name == "history":
                number = Decimal(self.workload.history == "full")
                result[name] = Value(number, "given" if "history" in self.document.data else "default")
                continue
            result.update(self._input(name, row, given))
        return result

    def _input(self, name: str, row: InputRow, given: Any) -> Iterator[tuple[str, Value]]:
        path = name.split(".")
        if given is not None:
            number = self.convert(given, row.unit, *path)
            if row.positive and number <= 0:
                self.fault(f"{name} must be more than 0", *path)
            if row.at_most is not None and number > self.convert(quantity(row.at_most), row.unit, *path):
                self.fault(f"{name} is {given}; it must be at most {row.at_most}", *path)
            yield name, Value(number, "given")
        elif row.optional:
            yield name, Value(Decimal(0), "default")
        elif row.default is not None:
            yield name, Value(self.convert(quantity(row.default), row.unit, *path), "default")
        else:
            self.fault(f"{name} is missing", *path, code="missing-key")
        if row.optional:
            yield f"{name}_given", Value(Decimal(given is not None), "given" if given is not None else "default")

    def clusters(self) -> tuple[Cluster, ...]:
        one = Decimal(1)
        result = [Cluster("production", one, one, one, True)]
        for name, e in self.workload.environments.items():
            path = ("environments", name)
            result.append(
                Cluster(
                    name,
                    self.convert(e.count, "1", *path, "count"),
                    self.convert(e.traffic, "1", *path, "traffic"),
                    self.convert(e.partitions, "1", *path, "partitions"),
                    False,
                )
            )
        return tuple(result)

    def topics(self, inputs: Mapping[str, Value]) -> tuple[TopicClass, ...]:
        partitions = inputs["partitions"].number if "partitions" in inputs else Decimal(0)
        classes = []
        for i, t in enumerate(self.workload.topics):
            path = ("topics", str(i))
            optional = {
                f: None if value is None else self.convert(value, unit, *path, f)
                for f, value, unit in (
                    ("retention", t.retention, "day"),
                    ("hot", t.hot, "day"),
                    ("fanout", t.fanout, "1"),
                )
            }
            classes.append(
                TopicClass(
                    t.name,
                    self.convert(t.share, "1", *path, "share"),
                    self.convert(t.partitions, "partition", *path, "partitions"),
                    t.cleanup == "compact",
                    **optional,
                    kept=Decimal(1) if t.kept is None else self.convert(t.kept, "1", *path, "kept"),
                )
            )
            if classes[-1].kept > 1:
                self.fault(f"compaction keeps at most 100 % of the bytes, not {t.kept}", *path, "kept")
        share = sum((c.share or Decimal(0) for c in classes), Decimal(0))
        rest = partitions - sum((c.partitions for c in classes), Decimal(0))
        if share > 1 or rest < 0:
            self.fault("the topic classes add up to more than the cluster's bytes or partitions", "topics")
        if len({c.name for c in classes} | {"rest"}) != len(classes) + 1:
            self.fault("topic classes need different names, and not 'rest'", "topics")
        if share < 1 or not classes:
            classes.append(TopicClass("rest" if classes else "all", None, rest, False))
        return tuple(classes)

    def rules(self, inputs: Mapping[str, Value]) -> None:
        """Relations between inputs that no single field can check."""
        value = {n: v.number for n, v in inputs.items()}
        self._place()
        self._capabilities()
        places = sorted({r.residency for r in self.catalog.regions.regions.values()} - {""})
        wanted = self.workload.requirements.residency
        if wanted and wanted not in places:
            self.fault(f"residency '{wanted}' is not one of {', '.join(places)}", "requirements", "residency")
        if any(f.code not in ("unknown-cloud", "unknown-region") for f in self.findings):
            return
        if value["ingress.peak"] < value["ingress.average"]:
            self.fault("ingress.peak is below ingress.average", "ingress", "peak")
        if value["ingress.peak_hours"] >= 100:
            self.fault("ingress.peak_hours must be below 100 %", "ingress", "peak_hours")
        elif value["ingress.peak"] * value["ingress.peak_hours"] / 100 > value["ingress.average"]:
            self.fault(
                f"{value['ingress.peak_hours']:g} % of the hours at peak alone exceed the average; "
                "lower peak_hours or peak, or raise average",
                "ingress",
                "peak_hours",
            )
        if value["min_insync_replicas"] > value["replication_factor"]:
            self.fault("min_insync_replicas is above replication_factor", "min_insync_replicas")
        for name in ("replication_factor", "min_insync_replicas", "partitions"):
            if value[name] % 1:
                self.fault(f"{name} must be a whole number", name)
        if value["partitions"] < 1:
            self.fault("partitions must be at least 1", "partitions")
        if not 1 <= value["availability_zones"] <= 6 or value["availability_zones"] % 1:
            self.fault("availability_zones must be a whole number from 1 to 6", "availability_zones")

    def _place(self) -> None:
        cloud, name, places = self.workload.cloud, self.workload.region, self.catalog.regions
        if cloud not in places.clouds:
            hint = nearest(cloud, places.clouds) or f"known are {', '.join(places.clouds)}"
            self.fault(f"cloud '{cloud}' is not known; {hint}", "cloud", code="unknown-cloud")
        elif name not in places.regions or places.regions[name].cloud != cloud:
            known = ", ".join(n for n, r in places.regions.items() if r.cloud == cloud)
            self.fault(f"region '{name}' is not known on {cloud}; known are {known}", "region", code="unknown-region")

    def _capabilities(self) -> None:
        """Names that no offering answers to would rule all of them out, unknown being no yes."""
        known = sorted({c for o in self.catalog.offerings.values() for c in o.capabilities})
        wanted = self.workload.requirements
        for key, names in (("must", wanted.must), ("should", wanted.should)):
            for i, name in enumerate(names):
                if name not in known:
                    hint = nearest(name, known) or f"known are {', '.join(known)}"
                    text = f"'{name}' is not a known capability; {hint}"
                    place = self.document.place("requirements", key, i)
                    self.findings.append(Finding(place, "bad-value", text))


def _at(model: BaseModel, path: list[str]) -> Any:
    value: Any = model
    for step in path:
        value = getattr(value, step)
    return value
