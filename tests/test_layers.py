"""What reading and writing depends on: promises multiply, a part without one is a gap and no factor."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tco.analysis.compare import compare
from tco.catalog.overlay import overlaid
from tco.catalog.schema import Layer
from tco.catalog.yamlfile import parse_yaml
from tco.report.words import part_text, together_text
from tco.sla.layers import Part, composite, gaps, parts
from tco.sla.reach import may_hold
from tests.plans import near, plan
from tests.test_cli import shown
from tests.test_workbook import OPTIONS, catalog

SMALL = {"horizon": "2", "network.access": "in_vpc"}


def found(offering: str, changes: dict[str, Any] | None = None, **pins: str) -> list[Part]:
    given_ = {name.replace("__", "."): value for name, value in pins.items()}
    options = OPTIONS if not given_ else OPTIONS.__class__(OPTIONS.as_of, given=given_)
    o = compare(catalog(), plan(near(offering) | SMALL | (changes or {})), options, [offering]).outcomes[0]
    return parts(o.subject.offering, o.sla, o.values)


def promises(found: list[Part]) -> dict[str, Decimal | None]:
    return {p.name: p.percent for p in found}


def test_kafka_on_machines_of_your_own() -> None:
    kept = promises(found("aws.self-managed", {"network.access": "private_link"}, tiering="on"))
    assert kept == {
        "Machines": Decimal("99.99"),
        "Kafka itself": None,
        "Volumes, over several zones": Decimal("99.99"),
        "Object store of tiered data": Decimal("99.9"),
        "Load balancer, over several zones": Decimal("99.99"),
        "Private link": None,
    }


def test_parts_follow_what_is_bought() -> None:
    inside = promises(found("aws.self-managed", tiering="off"))
    assert set(inside) == {"Machines", "Kafka itself", "Volumes, over several zones"}
    one = promises(found("aws.self-managed", {"availability_zones": "1"}, tiering="off"))
    assert one == {"Machines": Decimal("99.5"), "Kafka itself": None, "Volumes": Decimal("99.9")}
    assert "Volumes" not in " ".join(promises(found("aws.self-managed-nvme")))


def test_promises_in_series_multiply() -> None:
    kept = found("warpstream.byoc")
    assert composite(kept) == Decimal("0.999") * Decimal("0.9999") * Decimal("0.999") * 100
    assert [p.name for p in kept if p.percent is None] == ["Agents themselves"]


def test_kafka_on_machines_of_azure() -> None:
    kept = found("azure.self-managed", {"network.access": "private_link"}, tiering="on")
    assert promises(kept) == {
        "Machines": Decimal("99.99"),
        "Kafka itself": None,
        "Managed disks": None,
        "Object store of tiered data": Decimal("99.9"),
        "Load balancer": Decimal("99.99"),
        "Private link": None,
    }
    assert composite(kept) == Decimal("0.9999") * Decimal("0.999") * Decimal("0.9999") * 100


def test_kafka_on_machines_of_google() -> None:
    """Disks are inside the promise of the machines; the balancer is internal, and none is promised."""
    kept = promises(found("gcp.self-managed", {"network.access": "private_link"}, tiering="on"))
    assert kept == {
        "Machines": Decimal("99.99"),
        "Kafka itself": None,
        "Object store of tiered data": Decimal("99.9"),
        "Internal load balancer": None,
        "Private Service Connect": None,
    }


@pytest.mark.parametrize("offering", ["azure.self-managed", "gcp.self-managed"])
def test_a_private_way_multiplies_only_what_is_promised(offering: str) -> None:
    inside = found(offering, tiering="on")
    private = found(offering, {"network.access": "private_link"}, tiering="on")
    promised = {n: p for n, p in promises(private).items() if p is not None and n not in promises(inside)}
    assert len(private) == len(inside) + 2
    assert composite(private) == (composite(inside) or 0) * (promised.get("Load balancer", Decimal(100)) / 100)


@pytest.mark.parametrize(
    ("offering", "zones", "percent"),
    [
        ("azure.strimzi-aks", "3", "99.95"),
        ("azure.strimzi-aks", "1", "99.9"),
        ("gcp.strimzi-gke", "3", "99.95"),
        ("gcp.strimzi-gke", "1", "99.5"),
    ],
)
def test_kubernetes_is_promised_by_zones(offering: str, zones: str, percent: str) -> None:
    kept = found(offering, {"availability_zones": zones})
    assert [p.percent for p in kept if p.name.startswith("Kubernetes API")] == [Decimal(percent)]


def test_what_a_document_covers_is_not_listed_again() -> None:
    assert promises(found("azure.hdinsight-kafka")) == {"Cluster, as far as is known": Decimal("99.9")}


def test_a_promise_of_management_is_none_of_reading_and_writing() -> None:
    kept = found("gcp.managed-kafka")
    assert promises(kept)["Management"] == Decimal("99.95") and composite(kept) is None
    assert gaps(kept) == ["Reading and writing", "Private Service Connect"]
    assert part_text(kept[0]) == "Management: 99.95 % (the vendor, for management only)"
    assert together_text(kept).startswith(
        "Together nothing for reading and writing: no promise for Reading and writing"
    )


@pytest.mark.parametrize("offering", ["aws.strimzi-eks", "azure.strimzi-aks", "gcp.strimzi-gke"])
def test_what_brokers_run_on_without_is_neither_factor_nor_gap(offering: str) -> None:
    kept = found(offering)
    needed = [p for p in kept if not p.name.startswith("Kubernetes API")]
    assert len(kept) == len(needed) + 1 and composite(kept) == composite(needed) and gaps(kept) == gaps(needed)


def test_only_documents_of_a_control_plane_may_be_for_management() -> None:
    """WarpStream's control plane is on the way of every batch, so it counts."""
    control = {name: t.for_management for name, t in catalog().terms.items() if t.scope == "control_plane"}
    assert control == {"google-managed-kafka": True, "warpstream": False}
    assert not any(t.for_management for t in catalog().terms.values() if t.scope != "control_plane")
    assert [p.name for p in found("warpstream.byoc") if p.management] == []


def test_a_plan_that_does_not_qualify_is_promised_nothing_together() -> None:
    (own, *_) = found("aiven.kafka-standard", {"availability_zones": "1", "network.access": "public"})
    assert own.percent is None and part_text(own) == "Cluster: no promise, since the plan does not qualify (the vendor)"


# -- parts of which one is enough --------------------------------------------------------------------------

TWO_STORES = """
offerings:
  mine.kafka:
    id: mine.kafka
    based_on: aws.self-managed
    name: Kafka of ours
    layers:
      object_store: {one_of: stores, when: always, part: Store of one zone, percent: "99.9"}
      second_store: {one_of: stores, part: Store of another zone, percent: "99", run_by: cloud, source: definition}
"""


def test_of_two_stores_one_is_enough() -> None:
    text = "quote: Draft\nvendor: Us\ndated: 2026-11-20\n" + TWO_STORES
    known = overlaid(catalog(), parse_yaml(text, "quote.yaml"), text)
    o = compare(known, plan(SMALL), OPTIONS, ["mine.kafka"]).outcomes[0]
    kept = parts(o.subject.offering, o.sla, o.values)
    alone = [p for p in kept if not p.one_of]
    pair = 1 - (1 - Decimal("0.999")) * (1 - Decimal("0.99"))
    assert [p.name for p in kept if p.one_of] == ["Store of one zone", "Store of another zone"]
    assert composite(kept) == pytest.approx((composite(alone) or 0) * pair)
    assert "Store of one zone: 99.9 % (the cloud, one of stores is enough)" in [part_text(p) for p in kept]


@given(st.lists(st.none() | st.decimals(50, 100, places=3), min_size=1, max_size=6))
def test_one_of_several_is_as_good_as_the_best_and_a_gap_only_where_none_is_promised(
    percents: list[Decimal | None],
) -> None:
    group = [Part(f"p{i}", p, "cloud", "s", one_of="g") for i, p in enumerate(percents)]
    promised = [p for p in percents if p is not None]
    whole = composite(group)
    assert (whole is None) == (not promised) and len(gaps(group)) == (not promised)
    assert whole is None or max(promised) <= whole <= 100
    series = composite([*group, Part("a", Decimal(99), "cloud", "s")])
    assert series == pytest.approx((whole or 100) * Decimal("0.99"))


# -- registries --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "offering",
    ["azure.event-hubs-premium", "redpanda.serverless", "aws.msk-express", "gcp.managed-kafka", "aws.self-managed"],
)
def test_a_registry_is_a_gap_only_where_a_plan_asks_for_it(offering: str) -> None:
    plain = found(offering)
    asked = found(offering, {"requirements.must": ["schema_registry"]})
    more = [p for p in asked if p not in plain]
    assert [p.name for p in more if "Schema Registry" in p.name] == [p.name for p in more] and len(more) == 1
    assert more[0].percent is None and more[0].note and set(gaps(asked)) - set(gaps(plain)) == {more[0].name}


@pytest.mark.parametrize(
    ("schemas", "names"),
    [
        ("0", {"Schema Registry, Essentials": Decimal("99.5")}),
        ("50000", {"Schema Registry, Advanced": Decimal("99.99")}),
    ],
)
def test_the_package_of_the_registry_sets_what_is_promised(schemas: str, names: dict[str, Decimal]) -> None:
    plain = promises(found("confluent.cloud-standard", {"network.access": "public"}))
    changes = {"network.access": "public", "requirements.must": ["schema_registry"], "registry.schemas": schemas}
    assert promises(found("confluent.cloud-standard", changes)) == plain | names


def test_connectors_are_a_part_where_there_are_any() -> None:
    plain = promises(found("confluent.cloud-enterprise"))
    assert promises(found("confluent.cloud-enterprise", {"connect.tasks": "3"})) == plain | {
        "Managed connectors": Decimal("99.99")
    }


def test_whoever_keeps_data_in_your_own_account_names_the_store() -> None:
    byoc = {n: o for n, o in catalog().offerings.items() if o.model == "byoc"}
    assert len(byoc) > 5
    for name, o in byoc.items():
        stores = [p for p in o.layers.values() if p.part.startswith("Object store")]
        assert all(p.percent is not None and p.run_by == "cloud" for p in stores), name
        assert stores or o.engine == "kafka", name


@pytest.mark.parametrize("cloud", [{}, {"cloud": "gcp", "region": "us-central1"}])
def test_machines_in_your_own_account_are_promised_by_their_cloud(cloud: dict[str, str]) -> None:
    kept = found("aiven.kafka-byoc", cloud)
    assert {p.source.split("-")[0 if cloud else 1] for p in kept if p.run_by == "cloud"} == {"gcp" if cloud else "aws"}
    alone = found("aiven.kafka-byoc", cloud | {"availability_zones": "1"})
    assert (composite(alone) or 0) < (composite(kept) or 0)


def test_layers_cite_the_cloud_that_they_are_on() -> None:
    for name, o in catalog().offerings.items():
        for cloud in {"aws", "azure", "gcp"} - set(o.clouds):
            assert not [p.part for p in o.layers.values() if p.source.startswith((f"sla-{cloud}", f"{cloud}-"))], name


def test_sources_of_gaps_are_known_too() -> None:
    sources = {""} | set(catalog().sources)
    for name, o in catalog().offerings.items():
        assert {p.source for p in o.layers.values()} <= sources, name


@given(st.lists(st.decimals(50, 100, places=3), max_size=6), st.integers(0, 3))
def test_a_gap_is_no_factor_and_no_whole_beats_its_parts(percents: list[Decimal], gaps: int) -> None:
    some = [Part("a", p, "cloud", "s") for p in percents]
    whole = composite([*some, *[Part("gap", None, "you", "")] * gaps])
    assert whole == composite(some)
    assert (whole is None) == (not percents)
    assert whole is None or whole <= min(percents)


def test_whoever_runs_kafka_himself_is_told_that_nobody_promises_it() -> None:
    for name, o in catalog().offerings.items():
        if o.model == "self_managed":
            assert any(p.percent is None and p.run_by == "you" for p in o.layers.values()), name


@pytest.mark.parametrize(
    "layer", [{"percent": "99.9"}, {"percent": "101", "source": "s"}, {"percent": "0", "source": "s"}]
)
def test_a_promise_has_a_source_and_is_a_percentage(layer: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="a percentage with its source"):
        Layer.model_validate({"part": "Disks", "run_by": "cloud"} | layer)


def test_the_command_says_what_all_of_it_comes_to() -> None:
    text = shown("sla", "examples/workloads/payments.yaml", "-o", "aws.self-managed", "--outage", "3h")
    assert "Depends on, by promises and no forecast:" in text
    assert "Together 99.870 % of the time, and nothing for Kafka itself, Schema Registry, Private link" in text


# -- what another size or choice would meet ---------------------------------------------------------------


def sla_marks(offering: str, changes: dict[str, Any]) -> list[str]:
    outcome = compare(catalog(), plan(SMALL | near(offering) | changes), OPTIONS, [offering]).outcomes[0]
    return [m for m in outcome.marks if m.startswith("SLA")]


@pytest.mark.parametrize(
    ("offering", "changes", "said"),
    [
        (
            "aws.msk-standard",
            {"availability_zones": "1"},
            "SLA not met as sized: Only Multi-AZ deployments qualify (Auto",
        ),
        (
            "aiven.kafka-standard",
            {"availability_zones": "1", "network.access": "public"},
            "SLA not met as sized: A depl",
        ),
        (
            "yandex.managed-kafka",
            {"replication_factor": "2", "min_insync_replicas": "1"},
            "SLA not met as sized: Topics with three copies and at least two in sync (Yandex Cloud",
        ),
        (
            "confluent.cloud-enterprise",
            {"ingress.peak": "10 MB/s"},
            "SLA at 99.9 % as sized: 99.99 % is for Standard or Enterprise with at least 2 eCKU",
        ),
        ("confluent.cloud-dedicated", {"availability_zones": "1"}, "SLA at 99.95 % as sized: 99.99 % is for Dedicated"),
    ],
)
def test_a_mark_says_what_the_size_costs_in_promise_and_by_which_source(
    offering: str, changes: dict[str, Any], said: str
) -> None:
    (mark,) = sla_marks(offering, changes)
    assert mark.startswith(said) and mark.endswith(")")


@pytest.mark.parametrize(
    ("offering", "changes"),
    [
        ("aws.msk-standard", {}),
        ("confluent.cloud-enterprise", {"requirements.uptime": "99.9%"}),  # what is asked for is promised
        ("confluent.cloud-enterprise", {"requirements.uptime": "99.99%"}),  # and here it is sized for
        (
            "confluent.cloud-basic",
            {"requirements.uptime": "99.9%", "network.access": "public"},
        ),  # no size has it
        ("aiven.kafka-free", {"network.access": "public"}),  # nor any of Free
        ("aws.self-managed", {"availability_zones": "1"}),  # the document is not about Kafka
    ],
)
def test_no_mark_where_no_size_of_the_offering_would_do_or_need_do_better(
    offering: str, changes: dict[str, Any]
) -> None:
    assert sla_marks(offering, changes) == []


_FLAGS = st.recursive(
    st.sampled_from(["a", "b", "c", "always", "a > b", "b <= 1"]),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({' '.join(t)})")
        | inner.map(lambda f: f"(not {f})")
    ),
    max_leaves=6,
)


@given(_FLAGS, st.dictionaries(st.sampled_from("abc"), st.sampled_from([0.0, 1.0, 2.0])))
def test_what_some_size_meets_is_never_called_out_of_reach(formula: str, known: dict[str, float]) -> None:
    open_ = [n for n in "abc" if n not in known]
    worlds = [known | dict(zip(open_, some, strict=True)) for some in product([0.0, 1.0, 2.0], repeat=len(open_))]
    true = [bool(eval(formula, {"always": 1}, dict(world))) for world in worlds]
    assert may_hold(formula, known) >= any(true)
    if not open_:
        assert may_hold(formula, known) == true[0]
