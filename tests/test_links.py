"""Links: what flows over them against a model in plain Python, and what each mechanism costs against fractions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tco.engine.book import Book
from tco.engine.estate import Costing, EstateOutcome, link_status
from tco.engine.link import LinkOutcome
from tco.engine.options import Options
from tco.model.evaluate import Array
from tests.estates import HOURS, MSK, OWN, SERVERLESS, WORK, costed, drawn, points, price, tiered, work
from tests.test_workbook import OPTIONS, catalog

MONTHS = 8
GB_A_MBS = HOURS * 3600 / 1000
GIB = Fraction(2**30, 10**9)
MM2, REPLICATOR, LINKING = "kafka.mirrormaker2", "aws.msk-replicator", "confluent.cluster-linking"


# -- what flows, in plain Python -------------------------------------------------------------------------


@dataclass
class Node:
    """A kind of cluster: MB/s, growth a year, the year's factors by calendar month, months counted from 0."""

    average: float
    peak: float
    partitions: int
    traffic: float = 1.0
    part: float = 1.0
    growth: float = 0.0
    more_partitions: float = 0.0
    seasons: dict[int, float] = field(default_factory=dict)
    ratio: float = 1.0
    count: int = 1
    runs: tuple[int, int] = (0, MONTHS - 1)
    served: tuple[int, int] = (0, MONTHS - 1)

    def serves(self, month: int) -> bool:
        return self.served[0] <= month <= self.served[1]

    def produced(self, month: int, rate: float) -> float:
        load = (1 + self.growth) ** (month / 12) * self.seasons.get(month % 12 + 1, 1.0) * self.traffic
        return rate * load if self.serves(month) else 0.0

    def own_leaders(self, month: int) -> int:
        """Once its own clients have come; what a link brings before is counted as the link's."""
        grown = self.partitions * (1 + self.more_partitions) ** (month / 12) * self.part
        return _up(grown) if month >= self.served[0] else 0

    def alive(self, month: int) -> bool:
        return self.runs[0] <= month <= self.runs[1]


@dataclass
class Edge:
    source: str
    target: str
    share: float = 1.0
    part: float = 1.0
    ratio: float | None = None
    passes_on: bool = False


def _up(x: float) -> int:
    return ceil(x - 1e-6)


class Model:
    """Flows of an estate, reckoned the plain way: a link's bytes are looked up at its source each time."""

    def __init__(self, nodes: dict[str, Node], edges: dict[str, Edge]) -> None:
        self.nodes, self.edges = nodes, edges

    def alive(self, e: Edge, month: int) -> bool:
        return self.nodes[e.source].alive(month) and self.nodes[e.target].alive(month)

    def fans(self, e: Edge) -> tuple[int, int]:
        """Links that leave each cluster of the source, and that arrive at each of the target."""
        n, m = self.nodes[e.source].count, self.nodes[e.target].count
        return (m if n == 1 else 1), (n if m == 1 else 1)

    def written(self, name: str, month: int, which: str) -> float:
        own = self.nodes[name].produced(month, getattr(self.nodes[name], which))
        return own + sum(self.over(e, month, which) * self.fans(e)[1] for e in self.into(name, month))

    def into(self, name: str, month: int) -> list[Edge]:
        return [e for e in self.edges.values() if e.target == name and self.alive(e, month)]

    def read(self, e: Edge, month: int, which: str) -> float:
        node = self.nodes[e.source]
        at_source = self.written(e.source, month, which) if e.passes_on else node.produced(month, getattr(node, which))
        return at_source * e.share

    def over(self, e: Edge, month: int, which: str) -> float:
        return self.read(e, month, which) * (self.nodes[e.source].ratio / e.ratio if e.ratio else 1.0)

    def departing(self, name: str, month: int) -> float:
        out = [e for e in self.edges.values() if e.source == name and self.alive(e, month)]
        return sum(self.read(e, month, "average") * self.fans(e)[0] for e in out) * GB_A_MBS

    def copied_partitions(self, e: Edge, month: int) -> int:
        at_source = self.leaders(e.source, month) if e.passes_on else self.nodes[e.source].own_leaders(month)
        return _up(at_source * e.part)

    def leaders(self, name: str, month: int) -> int:
        arriving = (self.copied_partitions(e, month) * self.fans(e)[1] for e in self.into(name, month))
        return self.nodes[name].own_leaders(month) + sum(arriving)


def _month(i: int) -> str:
    return f"2027-{i + 1:02d}"


def estate_data(
    nodes: dict[str, Node], edges: dict[str, Edge]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The same as an estate: clusters, links and workloads."""
    clusters: dict[str, Any] = {}
    workloads: dict[str, Any] = {}
    for name, n in nodes.items():
        workloads[name] = work(
            ingress={"average": f"{n.average} MB/s", "peak": f"{n.peak} MB/s"},
            partitions=str(n.partitions),
            compression={"codec": "lz4", "ratio": str(n.ratio)},
            growth={
                "annual": f"{n.growth * 100:g} %",
                "partitions": f"{n.more_partitions * 100:g} %",
                "seasonality": {str(k): str(v) for k, v in n.seasons.items()},
            },
        )
        clusters[name] = {
            "workload": name,
            "traffic": f"{n.traffic * 100:g} %",
            "partitions": f"{n.part * 100:g} %",
            "count": str(n.count),
            "starts": _month(n.runs[0]),
            "ends": _month(n.runs[1]),
            "clients_from": _month(n.served[0]),
            "clients_until": _month(n.served[1]),
        }
    links = {
        name: (
            e.source,
            e.target,
            {
                "share": f"{e.share * 100:g} %",
                "passes_on": str(e.passes_on).lower(),
                **({"compression": {"codec": "zstd", "ratio": str(e.ratio)}} if e.ratio else {}),
            },
        )
        for name, e in edges.items()
    }
    return clusters, links, workloads


def shared_of(nodes: dict[str, Node], edges: dict[str, Edge]) -> Book:
    clusters, links, workloads = estate_data(nodes, edges)
    estate = drawn(clusters, links, workloads, horizon=str(MONTHS))
    return Costing(catalog(), estate, OPTIONS).shared()


def at(book: Book, row: str, clusters: int) -> Array:
    """Base values of a row by cluster and month."""
    value = book.given[row]
    return np.asarray(np.broadcast_to(value[-1 if value.shape[0] == 1 else 1, 0], (clusters, MONTHS)))


def assert_flows(nodes: dict[str, Node], edges: dict[str, Edge]) -> Book:
    """Hold every flow of the book against the model; each cluster in the months in which it runs."""
    model, book, names = Model(nodes, edges), shared_of(nodes, edges), list(nodes)
    rows = {
        r: at(book, r, len(names))
        for r in ("produced_average", "ingress_average", "ingress_peak", "departing", "leaders")
    }
    for k, name in enumerate(names):
        for m in range(MONTHS):
            wanted = {
                "produced_average": nodes[name].produced(m, nodes[name].average),
                "ingress_average": model.written(name, m, "average"),
                "ingress_peak": model.written(name, m, "peak"),
                "departing": model.departing(name, m),
                "leaders": model.leaders(name, m),
            }
            found = {r: v[k, m] for r, v in rows.items()}
            assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9), (name, m)
    for name, e in edges.items():
        for m in range(MONTHS):
            if model.alive(e, m):
                wanted = {
                    "sent": model.over(e, m, "average") * GB_A_MBS,
                    "read": model.read(e, m, "average") * GB_A_MBS,
                    "peak": model.over(e, m, "peak"),
                    "partitions": model.copied_partitions(e, m),
                }
                found = {r: at(book, f"link.{name}.{r}", 1)[0, m] for r in wanted}
                assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9), (name, m)
    return book


@st.composite
def estates(draw: st.DrawFn) -> tuple[dict[str, Node], dict[str, Edge]]:
    """Three or four clusters whose links lead onwards, and one back that passes nothing on."""
    shares = st.sampled_from([0.0, 0.3, 1.0])
    many = draw(st.sampled_from([1, 3]))
    span = st.sampled_from([(0, MONTHS - 1), (2, MONTHS - 1), (0, 4)])
    nodes = {}
    for i in range(draw(st.integers(2, 4))):
        average = draw(st.sampled_from([0.0, 0.7, 12.0]))
        runs = draw(span)
        nodes[f"c{i}"] = Node(
            average,
            average * draw(st.sampled_from([1, 2.5])),
            draw(st.sampled_from([1, 37, 300])),
            draw(shares),
            draw(shares),
            draw(st.sampled_from([0.0, 0.33])),
            draw(st.sampled_from([0.0, 0.12])),
            draw(st.sampled_from([{}, {2: 1.7, 7: 0.2}])),
            draw(st.sampled_from([1.0, 4.0])),
            draw(st.sampled_from([1, many])),
            runs,
            (max(runs[0], draw(st.sampled_from([0, 3]))), runs[1]),
        )
    edges = {}
    for a in range(len(nodes)):
        for b in range(a + 1, len(nodes)):
            if draw(st.booleans()):
                share = draw(st.sampled_from([0.25, 1.0]))
                ratio = draw(st.sampled_from([None, 2.0]))
                edges[f"l{a}{b}"] = Edge(f"c{a}", f"c{b}", share, 1.0, ratio, draw(st.booleans()))
    if draw(st.booleans()):
        edges["back"] = Edge(f"c{len(nodes) - 1}", "c0")
    return nodes, edges


@settings(max_examples=60, deadline=None, derandomize=True)
@given(estates())
def test_flows_are_those_of_the_plain_model(case: tuple[dict[str, Node], dict[str, Edge]]) -> None:
    nodes, edges = case
    book = assert_flows(nodes, edges)
    if any(e.ratio for e in edges.values()):
        return
    counts = np.array([[n.count * n.alive(m) for m in range(MONTHS)] for n in nodes.values()])
    out = (at(book, "departing", len(nodes)) * counts).sum(axis=0)
    into = (at(book, "arriving_average", len(nodes)) * GB_A_MBS * counts).sum(axis=0)
    assert out == pytest.approx(into, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("n", "m", "leaving", "arriving", "links"), [(1, 1, 1, 1, 1), (4, 1, 1, 4, 4), (1, 3, 3, 1, 3), (5, 5, 1, 1, 5)]
)
def test_counts_at_both_ends(n: int, m: int, leaving: int, arriving: int, links: int) -> None:
    nodes = {"a": Node(10, 20, 300, count=n), "b": Node(1, 2, 10, count=m)}
    book = assert_flows(nodes, {"x": Edge("a", "b")})
    assert at(book, "departing", 2)[0] == pytest.approx([10 * GB_A_MBS * leaving] * MONTHS)
    assert at(book, "arriving_average", 2)[1] == pytest.approx([10.0 * arriving] * MONTHS)
    clusters, edges, workloads = estate_data(nodes, {"x": Edge("a", "b")})
    _, outcome = costed(drawn(clusters, edges, workloads), SERVERLESS)
    assert outcome.links[0].monthly("cluster.count")[0, 0, 0].tolist() == [links] * 6


def test_a_chain_passes_on_what_it_was_brought() -> None:
    nodes = {"edge": Node(4, 8, 40, count=3), "site": Node(2, 3, 20), "core": Node(0, 0, 1, traffic=0, part=0)}
    chain = {"up": Edge("edge", "site", 0.5), "on": Edge("site", "core", passes_on=True)}
    book = assert_flows(nodes, chain)
    assert at(book, "link.on.average", 1)[0] == pytest.approx([2 + 3 * 4 * 0.5] * MONTHS)
    kept = assert_flows(nodes, {**chain, "on": Edge("site", "core")})
    assert at(kept, "link.on.average", 1)[0] == pytest.approx([2.0] * MONTHS)


def test_topics_are_copied_by_their_own_share() -> None:
    """15 % of the bytes and 10 of 300 partitions are the ledger's; the rest is what no class names."""
    ledger = {"name": "ledger", "share": "15 %", "partitions": "10"}
    audit = {"name": "audit", "share": "5 %", "partitions": "2"}
    for topics, share, partitions in ((["ledger"], 0.15, 10), (["ledger", "audit"], 0.2, 12), (["rest"], 0.8, 288)):
        estate = drawn(
            {"a": {}, "b": {"role": "aggregate"}},
            {"x": ("a", "b", {"topics": topics})},
            {"work": work(topics=[ledger, audit])},
            horizon=str(MONTHS),
        )
        book = Costing(catalog(), estate, OPTIONS).shared()
        assert at(book, "arriving_average", 2)[1] == pytest.approx([10 * share] * MONTHS)
        assert at(book, "arriving_partitions", 2)[1] == pytest.approx([partitions] * MONTHS)


def test_a_move_hands_the_clients_over_month_by_month() -> None:
    nodes = {
        "old": Node(10, 25, 300, runs=(0, 4), served=(0, 3)),
        "new": Node(10, 25, 300, runs=(2, 7), served=(4, 7)),
    }
    book = assert_flows(nodes, {"move": Edge("old", "new")})
    assert at(book, "produced_average", 2).tolist() == [[10.0] * 4 + [0.0] * 4, [0.0] * 4 + [10.0] * 4]
    assert at(book, "arriving_average", 2)[1].tolist() == [0, 0, 10, 10, 0, 0, 0, 0]
    clusters, links, workloads = estate_data(nodes, {"move": Edge("old", "new")})
    _, outcome = costed(drawn(clusters, links, workloads, horizon=str(MONTHS)), SERVERLESS)
    paid = outcome.links[0].monthly("own.cloud")[-1, 0, 0]
    assert (paid > 0).tolist() == [False, False, True, True, True, False, False, False]
    assert [float(p.own("cloud")[-1, 0, 0, 0]) > 0 for p in outcome.placements] == [True, False]


# -- what each mechanism costs ---------------------------------------------------------------------------


def pair(
    offering: str | dict[str, str],
    first: str,
    second: str,
    cloud: tuple[str, str] = ("aws", "aws"),
    role: str = "aggregate",
    options: Options = OPTIONS,
    **link: Any,
) -> tuple[LinkOutcome, EstateOutcome]:
    """10 MB/s on average and 25 at peak, copied from one region to another."""
    clusters = {
        "a": {"cloud": cloud[0], "region": first},
        "b": {"cloud": cloud[1], "region": second, "role": role},
    }
    _, outcome = costed(drawn(clusters, {"x": ("a", "b", link)}), offering, options)
    return outcome.links[0], outcome


#: GB sent in a month at 10 MB/s.
SENT = Fraction(10 * HOURS * 3600, 1000)
#: Share of bytes that meet their leader in another of three zones.
CROSSING = Fraction(2, 3)


def own(link: LinkOutcome, evidence: int = 1) -> float:
    """What the link costs by itself in its first month."""
    total = 0.0
    for payer in ("vendor", "cloud", "one_off"):
        value = link.monthly(f"own.{payer}")
        total += float(value[evidence if value.shape[0] == 3 else 0, 0, 0, 0])
    return total


@pytest.mark.parametrize(
    ("first", "second", "peak", "between", "replicators"),
    [
        ("us-east-1", "us-west-2", 25, "0.02", 1),
        ("us-east-1", "us-east-2", 25, "0.01", 1),
        ("eu-west-1", "ap-northeast-1", 2500, "0.02", 3),
        ("sa-east-1", "us-east-1", 1000, "0.138", 1),
    ],
)
def test_msk_replicator(first: str, second: str, peak: int, between: str, replicators: int) -> None:
    """Hours of each GB/s begun and binary GB at the target's rates, and traffic between regions at the source's."""
    busy = work(ingress={"peak": f"{peak} MB/s", "peak_hours": "0.1 %"})
    clusters = {"a": {"region": first}, "b": {"region": second, "role": "aggregate"}}
    _, outcome = costed(drawn(clusters, {"x": ("a", "b", {"mechanism": REPLICATOR})}, {"work": busy}), SERVERLESS)
    meters = replicators * HOURS * price("aws.msk-replicator:replicator_hour", second)
    meters += SENT / GIB * price("aws.msk-replicator:data", second)
    wanted = meters + SENT * Fraction(between)
    assert own(outcome.links[0]) == pytest.approx(float(wanted), rel=1e-12)
    assert own(outcome.links[0], 0) == pytest.approx(float(meters), rel=1e-12)


@pytest.mark.parametrize(("peak", "workers"), [(25, 2), (35, 2), (36, 3), (350, 20), (351, 21)])
def test_mirrormaker_workers(peak: int, workers: int) -> None:
    """One for each 17.5 MB/s at peak, two at least, at the target; they write over zones there, both sides metered."""
    busy = work(ingress={"peak": f"{peak} MB/s", "peak_hours": "1 %"})
    clusters = {"a": {}, "b": {"region": "us-west-2", "role": "aggregate"}}
    _, outcome = costed(drawn(clusters, {"x": ("a", "b", {"mechanism": MM2})}, {"work": busy}), SERVERLESS)
    wanted = workers * HOURS * price("aws.ec2:instance_hour", "us-west-2", "m7g.xlarge")
    wanted += SENT * 2 * CROSSING * price("aws.network:cross_zone", "us-west-2") + SENT * Fraction("0.02")
    assert own(outcome.links[0]) == pytest.approx(float(wanted), rel=1e-12)


def test_mirrormaker_in_one_region() -> None:
    """Both sides of a zone boundary are metered, where workers read and where they write."""
    link, _ = pair(OWN, "us-east-1", "us-east-1", mechanism=MM2, path="peering")
    wanted = 2 * HOURS * price("aws.ec2:instance_hour", "us-east-1", "m7g.xlarge")
    wanted += 2 * SENT * 2 * CROSSING * price("aws.network:cross_zone", "us-east-1")
    assert own(link) == pytest.approx(float(wanted), rel=1e-12)


@pytest.mark.parametrize(("edges", "workers"), [(1, 2), (4, 2), (7, 2), (8, 3), (40, 12)])
def test_links_that_meet_share_their_workers(edges: int, workers: int) -> None:
    """5 MB/s at peak from each: their workers stand together at the hub, and are not two for each of them."""
    small = work(ingress={"average": "1 MB/s", "peak": "5 MB/s"})
    clusters = {"a": {"count": str(edges)}, "b": {"region": "us-west-2", "role": "aggregate"}}
    _, outcome = costed(drawn(clusters, {"x": ("a", "b", {"mechanism": MM2})}, {"work": small}), SERVERLESS)
    (link,) = outcome.links
    wanted = workers * HOURS * price("aws.ec2:instance_hour", "us-west-2", "m7g.xlarge")
    found = link.monthly("workers_aws.cost")
    assert found[1 if found.shape[0] == 3 else 0, 0, 0, 0] == pytest.approx(float(wanted), rel=1e-9)


def test_workers_are_where_the_connection_is_opened() -> None:
    """Dialled from the source they read beside its leaders' zones and write to the other region."""
    link, _ = pair(OWN, "us-east-1", "eu-west-1", mechanism=MM2, dials="source")
    wanted = 2 * HOURS * price("aws.ec2:instance_hour", "us-east-1", "m7g.xlarge")
    wanted += SENT * 2 * CROSSING * price("aws.network:cross_zone", "us-east-1") + SENT * Fraction("0.02")
    assert own(link) == pytest.approx(float(wanted), rel=1e-12)


def test_a_migration_copies_until_its_clients_have_moved() -> None:
    clusters = {
        "old": {"clients_until": "2027-04"},
        "new": {"role": "migration", "starts": "2027-03", "clients_from": "2027-05", "region": "us-west-2"},
    }
    estate = drawn(clusters, {"go": ("old", "new", {"purpose": "migration"})}, horizon=str(MONTHS))
    assert estate.links[0].alive == (False, False, True, True, False, False, False, False)
    book = Costing(catalog(), estate, OPTIONS).shared()
    assert at(book, "ingress_average", 2).tolist() == [[10.0] * 4 + [0.0] * 4, [0.0] * 2 + [10.0] * 6]
    assert at(book, "leaders", 2)[1].tolist() == [0.0] * 2 + [300.0] * 6


def test_private_link_to_another_region() -> None:
    """An endpoint in each zone of the target by the hour, and its data in the bands of the account."""
    link, outcome = pair(OWN, "us-east-1", "us-west-2", mechanism=MM2, path="private_link")
    wanted = 2 * HOURS * price("aws.ec2:instance_hour", "us-west-2", "m7g.xlarge")
    wanted += SENT * 2 * CROSSING * price("aws.network:cross_zone", "us-west-2") + SENT * Fraction("0.02")
    wanted += 3 * HOURS * price("aws.network:private_link_hour", "us-west-2")
    assert own(link) == pytest.approx(float(wanted), rel=1e-12)
    (row,) = [r for r in outcome.account if r.line.meter == "aws.network:private_link_data"]
    data = tiered(points("aws.network:private_link_data", "us-west-2"), SENT)
    assert float(outcome.values[row.cost][-1, 0, 0, 0]) == pytest.approx(float(data), rel=1e-12)
    assert set(row.shares) == {"x"}


def test_transit_gateway_to_another_region() -> None:
    """Two attachments at each end, and the sender's gateway for each byte."""
    link, _ = pair(OWN, "eu-west-1", "us-east-1", mechanism=MM2, path="transit_gateway")
    wanted = 2 * HOURS * price("aws.ec2:instance_hour", "us-east-1", "m7g.xlarge")
    wanted += SENT * 2 * CROSSING * price("aws.network:cross_zone", "us-east-1") + SENT * Fraction("0.02")
    for region in ("eu-west-1", "us-east-1"):
        wanted += 2 * HOURS * price("aws.network:transit_gateway_hour", region)
    wanted += SENT * price("aws.network:transit_gateway_data", "eu-west-1")
    assert own(link) == pytest.approx(float(wanted), rel=1e-12)


def test_event_hubs_geo_replication_is_paid_by_the_gigabyte() -> None:
    geo = "azure.event-hubs-geo-replication"
    link, _ = pair("azure.event-hubs-premium", "eastus", "northeurope", ("azure", "azure"), mechanism=geo)
    (point,) = points("azure.event-hubs-geo-replication:replicated", "northeurope")
    unit = GIB if "GiB" in point.unit.text else Fraction(1)
    peering = SENT * (
        price("azure.inter-region:peering_out", "eastus") + price("azure.inter-region:peering_in", "northeurope")
    )
    assert own(link) - float(peering) == pytest.approx(float(SENT / unit * Fraction(point.base)), rel=1e-9)


def test_other_clouds_are_reached_over_the_internet() -> None:
    """The sender's internet egress stands in its bands; nothing is paid to receive."""
    offerings = {"a": OWN, "b": "gcp.self-managed"}
    link, outcome = pair(offerings, "us-east-1", "us-central1", ("aws", "gcp"), mechanism=MM2)
    (row,) = [r for r in outcome.account if r.line.meter == "aws.network:internet_egress"]
    wanted = tiered(points("aws.network:internet_egress", "us-east-1"), SENT)
    assert (link.path and link.path.path) == "internet"
    assert float(outcome.values[row.cost][-1, 0, 0, 0]) == pytest.approx(float(wanted), rel=1e-12)


@pytest.mark.parametrize("hours", ["0", "10"])
@pytest.mark.parametrize(
    ("region", "cloud", "meter"),
    [("us-east-2", "aws", ""), ("us-central1", "gcp", "gcp.network:internet_egress")],
)
def test_what_is_written_while_the_target_leads_is_copied_back_at_its_own_rates(
    hours: str, region: str, cloud: str, meter: str
) -> None:
    options = replace(OPTIONS, assumptions={"led_elsewhere": hours})
    offerings = {"a": OWN, "b": f"{cloud}.self-managed"}
    link, outcome = pair(
        offerings, "us-east-1", region, ("aws", cloud), "standby", options, mechanism=MM2, dials="target"
    )
    back = SENT * Fraction(hours) / HOURS
    if meter:
        (row,) = [r for r in outcome.account if r.line.meter == meter]
        found = float(outcome.values[row.shares["x"]][-1, 0, 0, 0])
        wanted = tiered(points(meter, region), back / GIB)  # Google bills by the binary GB
    else:
        found = float(link.monthly("link_fail_back.cost").mean(axis=0)[0, 0, 0])
        wanted = back * Fraction(points("aws.inter-region:sent", region, "us-east-1")[0].base)
    assert found == pytest.approx(float(wanted), rel=1e-9)
    assert (found > 0) is (hours != "0")


def test_bytes_compressed_anew_are_fewer_on_the_way_only() -> None:
    plain, _ = pair(OWN, "us-east-1", "us-west-2", mechanism=MM2)
    zstd, outcome = pair(OWN, "us-east-1", "us-west-2", mechanism=MM2, compression={"codec": "zstd", "ratio": "4"})
    assert zstd.worst("link.x.sent")[1] == pytest.approx(plain.worst("link.x.sent")[1] / 4)
    assert zstd.worst("link.x.read") == pytest.approx(plain.worst("link.x.read"))
    line = {ln.name: ln for ln in zstd.lines}["link_between_regions"]
    assert zstd.monthly(f"{line.name}.cost")[-1, 0, 0, 0] == pytest.approx(float(SENT / 4 * Fraction("0.02")))
    assert outcome.status == "priced"


# -- between all regions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cloud", "hub", "offering", "path", "meter"),
    [
        ("aws", "us-east-1", OWN, "peering", "aws.inter-region:sent"),
        ("azure", "eastus", "azure.self-managed", "internet", "azure.inter-region:sent"),
        ("gcp", "us-central1", "gcp.self-managed", "peering", "gcp.inter-region:sent"),
    ],
)
def test_every_pair_with_a_hub_has_its_price_or_says_that_it_has_none(
    cloud: str, hub: str, offering: str, path: str, meter: str
) -> None:
    regions = {n: r for n, r in catalog().regions.regions.items() if r.cloud == cloud}
    names = {n: n.replace("-", "_") for n in regions}
    clusters = {names[n]: {"region": n} for n in regions}
    others = [n for n in regions if n != hub]
    ends = {f"to_{names[n]}": (hub, n) for n in others} | {f"from_{names[n]}": (n, hub) for n in others}
    links = {k: (names[a], names[b], {"mechanism": MM2, "path": path}) for k, (a, b) in ends.items()}
    costing = Costing(catalog(), drawn(clusters, links, {"work": work(cloud=cloud, region=hub)}), OPTIONS)
    placed = costing.placements(list(names.values()), offering)
    unknown = 0
    for name, (a, b) in ends.items():
        link = costing.joined(name, placed[names[a]], placed[names[b]])[0]
        near = "same" if regions[a].continent == regions[b].continent else "other"
        wanted = next((p for v in (b, f"{near}_continent", "") if (p := points(meter, a, v))), None)
        line = {ln.name: ln for ln in link.lines}["link_between_regions"]
        if wanted is None:
            unknown += 1
            assert link_status(link) == "lower_bound"
            assert line.missing == f"no price of {meter} in {a}"
            continue
        unit = GIB if "GiB" in wanted[0].unit.text else Fraction(1)
        found = link.monthly(f"{line.name}.cost")
        assert found[-1 if found.shape[0] == 1 else 1, 0, 0, 0] == pytest.approx(
            float(SENT / unit * Fraction(wanted[0].base)), rel=1e-12
        ), (a, b)
    assert unknown == (1 if cloud == "azure" else 0)


def test_a_region_without_a_price_makes_the_estate_a_lower_bound_and_says_so() -> None:
    link, outcome = pair("azure.self-managed", "mexicocentral", "eastus", ("azure", "azure"), path="internet")
    assert link_status(link) == "lower_bound"
    assert [ln.name for ln in link.unpriced] == ["link_between_regions"]
    assert outcome.status in ("lower_bound", "quote_needed")
    text = "x: Traffic of the link between regions: quote needed (no price of azure.inter-region:sent in mexicocentral)"
    assert text in outcome.reasons


def test_a_line_of_your_own_has_no_public_price() -> None:
    offerings = {"a": "on_premises.self-managed", "b": OWN}
    clusters = {"a": {"cloud": "on_premises", "region": "own-site"}, "b": {"role": "aggregate"}}
    _, outcome = costed(drawn(clusters, {"x": ("a", "b", {"mechanism": MM2})}), offerings)
    (link,) = outcome.links
    assert [ln.name for ln in link.unpriced] == ["link_own_line"]
    assert link_status(link) == "lower_bound"
    assert any(r.startswith("x: Line of your own between sites: quote needed") for r in outcome.reasons)


def test_workers_on_a_site_of_your_own_have_no_public_price() -> None:
    offerings = {"a": OWN, "b": "on_premises.self-managed"}
    clusters = {"a": {}, "b": {"cloud": "on_premises", "region": "own-site", "role": "aggregate"}}
    _, outcome = costed(drawn(clusters, {"x": ("a", "b", {"mechanism": MM2})}), offerings)
    (link,) = outcome.links
    assert "workers_elsewhere" in [ln.name for ln in link.unpriced]
    assert link_status(link) == "lower_bound"


def test_a_mechanism_without_rates_never_counts_as_free() -> None:
    """Cluster Linking has no public rate: it is not taken where another mechanism has one, and a lower bound alone."""
    free, outcome = pair("confluent.cloud-enterprise", "us-east-1", "us-west-2")
    asked, bound = pair("confluent.cloud-enterprise", "us-east-1", "us-west-2", mechanism=LINKING)
    assert (free.mechanism.id, link_status(free)) == (MM2, "priced")
    assert LINKING in {x.mechanism.id for x in outcome.others["x"] if x.feasible}
    assert link_status(asked) == "lower_bound"
    assert {"link_hours", "link_write", "link_reading"} <= {ln.name for ln in asked.unpriced}
    assert bound.status == "lower_bound"


# -- which mechanism joins what --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offerings", "link", "word"),
    [
        ({"a": OWN, "b": MSK}, {"mechanism": REPLICATOR}, "cannot read from"),
        ({"a": MSK, "b": OWN}, {"mechanism": REPLICATOR}, "cannot write to"),
        ({"a": MSK, "b": OWN}, {"mechanism": LINKING}, "cannot write to"),
        ({"a": MSK, "b": MSK}, {"mode": "sync"}, "does not copy synchronously"),
        ({"a": MSK, "b": MSK}, {"mechanism": REPLICATOR, "dials": "source"}, "the target opens the connection"),
        ({"a": MSK, "b": MSK}, {"mechanism": REPLICATOR, "path": "transit_gateway"}, "no way by transit gateway"),
        ({"a": MSK, "b": MSK}, {"mechanism": "azure.event-hubs-geo-replication"}, "cannot read from"),
    ],
)
def test_what_cannot_be_joined_is_refused_in_words(offerings: dict[str, str], link: dict[str, Any], word: str) -> None:
    found, outcome = pair(offerings, "us-east-1", "us-west-2", **link)
    assert not found.feasible
    assert link_status(found) == outcome.status == "infeasible"
    assert any(word in r for r in outcome.reasons), outcome.reasons


def test_the_cheapest_that_is_priced_and_joins_is_taken() -> None:
    link, outcome = pair(MSK, "us-east-1", "us-west-2")
    fine = [x for x in outcome.others["x"] if x.feasible and not x.unpriced]
    assert {x.mechanism.id for x in fine} == {MM2, REPLICATOR}
    assert link.total == min(x.total for x in fine)
    assert WORK["ingress"]["average"] == "10 MB/s"
