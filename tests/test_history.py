"""The past: prices of a day give the totals of that day, and a change of price moves exactly what it changed."""

from __future__ import annotations

from datetime import date

import pytest

from tco.analysis.compare import compare
from tco.engine.options import Options
from tco.engine.outcome import Outcome
from tco.workload.plan import plan_from_text
from tests.test_workbook import catalog

#: Small enough for every plan of a developer; nothing grows, so that each month costs the same.
PLAN = """
name: small
cloud: aws
region: us-east-1
ingress: {average: 20 kB/s, peak: 40 kB/s}
retention: {total: 1 day}
partitions: 5
replication_factor: 1
min_insync_replicas: 1
history: full
horizon: 12
"""
MONTHS, HOURS = 12, 730


def run(offering: str, day: str) -> Outcome:
    plan = plan_from_text(PLAN, "small", catalog())
    return compare(catalog(), plan, Options(date.fromisoformat(day)), [offering]).outcomes[0]


def costs(outcome: Outcome) -> dict[str, float]:
    return {line.name: outcome.cost(line) for line in outcome.priced_lines}


@pytest.mark.parametrize(
    ("offering", "before", "after", "moved"),
    [
        ("aiven.kafka-developer", "2026-05-11", "2026-05-12", {"compute": (35 - 29) * MONTHS}),
        ("redpanda.serverless", "2025-03-24", "2025-03-25", {"cluster_hours": 0.1 * HOURS * MONTHS}),
    ],
)
def test_a_real_price_change_moves_exactly_what_it_changed(
    offering: str, before: str, after: str, moved: dict[str, float]
) -> None:
    old, new = run(offering, before), run(offering, after)
    known = set(costs(old)) | set(moved)
    assert {n: c - costs(old).get(n, 0) for n, c in costs(new).items() if n in known and c != costs(old).get(n)} == {
        n: pytest.approx(change, abs=0.005) for n, change in moved.items()
    }
    if old.status == new.status:
        difference = new.interval("total").base - old.interval("total").base
        assert difference == pytest.approx(sum(moved.values()), abs=0.005)


def test_the_rates_of_2023_give_the_bill_of_2023() -> None:
    """Upstash halved what it took for a GB in and doubled what it took for a GB out on 2023-09-04."""
    old, new = costs(run("upstash.kafka", "2023-09-03")), costs(run("upstash.kafka", "2023-09-04"))
    assert old["data_in"] == pytest.approx(2 * new["data_in"])
    assert new["data_out"] == pytest.approx(2 * old["data_out"])


def test_what_is_withdrawn_has_a_price_on_the_days_when_it_was_sold_and_none_after() -> None:
    assert run("upstash.kafka", "2025-03-01").status in ("priced", "lower_bound")
    gone = run("upstash.kafka", "2026-11-24")
    assert gone.status not in ("priced", "lower_bound")
