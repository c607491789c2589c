"""Quotes over the catalog: prices, discounts, limits, private offerings; marked wherever they show."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tco.analysis.compare import Comparison, compare
from tco.analysis.lint import check_catalog
from tco.catalog.load import Catalog, load_catalog
from tco.catalog.overlay import overlaid
from tco.catalog.yamlfile import parse_yaml
from tco.cli.commands import app
from tco.data import folder
from tco.engine.options import Options
from tco.errors import InputError
from tco.report.headline import headline
from tco.report.render import render
from tests.plans import plan
from tests.test_workbook import catalog

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "quotes" / "confluent-order-form.yaml"
DAY = date(2026, 11, 26)
HEAD = "quote: Draft\nvendor: Someone\ndated: 2026-11-20\nvalid_until: 2027-01-31\n"
ENTERPRISE, SERVERLESS = "confluent.cloud-enterprise", "aws.msk-serverless"


def laid(text: str, known: Catalog | None = None) -> Catalog:
    return overlaid(known or catalog(), parse_yaml(HEAD + text, "quote.yaml"), HEAD + text)


def run(known: Catalog, *offerings: str, as_of: date = DAY) -> Comparison:
    return compare(known, plan(), Options(as_of), offerings)


def refused(text: str) -> str:
    with pytest.raises(InputError) as error:
        laid(text)
    return str(error.value)


def price(offering: str, meter: str, value: str, unit: str, more: str = "") -> str:
    return f'prices: [{{of: {offering}, meter: {meter}, price: "{value}", unit: "{unit}"{more}}}]\n'


def test_a_quoted_price_stands_instead_of_the_lists_and_only_that() -> None:
    before = run(catalog(), SERVERLESS).outcomes[0]
    after = run(laid(price(SERVERLESS, "cluster_hour", "0.5", "cluster*hour")), SERVERLESS).outcomes[0]
    for line in before.priced_lines:
        expected = 0.5 * before.monthly(line.name).sum() if line.name == "cluster_hours" else before.cost(line)
        assert after.cost(next(ln for ln in after.priced_lines if ln.name == line.name)) == pytest.approx(expected)


def test_a_price_in_another_unit_of_the_kind_is_converted() -> None:
    known = laid(price(SERVERLESS, "storage", "0.10", "GB[wire]*month"))
    (p,) = known.prices.select(SERVERLESS, "storage", "us-east-1", DAY)
    listed = catalog().prices.select(SERVERLESS, "storage", "us-east-1", DAY)[0]
    ratio = Decimal(2**30) / Decimal(10**9) if "GiB" in listed.unit.text else Decimal(1)
    assert p.base == Decimal("0.10") * ratio
    assert p.unit.same_as(listed.unit)


def test_a_price_of_one_region_leaves_the_others() -> None:
    known = laid(price(SERVERLESS, "cluster_hour", "0.5", "cluster*hour", ", region: us-east-1"))
    assert [p.base for p in known.prices.select(SERVERLESS, "cluster_hour", "us-east-1", DAY)] == [Decimal("0.5")]
    elsewhere = [c.prices.select(SERVERLESS, "cluster_hour", "eu-central-1", DAY) for c in (known, catalog())]
    assert elsewhere[0] == elsewhere[1]


def test_a_price_without_variant_holds_for_every_value() -> None:
    known = laid(price("aws.msk-standard", "broker_hour", "0.3", "broker*hour"))
    points = known.prices.select("aws.msk-standard", "broker_hour", "us-east-1", DAY)
    assert [(p.variant, p.base) for p in points] == [("", Decimal("0.3"))]
    outcome = run(known, "aws.msk-standard").outcomes[0]
    assert outcome.status == "priced"
    brokers = next(ln for ln in outcome.priced_lines if ln.meter == "aws.msk-standard:broker_hour")
    assert outcome.cost(brokers) == pytest.approx(0.3 * outcome.monthly(brokers.name).sum())


@pytest.mark.parametrize("of", ["confluent", ENTERPRISE])
def test_a_discount_takes_its_share_off_every_list_price_of_whom_it_is_for(of: str) -> None:
    text = f"discounts: [{{of: {of}, percent: 20}}]\n"
    before, after = (run(c, ENTERPRISE).outcomes[0] for c in (catalog(), laid(text)))
    assert after.monthly("vendor_invoice") == pytest.approx(0.8 * before.monthly("vendor_invoice"))
    assert after.monthly("cloud_invoice") == pytest.approx(before.monthly("cloud_invoice"))


def test_a_quoted_price_gets_no_discount_on_top_whichever_comes_first_in_the_file() -> None:
    quoted, off = price(SERVERLESS, "cluster_hour", "0.5", "cluster*hour"), "discounts: [{of: aws, percent: 10}]\n"
    for text in (quoted + off, off + quoted):
        points = laid(text).prices.select(SERVERLESS, "cluster_hour", "us-east-1", DAY)
        assert [p.base for p in points] == [Decimal("0.5")]


def test_a_limit_is_raised_and_cited() -> None:
    wide = laid("limits: [{of: aws.msk-standard, limit: brokers, value: 90 broker}]\n").offerings["aws.msk-standard"]
    assert (str(wide.limits["brokers"].value), wide.limits["brokers"].source) == ("90", "quote:draft")
    assert catalog().offerings["aws.msk-standard"].limits["brokers"].source != "quote:draft", "the catalog stays"


def test_the_example_quote_is_marked_in_every_report() -> None:
    text = EXAMPLE.read_text()
    known = overlaid(catalog(), parse_yaml(text, str(EXAMPLE)), text)
    result = run(known, ENTERPRISE, "confluent.cloud-private-cell", SERVERLESS)
    assert {o.id for o in result.ranked if o.quotes} == {ENTERPRISE, "confluent.cloud-private-cell"}
    assert "against list prices" in headline(result)[0]
    for kind in ("txt", "md", "html", "json", "csv"):
        assert "quote" in render(result, kind).decode().lower(), kind
    data = json.loads(render(result, "json"))
    assert [q["text"] for q in data["quotes"]] == [text], "a report carries what it takes to run it again"
    assert any("quote" in r["evidence"]["by_confidence"] for r in data["results"])
    assert "quote" not in render(run(catalog(), ENTERPRISE), "txt").decode()


def test_an_expired_quote_says_so() -> None:
    text = price(SERVERLESS, "cluster_hour", "0.5", "cluster*hour")
    late = run(laid(text), SERVERLESS, as_of=date(2027, 3, 1)).outcomes[0]
    assert any("expired on 2027-01-31" in m for m in late.marks)


def test_two_quotes_lie_over_each_other() -> None:
    first = laid(price(SERVERLESS, "cluster_hour", "0.5", "cluster*hour"))
    text = HEAD.replace("Draft", "Other") + price(SERVERLESS, "data_in", "0.01", "GiB[wire]")
    both = overlaid(first, parse_yaml(text, "other.yaml"), text)
    assert [q.name for q in run(both, SERVERLESS).outcomes[0].quotes] == ["Draft", "Other"]
    with pytest.raises(InputError, match="already"):
        overlaid(first, parse_yaml(HEAD, "again.yaml"), HEAD)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (price("aws.msk-serverles", "cluster_hour", "1", "cluster*hour"), ("quote.yaml:5:", "aws.msk-serverless:")),
        (price(SERVERLESS, "cluster_hour", "1", "GB[wire]"), ("price-unit",)),
        (price(SERVERLESS, "cluster_hour", "-1", "cluster*hour"), ("quote.yaml:5:",)),
        (price(SERVERLESS, "cluster_hour", "nan", "cluster*hour"), ("not a number",)),
        ("discounts: [{of: aws, percent: 101}]\n", ("percent",)),
        ("discounts: [{of: nobody, percent: 10}]\n", ("nobody",)),
        ("discounts: [{of: aws, percent: 10, meters: [nothing]}]\n", ("nothing",)),
        ("limits: [{of: aws.msk-standard, limit: broker, value: 90 broker}]\n", ("did you mean brokers",)),
        ("offerings: {aws.msk-standard: {id: aws.msk-standard}}\n", ("in the catalog",)),
        ("offerings: {own.thing: {based_on: nothing, id: own.thing}}\n", ("no offering",)),
        ("offerings: {own.thing: {based_on: aws.msk-standard, id: other}}\n", ("named other",)),
        ("unknown: 1\n", ("unknown",)),
    ],
)
def test_what_a_quote_gets_wrong_is_said_with_its_place(text: str, words: tuple[str, ...]) -> None:
    said = refused(text)
    assert all(w in said for w in words), said


def test_a_bad_quote_ends_with_one_block_and_exit_code_2(tmp_path: Path) -> None:
    file = tmp_path / "quote.yaml"
    file.write_text("quote: [\n")
    result = CliRunner().invoke(
        app, ["compare", str(ROOT / "examples" / "workloads" / "payments.yaml"), "--overlay", str(file)]
    )
    assert isinstance(result.exception, InputError)


def test_a_new_offering_and_a_private_quote_need_files_only(tmp_path: Path) -> None:
    """No line of Python: an offering's file, its prices and source in a folder, and a quote beside it."""
    data = Path(shutil.copytree(folder("pricing_data"), tmp_path / "data"))
    (data / "offerings" / "acme.kafka.yaml").write_text(
        "based_on: aws.msk-serverless\nid: acme.kafka\nname: Acme Kafka\nvendor: Acme\nsla: null\n"
    )
    (data / "sources" / "acme.yaml").write_text(
        "acme-prices: {title: Acme prices, url: https://acme.example/prices, seen: 2026-11-01, kind: official}\n"
    )
    listed = [p for p in catalog().prices.points if p.offering == SERVERLESS and p.region == "us-east-1"]
    head = (data / "prices" / "aws.ec2.csv").read_text().splitlines()[0]
    rows = [
        f"acme.kafka,{p.meter},us-east-1,{p.variant},{p.tier_from or ''},{p.base * 2},,,USD,{p.unit},{p.scope},"
        f"2026-01-01,2026-11-01,acme-prices,official,"
        for p in {q.meter: q for q in sorted(listed, key=lambda q: q.effective_from)}.values()
    ]
    (data / "prices" / "acme.kafka.csv").write_text("\n".join([head, *rows]) + "\n")
    check_catalog(data)
    known = load_catalog(data)
    acme, serverless = (run(known, name).outcomes[0] for name in ("acme.kafka", SERVERLESS))
    own = [ln for ln in acme.priced_lines if ln.meter.startswith("acme.kafka:")]
    assert len(own) > 2
    for line in own:
        twin = next(ln for ln in serverless.priced_lines if ln.name == line.name)
        assert acme.cost(line) == pytest.approx(2 * serverless.cost(twin))
    quoted = laid("discounts: [{of: acme, percent: 50}]\n", known)
    half = run(quoted, "acme.kafka").outcomes[0]
    for line in own:
        twin = next(ln for ln in serverless.priced_lines if ln.name == line.name)
        assert half.cost(line) == pytest.approx(serverless.cost(twin))
    assert replace(known).offerings.keys() == known.offerings.keys()
