"""Price lists of the vendors, streamed, held against the catalog, shown with their effect before they are written."""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tco.analysis.imports import CSV, Import, import_prices
from tco.analysis.lint import check_catalog
from tco.catalog.load import load_catalog
from tco.catalog.pricelists import FORMATS
from tco.cli.catalog import ListFormat
from tco.cli.commands import app
from tco.data import folder
from tco.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
PAYMENTS = str(ROOT / "examples" / "workloads" / "payments.yaml")
DAY = date(2030, 1, 2)
SOURCE = "list-2030"
SOURCE_TEXT = f"{SOURCE}: {{title: A list, url: https://example.com/list, seen: 2030-01-01, kind: official}}\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    copy = Path(shutil.copytree(folder("pricing_data"), tmp_path / "data"))
    (copy / "sources" / "list.yaml").write_text(SOURCE_TEXT)
    return copy


def offer(*items: tuple[dict[str, str], dict[str, Any]]) -> dict[str, Any]:
    """An AWS offer file of products with their attributes, price, and perhaps a reserved term."""
    products: dict[str, Any] = {}
    terms: dict[str, dict[str, Any]] = {"OnDemand": {}, "Reserved": {}}
    for i, (attributes, term) in enumerate(items):
        sku = f"SKU{i:04}"
        products[sku] = {"sku": sku, "productFamily": "Family", "attributes": attributes}
        dimension = {
            "unit": term.get("unit", "Hrs"),
            "beginRange": term.get("begin", "0"),
            "pricePerUnit": term.get("prices") or {"USD": term["price"]},
        }
        entry = {
            "sku": sku,
            "effectiveDate": "2029-12-01T00:00:00Z",
            "priceDimensions": {f"{sku}.X": dimension},
            "termAttributes": term.get("attributes", {}),
        }
        terms[term.get("term", "OnDemand")][sku] = {f"{sku}.T": entry}
    return {"formatVersion": "v1.0", "products": products, "terms": terms}


def msk(usagetype: str, price: str, region: str = "us-east-1", **term: Any) -> tuple[dict[str, str], dict[str, Any]]:
    return {"servicecode": "AmazonMSK", "regionCode": region, "usagetype": usagetype}, {"price": price, **term}


def ec2(kind: str, price: str, **term: Any) -> tuple[dict[str, str], dict[str, Any]]:
    attributes = {
        "servicecode": "AmazonEC2",
        "regionCode": "us-east-1",
        "usagetype": f"BoxUsage:{kind}",
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
        "instanceType": kind,
    }
    return attributes, {"price": price, **term}


def imported(data: Path, kind: str, content: object, region: str = "") -> Import:
    file = data.parent / "list"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return import_prices(load_catalog(data), kind, [file], SOURCE, DAY, region)


def found(result: Import) -> dict[str, Decimal]:
    return {p.id: p.base for p in result.points}


def test_an_offer_file_of_aws_becomes_points_of_the_right_meters(data: Path) -> None:
    reserved = {"LeaseContractLength": "1yr", "PurchaseOption": "No Upfront", "OfferingClass": "standard"}
    upfront = reserved | {"PurchaseOption": "All Upfront"}
    result = imported(
        data,
        "aws-price-list",
        offer(
            msk("Kafka.m7g.large", "0.25"),
            msk("EUC1-Kafka.m7g.large", "0.30", "eu-central-1"),
            msk("Kafka.Storage.GP2", "0.11", unit="GB-Mo"),
            msk("Express.m7g.large", "0.50"),
            msk("KafkaServerless-ClusterHours", "0.80"),
            msk("Kafka.m7g.large", "0.26", "mars-north-1"),
            msk("Kafka.x99.large", "0.26"),
            msk("Kafka.m7g.xlarge", "", prices={"CNY": "1.0"}),
            ec2("m7g.large", "0.09"),
            ec2("m7g.large", "0.06", term="Reserved", attributes=reserved),
            ec2("m7g.xlarge", "0.01", term="Reserved", attributes=upfront),
            (
                {"servicecode": "AmazonEC2", "regionCode": "us-east-1", "usagetype": "EBS:VolumeP-Throughput.gp3"},
                {"price": "51.2"},
            ),
            (
                {"servicecode": "AmazonS3", "regionCode": "us-east-1", "usagetype": "Requests-Tier1"},
                {"price": "0.000006"},
            ),
        ),
    )
    assert found(result) == {
        "aws.msk-standard:broker_hour:us-east-1:kafka.m7g.large": Decimal("0.25"),
        "aws.msk-standard:broker_hour:eu-central-1:kafka.m7g.large": Decimal("0.3"),
        "aws.msk-standard:storage:us-east-1": Decimal("0.11"),
        "aws.msk-express:broker_hour:us-east-1:express.m7g.large": Decimal("0.5"),
        "aws.msk-serverless:cluster_hour:us-east-1": Decimal("0.8"),
        "aws.ec2:instance_hour:us-east-1:m7g.large": Decimal("0.09"),
        "aws.ec2:instance_hour.one_year:us-east-1:m7g.large": Decimal("0.06"),
        "aws.ebs:gp3_throughput:us-east-1": Decimal("0.05"),
        "aws.s3:put_requests:us-east-1": Decimal("0.006"),
    }
    assert {(p.effective_from, p.recorded, p.source, p.confidence) for p in result.points} == {
        (date(2029, 12, 1), DAY, SOURCE, "official")
    }
    assert sum(result.left.values()) == 4, result.left


def test_what_the_catalog_has_already_is_not_brought_again(data: Path) -> None:
    known = load_catalog(data).prices.select("aws.msk-serverless", "cluster_hour", "us-east-1", DAY)[0]
    result = imported(data, "aws-price-list", offer(msk("KafkaServerless-ClusterHours", str(known.base))))
    assert (result.points, result.unchanged) == ([], 1)


def test_pages_of_azure_and_a_list_of_them(data: Path) -> None:
    def item(name: str, price: float, kind: str = "Consumption", **more: Any) -> dict[str, Any]:
        base = {"serviceName": "Event Hubs", "meterName": name, "type": kind, "currencyCode": "USD"}
        where = {"armRegionName": "eastus", "effectiveStartDate": "2029-11-01T00:00:00Z", "tierMinimumUnits": 0.0}
        return base | where | {"retailPrice": price} | more

    items = [
        item("Standard Throughput Unit", 0.04),
        item("Premium Processing Unit", 1.5),
        item("Standard Throughput Unit", 0.01, "DevTestConsumption"),
        item("Standard Throughput Unit", 0.05, currencyCode="EUR", armRegionName="westeurope"),
    ]
    wanted = {
        "azure.event-hubs-standard:tu_hour:eastus": Decimal("0.04"),
        "azure.event-hubs-premium:pu_hour:eastus": Decimal("1.5"),
    }
    page = {"BillingCurrency": "USD", "Items": items, "NextPageLink": None}
    for content in (page, [{**page, "Items": items[:1]}, {**page, "Items": items[1:]}], items):
        assert found(imported(data, "azure-retail", content)) == wanted


def test_the_confluent_command_prints_prices_of_one_region(data: Path) -> None:
    def row(metric: str, kind: str, price: float, network: str = "internet") -> dict[str, Any]:
        more = {"availability": "high", "network_type": network, "price": price}
        return {"metric": metric, "cluster_type": kind} | more

    content = [
        row("KafkaNumCKUs", "dedicated", 2.5),
        row("KafkaStorage", "enterprise", 0.0001),
        row("KafkaNetworkWrite", "standard", 0.03),
        row("KafkaNetworkWrite", "standard", 0.09, "private-link"),
        row("KSQLNumCSUs", "basic", 1),
    ]
    result = imported(data, "confluent-price-list", content, "eu-west-1")
    assert found(result) == {
        "confluent.cloud-dedicated:cku_hour:eu-west-1": Decimal("2.5"),
        "confluent.cloud-enterprise:storage:eu-west-1": Decimal("0.073"),
        "confluent.cloud-standard:data_transfer_in:eu-west-1": Decimal("0.03"),
    }
    assert {p.effective_from for p in result.points} == {date(2030, 1, 1)}, "the day on which the source was read"
    assert not imported(data, "confluent-price-list", content).points, "without a region there is nothing to import"


def test_rows_of_the_catalogs_own_form(data: Path) -> None:
    head = (data / "prices" / "aws.ec2.csv").read_text().splitlines()[0]
    day = "2029-01-01"
    row = f"aws.msk-serverless,cluster_hour,us-east-1,,,0.9,,,USD,cluster*hour,cluster,{day},{day},x,official,new"
    result = imported(data, CSV, f"{head}\n{row}\n")
    assert found(result) == {"aws.msk-serverless:cluster_hour:us-east-1": Decimal("0.9")}
    assert result.points[0].source == SOURCE, "the import's own source, whatever the file says"


@pytest.mark.parametrize(
    ("kind", "content", "word"),
    [
        ("aws-price-list", "not json", "not JSON"),
        ("aws-price-list", '{"products": {"A": ', "not JSON"),
        (
            "azure-retail",
            '{"Items": [{"serviceName": "Event Hubs", "type": "Consumption", '
            '"meterName": "Standard Throughput Unit", "retailPrice": "abc"}]}',
            "not the format",
        ),
        ("azure-retail", '["a"]', "not the format"),
        ("confluent-price-list", "[" * 100_000, "deeper"),
        ("confluent-price-list", '[{"a": "]]]]]]]]]]]]]]]]]]]]", "b":' * 40, "deeper"),
        ("confluent-price-list", '["' + "x" * 2_000_000, "longer"),
        (CSV, "a,b\n1,2\n", "columns"),
    ],
    ids=["text", "cut", "no-number", "no-object", "deep", "deep-in-disguise", "endless-text", "other-columns"],
)
def test_a_list_that_is_none_is_refused_with_its_file(data: Path, kind: str, content: str, word: str) -> None:
    with pytest.raises(InputError, match=word):
        imported(data, kind, content)


def test_an_unknown_source_is_refused(data: Path) -> None:
    with pytest.raises(InputError, match="did you mean list-2030"):
        import_prices(load_catalog(data), CSV, [], "list-2031", DAY)


def test_the_command_shows_what_moves_and_writes_only_when_asked(data: Path) -> None:
    file = data.parent / "AmazonMSK.json"
    price = load_catalog(data).prices.select("aws.msk-standard", "storage", "us-east-1", DAY)[0].base
    file.write_text(json.dumps(offer(msk("Kafka.Storage.GP2", str(price * 2), unit="GB-Mo"))))
    prices = data / "prices" / "aws.msk-standard.csv"
    before = prices.read_text()
    asked = ["catalog", "import", "aws-price-list", str(file), "--source", SOURCE, "--folder", str(data)]
    shown = CliRunner().invoke(app, [*asked, "--workload", PAYMENTS])
    assert shown.exit_code == 0, shown.output
    assert "(+100.0%)" in shown.output
    assert prices.read_text() == before, "nothing is written without --write"
    written = CliRunner().invoke(app, [*asked, "--write"])
    assert written.exit_code == 0, written.output
    assert prices.read_text().startswith(before)
    assert len(prices.read_text().splitlines()) == len(before.splitlines()) + 1
    check_catalog(data)
    again = CliRunner().invoke(app, asked)
    assert "0 to append, 1 as the catalog has them" in again.output


def test_a_new_file_is_a_skeleton_that_the_check_accepts(data: Path) -> None:
    made = CliRunner().invoke(app, ["catalog", "new", "acme.kafka", str(data)])
    assert made.exit_code == 0, made.output
    check_catalog(data)
    twice = CliRunner().invoke(app, ["catalog", "new", "acme.kafka", str(data)])
    assert isinstance(twice.exception, InputError)
    for name in ("Acme", "../evil.kafka", "acme", "a.b.c/d"):
        bad = CliRunner().invoke(app, ["catalog", "new", name, str(data)])
        assert isinstance(bad.exception, InputError), name


def test_the_command_offers_every_format_that_can_be_read() -> None:
    """The command names them itself, so that it need not load the readers to show its help."""
    assert {f.value for f in ListFormat} == {*FORMATS, CSV}
