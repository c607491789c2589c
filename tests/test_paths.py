"""Who pays which side of which way to the brokers: the paths table, cell by cell, against figures worked out by hand.

One plan everywhere: 1 MB/s is 2,628 GB in a month of 730 hours. Each byte is read twice, which is 5,256 GB, and a
quarter of the reads leaves over the internet: 1,314 GB out, 3,942 GB to consumers inside. In three zones two thirds
of what is spread evenly crosses to another zone.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any, get_args

import pytest

from tco.analysis.compare import compare
from tco.catalog.load import Catalog
from tco.catalog.schema import Access, Capability, Choice
from tco.engine.options import Options
from tco.engine.outcome import Outcome
from tests.plans import plan
from tests.test_catalog import DAY
from tests.test_workbook import catalog

HOURS = 730
WRITTEN, READ, OUT, INSIDE = 2628.0, 5256.0, 1314.0, 3942.0
FAR = 2 / 3
GIB = 1.073741824
PLAN = {
    "horizon": "1",
    "ingress.average": "1 MB/s",
    "ingress.peak": "1 MB/s",
    "reads.fanout": "2",
    "partitions": "30",
    "availability_zones": "3",
    "replication_factor": "3",
    "network.internet_egress_share": "25%",
    "network.fetch_from_follower": "false",
}
REGIONS = {"aws": "us-east-1", "azure": "eastus", "gcp": "us-central1"}


def probe(cloud: str, tenancy: str) -> Catalog:
    """The catalog with one plain offering moved to a cloud and a tenancy, reached in every way, readers to choose."""
    offering = catalog().offerings["confluent.cloud-basic"].model_copy(
        update={
            "tenancy": tenancy,
            "clouds": [cloud],
            "access": {access: Capability(answer="met") for access in get_args(Access)},
            "choices": {
                "follower_fetch": Choice(
                    label="Read from", values=["leader", "follower"], pinned_by="fetch_from_follower"
                )
            },
        }
    )  # fmt: skip
    return replace(catalog(), offerings={offering.id: offering})


@cache
def reached(cloud: str, tenancy: str, access: str, changes: tuple[tuple[str, str], ...] = ()) -> Outcome:
    """The probe reached in a way; in the way `other_cloud`, by clients that stay on another cloud."""
    where: dict[str, Any] = {"cloud": cloud, "region": REGIONS[cloud], "network.access": access}
    if access == "other_cloud":
        home = "gcp" if cloud == "aws" else "aws"
        where = {"cloud": home, "region": REGIONS[home], "network.access": "any", "network.clients": "stay"}
    known = probe(cloud, tenancy)
    options = Options(DAY, any_cloud=True)
    return compare(known, plan(PLAN | where | dict(changes)), options, list(known.offerings)).outcomes[0]


def quantities(outcome: Outcome) -> dict[str, float]:
    """What each client-path line counts in month 1, bytes in GB; only lines that count something."""
    found = {}
    for line in outcome.subject.lines:
        if line.name in outcome.catalog.sheets["client_paths"].lines:
            assert line.priced, f"{line.name}: {line.missing}"
            amount = float(outcome.values[line.name].ravel()[0]) * (GIB if line.unit.startswith("GiB") else 1)
            if amount:
                found[line.name] = amount
    return found


def crossing(produce_sides: int, consume_sides: int) -> dict[str, float]:
    sides = {
        "cross_zone_produce": WRITTEN * FAR * produce_sides,
        "cross_zone_consume": INSIDE * FAR * consume_sides,
    }
    return {name: amount for name, amount in sides.items() if amount}


def through(kind: str, hours: float) -> dict[str, float]:
    """Everything written and everything read inside goes through one thing that is also paid by the hour."""
    return {f"{kind}_hours": hours, f"{kind}_data": WRITTEN + INSIDE}


#: Each reader that is out on the internet takes its bytes over our bill, unless the vendor hosts the brokers.
EGRESS = {"internet_egress": OUT}
#: Clients that stay on another cloud: their writes leave that cloud, their reads all leave the brokers'.
STAY = {"home_egress": WRITTEN, "internet_egress": READ}
EXPECTED: dict[tuple[str, str, str], dict[str, float]] = {
    # Both ends are ours: two sides of every crossing.
    ("aws", "own", "in_vpc"): crossing(2, 2) | EGRESS,
    ("aws", "own", "peering"): crossing(2, 2) | EGRESS,
    # An endpoint in each zone and no charge between zones beside it.
    ("aws", "own", "private_link"): through("private_link", 3 * HOURS) | EGRESS,
    # Two networks of ours on one gateway, and no charge between zones beside it.
    ("aws", "own", "transit_gateway"): through("transit", 2 * HOURS) | EGRESS,
    ("aws", "own", "public"): through("nat", 3 * HOURS) | EGRESS,
    ("aws", "own", "other_cloud"): STAY,
    ("aws", "msk", "in_vpc"): crossing(2, 2) | EGRESS,
    ("aws", "msk", "peering"): crossing(2, 2) | EGRESS,
    # MSK meters its private connectivity itself.
    ("aws", "msk", "private_link"): EGRESS,
    ("aws", "msk", "transit_gateway"): through("transit", 2 * HOURS) | EGRESS,
    ("aws", "msk", "public"): through("nat", 3 * HOURS) | EGRESS,
    ("aws", "msk", "other_cloud"): STAY,
    # What of it Serverless really bills is not published and a range of the offering itself.
    ("aws", "msk_serverless", "in_vpc"): crossing(2, 2) | EGRESS,
    ("aws", "msk_serverless", "private_link"): crossing(2, 2) | EGRESS,
    # The other side, and what leaves the vendor's cloud, is on the vendor's bill.
    ("aws", "vendor", "in_vpc"): crossing(1, 1),
    ("aws", "vendor", "peering"): crossing(1, 1),
    ("aws", "vendor", "private_link"): through("private_link", 3 * HOURS),
    # One of the two attachments is ours, and a gateway charges for data whoever sends into it: we do when we write.
    ("aws", "vendor", "transit_gateway"): {"transit_hours": HOURS, "transit_data": WRITTEN},
    ("aws", "vendor", "public"): through("nat", 3 * HOURS),
    ("aws", "vendor", "other_cloud"): {"home_egress": WRITTEN},
    # Zones cost nothing; a peering is metered out of one network and into the other.
    ("azure", "own", "in_vpc"): crossing(1, 1) | EGRESS,
    ("azure", "own", "peering"): {"peering": (WRITTEN + INSIDE) * 2} | EGRESS,
    # One private endpoint for all zones, metered in (writes) and out (reads).
    ("azure", "own", "private_link"): through("private_link", HOURS) | EGRESS,
    ("azure", "own", "public"): through("nat", 3 * HOURS) | EGRESS,
    ("azure", "own", "other_cloud"): STAY,
    ("azure", "service", "in_vpc"): EGRESS,
    ("azure", "service", "private_link"): through("private_link", HOURS) | EGRESS,
    ("azure", "service", "public"): through("nat", 3 * HOURS) | EGRESS,
    ("azure", "service", "other_cloud"): STAY,
    ("azure", "vendor", "public"): through("nat", 3 * HOURS),
    ("azure", "vendor", "private_link"): through("private_link", HOURS),
    ("azure", "vendor", "peering"): {"peering": WRITTEN + INSIDE},
    ("azure", "vendor", "other_cloud"): {"home_egress": WRITTEN},
    # Only the sender pays: one side each way where both ends are ours.
    ("gcp", "own", "in_vpc"): crossing(1, 1) | EGRESS,
    ("gcp", "own", "peering"): crossing(1, 1) | EGRESS,
    ("gcp", "own", "private_link"): crossing(1, 1) | through("private_link", HOURS) | EGRESS,
    # The gateway of Cloud NAT is regional, and its small fee is left out.
    ("gcp", "own", "public"): crossing(1, 1) | {"nat_data": WRITTEN + INSIDE} | EGRESS,
    ("gcp", "own", "other_cloud"): STAY,
    # Endpoints and zones are lines of the offering itself.
    ("gcp", "gcp_managed", "in_vpc"): {"private_link_data": WRITTEN + INSIDE} | EGRESS,
    ("gcp", "gcp_managed", "private_link"): {"private_link_data": WRITTEN + INSIDE} | EGRESS,
    ("gcp", "gcp_managed", "public"): {"nat_data": WRITTEN + INSIDE} | EGRESS,
    ("gcp", "gcp_managed", "other_cloud"): STAY,
    # Producers send, so we pay for them; the vendor sends to consumers.
    ("gcp", "vendor", "public"): crossing(1, 0) | {"nat_data": WRITTEN + INSIDE},
    ("gcp", "vendor", "private_link"): crossing(1, 0) | through("private_link", HOURS),
    ("gcp", "vendor", "peering"): crossing(1, 0),
    ("gcp", "vendor", "other_cloud"): {"home_egress": WRITTEN},
}


def test_every_row_of_the_table_is_worked_out_here_and_stands_there_once() -> None:
    rows = [(p.cloud, p.tenancy, p.access) for p in catalog().paths if p.cloud in REGIONS]
    assert sorted(rows) == sorted(EXPECTED)


def test_clouds_whose_network_has_no_prices_here_meter_nothing_but_the_internet() -> None:
    others = [p for p in catalog().paths if p.cloud not in REGIONS]
    assert {(p.cloud, p.tenancy, p.access) for p in others if p.access == "other_cloud"}
    for path in others:
        metered = {name for name, factor in path.factors.items() if factor}
        assert metered <= (
            {"home_produce", "internet_consume"} if path.access == "other_cloud" else {"internet_consume"}
        )


@pytest.mark.parametrize("way", EXPECTED, ids="-".join)
def test_what_a_way_to_the_brokers_counts(way: tuple[str, str, str]) -> None:
    outcome = reached(*way)
    assert outcome.subject.refused == [], "the way asked for is the way taken"
    assert quantities(outcome) == pytest.approx(EXPECTED[way], rel=1e-9)


@pytest.mark.parametrize("way", EXPECTED, ids="-".join)
def test_readers_of_their_own_zone_save_the_crossing_of_reads_and_nothing_else(way: tuple[str, str, str]) -> None:
    near = quantities(reached(*way, (("network.fetch_from_follower", "true"),)))
    assert near == pytest.approx({k: v for k, v in EXPECTED[way].items() if k != "cross_zone_consume"}, rel=1e-9)


@pytest.mark.parametrize("way", EXPECTED, ids="-".join)
def test_each_direction_is_counted_by_itself(way: tuple[str, str, str]) -> None:
    """Without readers only what producers cause is left, and the hours of what stands there."""
    silent = quantities(reached(*way, (("reads.fanout", "0"),)))
    expected = dict(EXPECTED[way])
    for name in ("cross_zone_consume", "internet_egress"):
        expected.pop(name, None)
    for name in ("private_link_data", "transit_data", "nat_data"):
        expected |= {name: WRITTEN} if name in expected else {}
    if "peering" in expected:
        expected["peering"] *= WRITTEN / (WRITTEN + INSIDE)
    assert silent == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("way", EXPECTED, ids="-".join)
def test_in_one_zone_nothing_crosses_and_one_endpoint_is_enough(way: tuple[str, str, str]) -> None:
    single = quantities(reached(*way, (("availability_zones", "1"),)))
    expected = {k: v for k, v in EXPECTED[way].items() if not k.startswith("cross_zone")}
    for name in ("private_link_hours", "nat_hours"):
        expected |= {name: HOURS} if name in expected else {}
    assert single == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("way", EXPECTED, ids="-".join)
def test_the_network_between_clients_and_brokers_is_on_the_cloud_bill(way: tuple[str, str, str]) -> None:
    outcome = reached(*way)
    shared = [ln for ln in outcome.priced_lines if ln.name in outcome.catalog.sheets["client_paths"].lines]
    assert {ln.line.payer for ln in shared} <= {"cloud"}
    assert outcome.monthly("cloud_invoice")[0] == pytest.approx(sum(outcome.cost(ln) for ln in shared))
    owners = {ln.meter.partition(":")[0] for ln in shared if ln.name != "home_egress"}
    assert owners <= {f"{way[0]}.network"}


@pytest.mark.parametrize(
    ("copies", "zones", "far"), [("3", "3", 0), ("2", "3", 1 / 3), ("1", "3", 2 / 3), ("2", "2", 0), ("3", "2", 0)]
)
def test_reading_from_followers_helps_where_there_is_one(copies: str, zones: str, far: float) -> None:
    """With fewer copies than zones some consumers have none beside them."""
    changes = {
        "network.fetch_from_follower": "true",
        "replication_factor": copies,
        "min_insync_replicas": "1",
        "availability_zones": zones,
    }
    found = quantities(reached("aws", "own", "in_vpc", tuple(changes.items())))
    assert found.get("cross_zone_consume", 0) == pytest.approx(INSIDE * far * 2)


def test_left_to_the_tool_readers_take_what_is_cheaper() -> None:
    auto = reached("aws", "own", "in_vpc", (("network.fetch_from_follower", "auto"),))
    assert auto.choices[0].configuration["follower_fetch"] == "follower"
    assert "cross_zone_consume" not in quantities(auto)


def test_azure_zones_are_counted_and_cost_nothing() -> None:
    outcome = reached("azure", "own", "in_vpc")
    crossing_lines = [ln for ln in outcome.subject.lines if ln.name.startswith("cross_zone")]
    assert len(crossing_lines) == 2
    assert all(outcome.cost(ln) == 0 and ln.priced for ln in crossing_lines)


@pytest.mark.parametrize("access", ["private_link", "transit_gateway"])
@pytest.mark.parametrize("tenancy", ["own", "vendor"])
def test_nothing_is_paid_between_zones_beside_an_aws_endpoint_or_gateway(tenancy: str, access: str) -> None:
    assert not {n for n in quantities(reached("aws", tenancy, access)) if n.startswith("cross_zone")}


# --- reading from followers, by real offerings ---

#: Where an offering lets consumers read from followers, by cloud and way; the others never do.
EVERYWHERE = {(cloud, access) for cloud in catalog().regions.clouds for access in get_args(Access)}
FOLLOWERS: dict[str, set[tuple[str, str]]] = {
    "aws.msk-standard": EVERYWHERE,
    "aws.msk-express": EVERYWHERE,
    **dict.fromkeys(
        (
            "aws.self-managed",
            "aws.self-managed-nvme",
            "aws.self-managed-stretched",
            "aws.strimzi-eks",
            "azure.hdinsight-kafka",
            "azure.self-managed",
            "azure.strimzi-aks",
            "confluent.platform",
            "confluent.platform-mrc",
            "confluent.private-cloud",
            "gcp.self-managed",
            "gcp.strimzi-gke",
            "on_premises.self-managed",
            "redpanda.byoc",
            "redpanda.dedicated",
            "redpanda.self-managed",
        ),
        EVERYWHERE,
    ),
    "gcp.managed-kafka": EVERYWHERE,
    "confluent.cloud-dedicated": {("aws", "peering")},
    "confluent.cloud-enterprise": {("aws", "in_vpc")},
    "confluent.cloud-freight": {("aws", "in_vpc")},
}
WAYS = [
    (o.id, p.cloud, p.access)
    for o in catalog().offerings.values()
    for p in catalog().paths
    if p.cloud in o.clouds and p.tenancy == o.tenancy
    if p.access in o.access and o.access[p.access].answer not in ("no", "unknown")
]


@pytest.mark.parametrize("wanted", ["auto", "true"])
@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_followers_are_read_only_where_the_offering_has_it(way: tuple[str, str, str], wanted: str) -> None:
    """Asked for where there is none, it is refused with its rule or left out, and never a saving."""
    offering, cloud, access = way
    region = next(name for name, r in catalog().regions.regions.items() if r.cloud == cloud)
    where = {"cloud": cloud, "region": region, "network.access": access}
    outcome = compare(
        catalog(), plan(PLAN | where | {"network.fetch_from_follower": wanted}), Options(DAY), [offering]
    ).outcomes[0]
    reads_followers = outcome.choices[0].configuration.get("follower_fetch") == "follower"
    refused = any("Follower fetching needs" in text for text in outcome.reasons)
    if (cloud, access) in FOLLOWERS.get(offering, set()):
        assert not refused
        assert reads_followers or wanted == "auto"
    else:
        assert refused or not reads_followers


# --- replication, by real offerings ---


def real(offering: str, **changes: str) -> Outcome:
    inputs = PLAN | {k.replace("__", "."): v for k, v in changes.items()}
    return compare(catalog(), plan(inputs), Options(DAY), [offering]).outcomes[0]


def crossed(outcome: Outcome) -> dict[str, float]:
    """Lines on the meter of traffic between zones, and what they count in month 1."""
    lines = [ln for ln in outcome.priced_lines if ln.meter == "aws.network:cross_zone"]
    return {ln.name: float(outcome.values[ln.name].ravel()[0]) for ln in lines}


@pytest.mark.parametrize("offering", ["aws.msk-standard", "aws.msk-express"])
def test_replication_inside_msk_is_free(offering: str) -> None:
    assert crossed(real(offering, network__access="in_vpc")) == pytest.approx(crossing(2, 2))


@pytest.mark.parametrize("access", ["in_vpc", "private_link"])
def test_what_msk_serverless_bills_between_zones_is_a_range_from_nothing_to_both_sides(access: str) -> None:
    outcome = real("aws.msk-serverless", network__access=access)
    ends = {n: [float(outcome.monthly(n, 0, e)[0]) for e in (0, 2)] for n in crossing(2, 2)}
    assert ends == {n: pytest.approx([0, amount]) for n, amount in crossing(2, 2).items()}
    assert "replication" not in crossed(outcome)


@pytest.mark.parametrize(
    ("copies", "zones", "far_copies"),
    [
        ("3", "3", 2),  # each of the other two in another zone
        ("2", "3", 1),
        ("1", "3", 0),
        ("2", "2", 1),
        # two copies in one zone, one in the other: seen from a leader at random, 2/3 * 1 + 1/3 * 2 are far
        ("3", "2", 4 / 3),
        ("3", "1", 0),
    ],
)
def test_self_managed_replication_pays_both_sides_of_every_far_copy(copies: str, zones: str, far_copies: float) -> None:
    changes = {"replication_factor": copies, "min_insync_replicas": "1", "availability_zones": zones}
    found = crossed(real("aws.self-managed", **changes, network__access="in_vpc"))
    assert found.get("replication", 0) == pytest.approx(WRITTEN * far_copies * 2)


# --- internet egress over price bands ---


def by_bands(amount: float, cloud: str) -> float:
    """USD for an amount of internet egress, GB, that starts from nothing, by the bands in the catalog."""
    points = catalog().prices.select(f"{cloud}.network", "internet_egress", REGIONS[cloud], DAY)
    assert len(points) > 2
    size = GIB if str(points[0].unit.text).startswith("GiB") else 1.0
    edges = [float(p.tier_from) * size for p in points] + [float("inf")]
    spans = [max(0.0, min(amount, high) - low) for low, high in pairwise(edges)]
    return sum(span * float(p.base) / size for span, p in zip(spans, points, strict=True))


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp"])
@pytest.mark.parametrize("elsewhere", [0, 60, 100, 5_000, 9_700, 100_000, 2_000_000])
def test_internet_egress_goes_on_from_what_the_account_sends_already(cloud: str, elsewhere: int) -> None:
    outcome = reached(cloud, "own", "in_vpc", (("account.other_internet_egress", f"{elsewhere} GB"),))
    line = next(ln for ln in outcome.priced_lines if ln.name == "internet_egress")
    assert outcome.cost(line) == pytest.approx(by_bands(elsewhere + OUT, cloud) - by_bands(elsewhere, cloud))


def test_use_elsewhere_fills_the_bands_of_the_plan_s_own_cloud_only() -> None:
    """The account's other traffic is in its own cloud; the brokers' cloud starts from nothing."""
    stay = reached("gcp", "own", "other_cloud", (("account.other_internet_egress", "100000 GB"),))
    lines = {ln.name: ln for ln in stay.priced_lines}
    assert stay.cost(lines["internet_egress"]) == pytest.approx(by_bands(READ, "gcp"))
    expected = by_bands(100_000 + WRITTEN, "aws") - by_bands(100_000, "aws")
    assert stay.cost(lines["home_egress"]) == pytest.approx(expected)


# --- what the catalog offers has a path ---


def test_every_way_that_an_offering_has_is_in_the_table() -> None:
    """Else it would be refused with words that are not true. Offerings on several clouds may have a way on one only."""
    rows = {(p.cloud, p.tenancy, p.access) for p in catalog().paths}
    missing = [
        (o.id, cloud, access)
        for o in catalog().offerings.values()
        if len(o.clouds) == 1
        for cloud in o.clouds
        for access, capability in o.access.items()
        if capability.answer not in ("no", "unknown") and (cloud, o.tenancy, access) not in rows
    ]
    assert missing == []


@pytest.mark.parametrize("offering", ["aws.msk-standard", "aws.msk-express"])
def test_msk_private_connectivity_is_on_msk_s_own_meters(offering: str) -> None:
    """All that is written and read inside passes it; it is not free beside a way that is not."""
    outcome = real(offering, network__access="private_link")
    lines = {ln.name: ln for ln in outcome.priced_lines if ln.name.startswith("private_connectivity")}
    assert outcome.subject.refused == []
    assert lines.keys() == {"private_connectivity_hours", "private_connectivity_data"}
    assert float(outcome.values["private_connectivity_data"].ravel()[0]) == pytest.approx(WRITTEN + INSIDE)
    assert crossed(outcome) == {}
