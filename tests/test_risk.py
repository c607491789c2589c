"""Outages expected of a year: credits by how they fall into months, beside the invoices in every report."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tco.analysis.risk import expected, of_plan, outages_of_a_year
from tco.errors import InputError
from tco.report.chapters import promises
from tco.report.html import render_html
from tco.report.json_report import report
from tco.report.xlsx.workbook import write_workbook
from tco.report.year import HEADS, spread_text, year_cells
from tco.sla.outage import parse_outage
from tests.test_cli import shown
from tests.test_outage import PAYMENTS, run


def test_expected_credits_are_those_of_each_outage_in_each_month() -> None:
    """Six of three hours a year over three months: 10 % one and a half times, or 30 % of a quarter of a month."""
    result = run("aws.self-managed", {"outages": ["6x3h of machines"], "growth.annual": "100%"})
    (row,) = expected(result, result.outcomes, outages_of_a_year(result))
    o = result.outcomes[0]
    charges = sum(o.monthly(f"{line}.cost").sum() for line in ("broker_hours", "controller_hours"))
    assert row.loss == pytest.approx(6 * 3 * 20_000 / 12 * 3)
    assert row.credits is not None and row.one_month
    assert row.credits.most == pytest.approx(charges * 0.1 * 6 / 12)
    assert row.credits.least == pytest.approx(charges * 0.3 / 12)
    total = o.interval("total").base
    assert row.adjusted.least == pytest.approx(total + row.loss - row.credits.most)
    assert row.adjusted.most == pytest.approx(total + row.loss - row.credits.least)


def test_two_outages_of_one_month_may_reach_a_higher_band() -> None:
    """Four hours are 0.5 % of a month, at 10 %; eight are more than 1 %, at 30 %, but credited once."""
    result = run("aws.self-managed", {"outages": ["2x4h of machines"]})
    (row,) = expected(result, result.outcomes, outages_of_a_year(result))
    o = result.outcomes[0]
    charges = sum(o.monthly(f"{line}.cost").sum() for line in ("broker_hours", "controller_hours"))
    assert row.credits is not None
    assert row.credits.least == pytest.approx(charges * 0.1 * 2 / 12)
    assert row.credits.most == pytest.approx(charges * 0.3 / 12)
    assert " to " in year_cells(row)[1] and " to " in year_cells(row)[3]
    assert "each outage in a month of its own, or all of a year in one month" in spread_text([row])


def test_more_than_a_month_of_outages_is_no_single_month() -> None:
    result = run("aws.self-managed", {"outages": ["40x1d of machines"]})
    (row,) = expected(result, result.outcomes, outages_of_a_year(result))
    assert row.credits is not None and row.credits.least == row.credits.most > 0 and not row.one_month
    assert "longer than a month" in spread_text([row])


@settings(max_examples=15)
@given(st.integers(1, 20), st.integers(1, 2000))
def test_one_outage_a_year_has_no_span_and_more_of_them_never_lower_the_most(times: int, minutes: int) -> None:
    result = run("aws.self-managed")

    def ends(times: int) -> tuple[float, float]:
        outages = [parse_outage(f"{times}x{minutes}min of machines")]
        (row,) = expected(result, result.outcomes, outages)
        assert row.credits is not None
        return row.credits.least, row.credits.most

    one = ends(1)
    assert one[0] == pytest.approx(one[1])
    least, most = ends(times)
    assert least <= most and most >= one[1] - 1e-9


def test_credits_that_are_not_public_leave_an_upper_bound() -> None:
    result = run("aws.msk-standard", {"outages": ["3h"]})
    (row,) = expected(result, result.outcomes, outages_of_a_year(result))
    assert row.credits is None and row.adjusted.most == pytest.approx(
        result.outcomes[0].interval("total").base + row.loss
    )
    text = shown("sla", PAYMENTS, "-o", "aws.msk-standard", "-o", "aws.self-managed")
    assert "≤ 1,840,927" in text and "220,000 USD" in text


@pytest.mark.parametrize(
    ("outages", "said"),
    [
        (["3h", "3 hours"], r"outages\[1\]: bad-value: '3 hours' is no outage"),
        (["2x29d"], r"outages\[0\].*28 days long at most"),
    ],
)
def test_an_outage_that_cannot_be_is_refused_before_anything_is_costed(outages: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        run("aws.msk-standard", {"outages": outages})


def test_without_outages_there_is_nothing_to_weigh() -> None:
    result = run("aws.msk-standard")
    assert of_plan(result) == [] and promises.year(result) is None
    with pytest.raises(InputError, match="no outage to weigh"):
        outages_of_a_year(result)


# -- in every report -----------------------------------------------------------------------------------------

CREDITED = {"outages": ["2x4h of machines"]}


def test_the_report_as_data_has_the_same_spans() -> None:
    result = run("aws.self-managed", CREDITED)
    (row,) = of_plan(result)
    (part,) = report(result).results
    assert part.expected is not None and row.credits is not None
    assert part.expected.loss == row.loss and part.expected.credits == [row.credits.least, row.credits.most]
    assert part.expected.adjusted == [row.adjusted.least, row.adjusted.most]
    assert part.totals.horizon.base == result.outcomes[0].interval("total").base  # beside the total, not in it
    assert report(run("aws.self-managed")).results[0].expected is None
    assert part.sla is not None and part.sla.maintenance_counts is None and part.sla.maintenance


def test_credits_that_nobody_publishes_are_null() -> None:
    expected_ = report(run("aws.msk-standard", CREDITED)).results[0].expected
    assert expected_ is not None and expected_.credits is None and expected_.adjusted is not None


def test_what_cannot_do_the_work_is_not_weighed() -> None:
    result = run("aws.self-managed", CREDITED | {"requirements.must": ["rbac"]})
    assert [row.outcome.status for row in of_plan(result)] == ["not_a_substitute"]
    broken = run("confluent.cloud-basic", CREDITED | {"partitions": "100000"})
    assert broken.outcomes[0].status == "infeasible" and of_plan(broken) == []


def test_pdf_and_workbook_show_it_beside_the_totals() -> None:
    result = run("aws.self-managed", CREDITED)
    cells = year_cells(of_plan(result)[0])
    html = render_html(result)
    assert "Risk-adjusted over 3 months, USD: beside the plain total, not in it" in html
    assert all(f'<td class="n">{cell}</td>' in html for cell in cells)
    assert "Outages expected of a year" not in render_html(run("aws.self-managed"))

    sheet = load_workbook(BytesIO(write_workbook(result)))["SLA"]
    texts = [[str(c.value) for c in row if c.value is not None] for row in sheet.iter_rows()]
    assert texts[3][-3:] == [f"Expected: {head}" for head in HEADS[1:]]
    assert texts[4][-3:] == list(cells[1:])
    assert "not in them; as delivered" in texts[1][0]
    plain = load_workbook(BytesIO(write_workbook(run("aws.self-managed"))))["SLA"]
    assert plain.max_column == 10
