"""What each SLA document comes to for a plan, on both sides of every boundary, and which fine print bites it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tco.analysis.compare import compare
from tco.analysis.lint import check_catalog
from tco.catalog.load import Catalog
from tco.data import folder
from tco.engine.options import Options
from tco.errors import InputError
from tco.sla.verdict import SEVERITIES, SlaVerdict
from tests.plans import plan
from tests.test_catalog import DAY, spoil
from tests.test_workbook import catalog

REGIONS = {"aws": "us-east-1", "azure": "eastus", "gcp": "us-central1"}
#: One unit of every serverless cluster is enough for this, in every month.
SMALL = {
    "horizon": "3",
    "ingress.average": "1 MB/s",
    "ingress.peak": "1 MB/s",
    "reads.fanout": "1",
    "partitions": "20",
    "clients.connections": "10",
    "clients.requests": "50",
}
Changes = Mapping[str, Any]


def judged(
    offering: str,
    changes: Changes | None = None,
    pins: Mapping[str, str] | None = None,
    known: Catalog | None = None,
    **assumptions: str,
) -> SlaVerdict:
    known = known or catalog()
    cloud = known.offerings[offering].clouds[0]
    inputs = SMALL | {"cloud": cloud, "region": REGIONS[cloud]} | dict(changes or {})
    options = Options(DAY, given=dict(pins or {}), assumptions=assumptions)
    verdict = compare(known, plan(inputs), options, [offering]).outcomes[0].sla
    assert verdict is not None
    return verdict


def conditional(verdict: SlaVerdict) -> set[str]:
    """Codes of the caveats that bite this plan and need not bite every plan."""
    return {v.caveat.code for v in verdict.biting if v.caveat.trigger != "always"}


COPIES = {
    (copies, least): {"replication_factor": str(copies), "min_insync_replicas": str(least)}
    for copies, least in ((3, 3), (2, 1), (1, 1))
}
PREVIEW = "EVENT-HUBS-TRANSACTIONS-PREVIEW"
MSK = {"MSK-GUIDANCE-CPU", "MSK-MAINTENANCE-OPEN"}
THIN = "MSK-GUIDANCE-REPLICATION"
STUCK = "MSK-GUIDANCE-MIN-INSYNC"
ZONES = {n: {"availability_zones": str(n)} for n in (1, 2, 3)}
CASES: list[tuple[str, Changes, str | None, str, set[str]]] = [
    # Amazon MSK: Multi-AZ only, and the guidance on copies.
    ("aws.msk-standard", ZONES[3], "99.9", "yes", MSK),
    ("aws.msk-standard", ZONES[2], "99.9", "yes", MSK),
    ("aws.msk-standard", ZONES[1], None, "no", MSK | {"MSK-MULTI-AZ-ONLY"}),
    ("aws.msk-standard", ZONES[3] | COPIES[2, 1], "99.9", "yes", MSK | {THIN}),
    ("aws.msk-standard", ZONES[2] | COPIES[2, 1], "99.9", "yes", MSK),
    ("aws.msk-standard", ZONES[2] | COPIES[1, 1], "99.9", "yes", MSK | {THIN, STUCK}),
    ("aws.msk-standard", ZONES[3] | COPIES[3, 3], "99.9", "yes", MSK | {STUCK}),
    ("aws.msk-express", ZONES[3], "99.9", "yes", MSK | {"MSK-EXPRESS-UNSTATED"}),
    ("aws.msk-express", ZONES[3] | COPIES[3, 3], "99.9", "yes", MSK | {"MSK-EXPRESS-UNSTATED"}),
    ("aws.msk-serverless", ZONES[3], "99.9", "yes", {"MSK-SERVERLESS-UNSTATED"}),
    ("aws.msk-serverless", ZONES[3] | COPIES[3, 3], "99.9", "yes", {"MSK-SERVERLESS-UNSTATED"}),
    # Virtual machines: the region level from two zones on, else each machine by itself.
    ("aws.self-managed", ZONES[3], "99.99", "unknown", {"EC2-ALL-ZONES-AT-ONCE"}),
    ("aws.self-managed", ZONES[2], "99.99", "unknown", {"EC2-ALL-ZONES-AT-ONCE"}),
    ("aws.self-managed", ZONES[1], "99.5", "unknown", set()),
    # Event Hubs, by tier.
    ("azure.event-hubs-standard", {}, "99.9", "unknown", {"EVENT-HUBS-STANDARD-DISPUTED"}),
    ("azure.event-hubs-premium", {}, "99.99", "unknown", {"EVENT-HUBS-PREMIUM-UNVERIFIED", PREVIEW}),
    ("azure.event-hubs-dedicated", {}, "99.99", "unknown", {"EVENT-HUBS-DEDICATED-ZONES", PREVIEW}),
    # Confluent: cluster type, units at any hour, zones.
    ("confluent.cloud-basic", {}, "99.5", "unknown", {"CONFLUENT-BASIC-LOWEST"}),
    ("confluent.cloud-basic", {"partitions": "90"}, "99.5", "unknown", {"CONFLUENT-BASIC-LOWEST"}),
    ("confluent.cloud-standard", {}, "99.9", "unknown", {"CONFLUENT-ONE-UNIT"}),
    ("confluent.cloud-standard", {"requirements.uptime": "99.9%"}, "99.9", "unknown", {"CONFLUENT-ONE-UNIT"}),
    ("confluent.cloud-standard", {"requirements.uptime": "99.91%"}, "99.99", "unknown", set()),
    ("confluent.cloud-standard", {"requirements.uptime": "99.99%"}, "99.99", "unknown", set()),
    ("confluent.cloud-enterprise", {}, "99.9", "unknown", {"CONFLUENT-ONE-UNIT"}),
    ("confluent.cloud-enterprise", {"requirements.uptime": "99.99%"}, "99.99", "unknown", set()),
    ("confluent.cloud-freight", {}, "99.99", "unknown", set()),
    ("confluent.cloud-dedicated", ZONES[3], "99.99", "unknown", set()),
    ("confluent.cloud-dedicated", ZONES[2], "99.99", "unknown", set()),
    ("confluent.cloud-dedicated", ZONES[1], "99.95", "unknown", {"CONFLUENT-SINGLE-ZONE"}),
    # Google: the management API, whatever is bought.
    ("gcp.managed-kafka", ZONES[3], "99.95", "unknown", set()),
    ("gcp.managed-kafka", ZONES[1], "99.95", "unknown", set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("offering", "changes", "percent", "qualifies", "bites"),
    CASES,
    ids=[f"{o}-{'-'.join(c.values()) or 'plain'}" for o, c, *_ in CASES],
)
def test_promise_eligibility_and_fine_print(
    offering: str, changes: Changes, percent: str | None, qualifies: str, bites: set[str]
) -> None:
    verdict = judged(offering, changes)
    assert verdict.percent == (Decimal(percent) if percent else None)
    assert verdict.qualifies == qualifies
    assert conditional(verdict) == bites
    assert {v.caveat.code for v in verdict.caveats if v.caveat.trigger == "always"} <= {
        v.caveat.code for v in verdict.biting
    }


@pytest.mark.parametrize(
    ("tier", "percent", "qualifies", "bites"),
    [
        ("dev", None, "no", {"WARPSTREAM-DEV-NO-SLA"}),
        ("fundamentals", "99.9", "yes", {"WARPSTREAM-FUNDAMENTALS-LOWER"}),
        ("pro", "99.99", "yes", set()),
    ],
)
def test_warpstream_promises_by_plan(tier: str, percent: str | None, qualifies: str, bites: set[str]) -> None:
    verdict = judged("warpstream.byoc", pins={"plan": tier})
    assert verdict.percent == (Decimal(percent) if percent else None)
    assert (verdict.qualifies, conditional(verdict)) == (qualifies, bites)
    assert [c.id for c in verdict.failed] == ([] if percent else ["tier-with-sla"])


@pytest.mark.parametrize(("regions", "percent", "bites"), [
    ("1", "99.999", set()), ("0", "99.99", {"WARPSTREAM-ONE-REGION"}),
])  # fmt: skip
def test_five_nines_of_warpstream_need_several_regions(regions: str, percent: str, bites: set[str]) -> None:
    offering = catalog().offerings["warpstream.byoc"]
    assert offering.sla is not None
    facts = {"dev": "0", "fundamentals": "0", "pro": "0", "enterprise": "1", "multi_region": regions}
    enterprise = offering.model_copy(update={"sla": offering.sla.model_copy(update={"facts": facts})})
    verdict = judged(offering.id, known=replace(catalog(), offerings={offering.id: enterprise}))
    assert (verdict.percent, conditional(verdict)) == (Decimal(percent), bites)


@pytest.mark.parametrize("offering", ["confluent.cloud-standard", "confluent.cloud-enterprise"])
def test_the_promise_is_that_of_the_month_with_fewest_units(offering: str) -> None:
    """A cluster that grows into two units has the lower promise until then, and the caveat says so."""
    per_unit = float(catalog().offerings[offering].constants["unit_partitions"].value.base)
    full = {"partitions": str(int(per_unit)), "horizon": "13"}
    grown = full | {"growth.partitions": "50%"}
    for changes in (full, grown):
        verdict = judged(offering, changes)
        assert verdict.percent == Decimal("99.9") and "CONFLUENT-ONE-UNIT" in conditional(verdict)
    verdict = judged(offering, full | {"partitions": str(int(per_unit) + 1)})
    assert verdict.percent == Decimal("99.99") and "CONFLUENT-ONE-UNIT" not in conditional(verdict)


@pytest.mark.parametrize("quiet", ["1 MB/s"])
def test_units_that_come_down_at_night_bring_the_promise_down(quiet: str) -> None:
    """Two units at peak and one for the rest of the day is one unit when it counts."""
    per_unit = float(catalog().offerings["confluent.cloud-standard"].constants["unit_ingress"].value.base)
    peak = f"{per_unit * 1.5} MB/s"
    day = {"ingress.average": quiet, "ingress.peak": peak, "ingress.peak_hours": "1%"}
    assert judged("confluent.cloud-standard", day).percent == Decimal("99.9")


# --- minutes ---


@pytest.mark.parametrize(
    ("offering", "changes", "minutes"),
    [
        ("aws.msk-standard", {}, 43.8),
        ("aws.self-managed", {}, 4.38),
        ("aws.self-managed", ZONES[1], 219),
        ("confluent.cloud-basic", {}, 219),
        ("confluent.cloud-dedicated", ZONES[1], 21.9),
        ("gcp.managed-kafka", {}, 21.9),
        ("aws.msk-standard", ZONES[1], None),
    ],
)
def test_minutes_of_downtime_allowed_in_a_month_of_730_hours(
    offering: str, changes: Changes, minutes: float | None
) -> None:
    allowed = judged(offering, changes).minutes
    assert allowed is None if minutes is None else allowed == pytest.approx(minutes)


def test_minutes_follow_the_hours_of_a_month() -> None:
    assert judged("aws.msk-standard", hours="720").minutes == pytest.approx(43.2)


# --- is it enough, and of what ---


@pytest.mark.parametrize(
    ("offering", "changes", "required", "enough"),
    [
        ("aws.msk-standard", {}, None, None),
        ("aws.msk-standard", {}, "99.9%", True),
        ("aws.msk-standard", {}, "99.91%", False),
        ("aws.msk-standard", ZONES[1], "90%", False),
        ("confluent.cloud-standard", {}, "99.99%", True),
        ("confluent.cloud-basic", {}, "99.9%", False),
        ("azure.event-hubs-standard", {}, "99.95%", False),  # the lower of two published figures is taken
        # promises of machines and of a management API are none of Kafka, however high
        ("aws.self-managed", {}, "1%", False),
        ("gcp.managed-kafka", {}, "1%", False),
    ],
)
def test_whether_the_promise_reaches_what_is_required(
    offering: str, changes: Changes, required: str | None, enough: bool | None
) -> None:
    wanted = {"requirements.uptime": required} if required else {}
    assert judged(offering, {**changes, **wanted}).enough is enough


def test_a_promise_whose_condition_fails_is_never_enough() -> None:
    """Even where the document has a level for the plan: one zone, and a level that asks for nothing."""
    terms = catalog().terms["aws-msk"]
    level = terms.commitments[0].model_copy(update={"when": "always"})
    lax = terms.model_copy(update={"commitments": [level]})
    known = replace(catalog(), terms=catalog().terms | {"aws-msk": lax})
    required = {"requirements.uptime": "90%"}
    verdict = judged("aws.msk-standard", ZONES[1] | required, known=known)
    assert verdict.percent == level.percent and [c.id for c in verdict.failed] == ["multi-az"]
    assert verdict.qualifies == "no" and verdict.enough is False
    assert judged("aws.msk-standard", ZONES[3] | required, known=known).enough is True


@pytest.mark.parametrize("zones", [1, 2, 3])
@pytest.mark.parametrize(
    "offering", [o.id for o in catalog().offerings.values() if o.model == "self_managed" and o.sla]
)
def test_nobody_ever_promises_self_managed_kafka(offering: str, zones: int) -> None:
    verdict = judged(offering, ZONES[zones])
    assert not verdict.covers_kafka
    assert verdict.terms.scope == "virtual_machine"
    first = verdict.caveats[0]
    assert first.bites and first.caveat.severity == "critical"
    assert "no SLA for self-managed Kafka" in " ".join(v.caveat.text for v in verdict.biting)
    assert "availability of Kafka" in verdict.terms.not_promised


def test_google_promises_the_control_plane_only() -> None:
    verdict = judged("gcp.managed-kafka")
    assert verdict.terms.scope == "control_plane" and not verdict.covers_kafka
    assert verdict.biting[0].caveat.code == "GOOGLE-CONTROL-PLANE-ONLY"
    assert verdict.terms.measure.minimum_minutes == 10


@pytest.mark.parametrize("offering", ["aws.msk-standard", "aws.msk-express", "aws.msk-serverless"])
def test_msk_leaves_out_the_engine(offering: str) -> None:
    verdict = judged(offering)
    code = next(v for v in verdict.biting if v.caveat.code == "MSK-ENGINE-EXCLUDED")
    assert code.caveat.severity == "critical"
    assert any("engine" in text for text in verdict.terms.exclusions)


# --- order ---


@pytest.mark.parametrize(
    ("offering", "changes"),
    [("aws.msk-standard", ZONES[1]), ("aws.msk-serverless", {}), ("azure.event-hubs-premium", {}),
     ("confluent.cloud-basic", {}), ("warpstream.byoc", {}), ("aws.self-managed", ZONES[1])],
)  # fmt: skip
def test_what_bites_comes_first_and_the_most_severe_before_the_rest(offering: str, changes: Changes) -> None:
    verdict = judged(offering, changes)
    ranks = [(not v.bites, SEVERITIES.index(v.caveat.severity)) for v in verdict.caveats]
    assert ranks == sorted(ranks)
    assert len({v.bites for v in verdict.caveats}) == 2, "a case that shows nothing"
    assert {v.caveat.code for v in verdict.caveats} == {c.code for c in verdict.terms.caveats}
    written = [c.code for c in verdict.terms.caveats]
    for one, other in pairwise(verdict.caveats):
        if (one.bites, one.caveat.severity) == (other.bites, other.caveat.severity):
            assert written.index(one.caveat.code) < written.index(other.caveat.code)


def test_severities_run_from_critical_down() -> None:
    assert SEVERITIES == ("critical", "major", "minor")


# --- the documents ---


def test_every_document_is_some_offerings_and_what_has_none_can_have_none() -> None:
    """Own servers have nobody who promises; elsewhere a document may not be public."""
    linked = {o.sla.terms for o in catalog().offerings.values() if o.sla}
    assert linked == set(catalog().terms)
    assert all(o.sla is None for o in catalog().offerings.values() if o.clouds == ["on_premises"] and o.vendor == "you")


def test_caveat_codes_are_unique_over_all_documents() -> None:
    """Two readings of one document, with and without disks of their own, may share a caveat word for word."""
    texts: dict[str, set[str]] = {}
    for terms in catalog().terms.values():
        assert len({c.code for c in terms.caveats}) == len(terms.caveats)
        for caveat in terms.caveats:
            texts.setdefault(caveat.code, set()).add(caveat.text)
    assert {code for code, said in texts.items() if len(said) > 1} == set()


@pytest.mark.parametrize("document", ["aws-msk", "azure-event-hubs", "google-managed-kafka", "warpstream"])
def test_credits_that_are_not_public_stay_unknown_and_a_caveat_says_so(document: str) -> None:
    """No ladder is taken from a sibling document."""
    terms = catalog().terms[document]
    assert terms.credits.public == "false" and terms.credits.bands == []
    assert any(c.code.endswith("CREDITS-UNKNOWN") and c.trigger == "always" for c in terms.caveats)


@pytest.mark.parametrize(("document", "steps"), [("aws-ec2", (10, 30, 100)), ("confluent-cloud", (10, 25, 100))])
def test_public_credit_bands_run_without_a_gap_from_the_promise_to_nothing(
    document: str, steps: tuple[int, ...]
) -> None:
    terms = catalog().terms[document]
    bands = terms.credits.bands
    assert terms.credits.public == "true"
    assert bands[0].below == max(c.percent for c in terms.commitments)
    assert bands[-1].at_least == 0
    assert all(upper.at_least == lower.below for upper, lower in pairwise(bands))
    assert tuple(b.percent for b in bands) == steps


def test_a_better_promise_is_asked_before_a_lesser_one() -> None:
    """The first commitment that holds is the one that counts, so within a document they must fall."""
    for terms in catalog().terms.values():
        percents = [c.percent for c in terms.commitments]
        assert percents == sorted(percents, reverse=True), terms.id


def test_claim_windows_are_those_that_were_read() -> None:
    windows = {t.id: t.credits.claim_days for t in catalog().terms.values()}
    assert windows.items() >= {
        "aws-ec2": None, "aws-msk": None, "azure-event-hubs": None, "confluent-cloud": 5,
        "google-managed-kafka": None, "warpstream": None,
    }.items()  # fmt: skip


# --- mistakes of a curator ---

EXPRESS = "offerings/aws.msk-express.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "word"),
    [
        (EXPRESS, "{zones: availability_zones, serverless", "{serverless", "needs the fact 'zones'"),
        (EXPRESS, "terms: aws-msk", "terms: aws-msq", "no SLA document 'aws-msq'"),
        (EXPRESS, 'express: "1"', "express: broker_share_of_mind", "broker_share_of_mind"),
        (EXPRESS, "{zones: availability_zones,", "{zones: partitions,", "sla.zones"),
        ("sla/aws-msk.yaml", "when: zones >= two_zones", "when: zones >= two_copies", "joins zone and replica"),
        ("sla/aws-msk.yaml", "trigger: express", "trigger: expres", "did you mean"),
        ("sla/aws-msk.yaml", "severity: critical", "severity: fatal", "severity"),
        ("sla/aws-msk.yaml", "source: sla-aws-msk-automq", "source: hearsay", "no source 'hearsay'"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_document_is_found(tmp_path: Path, file: str, old: str, new: str, word: str) -> None:
    data = shutil.copytree(folder("pricing_data"), tmp_path / "data")
    spoil(data / file, old, new)
    with pytest.raises(InputError) as error:
        check_catalog(data)
    assert word in str(error.value)
