"""The cheapest mix of an estate against all mixes that there are."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tco.analysis.estates import RANKED, EstateComparison, Mix, optimize
from tco.analysis.mix import Constraint
from tco.cli.commands import app
from tco.engine.estate import EstateOutcome
from tco.engine.options import Options
from tests.estates import MSK, OWN, SERVERLESS, compared, data_of, drawn, text_of, work
from tests.test_workbook import OPTIONS

CENT = 0.011
FREE = Constraint("without constraints")
CONSTRAINTS = (
    FREE,
    Constraint("one vendor", vendors=1),
    Constraint("two vendors", vendors=2),
    Constraint("one cloud", one_cloud=True),
    Constraint("promised", uptime=99.9),
    Constraint("more promised", uptime=99.95),
    Constraint("all", vendors=2, one_cloud=True, uptime=99.9),
)
ENTERPRISE, WARPSTREAM, FREIGHT = "confluent.cloud-enterprise", "warpstream.byoc", "confluent.cloud-freight"


def keeps(outcome: EstateOutcome, constraint: Constraint) -> bool:
    """Whether a mix keeps a constraint, each cluster without an offering of its own in the file."""
    placed = [p for p in outcome.placements if p.member.spec.offering is None]
    vendors = {p.group.subject.offering.vendor for p in placed}
    clouds = {p.group.subject.site.cloud for p in placed}
    slas = [p.sla for p in placed]
    promised = all(
        s is not None and s.covers_kafka and s.qualifies != "no" and float(s.percent or 0) >= constraint.uptime
        for s in slas
    )
    return (
        (constraint.vendors is None or len(vendors) <= constraint.vendors)
        and (not constraint.one_cloud or len(clouds) <= 1)
        and (not constraint.uptime or promised)
    )


def every_mix(comparison: EstateComparison) -> list[EstateOutcome]:
    """All assignments of the offerings compared."""
    members = comparison.estate.members
    offerings = [c.offering for c in comparison.candidates]
    open_ = [[m.spec.offering] if m.spec.offering else offerings for m in members]
    names = [m.name for m in members]
    found = [comparison.costing.cost(dict(zip(names, mix, strict=True))) for mix in product(*open_)]
    return [o for o in found if o.status == "priced"]


def assert_best(comparison: EstateComparison, mixes: list[Mix], every: list[EstateOutcome]) -> None:
    for mix in mixes:
        kept = [o for o in every if keeps(o, mix.constraint)]
        if not kept:
            assert mix.outcome is None, mix.constraint
            assert not mix.proven
            continue
        best = min(o.invoices for o in kept)
        assert mix.outcome is not None, mix.constraint
        assert mix.outcome.invoices == pytest.approx(best, abs=CENT), mix.constraint
        assert mix.outcome.status in RANKED
        assert keeps(mix.outcome, mix.constraint)
        assert mix.proven
        again = comparison.costing.cost(mix.assignment)
        assert again.invoices == pytest.approx(mix.outcome.invoices, abs=1e-9)
    free = next(m for m in mixes if m.constraint is FREE)
    for mix in mixes:
        if mix.outcome is not None:
            assert free.outcome is not None
            assert mix.outcome.invoices >= free.outcome.invoices - CENT


ESTATES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], list[str]]] = {
    "apart": (
        {
            "small": {"workload": "small"},
            "large": {"workload": "large"},
            "far": {"workload": "small", "region": "eu-west-1"},
        },
        {},
        {
            "small": work(ingress={"average": "0.1 MB/s", "peak": "0.2 MB/s"}, partitions="6"),
            "large": work(ingress={"average": "60 MB/s", "peak": "90 MB/s"}),
        },
        [MSK, SERVERLESS, ENTERPRISE, "gcp.managed-kafka", "azure.event-hubs-premium"],
    ),
    "standby": (
        {"a": {}, "b": {"role": "standby", "region": "us-west-2", "carries": "50 %"}},
        {"x": ("a", "b")},
        {"work": work(account={"support": "enterprise"})},
        [MSK, SERVERLESS, ENTERPRISE, FREIGHT, WARPSTREAM, "gcp.managed-kafka"],
    ),
    "shared bands": (
        {"a": {}, "b": {}, "c": {"count": "2", "traffic": "30 %"}},
        {},
        {
            "work": work(
                ingress={"average": "90 MB/s", "peak": "120 MB/s"},
                retention={"total": "30 days"},
                network={"internet_egress_share": "40 %"},
                account={"support": "business", "other_spend": "20000 USD/month"},
            )
        },
        [MSK, OWN, WARPSTREAM, "automq.open-source", ENTERPRISE],
    ),
    "hub": (
        {
            "p": {"role": "edge", "count": "3"},
            "q": {"role": "edge", "offering": SERVERLESS},
            "hub": {"role": "aggregate", "region": "us-east-2"},
            "dr": {"role": "standby", "region": "us-west-2"},
        },
        {
            "up": ("p", "hub"),
            "too": ("q", "hub", {"share": "50 %"}),
            "safe": ("p", "dr", {"mechanism": "aws.msk-replicator"}),
        },
        {"work": work(ingress={"average": "4 MB/s", "peak": "9 MB/s"})},
        [MSK, SERVERLESS, ENTERPRISE, OWN, "aws.msk-express"],
    ),
}


@pytest.mark.parametrize("name", ESTATES)
def test_the_cheapest_mix_is_the_cheapest_of_all(name: str) -> None:
    clusters, links, workloads, offerings = ESTATES[name]
    comparison = compared(drawn(clusters, links, workloads, horizon="3"), offerings)
    every = every_mix(comparison)
    assert len(every) > 3
    assert_best(comparison, optimize(comparison, CONSTRAINTS), every)


def test_a_link_that_joins_few_offerings_decides_the_mix() -> None:
    """Only MSK at both ends of MSK Replicator, although others are cheaper by themselves."""
    pair = {"a": {}, "b": {"role": "standby", "region": "us-west-2"}}
    estate = drawn(pair, {"x": ("a", "b", {"mechanism": "aws.msk-replicator"})}, horizon="3")
    comparison = compared(estate, [OWN, "automq.open-source", MSK, SERVERLESS])
    (mix,) = optimize(comparison, [FREE])
    assert set(mix.assignment.values()) <= {MSK, SERVERLESS}
    assert_best(comparison, [mix], every_mix(comparison))


@pytest.mark.parametrize(
    ("constraint", "offerings"),
    [
        (Constraint("none promises it", uptime=99.9999), [MSK, SERVERLESS]),
        (Constraint("no SLA at all", uptime=99.0), [OWN, "automq.open-source"]),
    ],
)
def test_a_constraint_that_nothing_keeps_has_no_mix(constraint: Constraint, offerings: list[str]) -> None:
    (mix,) = optimize(compared(drawn({"a": {}, "b": {}}), offerings), [constraint])
    assert (mix.outcome, mix.assignment, mix.proven) == (None, {}, False)


def test_nothing_that_can_carry_the_load_has_no_mix() -> None:
    busy = work(ingress={"average": "900 MB/s", "peak": "1500 MB/s"})
    comparison = compared(drawn({"a": {}}, workloads={"work": busy}), [SERVERLESS, "aiven.kafka-free"])
    (mix,) = optimize(comparison, [FREE])
    assert (mix.outcome, mix.proven) == (None, False)


def test_ends_that_no_mechanism_joins_have_no_mix() -> None:
    pair = {"a": {}, "b": {"role": "standby", "region": "us-west-2"}}
    estate = drawn(pair, {"x": ("a", "b", {"mode": "sync"})})
    (mix,) = optimize(compared(estate, [MSK, SERVERLESS]), [FREE])
    assert mix.outcome is None


def test_an_offering_of_its_own_that_does_not_run_there_has_no_mix() -> None:
    clusters = {"a": {"offering": "gcp.managed-kafka"}, "b": {}}
    (mix,) = optimize(compared(drawn(clusters), [SERVERLESS], Options(OPTIONS.as_of)), [FREE])
    assert mix.outcome is None


def test_each_cluster_with_an_offering_of_its_own_stays_on_it() -> None:
    clusters = {"a": {"offering": SERVERLESS}, "b": {}, "c": {"offering": MSK}}
    comparison = compared(drawn(clusters), [MSK, OWN, SERVERLESS])
    (mix,) = optimize(comparison, [FREE])
    assert (mix.assignment["a"], mix.assignment["c"]) == (SERVERLESS, MSK)
    assert_best(comparison, [mix], every_mix(comparison))
    fixed = {"a": {"offering": SERVERLESS}, "b": {"offering": OWN}}
    comparison = compared(drawn(fixed))
    (mix,) = optimize(comparison, [FREE])
    assert mix.proven
    assert mix.outcome is not None
    assert mix.outcome.invoices == comparison.candidates[0].outcome.invoices


def test_compare_writes_the_mixes_and_their_sums(tmp_path: Path) -> None:
    """As JSON: one mix for each constraint, and the invoices of each result the sum of its parts."""
    path = tmp_path / "e.yaml"
    clusters, links = {"a": {}, "b": {"role": "standby", "region": "us-west-2"}}, {"x": ("a", "b")}
    plan = work(account={"support": "enterprise"})
    path.write_text(text_of(data_of(clusters, links, {"work": plan})))
    asked = ["compare", str(path), "-o", MSK, "-o", SERVERLESS, "-o", ENTERPRISE, "--as-of", str(OPTIONS.as_of)]
    result = CliRunner().invoke(app, [*asked, "--optimize", "--vendors", "1", "--format", "json"])
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    comparison = compared(drawn(clusters, links, {"work": plan}), [MSK, SERVERLESS, ENTERPRISE])
    wanted = [m.outcome.invoices for m in optimize(comparison, [FREE, Constraint("one", vendors=1)]) if m.outcome]
    assert [m["invoices"] for m in data["mixes"]] == pytest.approx(wanted)
    for found in data["estates"][0]["results"]:
        for e in ("low", "base", "high"):
            parts = sum(p["with_share"][e] for p in [*found["clusters"], *found["links"]])
            assert parts == pytest.approx(found["invoices"][e], abs=0.01), found["offering"]
