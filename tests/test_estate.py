"""What an estate comes to: money to the cent, shared bands, sizes for a failover, recovery, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tco.analysis.compare import compare
from tco.analysis.recovery import Objective, objectives
from tco.catalog.prices import PriceBook
from tco.cli.commands import app
from tco.engine.estate import INVOICED, PAYERS, Costing, EstateOutcome, Growth, Placement
from tco.engine.options import Options
from tco.engine.outcome import Outcome
from tco.errors import InputError
from tco.model.evaluate import Array
from tco.workload.estate import EstatePlan, estate_from_text
from tco.workload.estate_rules import round_trip, warnings
from tco.workload.plan import plan_from_text
from tests.estates import (
    MSK,
    OWN,
    SERVERLESS,
    WORK,
    EstateOracle,
    compared,
    costed,
    data_of,
    differences,
    drawn,
    exact_constants,
    exact_inputs,
    full,
    monthly,
    points,
    text_of,
    tiered,
    work,
)
from tests.test_bad_input import tco
from tests.test_workbook import OPTIONS, catalog

CENT = 0.005
#: Offerings of the estate's own cloud alone.
AT_HOME = Options(OPTIONS.as_of)
STAGE = {"stage": {"count": "2", "traffic": "10 %", "partitions": "50 %"}}
LEDGER = {
    "name": "ledger",
    "share": "15 %",
    "partitions": "10",
    "cleanup": "compact",
    "retention": "90 days",
    "kept": "5 %",
}
PAIR: dict[str, Any] = {"a": {}, "b": {"role": "standby", "region": "us-west-2"}}
LINK = {"x": ("a", "b")}


def own_of(p: Placement) -> Array:
    """A cluster's own invoices by (low, base, high) and month."""
    return np.asarray(sum(full(p.own(payer), p.group.horizon)[:, 0] for payer in INVOICED))


# -- money -----------------------------------------------------------------------------------------------

FULL = work(
    ingress={"average": "60 MB/s", "peak": "90 MB/s"},
    retention={"total": "20 days"},
    network={"internet_egress_share": "20 %"},
    account={"support": "enterprise", "other_spend": "12000 USD/month", "other_internet_egress": "9 TB"},
    environments=STAGE,
    topics=[LEDGER],
    growth={"annual": "30 %"},
    history="full",
)


def _renamed(reason: str) -> str:
    """A workload's reason in the words of an estate whose only cluster is called so."""
    return reason.replace("production: ", "only: ").replace("stage", "only.stage")


@pytest.mark.parametrize(
    ("workload", "options"),
    [
        (work(), AT_HOME),
        (FULL, OPTIONS),
        (work(cloud="gcp", region="us-central1", commitment="one_year", account={"support": "business"}), AT_HOME),
    ],
    ids=["plain", "everything", "committed"],
)
def test_an_estate_of_one_cluster_costs_what_the_workload_does(workload: dict[str, Any], options: Options) -> None:
    """To the cent, by month and evidence, on every offering that has a price, with the same verdict."""
    result = compared(drawn({"only": {}}, workloads={"work": workload}), options=options)
    plan = plan_from_text(text_of({**workload, "name": "only", "horizon": "6"}), "w.yaml", catalog())
    alone = {o.id: o for o in compare(catalog(), plan, options).outcomes}
    assert {c.offering for c in result.candidates} == set(alone)
    for c in result.candidates:
        o = alone[c.offering]
        assert c.outcome.status == o.status, o.id
        if o.status != "quote_needed":
            for row in ("invoices", "cash", "discounted"):
                found, wanted = monthly(c.outcome, row), full(o.values[row][:, :, :1], o.horizon)[:, 0]
                assert np.abs(found - wanted).max() < CENT, (o.id, row)
        own = [r for r in c.outcome.reasons if not r.startswith("account: ")]
        reasons = [f"only: {_renamed(r)}" for r in o.reasons]
        assert own == (reasons if o.status != "priced" else []), o.id


def _estates() -> dict[str, EstatePlan]:
    busy = work(
        network={"internet_egress_share": "10 %"},
        account={"support": "enterprise"},
        environments=STAGE,
        topics=[LEDGER],
    )
    return {
        "standby": drawn(PAIR, LINK, {"work": busy}),
        "hub": drawn(
            {
                "plant": {"role": "edge", "count": "3"},
                "hub": {"role": "aggregate", "region": "us-east-2"},
                "lab": {"traffic": "5 %", "environment": "dev", "region": "us-east-2"},
            },
            {"up": ("plant", "hub"), "lab_up": ("lab", "hub", {"share": "50 %"})},
            {"work": work(account={"support": "business", "other_spend": "70000 USD/month"})},
        ),
        "move": drawn(
            {"old": {"ends": "2027-04", "clients_until": "2027-03"}, "new": {"role": "migration", "starts": "2027-02",
             "clients_from": "2027-04", "region": "eu-west-1"}},
            {"go": ("old", "new", {"purpose": "migration", "path": "private_link", "mechanism": "kafka.mirrormaker2"})},
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["standby", "hub", "move"])
def test_invoices_are_the_sum_of_clusters_links_and_account(name: str) -> None:
    estate = _estates()[name]
    result = compared(estate, options=AT_HOME)
    assert len(result.candidates) > 20
    for c in result.candidates:
        o = c.outcome
        parts = [own_of(p) for p in o.placements]
        parts += [full(x.monthly(f"own.{p}"), o.horizon)[:, 0] for x in o.links for p in INVOICED]
        shared = {r.cost: monthly(o, r.cost) for r in o.account if r.cost}
        found = monthly(o, "invoices")
        assert np.abs(found - sum(parts) - sum(shared.values())).max() < CENT, c.offering
        assert np.abs(monthly(o, "cash") - found - monthly(o, "all.labour")).max() < CENT
        for r in o.account:
            if r.cost:
                assert np.abs(sum(monthly(o, s) for s in r.shares.values()) - shared[r.cost]).max() < CENT, r.label
        names = [p.member.name for p in o.placements] + [x.flow.name for x in o.links]
        assert np.abs(sum(monthly(o, f"{n}.invoices") for n in names) - found).max() < CENT, c.offering
        assert (found[0] <= found[1] + CENT).all()
        assert (found[1] <= found[2] + CENT).all()
        assert (found >= 0).all()


@pytest.mark.parametrize("offering", [MSK, SERVERLESS, OWN, "automq.open-source", "confluent.cloud-enterprise"])
def test_the_parts_of_a_group_are_its_lines(offering: str) -> None:
    """What clusters cost by themselves and what they share come to the lines of all of them, whatever the payer."""
    clusters = {"a": {"count": "2"}, "b": {"traffic": "40 %", "changes": {"retention": {"total": "9 days"}}}}
    busy = work(network={"internet_egress_share": "10 %"}, environments=STAGE)
    _, o = costed(drawn(clusters, workloads={"work": busy}), offering)
    (group,) = {id(p.group): p.group for p in o.placements}.values()
    for payer in PAYERS:
        lines = [ln for ln in group.subject.lines if ln.priced and ln.line.payer == payer and not ln.line.on_top]
        wanted = sum((full(group.values[f"{ln.name}.cost"], 6)[:, 0] for ln in lines), np.zeros((3, 6)))
        pooled = [r.cost for r in o.account if r.line.line.payer == payer and r.cost and r.line.meter]
        found = sum((full(p.own(payer), 6)[:, 0] for p in o.placements), np.zeros((3, 6)))
        found = found + sum((monthly(o, cost) for cost in pooled), np.zeros((3, 6)))
        assert found == pytest.approx(wanted, abs=CENT), payer


def test_clusters_of_a_kind_cost_what_each_would_alone() -> None:
    """Where nothing is shared; three of them are three times one."""
    for offering in (MSK, SERVERLESS, "aws.msk-express"):
        _, one = costed(drawn({"a": {}}), offering)
        _, three = costed(drawn({"a": {"count": "3"}}), offering)
        assert monthly(three, "invoices") == pytest.approx(3 * monthly(one, "invoices"), rel=1e-12)


def test_two_workloads_do_not_mix() -> None:
    """Clusters beside each other keep their own sizes, topics, seasons and needs: each costs what it does alone."""
    first = work(topics=[LEDGER], growth={"annual": "50 %", "seasonality": {"2": "1.5"}}, availability_zones="2",
                 replication_factor="2", min_insync_replicas="1", requirements={"must": ["mtls"]})  # fmt: skip
    second = work(ingress={"average": "3 MB/s", "peak": "9 MB/s"}, growth={"seasonality": {"5": "3"}}, partitions="40",
                  reads={"fanout": "5", "peak": "80 MB/s"}, message_size="4 kB")  # fmt: skip
    workloads = {"first": first, "second": second, "third": work(topics=[{**LEDGER, "name": "audit", "hot": "1 day"}])}
    for offering in (MSK, SERVERLESS, OWN):
        clusters = {n: {"workload": n} for n in workloads}
        _, beside = costed(drawn(clusters, workloads=workloads), offering)
        for p in beside.placements:
            _, alone = costed(drawn({p.member.name: clusters[p.member.name]}, workloads=workloads), offering)
            assert p.group.choices[p.place].configuration == alone.placements[0].group.choices[0].configuration
            assert own_of(p) == pytest.approx(own_of(alone.placements[0]), abs=CENT), (offering, p.member.name)


def test_a_cluster_is_paid_for_in_the_months_in_which_it_runs() -> None:
    clusters = {"always": {}, "later": {"starts": "2027-03", "ends": "2027-05"}}
    _, o = costed(drawn(clusters), SERVERLESS)
    paid = {p.member.name: own_of(p)[1] > 0 for p in o.placements}
    assert paid["always"].tolist() == [True] * 6
    assert paid["later"].tolist() == [False, False, True, True, True, False]


# -- what the account shares -----------------------------------------------------------------------------


@cache
def alone(offering: str, text: str) -> Outcome:
    """A workload by itself, as compare has it."""
    return compare(catalog(), plan_from_text(text, "w.yaml", catalog()), AT_HOME, [offering]).outcomes[0]


def used(offering: str, workload: Mapping[str, Any], meter: str, **place: str) -> tuple[list[Fraction], Fraction]:
    """What a workload uses of a meter by itself in each month at base, and what the account uses anyway."""
    o = alone(offering, text_of({**workload, **place, "name": "w", "horizon": "6"}))
    (line,) = [ln for ln in o.subject.lines if ln.meter == meter]
    anyway = o.values.get(f"{line.name}.baseline")
    rest = Fraction(repr(float(anyway.max()))) if anyway is not None else Fraction(0)
    return [Fraction(repr(float(q))) for q in o.monthly(line.name)], rest


POOLED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "object store": ("automq.open-source", "aws.s3:storage", {"retention": {"total": "40 days"}}),
    "internet": (SERVERLESS, "aws.network:internet_egress",
                 {"network": {"internet_egress_share": "90 %"}, "account": {"other_internet_egress": "9 TB"}}),
    "private link": (OWN, "aws.network:private_link_data",
                     {"network": {"access": "private_link"}, "reads": {"fanout": "8"}}),
}  # fmt: skip


@pytest.mark.parametrize("case", POOLED)
def test_clusters_of_a_region_fill_the_bands_together(case: str) -> None:
    """By hand, in fractions: each band's price for what all of them use, on top of what the account uses anyway."""
    offering, meter, changes = POOLED[case]
    busy = {"average": "200 MB/s", "peak": "250 MB/s"}
    first, second = (work(**changes, ingress=i) for i in (busy, {"average": "90 MB/s", "peak": "120 MB/s"}))
    clusters = {"a": {"workload": "first"}, "b": {"workload": "second"}}
    _, o = costed(drawn(clusters, workloads={"first": first, "second": second}), offering)
    (row,) = [r for r in o.account if r.line.meter == meter]
    bands = points(meter, "us-east-1")
    (mine, anyway), (others, _) = (used(offering, w, meter) for w in (first, second))
    assert len(bands) > 1
    assert mine[-1] + others[-1] > Fraction(bands[1].tier_from)
    for m in range(6):
        together = mine[m] + others[m]
        wanted = tiered(bands, together + anyway) - tiered(bands, anyway)
        apart = sum(tiered(bands, q + anyway) - tiered(bands, anyway) for q in (mine[m], others[m]))
        assert monthly(o, row.cost)[1, m] == pytest.approx(float(wanted), rel=1e-9)
        assert wanted <= apart
        share = monthly(o, row.shares["a"])[1, m]
        assert share == pytest.approx(float(wanted * mine[m] / together), rel=1e-9)


def test_two_halves_use_the_bands_as_one_whole_does() -> None:
    half, whole = (
        work(ingress={"average": f"{n} MB/s", "peak": f"{n} MB/s"}, retention={"total": "60 days"}) for n in (60, 120)
    )
    _, two = costed(drawn({"a": {}, "b": {}}, workloads={"work": half}), "warpstream.byoc")
    _, one = costed(drawn({"a": {}}, workloads={"work": whole}), "warpstream.byoc")
    rows = [next(r for r in o.account if r.line.meter == "aws.s3:storage") for o in (two, one)]
    assert monthly(two, rows[0].cost) == pytest.approx(monthly(one, rows[1].cost), rel=1e-12)
    assert float(monthly(two, rows[0].cost).min()) > 0


def test_each_region_fills_the_bands_of_its_object_store_by_itself() -> None:
    meter, offering = "aws.s3:storage", "automq.open-source"
    busy = work(ingress={"average": "200 MB/s", "peak": "250 MB/s"}, retention={"total": "40 days"})
    _, o = costed(drawn({"a": {}, "b": {"region": "us-west-2"}}, workloads={"work": busy}), offering)
    rows = [r for r in o.account if r.line.meter == meter]
    assert [list(r.shares) for r in rows] == [["a"], ["b"]]
    for row, region in zip(rows, ("us-east-1", "us-west-2"), strict=True):
        quantities, _ = used(offering, busy, meter, region=region)
        for m in range(6):
            wanted = tiered(points(meter, region), quantities[m])
            assert monthly(o, row.cost)[1, m] == pytest.approx(float(wanted), rel=1e-9)


def test_a_link_and_a_cluster_share_the_bands_of_a_meter() -> None:
    """Private link data of the clients at the target, and of the link that comes in by private link beside them."""
    busy = work(
        network={"access": "private_link"}, ingress={"average": "400 MB/s", "peak": "400 MB/s"}, reads={"fanout": "3"}
    )
    clusters = {"a": {}, "b": {"region": "us-west-2", "traffic": "100 %"}}
    link = {"x": ("a", "b", {"path": "private_link", "mechanism": "kafka.mirrormaker2"})}
    _, o = costed(drawn(clusters, link, {"work": busy}), OWN)
    (row,) = [r for r in o.account if r.line.meter == "aws.network:private_link_data" and "x" in r.shares]
    assert set(row.shares) == {"b", "x"}
    sent = Fraction(400 * 730 * 3600, 1000)
    placed = next(p for p in o.placements if p.member.name == "b")
    clients = Fraction(repr(float(placed.group.monthly("private_link_data.each")[0])))
    wanted = tiered(points("aws.network:private_link_data", "us-west-2"), sent + clients)
    assert sent + clients > 10**6
    assert monthly(o, row.cost)[1, 0] == pytest.approx(float(wanted), rel=1e-9)


@pytest.mark.parametrize("other", ["0", "70000", "2000000"])
@pytest.mark.parametrize("support", ["business", "enterprise", "mission_critical"])
def test_support_is_reckoned_once_on_all_invoices(support: str, other: str) -> None:
    """Its bands and its least charge are the account's: by hand on the sum of clusters, link and shared meters."""
    account = {"support": support, "other_spend": f"{other} USD/month"}
    busy = work(ingress={"average": "90 MB/s", "peak": "120 MB/s"}, retention={"total": "40 days"}, account=account)
    _, o = costed(drawn(PAIR, LINK, {"work": busy}), "automq.open-source")
    rows = [r for r in o.account if ".support" in r.line.meter and r.sender == "aws" and r.cost]
    meters = [r.cost for r in o.account if r.sender == "aws" and r.cost and r not in rows]
    bands, (least,) = points(f"aws.support:{support}", "*"), points(f"aws.support:{support}_least", "*")
    anyway = Fraction(other)
    for m in range(6):
        usage = sum(Fraction(float(full(p.own("cloud"), 6)[1, 0, m])) for p in o.placements)
        usage += Fraction(float(full(o.links[0].monthly("own.cloud"), 6)[1, 0, m]))
        usage += sum(Fraction(float(monthly(o, c)[1, m])) for c in meters)
        with_it = max(tiered(bands, usage + anyway), Fraction(least.base))
        without = max(tiered(bands, anyway), Fraction(least.base)) if anyway else Fraction(0)
        found = sum(monthly(o, r.cost)[1, m] for r in rows)
        assert found == pytest.approx(float(with_it - without), rel=1e-9, abs=1e-6)


def test_a_vendors_plan_is_held_only_while_something_of_the_vendor_runs() -> None:
    """The least charge of a plan begins with the first cluster, and is borne by those that run."""
    known = {"work": work(account={"support": "business"})}
    clusters = {"a": {"ends": "2027-03"}, "b": {"starts": "2027-03"}}
    _, o = costed(drawn(clusters, None, known, start="2027-01"), {"a": MSK, "b": "confluent.cloud-basic"})
    rows = [r for r in o.account if r.sender == "confluent" and ".support" in r.line.meter]
    spent = sum(monthly(o, r.cost)[1] for r in rows)
    (least,) = points("confluent.support:business_least", "*")
    assert spent[:2] == pytest.approx([0, 0], abs=1e-9)
    assert spent[2:].min() >= float(least.base) - 1e-9
    assert sum(o.total(r.shares["b"]) for r in rows) == pytest.approx(float(spent.sum()), rel=1e-12)
    aws = sum(monthly(o, r.cost)[1] for r in o.account if r.sender == "aws" and ".support" in r.line.meter)
    assert aws.min() > 0  # traffic of the vendor's clusters is on its invoice all the while


def test_each_cloud_bills_its_own_meters_of_a_link() -> None:
    """Workers at the target are no part of what the source's cloud reckons support from."""
    clusters = {"a": {}, "b": {"cloud": "gcp", "region": "us-east1"}}
    copied = {"ab": ("a", "b", {"mechanism": "kafka.mirrormaker2", "dials": "target"})}
    known = {"work": work(account={"support": "business"})}
    _, o = costed(drawn(clusters, copied, known), {"a": MSK, "b": "gcp.self-managed"})
    (x,) = o.links
    lines = [ln for ln in x.lines if ln.priced and not ln.pooled and ln.line.payer == "cloud"]
    for cloud in ("aws", "gcp"):
        costs = [full(x.monthly(f"{ln.name}.cost"), 6)[1, 0] for ln in lines if ln.meter.startswith(f"{cloud}.")]
        assert monthly(o, f"ab.cloud.{cloud}")[1] == pytest.approx(sum(costs), rel=1e-12)
    assert monthly(o, "ab.cloud.gcp")[1].min() > 0
    assert monthly(o, "ab.cloud")[1] == pytest.approx(full(x.monthly("own.cloud"), 6)[1, 0], rel=1e-12)
    meters = [r.cost for r in o.account if r.sender == "aws" and r.cost and ".support" not in r.line.meter]
    usage = monthly(o, "a.cloud")[1] + monthly(o, "ab.cloud.aws")[1] + sum(monthly(o, c)[1] for c in meters)
    assert monthly(o, "cloud_aws.cloud_usage")[1] == pytest.approx(usage, rel=1e-12)


def test_repricing_at_renewal_is_reckoned_once() -> None:
    options = replace(OPTIONS, assumptions={"renewal_uplift": "0.1", "renewal_months": "3"})
    _, o = costed(drawn({"a": {}, "b": {"region": "us-west-2"}}), "confluent.cloud-enterprise", options)
    (row,) = [r for r in o.account if r.line.name.endswith(".repricing")]
    vendor = sum(full(p.own("vendor"), 6)[1, 0] for p in o.placements)
    assert monthly(o, row.cost)[1] == pytest.approx(vendor * np.array([0, 0, 0, 0.1, 0.1, 0.1]), rel=1e-9)
    assert (row.sender, list(row.shares)) == ("confluent", ["a", "b"])


def test_a_support_plan_without_a_price_makes_a_lower_bound() -> None:
    _, o = costed(drawn({"a": {}}, workloads={"work": work(account={"support": "enterprise"})}), "warpstream.byoc")
    assert any(not r.cost and r.sender == "warpstream" for r in o.account)
    assert o.status == "lower_bound"


# -- sizes for a failover --------------------------------------------------------------------------------


def _provisioned() -> list[str]:
    at_home = (n for n, o in catalog().offerings.items() if "aws" in o.clouds and o.sizing.scales != "hourly")
    return [n for n in at_home if alone(n, text_of({**WORK, "name": "w", "horizon": "6"})).status == "priced"]


def held(p: Placement) -> Options:
    """Options that keep a cluster's configuration, so that units can be compared."""
    own = p.group.subject.offering.choices
    configuration = p.group.choices[p.place].configuration
    return replace(OPTIONS, given={f"{p.offering}/{c}": v for c, v in configuration.items() if c in own})


def units(o: EstateOutcome, name: str) -> float:
    p = next(p for p in o.placements if p.member.name == name)
    return float(p.group.monthly(p.group.subject.offering.sizing.units, p.place).max())


def test_a_standby_at_full_size_could_carry_its_source() -> None:
    """On the configuration that its source would have: at least as many units, and for the stream alone no more."""
    ingress = {"average": "150 MB/s", "peak": "225 MB/s"}
    busy = work(ingress=ingress, reads={"fanout": "4"}, clients={"connections": "9000"})
    idle = work(
        ingress=ingress,
        reads={"fanout": "0"},
        clients={"connections": "0", "instances": "0", "requests": "0"},
    )
    offerings = _provisioned()
    assert len(offerings) >= 8
    grew = 0
    for offering in offerings:
        _, source = costed(drawn({"b": {"region": "us-west-2"}}, workloads={"work": busy}), offering)
        options = held(source.placements[0])
        _, stream = costed(drawn({"b": {"region": "us-west-2"}}, workloads={"work": idle}), offering, options)
        sizes = []
        for carries in ("0 %", "50 %", "100 %"):
            pair = {"a": {}, "b": {"role": "standby", "region": "us-west-2", "carries": carries}}
            _, o = costed(drawn(pair, LINK, {"work": busy}), offering, options)
            sizes.append(units(o, "b"))
        assert sizes[0] <= units(stream, "b"), offering
        assert sizes[0] <= sizes[1] <= sizes[2], offering
        assert sizes[2] >= units(source, "b"), offering
        grew += sizes[2] > sizes[0]
    assert grew >= 3


@pytest.mark.parametrize(
    "offering", sorted(n for n, o in catalog().offerings.items() if "aws" in o.clouds and o.sizing.scales == "hourly")
)
def test_what_is_billed_by_the_hour_pays_nothing_for_what_it_would_carry(offering: str) -> None:
    paid = []
    for carries in ("0 %", "50 %", "100 %"):
        pair = {"a": {}, "b": {"role": "standby", "region": "us-west-2", "carries": carries}}
        _, o = costed(drawn(pair, LINK), offering)
        paid.append(monthly(o, "b.invoices"))
    assert np.abs(paid[1] - paid[0]).max() < CENT
    assert np.abs(paid[2] - paid[0]).max() < CENT


def test_a_standby_of_three_carries_all_of_them() -> None:
    three = {"a": {"count": "3"}, "b": {"role": "standby", "region": "us-west-2"}}
    _, o = costed(drawn(three, LINK), MSK)
    b = next(p for p in o.placements if p.member.name == "b")
    assert b.group.monthly("ingress_peak", b.place) == pytest.approx([75.0] * 6)
    assert b.group.monthly("egress_peak", b.place) == pytest.approx([150.0] * 6)


def test_growing_takes_as_long_as_the_vendor_says() -> None:
    """In steps where it adds a few units at a time; nothing where it is at full size; unknown where nobody says."""
    pilot = {"a": {}, "b": {"role": "standby", "region": "us-west-2", "carries": "0 %"}}
    busy = work(ingress={"average": "100 MB/s", "peak": "180 MB/s"}, reads={"fanout": "12"})

    def growth(estate: EstatePlan, offering: str) -> Growth:
        costing = Costing(catalog(), estate, OPTIONS)
        return costing.growth(costing.placements(["a", "b"], offering)["b"])

    small, sized = (drawn(pair, LINK, {"work": busy}) for pair in (pilot, PAIR))
    express = growth(small, "aws.msk-express")
    assert express.full > express.now > 0
    assert express.minutes == (5.0, 30.0, 30.0)
    enterprise = growth(small, "confluent.cloud-enterprise")
    added = int(np.ceil(enterprise.full - enterprise.now))
    assert added > 1
    assert enterprise.minutes == (0.0, 20.0 * added, 20.0 * added)
    standard = growth(small, MSK)
    assert standard.full > standard.now
    assert standard.minutes is None
    assert growth(sized, MSK).minutes == growth(sized, "aws.msk-express").minutes == (0.0, 0.0, 0.0)


def test_steps_of_growth_are_rounded_up() -> None:
    speed = catalog().offerings["confluent.cloud-freight"].sizing.grows
    assert speed is not None
    assert speed.units == 4
    for added, steps in ((0, 0), (0.5, 1), (4, 1), (4.5, 2), (9, 3)):
        assert Growth(3.0, 3.0 + added, speed).minutes == (10.0 * steps,) * 3


# -- recovery --------------------------------------------------------------------------------------------


def losses(
    offering: str, requirements: dict[str, str] | None = None, carries: str = "100 %", **link: Any
) -> dict[str, Objective]:
    """What is lost of the first of a pair, by what goes down."""
    pair = {"a": {}, "b": {"role": "standby", "region": "us-west-2", "carries": carries}}
    keys = {"mechanism": "kafka.mirrormaker2", **link}
    estate = drawn(pair, {"x": ("a", "b", keys)}, {"work": work(requirements=requirements or {})})
    costing, o = costed(estate, offering)
    return {r.loss: r for r in objectives(catalog(), costing, o) if r.cluster == "a"}


@pytest.mark.parametrize(
    ("asked", "met"),
    [("60 s", "met"), ("59 s", "unknown"), ("1 s", "unknown"), ("0.9 s", "not met"), ("0 s", "not met")],
)
def test_the_point_that_is_asked_for_is_met_at_its_edges(asked: str, met: str) -> None:
    """MirrorMaker is 1 to 60 seconds behind."""
    lost = losses(MSK, {"rpo": asked})["its region"]
    assert lost.rpo == (1.0, 10.0, 60.0)
    assert lost.rpo_met == met


@pytest.mark.parametrize(
    ("asked", "met"), [("95 min", "met"), ("94 min", "unknown"), ("18 min", "unknown"), ("17 min", "not met")]
)
def test_the_time_that_is_asked_for_is_met_at_its_edges(asked: str, met: str) -> None:
    """1 to 15 minutes to know, 15 to 40 to decide, 1 to 30 to move the clients, 1 to 10 to find their place again."""
    lost = losses(MSK, {"rto": asked})["its region"]
    assert lost.rto == (18.0, 37.0, 95.0)
    assert lost.rto_met == met


def test_what_a_link_cannot_reach_even_at_best_makes_it_no_substitute() -> None:
    estate = drawn(PAIR, LINK, {"work": work(requirements={"rpo": "0 s"})})
    _, o = costed(estate, MSK)
    assert o.status == "not_a_substitute"
    assert any("0 s is asked for" in r for r in o.reasons)
    _, fine = costed(drawn(PAIR, LINK, {"work": work(requirements={"rpo": "1 s"})}), MSK)
    assert fine.status == "priced"


def test_an_unknown_growth_gives_no_time() -> None:
    busy = work(
        ingress={"average": "100 MB/s", "peak": "180 MB/s"}, reads={"fanout": "4"}, requirements={"rto": "2 hours"}
    )
    pilot = {"a": {}, "b": {"role": "standby", "region": "us-west-2", "carries": "0 %"}}
    times = {}
    for offering in (MSK, "aws.msk-express"):
        costing, o = costed(drawn(pilot, LINK, {"work": busy}), offering)
        found = {r.loss: r for r in objectives(catalog(), costing, o)}["its region"]
        times[offering] = (found.rto, found.rto_met)
    assert times[MSK] == (None, "unknown")
    assert times["aws.msk-express"][0] == pytest.approx((18 + 5, 37 + 30, 95 + 30))


@pytest.mark.parametrize("offering", [MSK, SERVERLESS, OWN, "confluent.cloud-enterprise", "warpstream.byoc"])
def test_a_link_behind_always_loses_something(offering: str) -> None:
    for mechanism in ("any", "kafka.mirrormaker2"):
        lost = losses(offering, mechanism=mechanism)["its region"]
        assert lost.rpo is not None
        assert min(lost.rpo) > 0


def test_nothing_is_lost_only_where_copies_are_in_step() -> None:
    azure = work(cloud="azure", region="eastus")
    pair = {"a": {}, "b": {"role": "standby", "region": "northeurope"}}
    points_of = {}
    for mode in ("async", "sync"):
        keys = {"mode": mode, "mechanism": "azure.event-hubs-geo-replication"}
        costing, o = costed(drawn(pair, {"x": ("a", "b", keys)}, {"work": azure}), "azure.event-hubs-premium")
        assert not o.links[0].refused
        points_of[mode] = {r.loss: r for r in objectives(catalog(), costing, o)}["its region"].rpo
    assert points_of == {"async": (1.0, 300.0, 300.0), "sync": (0.0, 0.0, 0.0)}


@pytest.mark.parametrize(
    ("acks", "rpo", "point", "lost", "met"),
    [
        ("all", "0 s", (0.0, 0.0, 0.0), False, "met"),  # writes stop with either region
        ("all", "1 min", None, False, "unknown"),  # writes go on, and nobody promises what is lost
        ("1", "0 s", None, True, "not met"),
    ],
)
def test_a_stretched_cluster_loses_nothing_only_where_it_stops(
    acks: str, rpo: str, point: object, lost: bool, met: str
) -> None:
    cluster = {"a": {"role": "stretched", "other_region": "us-east-2"}}
    plan = work(acks=acks, requirements={"rpo": rpo})
    costing, o = costed(drawn(cluster, workloads={"work": plan}), "aws.self-managed-stretched")
    found = {r.loss: r for r in objectives(catalog(), costing, o)}["its region"]
    assert (found.rpo, found.lost, found.rpo_met) == (point, lost, met)


def test_good_data_and_the_region_are_lost_without_more_than_a_link() -> None:
    """A link copies deletes too; a cluster without one is lost with its region."""
    asked = work(requirements={"rpo": "1 day", "rto": "1 day"})
    for clusters, links in ((PAIR, LINK), ({"a": {}}, {})):
        costing, o = costed(drawn(clusters, links, {"work": asked}), MSK)
        found = {r.loss: r for r in objectives(catalog(), costing, o)}
        assert set(found) == {"a zone", "its region", "good data"}
        assert found["good data"].lost
        assert found["its region"].lost == (not links)
        assert found["its region"].rpo_met == ("met" if links else "not met")


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({}, False),
        ({"acks": "1"}, True),
        ({"availability_zones": "1"}, True),
        ({"availability_zones": "2"}, False),
    ],
)
def test_losing_a_zone(changes: dict[str, str], lost: bool) -> None:
    costing, o = costed(drawn({"a": {}}, workloads={"work": work(**changes)}), OWN)
    assert {r.loss: r for r in objectives(catalog(), costing, o)}["a zone"].lost is lost


# -- books in fractions ----------------------------------------------------------------------------------


def _oracle_estate() -> EstatePlan:
    a = work(
        growth={"annual": "33 %", "partitions": "12 %", "seasonality": {"2": "1.7"}},
        topics=[LEDGER],
        environments=STAGE,
        account={"support": "enterprise", "other_spend": "5000 USD/month", "other_internet_egress": "9 TB"},
        network={"internet_egress_share": "20 %"},
        history="full",
        compression={"codec": "zstd", "ratio": "3.7"},
    )
    b = work(ingress={"average": "2.3 MB/s", "peak": "7 MB/s"}, account=a["account"], compression=a["compression"])
    return drawn(
        {
            "a": {"workload": "a"},
            "b": {"workload": "b", "count": "3", "starts": "2027-02"},
            "c": {"workload": "a", "role": "standby", "region": "us-west-2", "carries": "40 %"},
        },
        {
            "copy": ("a", "c", {"compression": {"codec": "zstd", "ratio": "5"}}),
            "more": ("b", "c", {"share": "30 %", "path": "private_link", "mechanism": "kafka.mirrormaker2"}),
        },
        {"a": a, "b": b},
        horizon="4",
    )


@pytest.mark.parametrize("offering", [MSK, SERVERLESS, OWN, "warpstream.byoc", "confluent.cloud-enterprise"])
def test_every_row_of_every_book_is_exact(offering: str) -> None:
    estate = _oracle_estate()
    _, o = costed(estate, offering)
    for p in {id(p.group): p for p in o.placements}.values():
        group, members = p.group, [q.member for q in o.placements if q.group is p.group]
        given = exact_inputs(estate, [k for m in members for k in m.places])
        given |= exact_constants(group.subject.offering.constants)
        choices = [c.configuration for c in group.choices]
        oracle = EstateOracle(group.book, 4, len(choices), group.subject.lines, given, choices)
        assert len(oracle.rows) > 100
        assert differences(oracle, group.values) == []
    for x in o.links:
        given = exact_inputs(estate) | exact_constants({**x.mechanism.constants, "lag": x.mechanism.lag})
        oracle = EstateOracle(x.book, 4, 1, x.lines, given)
        assert f"link.{x.flow.name}.sent" not in oracle.rows
        assert {f"{ln.name}.cost" for ln in x.lines if ln.priced} < set(oracle.rows)
        assert differences(oracle, x.values) == []
    oracle = EstateOracle(o.book, 4, 1, [r.line for r in o.account], {})
    assert "invoices" in oracle.rows
    assert differences(oracle, o.values) == []


def test_every_row_of_the_shared_book_is_exact() -> None:
    """The work of all clusters and links before any offering, run again without the values that its rows have."""
    estate = _oracle_estate()
    costing = Costing(catalog(), estate, OPTIONS)
    everyone = frozenset(m.name for m in estate.members)
    for sized in (frozenset[str](), everyone):
        book = costing.shared(sized)
        fresh = book.copy()
        fresh.given = {n: v for n, v in book.given.items() if n not in book.order}
        oracle = EstateOracle(fresh, 4, len(exact_inputs(estate)["partitions"]), (), exact_inputs(estate))
        assert {"link.copy.sent", "ingress_peak", "stored", "requests"} <= set(oracle.rows)
        assert differences(oracle, book.given) == []


def test_a_wrong_price_of_a_link_is_found() -> None:
    digit = Decimal("0.0001")
    off = [
        replace(p, low=p.low + digit, base=p.base + digit, high=p.high + digit)
        if (p.offering, p.meter, p.variant) == ("aws.ec2", "instance_hour", "m7g.xlarge")
        else p
        for p in catalog().prices.points
    ]
    poked = Costing(
        replace(catalog(), prices=PriceBook(off)),
        drawn(PAIR, {"x": ("a", "b", {"mechanism": "kafka.mirrormaker2"})}),
        OPTIONS,
    )
    true = costed(poked.estate, MSK)[1].links[0]
    wrong = poked.cost({"a": MSK, "b": MSK}).links[0]
    given = exact_constants(true.mechanism.constants) | {"hours": [[Fraction(730)] * 3]}
    oracle = EstateOracle(true.book, 6, 1, true.lines, given)
    assert differences(oracle, true.values) == []
    assert any(d.startswith("workers_aws.cost") for d in differences(oracle, wrong.values))


# -- what is refused -------------------------------------------------------------------------------------

GOOD = """\
name: Two regions
start: 2027-01
horizon: 6
workloads:
  pay:
    cloud: aws
    region: us-east-1
    ingress: {average: 10 MB/s, peak: 25 MB/s}
    retention: {total: 3 days}
    partitions: 300
    topics: [{name: ledger, share: 15%, partitions: 10}]
clusters:
  east: {workload: pay, role: primary}
  west: {workload: pay, role: standby, region: us-west-2}
  hub: {workload: pay, role: aggregate, region: us-east-2}
links:
  east_west: {from: east, to: west}
  east_hub: {from: east, to: hub, purpose: aggregation}
"""

BAD = [
    ("to: west}", "to: wets}", 17, "unknown-cluster", "did you mean west"),
    ("from: east, to: west", "from: nowhere, to: west", 17, "unknown-cluster", "'nowhere'"),
    ("from: east, to: west", "from: west, to: west", 17, "bad-link", "from west to itself"),
    (
        "  east_hub: {from: east, to: hub, purpose: aggregation}",
        "  b: {from: west, to: hub, mode: sync}\n  c: {from: hub, to: west, mode: sync}",
        18,
        "cycle",
        "synchronous links form a cycle: west -> hub -> west",
    ),
    (
        "  east_hub: {from: east, to: hub, purpose: aggregation}",
        "  b: {from: west, to: hub, passes_on: true}\n  c: {from: hub, to: west, passes_on: true}",
        18,
        "cycle",
        "pass on what other links bring form a cycle",
    ),
    ("west}\n", "west, purpose: recovery}\n", 17, "two-primaries", "together write 200%"),
    (
        "east_west: {from: east, to: west}",
        "hub: {from: east, to: west}",
        17,
        "same-name",
        "'hub' is a cluster and a link",
    ),
    ("{workload: pay, role: primary}", "{workload: play, role: primary}", 13, "unknown-workload", "did you mean pay"),
    ("role: primary}", "role: primary, offering: aws.msk}", 13, "unknown-offering", "aws.msk"),
    ("to: west}", "to: west, topics: [leger]}", 17, "unknown-topic", "did you mean ledger"),
    ("to: west}", "to: west, topics: [ledger], share: 10%}", 17, "bad-link", "either topics or share"),
    ("to: west}", "to: west, share: -10%}", 17, "bad-value", "negative"),
    ("to: west}", "to: west, share: 101%}", 17, "bad-value", "at most 100 %"),
    ("to: west}", "to: west, share: .nan}", 17, "bad-value", "share"),
    ("to: west}", "to: west, share: 10 MB/s}", 17, "bad-unit", "share"),
    ("to: west}", "to: west, compression: {codec: zstd, ratio: 0}}", 17, "bad-value", "more than 0"),
    ("to: west}", "to: west, speed: 10}", 17, "unknown-key", "speed"),
    ("to: west}", "to: west, mode: sometimes}", 17, "bad-value", "mode"),
    ("role: primary}", "role: primary, traffic: -5%}", 13, "bad-value", "negative"),
    ("role: primary}", "role: primary, count: 0}", 13, "bad-value", "at least 1"),
    ("role: primary}", "role: primary, count: 1.5}", 13, "bad-value", "whole number"),
    ("role: primary}", "role: primary, count: .nan}", 13, "bad-value", "count"),
    ("role: primary}", "role: primary, count: .inf}", 13, "bad-value", "count"),
    ("role: primary}", "role: chief}", 13, "bad-value", "role"),
    ("role: primary}", "role: primary, starts: 2029-01}", 13, "bad-value", "runs in no month"),
    ("role: primary}", "role: primary, starts: 2027-05, ends: 2027-03}", 13, "bad-value", "runs in no month"),
    ("role: primary}", "role: primary, starts: 2027-13}", 13, "bad-value", "not a month"),
    ("role: primary}", "role: primary, region: us-east-9}", 13, "unknown-region", "us-east-9"),
    ("role: primary}", "role: primary, cloud: awz}", 13, "unknown-cloud", "did you mean aws"),
    ("role: primary}", "role: primary, changes: {replication_factor: 0}}", 13, "bad-value", "replication_factor"),
    ("role: primary}", "role: primary, changes: {ingres: {average: 1 MB/s}}}", 13, "unknown-key", "ingres"),
    (", region: us-west-2}", ", count: 3}\n  east2: {workload: pay, count: 2}", 18, "bad-link", "as many at both ends"),
    (
        "    partitions: 300",
        "    partitions: 300\n    name: pay",
        11,
        "unknown-key",
        "'name' of a workload is the estate's",
    ),
    ("    partitions: 300", "    partitions: 300\n    start: 2027-01", 11, "unknown-key", "'start' of a workload"),
    ("    partitions: 300", "    partitions: 300\n    horizon: 12", 11, "unknown-key", "'horizon' of a workload"),
    ("    cloud: aws", "    cloud: &x aws\n    about: *x", 6, "alias", "anchors and aliases are not allowed"),
    ("    cloud: aws", "    cloud: !!python/object/apply:os.system [id]", 6, "bad-value", "must be text"),
    ("horizon: 6", "horizon: 6\nhorizon: 7", 4, "duplicate-key", "given twice"),
    ("horizon: 6", "horizon: 121", 3, "bad-value", "120"),
    ("name: Two regions", f"name: {'x' * 200_000}", 1, "bad-value", "80 characters"),
    ("  east: {", "  '=cmd(1)': {", 13, "bad-value", "=cmd(1)"),
    ("  east_west: {", "  '=1+1': {", 17, "bad-value", "=1+1"),
    ("  pay:\n", "  '=1+1':\n", 5, "bad-value", "=1+1"),
    ("  east: {", f"  {'e' * 200}: {{", 13, "bad-value", "eee"),
    ("clusters:\n", "clusters: {}\nothers:\n", 12, "bad-value", "clusters"),
    ("links:\n", "links: [a]\nothers:\n", 16, "bad-value", "links"),
]


def refusals(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(InputError) as caught:
        estate_from_text(text, "e.yaml", catalog())
    assert {f.place.file for f in caught.value.findings} == {"e.yaml"}
    return [(f.place.line, f.code, f.text) for f in caught.value.findings]


@pytest.mark.parametrize(("old", "new", "line", "code", "word"), BAD)
def test_bad_estate(old: str, new: str, line: int, code: str, word: str) -> None:
    """Each mistake with its line and code, and what is wrong in words; nothing else is complained of."""
    text = GOOD.replace(old, new, 1)
    text = text.replace("role: standby", "role: primary") if code == "two-primaries" else text
    text = text.replace("from: east, to: west", "from: east2, to: west") if "east2" in new else text
    assert text != GOOD
    found = refusals(text)
    assert [f for f in found if f[:2] == (line, code) and word in f[2]], found


def test_the_good_estate_is_accepted() -> None:
    estate = estate_from_text(GOOD, "e.yaml", catalog())
    assert [m.name for m in estate.members] == ["east", "west", "hub"]
    assert warnings(estate, catalog()) == []


def test_two_that_share_their_writing_are_no_two_primaries() -> None:
    shared = GOOD.replace("role: primary", "role: primary, traffic: 50%").replace("role: standby", "role: primary")
    text = shared.replace("region: us-west-2", "region: us-west-2, traffic: 50%")
    estate_from_text(text.replace("to: west}", "to: west, purpose: recovery}"), "e.yaml", catalog())


def test_an_estate_is_one_account() -> None:
    for other in ({"support": "none"}, {"support": "enterprise", "other_spend": "9 USD/month"}):
        known = {"p": work(account={"support": "enterprise"}), "q": work(account=other)}
        with pytest.raises(InputError, match="an estate is one account"):
            drawn({n: {"workload": n} for n in known}, workloads=known)


def test_every_mistake_is_told_at_once_and_ends_with_2(tmp_path: Path) -> None:
    text = (
        GOOD.replace("role: standby", "role: chief").replace("horizon: 6", "horizon: -1").replace("to: hub", "too: hub")
    )
    (tmp_path / "e.yaml").write_text(text)
    result = tco("estate", "check", "e.yaml", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    for place in ("e.yaml:3:", "e.yaml:14:", "e.yaml:18:"):
        assert place in result.stderr, result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("estate", "show", "e.yaml"),
        ("compare", "e.yaml", "--optimize"),
    ],
)
def test_a_bad_link_ends_with_2_whatever_is_asked(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text(GOOD.replace("to: west", "to: wets"))
    result = tco(*arguments, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "e.yaml:17:" in result.stderr
    assert "unknown-cluster" in result.stderr


# -- what is warned of -----------------------------------------------------------------------------------

AZURE = {"cloud": "azure", "region": "eastus"}
WARNED: list[tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("same-region", "x", {"a": {}, "b": {"role": "standby"}}, LINK, {}),
    ("cannot-dial", "x", {"a": {"inbound": "refused"}, "b": {"role": "aggregate"}}, LINK, {}),
    ("cannot-dial", "x", {"a": {}, "b": {"role": "aggregate", "inbound": "refused"}},
     {"x": ("a", "b", {"dials": "source"})}, {}),
    ("too-far", "x", PAIR, {"x": ("a", "b", {"mode": "sync"})}, {"requirements": {"produce_p99": "20 ms"}}),
    ("too-far", "s", {"s": {"role": "stretched", "other_region": "eu-west-1"}}, {},
     {"requirements": {"produce_p99": "20 ms"}}),
    ("residency", "x", {"a": {}, "b": {"role": "standby", "region": "eu-west-1"}}, LINK,
     {"requirements": {"residency": "US"}}),
    ("residency", "s", {"s": {"role": "stretched", "other_region": "eu-west-1"}}, {},
     {"requirements": {"residency": "US"}}),
    ("no-dual-run", "x", {"a": {"ends": "2027-02"}, "b": {"role": "migration", "starts": "2027-03"}},
     {"x": ("a", "b", {"purpose": "migration"})}, {}),
    ("no-dual-run", "m", {"a": {}, "m": {"role": "migration"}}, {}, {}),
    ("no-move", "x", {"a": {}, "b": {"role": "migration"}}, {"x": ("a", "b", {"purpose": "migration"})}, {}),
    ("no-standby", "a", {"a": {}}, {}, {"requirements": {"rpo": "1 min"}}),
    ("no-data", "b", {"a": {}, "b": {"role": "aggregate"}}, {}, {}),
    ("acks", "x", PAIR, {"x": ("a", "b", {"mode": "sync"})}, {"acks": "1"}),
    ("acks", "s", {"s": {"role": "stretched", "other_region": "us-east-2"}}, {}, {"acks": "1"}),
    ("two-sites", "s", {"s": {"role": "stretched", "other_region": "us-east-2"}}, {}, {}),
    ("one-region", "s", {"s": {"role": "stretched"}}, {}, {}),
    ("unknown-region", "s", {"s": {"role": "stretched", "other_region": "us-east-9"}}, {}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "at", "clusters", "links", "changes"), WARNED, ids=[f"{w[0]}-{w[1]}" for w in WARNED])
def test_what_cannot_be_as_drawn_is_warned_of(
    code: str, at: str, clusters: dict[str, Any], links: dict[str, Any], changes: dict[str, Any]
) -> None:
    """At the cluster or link that it is about; it can be costed all the same."""
    data = data_of(clusters, links, {"work": work(**changes)})
    text = text_of(data)
    estate = estate_from_text(text, "e.yaml", catalog())
    found = warnings(estate, catalog())
    key = next(i for i, line in enumerate(text.splitlines(), 1) if line.strip().startswith(f'"{at}": '))
    assert code in [f.code for f in found if f.place.line == key], found
    calm = {"two-sites"} if any(c.get("role") == "stretched" for c in clusters.values()) else set()
    assert {f.code for f in found} <= {code} | calm, found
    costed(estate, SERVERLESS)


def test_an_estate_that_cannot_be_is_shown_as_such_and_what_is_left_out_makes_a_bound(tmp_path: Path) -> None:
    clusters = {"a": {"offering": OWN}, "b": {"cloud": "gcp", "region": "us-east1", "offering": MSK}}
    broken, fine = tmp_path / "broken.yaml", tmp_path / "fine.yaml"
    broken.write_text(text_of(data_of(clusters, {"ab": ("a", "b")})))
    fine.write_text(text_of(data_of({"a": {"offering": OWN}})))
    _, o = costed(drawn({"a": {}}), OWN)
    shown = CliRunner().invoke(app, ["estate", "show", str(broken), "--as-of", "2026-11-24"]).stdout
    assert f"Infeasible: ≥ {o.invoices:,.0f} USD" in shown
    assert f"Together ≥ {o.invoices:,.0f} USD" in shown
    beside = CliRunner().invoke(app, ["estate", "show", str(fine), str(broken), "--as-of", "2026-11-24"]).stdout
    rows = {line.split("  ")[0]: line.split() for line in beside.splitlines() if line.strip()}
    assert rows["verdict"][1:] == ["priced", "infeasible"]
    assert rows["invoices, USD"][2:] == [f"{o.invoices:,.0f}", "≥", f"{o.invoices:,.0f}"]


def test_light_needs_a_millisecond_for_a_hundred_kilometres_and_back() -> None:
    """N. Virginia to Ireland is 5,500 km, to Ohio 490; a site anywhere has no distance."""
    regions = catalog().regions.regions
    trips = [round_trip(regions["us-east-1"], regions[n]) for n in ("eu-west-1", "us-east-2", "own-site", "us-east-1")]
    assert trips[2] is None
    assert [trips[0], trips[1], trips[3]] == pytest.approx([55, 4.9, 0], rel=0.03)


def test_what_is_in_reach_and_asked_for_is_not_warned_of() -> None:
    near = work(requirements={"produce_p99": "60 ms", "residency": "US"})
    for limit, far in (("60 ms", False), ("5 ms", True)):
        near["requirements"]["produce_p99"] = limit
        estate = drawn(PAIR, {"x": ("a", "b", {"mode": "sync"})}, {"work": near})
        assert [f.code for f in warnings(estate, catalog())] == (["too-far"] if far else [])


def test_check_ends_with_1_where_it_warns_and_with_0_where_not(tmp_path: Path) -> None:
    path = tmp_path / "e.yaml"
    for text, code, word in ((GOOD, 0, "0 warnings"), (GOOD.replace("us-west-2", "us-east-1"), 1, "same-region")):
        path.write_text(text)
        result = CliRunner().invoke(app, ["estate", "check", str(path)])
        assert result.exit_code == code, result.output
        assert word in result.stdout
        assert "3 clusters of 3 kinds, 2 links" in result.stdout
