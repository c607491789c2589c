"""What must hold of every outcome, whatever the workload: sums, order, axes, idleness, choice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tco.analysis.compare import compare
from tco.catalog.prices import PriceBook
from tco.engine.offering import OfferingBook, Site, offering_book
from tco.engine.options import Options
from tco.engine.outcome import Outcome
from tco.engine.run import BASE_ONLY, Configuration, candidates, choose, evaluate_book
from tco.engine.shared import shared_book
from tests.plans import WORKLOADS, near, plan
from tests.test_workbook import OPTIONS, catalog

OFFERINGS = sorted(catalog().offerings)
IDLE = {"ingress.average": "0 MB/s", "ingress.peak": "0 MB/s"}
SHORT = {"horizon": "6"}
#: Billed by what is used and by nothing that only stands there, as far as their prices are public.
USAGE_ALONE = {"alibaba.kafka-serverless", "oracle.streaming"}


def outcome(offering: str, inputs: dict[str, Any] | None = None, options: Options = OPTIONS) -> Outcome:
    return compare(catalog(), plan({**near(offering), **(inputs or {})}), options, [offering]).outcomes[0]


def held(o: Outcome) -> Options:
    """Options that keep production's configuration."""
    own = o.subject.offering.choices
    return replace(OPTIONS, given={f"{o.id}/{c}": v for c, v in o.choices[0].configuration.items() if c in own})


def book(offering: str, inputs: dict[str, Any], options: Options = OPTIONS) -> OfferingBook:
    made = plan(inputs)
    o = catalog().offerings[offering]
    cloud = o.clouds[0]
    region = next(name for name, r in catalog().regions.regions.items() if r.cloud == cloud)
    return offering_book(catalog(), shared_book(catalog(), made, options), o, made, options, Site(cloud, region))


# -- sums ------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, derandomize=True)
@given(WORKLOADS, st.sampled_from(OFFERINGS))
def test_totals_are_sums_of_lines_and_no_line_is_negative(inputs: dict[str, Any], offering: str) -> None:
    o = outcome(offering, {**inputs, **SHORT})
    priced = [ln for ln in o.subject.lines if ln.priced]
    for e in range(3):
        invoices = sum(o.cost(ln, e) for ln in priced if ln.line.payer != "labour")
        labour = sum(o.cost(ln, e) for ln in priced if ln.line.payer == "labour")
        total, with_labour = (
            (i.low, i.base, i.high)[e] for i in (o.interval("total"), o.interval("total_with_labour"))
        )
        assert total == pytest.approx(invoices, rel=1e-12)
        assert with_labour == pytest.approx(total + labour, rel=1e-12)
    assert all(o.values[f"{ln.name}.cost"].min() >= 0 for ln in priced)
    assert all(o.values[ln.name].min() >= 0 for ln in o.subject.lines if ln.name in o.values)
    interval = o.interval("total")
    assert 0 <= interval.low <= interval.base <= interval.high


@pytest.mark.parametrize("offering", OFFERINGS)
def test_two_clusters_of_a_kind_cost_twice_what_one_does(offering: str) -> None:
    """Meters whose bands count over the whole account are the exception: there the second cluster is cheaper."""
    kind = {"count": "1", "traffic": "30%", "partitions": "40%"}
    alone = outcome(offering, SHORT)
    one, two = (outcome(offering, SHORT | {"environments": {"stage": {**kind, "count": n}}}) for n in ("1", "2"))
    for ln in (ln for ln in two.subject.lines if ln.priced):
        first, more = (o.cost(ln) - alone.cost(ln) for o in (one, two))
        pooled = ln.points and ln.points[0].scope == "account" and len({p.tier_from for p in ln.points}) > 1
        if pooled:
            assert first <= more <= 2 * first + 1e-9, ln.name
        else:
            assert more == pytest.approx(2 * first, rel=1e-9, abs=1e-9), ln.name


# -- order -----------------------------------------------------------------------------------------------

STEPS: dict[str, tuple[str, ...]] = {
    "ingress.average": ("3 MB/s", "5 MB/s", "10 MB/s", "20 MB/s"),
    "ingress.peak": ("10 MB/s", "25 MB/s", "60 MB/s"),
    "reads.fanout": ("0", "1", "2", "7"),
    "retention.total": ("1 day", "3 days", "9 days", "30 days"),
    "partitions": ("3", "300", "2900", "3100"),
    "message_size": ("8 kB", "1 kB", "100 B"),
}


@pytest.mark.parametrize("offering", OFFERINGS)
@pytest.mark.parametrize("path", STEPS)
def test_more_work_is_never_cheaper(offering: str, path: str) -> None:
    """With the configuration held: a larger one may be cheaper by itself, and the choice takes it."""
    options = held(outcome(offering, SHORT))
    totals = [outcome(offering, SHORT | {path: v}, options).interval("total") for v in STEPS[path]]
    for less, more in pairwise(totals):
        for a, b in zip((less.low, less.base, less.high), (more.low, more.base, more.high), strict=True):
            assert b >= a * (1 - 1e-12), (path, a, b)


@pytest.mark.parametrize("offering", OFFERINGS)
def test_doubled_prices_double_the_invoices(offering: str) -> None:
    plain = outcome(offering, SHORT)
    doubled = [replace(p, low=2 * p.low, base=2 * p.base, high=2 * p.high) for p in catalog().prices.points]
    dear = compare(replace(catalog(), prices=PriceBook(doubled)), plain.plan, OPTIONS, [offering]).outcomes[0]
    for i, e in enumerate(("low", "base", "high")):  # what a constant prices stays as it is
        own = sum(plain.cost(ln, i) for ln in plain.priced_lines if ln.constant and ln.line.payer != "labour")
        total = 2 * getattr(plain.interval("total"), e) - own
        assert getattr(dear.interval("total"), e) == pytest.approx(total, rel=1e-12)
    assert [c.configuration for c in dear.choices] == [c.configuration for c in plain.choices]


def test_the_order_of_price_rows_does_not_matter() -> None:
    result = compare(catalog(), plan(SHORT), OPTIONS)
    turned = replace(catalog(), prices=PriceBook(list(reversed(catalog().prices.points))))
    again = compare(turned, plan(SHORT), OPTIONS)
    first, second = ([(o.id, o.interval("total")) for o in r.outcomes] for r in (result, again))
    assert first == second


# -- axes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offering", ["aws.msk-standard", "aws.self-managed", "gcp.managed-kafka", "warpstream.byoc"])
def test_side_by_side_is_what_each_alone_is(offering: str) -> None:
    subject = book(offering, SHORT)
    everything = _configurations(subject)
    together = evaluate_book(subject, [[c] for c in everything], False, BASE_ONLY, 6)
    for i, one in enumerate(everything[:: max(1, len(everything) // 12)]):
        i *= max(1, len(everything) // 12)
        alone = evaluate_book(subject, [[one]], False, BASE_ONLY, 6)
        for row in subject.book.order:
            at = min(i, together[row].shape[1] - 1)
            assert np.array_equal(together[row][:, at], alone[row][:, 0]), (row, one)


@pytest.mark.parametrize("offering", OFFERINGS)
def test_a_month_does_not_know_how_long_the_plan_is(offering: str) -> None:
    changes = {"growth.annual": "40%", "growth.seasonality": {"3": "2"}, "retention.total": "40 days"}
    long = outcome(offering, changes | {"horizon": "9"})
    short = outcome(offering, changes | {"horizon": "5"}, held(long))
    for ln in (ln for ln in short.subject.lines if ln.priced):
        assert np.array_equal(short.monthly(f"{ln.name}.cost"), long.monthly(f"{ln.name}.cost")[:5]), ln.name


@pytest.mark.parametrize("offering", OFFERINGS)
def test_an_idle_cluster_costs_its_floor(offering: str) -> None:
    idle, busy = outcome(offering, SHORT | IDLE), outcome(offering, SHORT)
    assert all(np.isfinite(v).all() for v in idle.values.values())
    assert idle.interval("total").base <= busy.interval("total").base
    if idle.status != "quote_needed" and offering not in USAGE_ALONE:
        assert idle.interval("total").base > 0


# -- holding and choosing --------------------------------------------------------------------------------


def test_reads_move_only_what_reads_decide() -> None:
    few, many = (outcome("aws.msk-serverless", SHORT | {"reads.fanout": n}) for n in ("1", "3"))
    moved = {ln.name for ln in many.priced_lines if many.cost(ln) != few.cost(ln)}
    assert moved == {"data_out", "cross_zone_consume"}


def test_a_held_row_changes_only_what_rests_on_it() -> None:
    free = outcome("aws.msk-standard", SHORT)
    kept = held(free)
    pinned = outcome("aws.msk-standard", SHORT, replace(kept, given={**kept.given, "brokers": "30"}))
    moved = {ln.name for ln in pinned.priced_lines if pinned.cost(ln) != free.cost(ln)}
    assert pinned.units_at_end == 30
    assert moved == {"broker_hours"}


@pytest.mark.parametrize(
    "inputs", [{}, {"partitions": "4000"}, {"ingress.peak": "300 MB/s", "ingress.average": "60 MB/s"}]
)
def test_the_cheapest_that_keeps_every_rule_is_chosen(inputs: dict[str, Any]) -> None:
    subject = book("aws.msk-standard", SHORT | inputs)
    chosen = choose(candidates(subject, 6, 1), subject.ways[0])[0]
    good: list[tuple[float, Configuration]] = []
    for one in (c for c in _configurations(subject) if c["access"] == subject.ways[0]):
        alone = evaluate_book(subject, [[one]], False, BASE_ONLY, 6)
        rules = all(alone[f"rule.{r}"].min() > 0 for r in subject.offering.rules)
        limits = all(alone[f"limit.{m}.broken"].max() == 0 for m in subject.offering.limits)
        if rules and limits:
            good.append((float(alone["total"].ravel()[0]), one))
    assert chosen.feasible and len(good) > 1
    cheapest = min(cost for cost, _ in good)
    equal = [one for cost, one in good if cost == pytest.approx(cheapest, rel=1e-9)]
    assert chosen.total == pytest.approx(cheapest, rel=1e-12)
    assert [chosen.configuration, *chosen.tied] == equal


def test_infeasible_says_when_first_and_how_often() -> None:
    o = outcome(
        "aws.msk-serverless", {"horizon": "24", "growth.annual": "100%", "ingress.peak": "90 MB/s", "partitions": "30"}
    )
    over = o.monthly("ingress_peak") > 200.0
    first, months = o.choices[0].broken["ingress"]
    assert o.status == "infeasible"
    assert (first, months) == (int(np.argmax(over)) + 1, int(over.sum()))
    assert f"in {months} of 24 months, first in month {first}" in " ".join(o.reasons)


def test_a_class_of_topics_kept_too_long_is_over_the_limit() -> None:
    kept = {"name": "audit", "share": "10%", "partitions": "10", "retention": "365 days"}
    fine = outcome("azure.event-hubs-premium", SHORT)
    long = outcome("azure.event-hubs-premium", SHORT | {"topics": [kept]})
    compacted = outcome("azure.event-hubs-premium", SHORT | {"topics": [{**kept, "cleanup": "compact"}]})
    assert fine.status == compacted.status == "priced"
    assert long.status == "infeasible"
    assert "needs 365 days, the limit is 90" in " ".join(long.reasons)


def test_prices_are_those_of_the_day() -> None:
    """A later price ends an earlier one from its own day on; a correction recorded later replaces it at once."""
    points = catalog().prices.points
    sought = ("aws.msk-serverless", "cluster_hour", "us-east-1")
    now = next(p for p in points if (p.offering, p.meter, p.region) == sought)
    later = replace(now, low=now.low * 2, base=now.base * 2, high=now.high * 2, effective_from=OPTIONS.as_of)
    both = replace(catalog(), prices=PriceBook([*points, later]))
    today = compare(both, plan(SHORT), OPTIONS, ["aws.msk-serverless"]).outcomes[0]
    before = compare(both, plan(SHORT), replace(OPTIONS, as_of=now.effective_from), ["aws.msk-serverless"]).outcomes[0]
    line = next(ln for ln in today.priced_lines if ln.name == "cluster_hours")
    assert today.cost(line) == pytest.approx(2 * before.cost(line))
    assert Decimal(repr(float(before.monthly("cluster_hours.cost")[0]))) == now.base * 730


def _configurations(subject: OfferingBook) -> list[Configuration]:
    found: list[Configuration] = [{}]
    for name, values in subject.choices.items():
        found = [{**c, name: v} for c in found for v in values if f"{name}={v}" not in subject.excluded]
    return found
