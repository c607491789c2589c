"""The engine against exact arithmetic: every row of every offering, and money to far below a cent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tco.analysis.compare import compare
from tco.catalog.prices import PriceBook
from tco.engine.options import Options
from tco.engine.outcome import Outcome
from tco.model.evaluate import CLUSTERS, EVIDENCE, MONTHS
from tco.workload.plan import plan_from_text
from tests.oracle import Oracle
from tests.plans import WORKLOADS, near, plan
from tests.test_workbook import OPTIONS, catalog, text_of

REL = Fraction(1, 10**9)
#: A row that is a difference of large numbers may be off by a share of those; nobody is billed a millionth of a cent.
ABSOLUTE = Fraction(1, 10**6)


def differences(outcome: Outcome, oracle: Oracle | None = None) -> list[str]:
    """Rows in which the engine and the oracle differ, with the first place and both values."""
    oracle = oracle or Oracle(outcome)
    wrong = []
    for name in outcome.book.order:
        item, array = outcome.book.items[name], outcome.values[name]
        varies = {EVIDENCE: item.uncertain, CLUSTERS: item.per_cluster, MONTHS: item.monthly}
        wrong += [f"{name}: varies along axis {a}" for a, may in varies.items() if not may and np.ptp(array, a).any()]
        for (e, k, m), wanted in oracle.values[name].items():
            full = np.broadcast_to(array, (3, 1, oracle.clusters, oracle.horizon))
            found = Fraction(float(full[e, 0, k, m]))
            if abs(found - wanted) > max(REL * abs(wanted), ABSOLUTE):
                wrong.append(f"{name} at {(e, k, m)}: {float(found)}, exactly {float(wanted)}")
                break
    return wrong


@pytest.mark.parametrize(("name", "horizon"), [("team", "36"), ("payments", "13"), ("analytics", "13")])
def test_every_row_of_every_offering_is_exact(name: str, horizon: str) -> None:
    result = compare(catalog(), plan_from_text(text_of(name), name, catalog(), {"horizon": horizon}), OPTIONS)
    assert len(result.outcomes) > 50
    for outcome in result.outcomes:
        assert differences(outcome) == [], outcome.id


@settings(max_examples=150, deadline=None, derandomize=True)
@given(WORKLOADS, st.sampled_from(sorted(catalog().offerings)), st.sampled_from(["vendor", "equal"]))
def test_random_workloads_are_exact(inputs: dict[str, object], offering: str, sizing: str) -> None:
    options = Options(OPTIONS.as_of, sizing, any_cloud=True)
    outcome = compare(catalog(), plan({**near(offering), **inputs, "horizon": "7"}), options, [offering]).outcomes[0]
    assert differences(outcome) == []


def test_a_wrong_price_is_found() -> None:
    """A price that is off by one in its last digit moves the engine and not the oracle of the true price."""
    true = compare(catalog(), plan({"horizon": "3"}), OPTIONS, ["aws.msk-serverless"]).outcomes[0]
    assert differences(true) == []
    digit = Decimal("0.0001")
    off = [
        replace(p, low=p.low + digit, base=p.base + digit, high=p.high + digit)
        if (p.offering, p.meter) == ("aws.msk-serverless", "partition_hour")
        else p
        for p in catalog().prices.points
    ]
    poked = compare(replace(catalog(), prices=PriceBook(off)), true.plan, OPTIONS, ["aws.msk-serverless"]).outcomes[0]
    assert any(d.startswith("partition_hours.cost") for d in differences(poked, Oracle(true)))
