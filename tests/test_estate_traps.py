"""Traps of estates: what is easily counted twice, left out, or called met when it is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tco.analysis.estates import optimize
from tco.analysis.mix import Constraint
from tco.analysis.recovery import objectives
from tco.engine.estate import Costing
from tco.errors import InputError
from tests.estates import MSK, SERVERLESS, compared, costed, drawn, work
from tests.test_estate import AT_HOME, LEDGER, LINK, PAIR, STAGE, held, units
from tests.test_estate_mix import FREE, every_mix
from tests.test_workbook import OPTIONS, catalog

WEST = {"role": "standby", "region": "us-west-2"}


def test_one_cloud_rules_out_what_has_to_lie_on_two() -> None:
    clusters = {"a": {}, "b": {"cloud": "gcp", "region": "us-central1"}}
    comparison = compared(drawn(clusters), [MSK, "gcp.managed-kafka"], AT_HOME)
    free, one = optimize(comparison, [FREE, Constraint("one cloud", one_cloud=True)])
    assert free.assignment == {"a": MSK, "b": "gcp.managed-kafka"}
    assert one.outcome is None


def test_a_constraint_holds_for_a_cluster_that_has_one_offering_left() -> None:
    comparison = compared(drawn({"a": {}}), ["aws.self-managed", "aiven.kafka-free"])
    (mix,) = optimize(comparison, [Constraint("uptime", uptime=99.9)])  # no SLA at all
    assert mix.outcome is None


def test_a_topic_that_is_copied_is_kept_as_that_topic_is() -> None:
    ledger = {"name": "ledger", "share": "10 %", "partitions": "10", "retention": "90 days"}
    estate = drawn(
        {"a": {}, "b": {"role": "aggregate"}},
        {"x": ("a", "b", {"topics": ["ledger"]})},
        {"work": work(topics=[ledger])},
    )
    book = Costing(catalog(), estate, OPTIONS).shared()
    stored = book.given["stored"][0, 0, 1, -1]
    assert stored == pytest.approx(1 * 90 * 86.4)  # 1 MB/s for 90 days, GB


@pytest.mark.parametrize(("zones", "copies", "lost", "word"), [("3", "1", True, ""), ("2", "3", False, "writes stop")])
def test_losing_a_zone(zones: str, copies: str, lost: bool, word: str) -> None:
    plan = work(availability_zones=zones, replication_factor=copies, min_insync_replicas="1" if copies == "1" else "2")
    costing, o = costed(drawn({"a": {}}, workloads={"work": plan}), "aws.self-managed")
    found = {r.loss: r for r in objectives(catalog(), costing, o)}["a zone"]
    assert found.lost is lost
    assert word in found.text


def test_copies_in_step_lose_nothing_only_with_acks_of_all() -> None:
    azure = work(cloud="azure", region="eastus", acks="1", requirements={"rpo": "0 s"})
    pair = {"a": {}, "b": {"role": "standby", "region": "northeurope"}}
    costing, o = costed(drawn(pair, {"x": ("a", "b", {"mode": "sync"})}, {"work": azure}), "azure.event-hubs-premium")
    found = {r.loss: r for r in objectives(catalog(), costing, o)}["its region"]
    assert found.rpo != (0.0, 0.0, 0.0)
    assert found.rpo_met != "met"


def test_a_standby_in_the_same_region_is_lost_with_it() -> None:
    asked = work(requirements={"rpo": "600 s", "rto": "1 day"})
    costing, o = costed(drawn({"a": {}, "b": {"role": "standby"}}, LINK, {"work": asked}), MSK)
    found = {r.loss: r for r in objectives(catalog(), costing, o)}["its region"]
    assert found.rpo_met == found.rto_met == "not met"


def test_mixes_on_an_offering_that_is_reached_otherwise_alone() -> None:
    azure = {"cloud": "azure", "region": "eastus"}
    workloads = {
        "big": work(**azure, ingress={"average": "20 MB/s", "peak": "20 MB/s"}),
        "tiny": work(**azure, ingress={"average": "0.4 MB/s", "peak": "0.4 MB/s"}, partitions="30"),
    }
    estate = drawn({"a": {"workload": "big"}, "b": {"workload": "tiny"}}, workloads=workloads, horizon="2")
    comparison = compared(estate, ["azure.event-hubs-premium", SERVERLESS, "azure.self-managed"])
    (mix,) = optimize(comparison, [FREE])
    assert mix.outcome is not None
    assert mix.outcome.invoices == pytest.approx(min(o.invoices for o in every_mix(comparison)), abs=0.01)


def test_a_mix_with_a_fixed_cluster_that_is_infeasible() -> None:
    (mix,) = optimize(compared(drawn({"a": {"offering": "aiven.kafka-free"}, "b": {}}), [SERVERLESS]), [FREE])
    assert mix.outcome is None or mix.outcome.status in ("priced", "lower_bound")


def test_a_recovery_link_whose_ends_never_run_together() -> None:
    clusters = {"a": {"ends": "2027-02"}, "b": {**WEST, "starts": "2027-04"}}
    costing, o = costed(drawn(clusters, LINK, {"work": work(requirements={"rpo": "60 s"})}), SERVERLESS)  # ValueError
    found = {r.loss: r for r in objectives(catalog(), costing, o)}["its region"]
    assert found.rpo_met != "met"


def test_a_standby_at_full_size_carries_readers_that_catch_up() -> None:
    flat = work(ingress={"average": "150 MB/s", "peak": "150 MB/s"}, reads={"fanout": "4"})
    _, source = costed(drawn({"b": {"region": "us-west-2"}}, workloads={"work": flat}), MSK)
    _, o = costed(drawn(PAIR, LINK, {"work": flat}), MSK, held(source.placements[0]))
    assert units(o, "b") >= units(source, "b")  # 33 and 36


def test_a_standby_that_receives_other_streams_too() -> None:
    clusters = {"a": {}, "s": {"workload": "big"}, "b": WEST}
    links = {
        "x": ("a", "b", {"compression": {"codec": "zstd", "ratio": "2"}}),
        "y": ("s", "b", {"purpose": "sharing"}),
    }
    big = work(ingress={"average": "40 MB/s", "peak": "40 MB/s"})
    costing = Costing(catalog(), drawn(clusters, links, {"work": work(), "big": big}), OPTIONS)
    peak = costing.shared(frozenset(clusters)).given["ingress_peak"][0, 0, 2]
    assert peak.max() == pytest.approx(40 + 25)


def test_a_standby_counts_compacted_partitions() -> None:
    plan = work(topics=[{**LEDGER, "partitions": "100"}])
    costing = Costing(catalog(), drawn(PAIR, LINK, {"work": plan}), OPTIONS)
    assert costing.shared().given["compacted"][0, 0, :, -1].tolist() == [100, 100]


@pytest.mark.parametrize("name", ["all", "or", "and", "not", "in", "is", "lambda"])
@pytest.mark.parametrize("kind", ["cluster", "link"])
def test_words_of_the_formula_language_as_names(name: str, kind: str) -> None:
    clusters: dict[str, Any] = {name if kind == "cluster" else "a": {}, "b": WEST}
    links = {name if kind == "link" else "x": (next(iter(clusters)), "b")}
    try:
        _, o = costed(drawn(clusters, links), SERVERLESS)
    except InputError as error:  # if refused, then where it is written
        assert all(f.place.file == "estate.yaml" for f in error.findings), error
    else:
        assert o.status == "priced"


def test_a_link_is_not_paid_for_twice() -> None:
    plan = work(requirements={"must": ["multi_region"]})
    _, o = costed(drawn(PAIR, {"x": ("a", "b", {"mechanism": "aws.msk-replicator"})}, {"work": plan}), MSK)
    for p in o.placements:
        assert float(p.group.values["replicator_hours.cost"].sum()) == 0, p.member.name


def test_an_aggregate_reads_at_the_peak_that_is_given() -> None:
    plan = work(reads={"fanout": "1", "peak": "100 MB/s"})
    costing = Costing(catalog(), drawn({"a": {}, "b": {"role": "aggregate"}}, LINK, {"work": plan}), OPTIONS)
    assert costing.shared().given["egress_peak"][0, 0, 1].max() >= 100


def test_a_standby_has_no_environments_of_its_own() -> None:
    _, o = costed(drawn(PAIR, LINK, {"work": work(environments=STAGE)}), MSK)
    assert [c.name for c in o.placements[1].member.plan.clusters] == ["b"]


def test_history_of_a_target_that_starts_later() -> None:
    """Months 1 and 2 cannot be missing while what was written before them is there."""
    clusters = {
        "a": {"clients_until": "2027-03"},
        "b": {"role": "migration", "starts": "2027-03", "clients_from": "2027-04"},
    }
    plan = work(retention={"total": "150 days"}, history="full")
    estate = drawn(clusters, {"x": ("a", "b", {"purpose": "migration"})}, {"work": plan})
    stored = Costing(catalog(), estate, OPTIONS).shared().given["stored"][0, 0]
    month = 10 * 730 * 3.6
    assert any(np.isclose(stored[1, 2], wanted) for wanted in (month, stored[0, 2])), stored


def test_a_time_that_is_missed_whatever_the_growth_is_not_open() -> None:
    busy = work(
        ingress={"average": "100 MB/s", "peak": "180 MB/s"}, reads={"fanout": "4"}, requirements={"rto": "10 min"}
    )
    costing, o = costed(drawn({"a": {}, "b": {**WEST, "carries": "0 %"}}, LINK, {"work": busy}), MSK)
    assert o.status == "not_a_substitute"
    assert {r.loss: r for r in objectives(catalog(), costing, o)}["its region"].rto_met == "not met"


def test_nobody_carries_more_than_all() -> None:
    with pytest.raises(InputError):
        drawn({"a": {}, "b": {**WEST, "carries": "300 %"}}, LINK)
    assert Constraint("x").vendors is None
