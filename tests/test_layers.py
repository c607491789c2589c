"""What reading and writing depends on: promises multiply, a part without one is a gap and no factor."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tco.analysis.compare import compare
from tco.catalog.schema import Layer
from tco.sla.layers import Part, composite, parts
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
    kept = promises(found("gcp.managed-kafka"))
    assert kept["Management"] == Decimal("99.95") and kept["Reading and writing"] is None


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
    assert "Together 99.870 % of the time, and nothing for Kafka itself, Private link" in text
