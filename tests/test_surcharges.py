"""What is reckoned from the invoices themselves: support plans by bands with a least charge, repricing at a renewal."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from tco.analysis.compare import compare
from tco.catalog.load import Catalog, load_catalog
from tco.data import folder
from tco.engine.options import Options
from tco.engine.outcome import Outcome
from tests.plans import plan

OPTIONS = Options(date(2030, 6, 1))

#: A support plan of 10 % to 10,000 USD and 5 % above, at least 2,000 USD a month.
PLAN = """aws.support,enterprise,*,,0,0.1,,,USD,USD,account,2020-01-01,2030-01-01,definition,assumption,
aws.support,enterprise,*,,10000,0.05,,,USD,USD,account,2020-01-01,2030-01-01,definition,assumption,
aws.support,enterprise_least,*,,,2000,,,USD,month,account,2020-01-01,2030-01-01,definition,assumption,
"""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    data = Path(shutil.copytree(folder("pricing_data"), tmp_path_factory.mktemp("catalog") / "data"))
    prices = data / "prices" / "aws.support.csv"
    head = (data / "prices" / "aws.ec2.csv").read_text().splitlines()[0]
    prices.write_text(f"{head}\n{PLAN}")
    return load_catalog(data)


def run(known: Catalog, offering: str, **inputs: str) -> Outcome:
    return compare(known, plan(inputs), OPTIONS, [offering]).outcomes[0]


def bill(usage: float) -> float:
    """What an account pays for the plan in a month."""
    return max(2000.0, 0.1 * min(usage, 10_000.0) + 0.05 * max(0.0, usage - 10_000.0))


@pytest.mark.parametrize("elsewhere", [0, 1_000, 15_000, 600_000])
def test_support_costs_what_the_plan_adds_to_the_accounts_own(known: Catalog, elsewhere: int) -> None:
    inputs = {"account.support": "enterprise", "account.other_spend": f"{elsewhere} USD/month"}
    with_plan, without = run(known, "aws.msk-standard", **inputs), run(known, "aws.msk-standard")
    for month in (0, without.horizon - 1):
        usage = float(without.monthly("cloud_invoice")[month])
        expected = bill(elsewhere + usage) - (bill(elsewhere) if elsewhere else 0.0)
        added = float(with_plan.monthly("cloud_invoice")[month]) - usage
        assert added == pytest.approx(expected, abs=0.01)
    assert with_plan.status == "priced"


def test_a_plan_that_has_no_price_leaves_a_lower_bound(known: Catalog) -> None:
    outcome = run(known, "aws.msk-standard", **{"account.support": "business"})
    assert outcome.status == "lower_bound"
    assert any("Support plan" in ln.line.label for ln in outcome.unpriced)


def test_a_vendors_prices_rise_at_each_renewal_and_the_clouds_do_not(known: Catalog) -> None:
    inputs = {"horizon": "36"}
    flat = run(known, "confluent.cloud-standard", **inputs)
    options = Options(OPTIONS.as_of, assumptions={"renewal_uplift": "0.07", "renewal_months": "12"})
    risen = compare(known, plan(inputs), options, ["confluent.cloud-standard"]).outcomes[0]
    for month, factor in ((0, 1.0), (11, 1.0), (12, 1.07), (35, 1.07**2)):
        before = float(flat.monthly("vendor_invoice")[month])
        assert float(risen.monthly("vendor_invoice")[month]) == pytest.approx(before * factor)
        assert float(risen.monthly("cloud_invoice")[month]) == pytest.approx(
            float(flat.monthly("cloud_invoice")[month])
        )
