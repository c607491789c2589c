"""Who is called cheapest: nobody inside the noise, and nobody whose total public prices do not settle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tco.analysis.compare import Comparison, compare
from tco.catalog.load import Catalog
from tco.catalog.prices import PriceBook
from tco.engine.options import Options
from tco.errors import InputError
from tco.report.headline import headline
from tco.report.words import total_text
from tco.report.xlsx import write_workbook
from tco.workload.plan import plan_from_text
from tests.spreadsheet import edited, errors, input_cells, recalculated
from tests.test_workbook import DELIVERED, OPTIONS, catalog, text_of

EUROPE = {"region": "eu-central-1"}


def run(
    name: str,
    inputs: dict[str, str],
    options: Options = OPTIONS,
    *offerings: str,
    known: Catalog | None = None,
) -> Comparison:
    known = known or catalog()
    return compare(known, plan_from_text(text_of(name), name, known, inputs), options, offerings)


def without(*meters: str, region: str = "") -> Catalog:
    """The catalog less the prices of meters, `owner:meter` or all of an `owner:`, in a region or everywhere."""
    gone = [
        p
        for p in catalog().prices.points
        if any(f"{p.offering}:{p.meter}".startswith(m) for m in meters) and region in ("", p.region)
    ]
    assert gone
    return replace(catalog(), prices=PriceBook([p for p in catalog().prices.points if p not in gone]))


def no_disks() -> Catalog:
    """Self-managed Kafka in Frankfurt has no price of its disks."""
    return without("aws.ebs:gp3_storage")


def test_a_lower_bound_does_not_win() -> None:
    result = run("payments", EUROPE, OPTIONS, "aws.self-managed", "aws.msk-standard", known=no_disks())
    lowest = result.ranked[0]
    assert lowest.status == "lower_bound" and total_text(lowest).startswith("≥")
    assert result.winner is None and lowest in result.tied
    said = headline(result)
    assert said[0].startswith("Tied: ") and "EBS volumes" in said[1]
    assert not any(s.startswith("Cheapest") for s in said)


def test_prices_of_another_region_do_not_win() -> None:
    result = run("team", EUROPE)
    google = next(o for o in result.ranked if o.id == "gcp.managed-kafka")
    assert google.proxies == ["us-central1"] and total_text(google).startswith("≈")
    assert result.winner is not google


def test_an_unsettled_total_out_of_reach_does_not_disturb() -> None:
    """A lower bound above what the cheapest can cost at most is dearer whatever is missing."""
    both = run("payments", EUROPE, OPTIONS, "aws.self-managed", "aws.msk-standard", known=no_disks())
    assert both.winner is None
    cheap = Options(
        OPTIONS.as_of, prices={"aws.msk-standard:broker_hour": "0.001", "aws.msk-standard:storage": "0.001"}
    )
    result = run("payments", EUROPE, cheap, "aws.self-managed", "aws.msk-standard", known=no_disks())
    assert result.winner is not None and result.winner.id == "aws.msk-standard"


def test_a_configuration_that_uses_what_has_no_price_is_not_taken_for_cheap() -> None:
    """With the object store for free, as it looks where nobody prices it, tiering would win."""
    tiered = run("payments", {}, OPTIONS, "aws.self-managed").outcomes[0]
    free = {f"aws.s3:{m}": "0" for m in ("storage", "put_requests", "get_requests")}
    looks_cheap = run("payments", {}, Options(OPTIONS.as_of, prices=free), "aws.self-managed").outcomes[0]
    one = Options(OPTIONS.as_of, given={"instance_type": "m7g.4xlarge", "follower_fetch": "leader"})
    unknown = run("payments", {}, one, "aws.self-managed", known=without("aws.s3:")).outcomes[0]
    assert tiered.status == unknown.status == "priced"
    assert looks_cheap.choices[0].configuration["tiering"] == "on"
    assert unknown.choices[0].configuration["tiering"] == "off"
    assert any("no public price" in r.why for r in unknown.choices[0].runners_up)


def test_an_offering_without_any_price_of_its_own_in_a_region_is_not_free_there() -> None:
    known = without("aws.msk-express:", region="us-east-1")
    result = run("payments", {}, OPTIONS, "aws.msk-express", known=known)
    assert [o.status for o in result.outcomes] == ["quote_needed"] and not result.ranked


def test_what_nobody_uses_needs_no_price() -> None:
    assert run("team", {}, OPTIONS, "aws.msk-standard").outcomes[0].status == "priced"
    known = without("aws.network:")
    used = run("team", {}, OPTIONS, "aws.msk-standard", known=known).outcomes[0]
    idle = {ln.name for ln in used.subject.lines if not ln.priced} - {ln.name for ln in used.unpriced}
    assert idle, "the paths have meters that this plan does not use"


def test_an_offering_that_runs_nowhere_near_is_refused_when_asked_for() -> None:
    with pytest.raises(InputError, match=r"confluent\.nowhere runs on ibm"):
        o = (
            catalog()
            .offerings["confluent.cloud-basic"]
            .model_copy(update={"clouds": ["ibm"], "id": "confluent.nowhere"})
        )
        known = replace(catalog(), offerings={**catalog().offerings, "confluent.nowhere": o})
        run("team", {"region": "sa-east-1"}, OPTIONS, "confluent.nowhere", known=known)


def test_one_unsettled_total_alone_is_no_winner() -> None:
    result = run("payments", EUROPE, OPTIONS, "aws.self-managed", known=no_disks())
    assert result.winner is None and result.tied == result.ranked
    assert headline(result)[0] == "Only aws.self-managed can do the work, and public prices do not settle its total."


@pytest.mark.parametrize("error", ["0", "0.1", "0.9"])
def test_the_winner_is_beyond_its_evidence_and_the_model_error(error: str) -> None:
    result = run("team", {}, Options(OPTIONS.as_of, assumptions={"model_error": error}))
    first = next(o for o in result.ranked if not o.unsettled)
    reach = first.interval("total").high * (1 + float(error))
    assert result.tied == [o for o in result.ranked if o.interval("total").low <= reach]
    assert (result.winner is first) == (len(result.tied) == 1)


@pytest.mark.parametrize(("name", "inputs"), [("payments", EUROPE), ("team", EUROPE), ("payments", {})])
def test_the_workbook_tells_apart_as_the_engine_does(name: str, inputs: dict[str, str], tmp_path: Path) -> None:
    """Among all that are ranked and a few that are not: each of those would only make the file longer."""
    everything = run(name, inputs, OPTIONS, *DELIVERED)
    offerings = [o.id for o in (*everything.ranked, *everything.others[:3])]
    result = run(name, inputs, OPTIONS, *offerings)
    assert [o.id for o in result.ranked] == [o.id for o in everything.ranked]
    data = write_workbook(result)
    cell = input_cells(data)["model_error"]
    for error in (0.1, 0.3):
        changed = run(
            name, inputs, Options(OPTIONS.as_of, assumptions={"model_error": str(error)}, any_cloud=True), *offerings
        )
        workbook = recalculated(edited(data, {("Inputs", cell): error}), tmp_path / str(error))
        assert errors(workbook) == []
        shown = {r[1].value: r[6].value for r in workbook["Summary"].iter_rows(min_row=7, max_row=60) if r[0].value}
        assert shown == {
            o.subject.offering.name: "cheapest" if o is changed.winner else "no" if o in changed.tied else "yes"
            for o in changed.ranked
        }


def test_a_configuration_without_a_price_is_never_free() -> None:
    """Frankfurt has no public price of the one machine family that the agents are sized on."""
    result = run("team", EUROPE, OPTIONS, "warpstream.byoc")
    outcome = result.outcomes[0]
    chosen = outcome.choices[0].configuration["agent_type"]
    priced = {p.variant for p in catalog().prices.select("aws.ec2", "instance_hour", "eu-central-1", OPTIONS.as_of)}
    assert (chosen in priced) == (outcome.status == "priced")


def test_a_pinned_configuration_without_a_price_is_a_lower_bound() -> None:
    points = catalog().prices.points
    unpriced = "express.m7g.large"
    held = [p for p in points if (p.meter, p.variant, p.region) != ("broker_hour", unpriced, "us-east-1")]
    short = replace(catalog(), prices=PriceBook(held))
    plan = plan_from_text(text_of("team"), "team", short)
    pinned = Options(OPTIONS.as_of, given={"broker_type": unpriced})
    outcome = compare(short, plan, pinned, ["aws.msk-express"]).outcomes[0]
    assert outcome.status == "lower_bound"
    assert f"for {unpriced} in us-east-1" in " ".join(outcome.reasons)
    free = compare(short, plan, Options(OPTIONS.as_of), ["aws.msk-express"]).outcomes[0]
    assert free.status == "priced" and free.choices[0].configuration["broker_type"] != unpriced


def test_clients_that_stay_pay_for_leaving_both_clouds() -> None:
    """With brokers elsewhere, producers' bytes leave the plan's own cloud and consumers' bytes leave the other one."""
    plain = {"compression.codec": "none", "compression.ratio": "1", "horizon": "1"}
    beside = run("team", plain, OPTIONS, "azure.event-hubs-standard").outcomes[0]
    stay = run("team", plain | {"network.clients": "stay"}, OPTIONS, "azure.event-hubs-standard").outcomes[0]
    assert beside.staying is not None and stay.staying is None
    assert beside.staying.interval("total") == stay.interval("total")
    assert f"if they stay in aws: {stay.interval('total').base:,.0f} USD" in " ".join(beside.marks)
    lines = {ln.name: ln for ln in stay.priced_lines}
    assert {p.region for p in lines["home_egress"].points} == {"us-east-1"}
    assert {p.region for p in lines["internet_egress"].points} == {"eastus"}
    assert stay.monthly("home_egress")[0] == pytest.approx(1e6 * 730 * 3600 / 1e9)
    assert stay.monthly("internet_egress")[0] == pytest.approx(2 * 1e6 * 730 * 3600 / 1e9)
    assert stay.cost(lines["home_egress"]) == pytest.approx((2628 - 100) * 0.09)
    gone = {"private_link_hours", "private_link_data", "cross_zone_produce", "cross_zone_consume", "nat_data"}
    assert not gone & set(lines)


AZURE = {"cloud": "azure", "region": "eastus"}


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        ({}, "clients cannot stay in azure: it has no public access"),
        ({"network.access": "private_link"}, "clients cannot stay in azure and have access by private link"),
    ],
)
def test_clients_that_cannot_stay(inputs: dict[str, str], why: str) -> None:
    beside = run("team", AZURE | inputs, OPTIONS, "aws.msk-serverless").outcomes[0]
    assert why in " ".join(beside.marks)
    stay = run("team", AZURE | inputs | {"network.clients": "stay"}, OPTIONS, "aws.msk-serverless").outcomes[0]
    assert stay.status == "not_a_substitute" and why in stay.reasons


def test_a_cluster_that_a_lost_zone_overloads_is_marked() -> None:
    """Express is sized by AWS's own rule, which keeps nothing free for the loss of a zone."""
    result = run("analytics", {}, OPTIONS, "aws.msk-express", "aws.msk-standard", "confluent.cloud-freight")
    busy = {o.id: o.utilisation("zone_down") for o in result.ranked}
    marked = {o.id for o in result.ranked for m in o.marks if m.startswith("with a zone down")}
    assert (
        marked == {"aws.msk-express"} == {name for name, share in busy.items() if share is not None and share > 1.001}
    )
    assert busy["confluent.cloud-freight"] == pytest.approx(1)
