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
