"""Machines for a term: the committed price where there is one, said where there is none, and no discount twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tco.analysis.compare import compare
from tco.engine.outcome import Outcome
from tests.plans import plan
from tests.test_workbook import OPTIONS, catalog


def hour(machine: Outcome, line: str) -> float:
    """USD that a machine's hour comes to in the first month."""
    rows = {ln.name: ln for ln in machine.priced_lines}
    units = machine.monthly("brokers")[0] * machine.monthly("hours")[0]
    return float(machine.monthly(f"{rows[line].name}.cost")[0] / units)


def listed(meter: str, region: str, machine: str) -> Decimal:
    return next(
        p.base
        for p in catalog().prices.points
        if (f"{p.offering}:{p.meter}", p.region, p.variant) == (meter, region, machine)
    )


GOOGLE = {"cloud": "gcp", "network.access": "in_vpc"}


@pytest.mark.parametrize(
    ("region", "term", "meter", "share"),
    [
        ("us-central1", "none", "instance_hour", 0.8),
        ("us-central1", "one_year", "instance_hour.one_year", 1),
        ("us-central1", "three_years", "instance_hour.three_years", 1),
        ("us-east1", "one_year", "instance_hour", 1),
    ],
)
def test_google_takes_off_a_fifth_where_nothing_is_committed(region: str, term: str, meter: str, share: float) -> None:
    """N2 and N2D, running all month: https://cloud.google.com/compute/docs/sustained-use-discounts."""
    where = GOOGLE | {"region": region, "commitment": term}
    result = compare(catalog(), plan(where), OPTIONS, ["gcp.self-managed"]).outcomes[0]
    machine = result.choices[0].configuration["instance_type"]
    assert machine.startswith("n2")
    assert hour(result, "broker_hours") == pytest.approx(float(listed(f"gcp.compute:{meter}", region, machine)) * share)
    said = [m for m in result.marks if m.startswith("no committed price")]
    assert bool(said) == (term != "none" and meter == "instance_hour")
