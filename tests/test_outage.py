"""Outages against SLA documents: what each counts by its own definition, what comes back, and by when to ask."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tco.analysis.compare import Comparison, compare
from tco.analysis.outages import Held, held, month_of
from tco.errors import InputError
from tco.report.outages import COLUMNS, cells, month_table
from tco.report.words import maintenance_text
from tco.sla.claim import last_day
from tco.sla.outage import FAULTS, Outage, Span, counted, parse_outage
from tests.plans import plan
from tests.test_cli import shown
from tests.test_sla import REGIONS, SMALL
from tests.test_workbook import OPTIONS, catalog

TERMS = catalog().terms
AN_HOUR = {"downtime_cost": "20000 USD/hour"}


def run(offering: str, changes: dict[str, Any] | None = None) -> Comparison:
    cloud = catalog().offerings[offering].clouds[0]
    where = {"cloud": cloud, "region": REGIONS.get(cloud) or region_of(cloud)}
    return compare(catalog(), plan(SMALL | where | AN_HOUR | (changes or {})), OPTIONS, [offering])


def region_of(cloud: str) -> str:
    return next(name for name, r in catalog().regions.regions.items() if r.cloud == cloud)


def after(offering: str, *outages: str, month: str = "", changes: dict[str, Any] | None = None) -> Held:
    result = run(offering, changes)
    return held(result.outcomes[0], month_of(result, [parse_outage(o) for o in outages], month or None))


# -- what can be written ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "outage"),
    [
        ("3h", Outage(1, Decimal(180), "cluster")),
        ("30x9min", Outage(30, Decimal(9), "cluster")),
        ("2 x 45 min of writes", Outage(2, Decimal(45), "writes")),
        ("90s", Outage(1, Decimal("1.5"), "cluster")),
        ("1.5 h machines", Outage(1, Decimal(90), "machines")),
        ("1d of Maintenance", Outage(1, Decimal(1440), "maintenance")),
    ],
)
def test_an_outage_is_read(text: str, outage: Outage) -> None:
    assert parse_outage(text) == outage


@pytest.mark.parametrize("text", ["", "3", "h", "-3h", "3h of brokers", "3e9h", "1e3h", "3h 2h", "9999999h", "x9min"])
def test_what_is_no_outage_is_refused_with_what_can_be_written(text: str) -> None:
    with pytest.raises(InputError, match="write 3h, 30x9min") as error:
        parse_outage(text)
    assert all(fault in str(error.value) for fault in FAULTS)


# -- each document by its own definition of downtime -----------------------------------------------------

COUNTS: list[tuple[str, str, Span]] = [
    # Google: ten consecutive minutes, of the management API alone.
    ("google-managed-kafka", "30x9min of management", Span(0, 0)),
    ("google-managed-kafka", "30x10min of management", Span(300, 300)),
    ("google-managed-kafka", "3h", Span(0, 0)),
    # Confluent: every write of the whole cluster, in full minutes, maintenance set apart.
    ("confluent-cloud", "30x9min", Span(270, 270)),
    ("confluent-cloud", "30x59s", Span(0, 0)),
    ("confluent-cloud", "30x119s of writes", Span(30, 30)),
    ("confluent-cloud", "3h of reads", Span(0, 0)),
    ("confluent-cloud", "3h of partition", Span(0, 0)),
    ("confluent-cloud", "3h of maintenance", Span(0, 0)),
    ("confluent-cloud", "3h of management", Span(0, 180)),
    # Aiven: full consecutive minutes in which nothing can be reached.
    ("aiven", "10x90s", Span(10, 10)),
    ("aiven", "3h of partition", Span(0, 0)),
    # AutoMQ: whole minutes in which nothing can be produced.
    ("automq", "10x90s of writes", Span(10, 10)),
    ("automq", "3h of reads", Span(0, 0)),
    # Redpanda: steps of five seconds add up.
    ("redpanda-cloud", "10x90s", Span(15, 15)),
    ("redpanda-cloud", "3h of reads", Span(0, 0)),
    # Machines, and not the Kafka on them.
    ("aws-ec2", "3h", Span(0, 0)),
    ("aws-ec2", "3h of machines", Span(180, 180)),
    ("aws-ec2-local-disks", "3h of writes", Span(0, 0)),
    ("azure-vm", "3h", Span(0, 0)),
    ("azure-vm", "3h of machines", Span(0, 180)),
    ("gcp-compute", "3h", Span(0, 0)),
    ("gcp-compute", "3h of machines", Span(0, 180)),
    # A topic that cannot be read or written is enough; from how many minutes on is not said.
    ("doublecloud-kafka", "2h of partition", Span(0, 120)),
    ("yandex-kafka", "2h of reads", Span(0, 120)),
    # The vendor's own test messages decide.
    ("ibm-event-streams", "2h", Span(0, 120)),
    ("ibm-event-streams", "2h of partition", Span(0, 120)),
    # The control plane; announced downtime is set apart.
    ("warpstream", "2h of maintenance", Span(0, 0)),
    ("warpstream", "2h of management", Span(0, 120)),
    ("alibaba-kafka", "2h of maintenance", Span(0, 0)),
    ("alibaba-kafka", "2h", Span(0, 120)),
    # What counts is not known: nothing, or all of it.
    *((name, "2h", Span(0, 120)) for name in ("aws-msk", "azure-event-hubs", "azure-hdinsight", "cloudkarafka")),
    *((name, "2h", Span(0, 120)) for name in ("huawei-dms-kafka", "oracle-oci-streaming", "upstash-kafka")),
]


@pytest.mark.parametrize(("terms", "outage", "minutes"), COUNTS)
def test_a_document_counts_by_its_own_definition(terms: str, outage: str, minutes: Span) -> None:
    assert counted(TERMS[terms].measure, [parse_outage(outage)]) == minutes


def test_every_document_has_a_case() -> None:
    assert {name for name, _, _ in COUNTS} == set(TERMS)


@given(
    st.sampled_from(sorted(TERMS)),
    st.lists(st.builds(Outage, st.integers(1, 40), st.decimals(0, 600, places=3), st.sampled_from(FAULTS)), max_size=5),
)
def test_never_more_counts_than_was_down_and_outages_add_up(terms: str, outages: list[Outage]) -> None:
    measure = TERMS[terms].measure
    all_of = counted(measure, outages)
    assert 0 <= all_of.least <= all_of.most <= float(sum(o.total for o in outages)) * (1 + 1e-12)
    each = [counted(measure, [o]) for o in outages]
    assert all_of.least == pytest.approx(sum(e.least for e in each))
    assert all_of.most == pytest.approx(sum(e.most for e in each))


# -- credits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outage", "uptime", "percent"),
    [
        ("4min of machines", 100 - 4 / 432, 0),  # 43,200 minutes in April: 4.32 are allowed
        ("5min of machines", 100 - 5 / 432, 10),
        ("432min of machines", 99.0, 10),  # on the edge the milder band holds
        ("433min of machines", 100 - 433 / 432, 30),
        ("2160min of machines", 95.0, 30),
        ("2161min of machines", 100 - 2161 / 432, 100),
    ],
)
def test_bands_hold_from_their_lower_edge(outage: str, uptime: float, percent: float) -> None:
    c = after("aws.self-managed", outage, changes={"start": "2027-04"}).claim
    assert c is not None and c.percent == Span(percent, percent)
    assert c.uptime.least == c.uptime.most == pytest.approx(uptime, rel=1e-12)


def test_the_charges_are_those_that_the_document_names() -> None:
    """EC2's credit is a share of the machines alone, of every cluster in the region: not of disks or traffic."""
    both = {"environments": {"stage": {"count": 1, "traffic": "10%", "partitions": "50%"}}}
    found = after("aws.self-managed", "3h of machines", changes=both)
    machines = sum(float(found.outcome.monthly(f"{line}.cost")[0]) for line in ("broker_hours", "controller_hours"))
    assert found.claim is not None and found.claim.charge == pytest.approx(machines)
    assert found.claim.credit is not None and found.claim.credit.most == pytest.approx(machines * 0.1)
    assert found.uncovered(60_000) == pytest.approx(1 - machines * 0.1 / 60_000)


def test_only_the_cluster_that_was_down_counts_where_the_document_says_so() -> None:
    two = {"environments": {"stage": {"count": 3, "traffic": "100%", "partitions": "100%"}}}
    alone, beside = (after("aiven.kafka-standard", "3h", changes=c).claim for c in (None, two))
    assert alone is not None and beside is not None
    assert alone.charge is not None and alone.charge > 0
    assert beside.charge == pytest.approx(alone.charge, rel=0.01)


def test_thirty_times_the_time_beyond_the_level_up_to_three_months() -> None:
    c = after("aiven.kafka-standard", "3h").claim
    assert c is not None and c.percent is not None
    assert c.percent.most == pytest.approx(100 * 30 * (180 - 44640 * 0.0001) / 44640)
    most = after("aiven.kafka-standard", "30d").claim
    assert most is not None and most.percent == Span(300, 300)


def test_what_is_not_public_is_no_number() -> None:
    msk, confluent = (after(name, "3h").claim for name in ("aws.msk-standard", "confluent.cloud-enterprise"))
    assert msk is not None and msk.percent is None and msk.charge is None and msk.credit is None
    assert confluent is not None and confluent.percent == Span(10, 10) and confluent.credit is None


def test_a_plan_that_does_not_qualify_has_no_claim() -> None:
    found = after("aws.msk-standard", "3h", changes={"availability_zones": "1"})
    assert found.claim is not None and found.claim.credit is None
    assert found.claim.why_none == "nothing is promised to this plan" and found.uncovered(1) == 1


def test_the_charges_are_those_of_the_month() -> None:
    plain = after("oracle.streaming", "3h").claim
    later = after("oracle.streaming", "3h", month="2027-03", changes={"growth.annual": "100%"}).claim
    assert plain is not None and later is not None and plain.charge is not None and later.charge is not None
    assert later.charge > plain.charge > 0


# -- by when ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "day"),
    [
        ("confluent-cloud", date(2027, 12, 5)),  # five days after the end of the month
        ("ibm-event-streams", date(2028, 1, 29)),
        ("oracle-oci-streaming", date(2027, 12, 31)),  # sixty days after the event, safe for the first of the month
        ("aws-ec2", date(2028, 1, 31)),  # the end of the second month after
        ("azure-event-hubs", date(2028, 1, 31)),
        ("aws-msk", None),
    ],
)
def test_the_last_day_to_claim(terms: str, day: date | None) -> None:
    assert last_day(TERMS[terms].credits, (2027, 11)) == day


# -- the command -----------------------------------------------------------------------------------------

PAYMENTS = "examples/workloads/payments.yaml"


def test_the_same_month_side_by_side() -> None:
    names = ["aws.msk-standard", "confluent.cloud-enterprise", "azure.event-hubs-premium", "gcp.managed-kafka"]
    options = [part for name in names for part in ("-o", name)]
    text = shown("sla", PAYMENTS, *options, "--outage", "3h", "--outage", "30x9min of reads")
    rows = {row.split()[0]: row for row in text.splitlines() if row.split() and row.split()[0] in names}
    assert set(rows) == set(names) and "150,000 USD lost" in text
    assert "0 to 450" in rows["aws.msk-standard"] and "not public: ask" in rows["aws.msk-standard"]
    assert " 10 % " in rows["confluent.cloud-enterprise"] and " 2027-02-05" in rows["confluent.cloud-enterprise"]
    assert (
        " 0 " in rows["gcp.managed-kafka"]
        and " none " in rows["gcp.managed-kafka"]
        and rows["gcp.managed-kafka"].rstrip().endswith("100%")
    )


def test_planned_maintenance_has_a_column_that_goes_first_on_a_narrow_screen() -> None:
    names = ["aws.msk-standard", "confluent.cloud-enterprise", "azure.event-hubs-basic"]
    result = compare(catalog(), plan(SMALL | AN_HOUR), OPTIONS, names)
    when = month_of(result, [parse_outage("3h")], None)
    rows = [held(o, when) for o in result.outcomes]
    said = {row.outcome.id: dict(zip([t for t, _ in COLUMNS[1:]], cells(row, when), strict=True)) for row in rows}
    assert {name: said[name]["maintenance"] for name in names} == dict(zip(names, ["?", "excluded", ""], strict=True))
    shown_at = [{str(c.header) for c in month_table(rows, when, width).columns} for width in range(200, 60, -1)]
    assert next(shown_at[0] - heads for heads in shown_at if heads != shown_at[0]) == {"maintenance"}


def test_words_on_maintenance_say_whether_it_counts() -> None:
    counts = {name: t.measure.counts.get("maintenance") for name, t in TERMS.items()}
    assert {name for name, c in counts.items() if c == "no"} == {
        "aiven", "alibaba-kafka", "confluent-cloud", "warpstream",
    }  # fmt: skip
    for name, terms in TERMS.items():
        text = maintenance_text(terms)
        assert text.startswith({None: "Whether it counts", "no": "Does not count", "yes": "Counts"}[counts[name]])
        assert text.endswith(terms.maintenance or "ask.")
    (msk,) = json.loads(shown("sla", PAYMENTS, "-o", "aws.msk-standard", "--outage", "3h", "--format", "json"))[
        "results"
    ]
    assert msk["maintenance_counts"] is None and msk["maintenance"].startswith("How maintenance counts is not known")
    assert "Planned maintenance: Does not count as downtime. Scheduled maintenance announced 5 days" in shown(
        "sla", PAYMENTS, "-o", "confluent.cloud-enterprise", "--outage", "3h"
    )


def test_data_has_no_number_for_what_is_not_known() -> None:
    options = ("-o", "aws.msk-standard", "-o", "aiven.kafka-standard", "--outage", "3h", "--format", "json")
    data = json.loads(shown("sla", PAYMENTS, *options))
    found = {row["offering"]: row for row in data["results"]}
    msk, aiven = found["aws.msk-standard"], found["aiven.kafka-standard"]
    assert data["loss_usd"] == 60_000 and data["outages"] == [{"fault": "cluster", "times": 1, "minutes": 180.0}]
    assert msk["counted_minutes"] == [0, 180] and msk["credit_usd"] is msk["charges_usd"] is msk["uncovered"] is None
    least, most = aiven["credit_usd"]
    assert least == most == pytest.approx(aiven["charges_usd"] * aiven["credit_percent"][0] / 100)
    assert aiven["uncovered"] == pytest.approx(1 - most / 60_000)


def test_one_offering_alone_says_what_its_document_says() -> None:
    text = shown("sla", PAYMENTS, "-o", "aws.msk-standard", "--outage", "3h")
    assert "Amazon MSK Service Level Agreement, undated" in text
    assert "Not public, so ask: how much comes back" in text


@pytest.mark.parametrize(
    ("outages", "month", "said"),
    [
        (["40d"], None, "longer than 2027-01, which has 744 hours"),
        (["3h"], "2026-12", "runs from 2027-01 to 2027-03"),
        (["3h"], "March", "no month of the plan"),
    ],
)
def test_a_month_that_cannot_be_is_refused(outages: list[str], month: str | None, said: str) -> None:
    result = run("aws.msk-standard")
    with pytest.raises(InputError, match=said):
        month_of(result, [parse_outage(o) for o in outages], month)
