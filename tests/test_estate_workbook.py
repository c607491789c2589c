"""The workbook of an estate against the engine: as written, after edits of inputs and counts, and as a whole."""

from __future__ import annotations

import io
import itertools
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from tco.analysis.estates import Candidate, EstateComparison, compare_estate
from tco.catalog.load import Catalog, load_catalog
from tco.catalog.yamlfile import parse_yaml
from tco.data import folder
from tco.engine.estate import Costing, EstateOutcome
from tco.engine.options import Options
from tco.model.parse import parse
from tco.model.sparse import without_zeros
from tco.model.tree import Arithmetic, Name, Number
from tco.report.xlsx.estate import write_estate_workbook
from tco.report.xlsx.grid import MONTH_ROW
from tco.workload.estate import EstatePlan, estate_of
from tests.spreadsheet import edited, errors, recalculated
from tests.test_formula_lint import LONGEST_TITLE, cells, lint, titles, uncached, uneven

OPTIONS = Options(date(2026, 11, 24))
MIXED = """
name: "=Shop, with a branch"
about: "+A shop, its standby, and stores for a while."
start: 2027-01
horizon: 24
workloads:
  shop:
    cloud: aws
    region: us-east-1
    availability_zones: 3
    ingress: {average: 20 MB/s, peak: 50 MB/s, peak_hours: 10%}
    compression: {codec: zstd, ratio: 4}
    reads: {fanout: 2, catch_up: 4 hours}
    retention: {total: 3 days}
    partitions: 600
    topics:
      - {name: orders, share: 40%, partitions: 100}
    clients: {instances: 100, requests: 1000/s}
    growth: {annual: 20%, partitions: 10%, seasonality: {11: 1.5}}
    requirements: {uptime: 99.9%, rpo: 60 s, rto: 60 min, must: [tls]}
    network: {internet_egress_share: 20%}
    account: {support: business, other_spend: 2000 USD/month}
    environments:
      stage: {count: 2, traffic: 10%, partitions: 50%}
  branch:
    cloud: aws
    region: us-west-2
    availability_zones: 3
    ingress: {average: 2 MB/s, peak: 4 MB/s, peak_hours: 20%}
    reads: {fanout: 1, catch_up: 1 hour}
    retention: {total: 1 day}
    partitions: 60
    clients: {instances: 20, requests: 100/s}
    requirements: {uptime: 99.9%, must: [tls]}
    account: {support: business, other_spend: 2000 USD/month}
clusters:
  east: {workload: shop, offering: aws.msk-standard, team: shop}
  west: {workload: shop, role: standby, region: us-west-2, carries: 50%, offering: aws.msk-standard, team: shop}
  stores: {workload: branch, role: edge, count: 3, offering: confluent.cloud-enterprise, team: stores,
           environment: pilot, starts: 2027-04, ends: 2028-06}
links:
  recovery: {from: east, to: west, topics: [orders]}
  sales: {from: stores, to: east, share: 50%, purpose: aggregation, mechanism: kafka.mirrormaker2}
"""
NAMES = ("disaster-recovery", "mixed")
OFFERINGS = {"disaster-recovery": ("aws.msk-standard",), "mixed": ()}


@cache
def catalog() -> Catalog:
    return load_catalog(folder("pricing_data"))


def text_of(name: str) -> str:
    return MIXED if name == "mixed" else (folder("examples") / "estates" / f"{name}.yaml").read_text()


def estate(name: str, overrides: dict[str, str] | None = None) -> EstatePlan:
    text = text_of(name)
    return estate_of(parse_yaml(text, name), catalog(), text, overrides)


@cache
def delivered(name: str) -> tuple[EstateComparison, Candidate, bytes]:
    comparison = compare_estate(catalog(), estate(name), OPTIONS, OFFERINGS[name])
    return comparison, comparison.candidates[0], write_estate_workbook(comparison, comparison.candidates[0])


def total(workbook: Workbook, label: str, column: int = 2) -> float:
    """A figure of sheet Estate, by the first line with that label."""
    return next(float(r[column - 1].value) for r in workbook["Estate"].iter_rows() if r[0].value == label)  # type: ignore[arg-type]


def input_cell(data: bytes, name: str, cluster: str = "") -> tuple[str, str]:
    """Cell of an input; of a cluster where each has its own."""
    sheet = load_workbook(io.BytesIO(data))["Inputs"]
    for row in sheet.iter_rows(min_row=5, max_col=4):
        if row[1].value == name and (not cluster or str(row[0].value).endswith(f", {cluster}")):
            return "Inputs", row[3].coordinate
    raise AssertionError(f"no input {name} {cluster}")


def assert_held(before: EstateOutcome, after: EstateOutcome) -> None:
    """The engine keeps offerings, configurations, mechanisms and ways after a change, as a workbook does."""
    for one, other in zip(before.placements, after.placements, strict=True):
        assert one.offering == other.offering
        for k, m in zip(one.places, other.places, strict=True):
            assert one.group.choices[k].configuration == other.group.choices[m].configuration
    for link, same in zip(before.links, after.links, strict=True):
        assert (link.mechanism.id, link.path) == (same.mechanism.id, same.path)


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_recalculates_to_the_engines_value(name: str, tmp_path: Path) -> None:
    _, _, data = delivered(name)
    workbook = recalculated(data, tmp_path)
    cached, formulas = load_workbook(io.BytesIO(data), data_only=True), load_workbook(io.BytesIO(data))
    assert errors(workbook) == []
    compared = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                wanted, found = cached[sheet.title][cell.coordinate].value, workbook[sheet.title][cell.coordinate].value
                where = f"{sheet.title}!{cell.coordinate} {cell.value}"
                if isinstance(wanted, int | float):
                    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9), where
                else:
                    assert (found or "") == (wanted or ""), where
                compared += 1
    assert compared > 10_000


#: Estate, changes of its file, cells of the workbook (input, cluster, number) that say the same.
EDITS: dict[str, tuple[str, dict[str, str], list[tuple[str, str, float]]]] = {
    "ingress of the source": (
        "disaster-recovery",
        {"workloads.payments.ingress.average": "22 MB/s", "workloads.payments.ingress.peak": "51 MB/s"},
        [("ingress.average", "", 22.0), ("ingress.peak", "", 51.0)],
    ),
    "two of a kind at both ends": (
        "disaster-recovery",
        {"clusters.east.count": "2", "clusters.west.count": "2"},
        [("cluster.number", "east", 2.0), ("cluster.number", "west", 2.0)],
    ),
    "more stores": ("mixed", {"clusters.stores.count": "4"}, [("cluster.number", "stores", 4.0)]),
    "three of each, environments and links with them": (
        "mixed",
        {"clusters.east.count": "3", "clusters.west.count": "3"},
        [("cluster.number", "east", 3.0), ("cluster.number", "west", 3.0)],
    ),
    "a busier branch, whose orders are less of the shop's": (
        "mixed",
        {"workloads.branch.ingress.average": "2.2 MB/s", "clusters.west.carries": "90%"},
        [("ingress.average", "stores", 2.2), ("carries", "west", 0.9)],
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_workbook_gives_the_engines_total(edit: str, tmp_path: Path) -> None:
    name, overrides, cells_of = EDITS[edit]
    _, candidate, data = delivered(name)
    assignment = {p.member.name: p.offering for p in candidate.outcome.placements}
    after = Costing(catalog(), estate(name, overrides), OPTIONS).cost(assignment)
    assert_held(candidate.outcome, after)
    moved = after.invoices - candidate.outcome.invoices
    assert abs(moved) > 1
    workbook = recalculated(edited(data, {input_cell(data, n, c): v for n, c, v in cells_of}), tmp_path)
    assert errors(workbook) == []
    for column, evidence in ((2, 1), (3, 0), (4, 2)):
        assert total(workbook, "Invoices", column) == pytest.approx(after.total("invoices", evidence), rel=1e-9)
    assert total(workbook, "Invoices and labour") == pytest.approx(after.total("cash"), rel=1e-9)
    for part in [p.member.name for p in after.placements] + [x.flow.name for x in after.links]:
        assert total(workbook, part) == pytest.approx(after.total(f"{part}.invoices"), rel=1e-9), part
    results = {r[0].value: r[3].value for r in workbook["Checks"].iter_rows(min_row=4) if r[3].value}
    assert "run tco compare again" in str(results.pop("Inputs are those the configurations were chosen for"))
    assert "run tco compare again" in str(results.pop("Master check"))
    assert set(results.values()) == {"Result", "ok"}


def test_counts_that_links_cannot_join_fail_a_check(tmp_path: Path) -> None:
    _, _, data = delivered("mixed")
    edits = {input_cell(data, "cluster.number", "east"): 2.0}  # three stores, and two to send to
    workbook = recalculated(edited(data, edits), tmp_path)
    results = {str(r[0].value): r[3].value for r in workbook["Checks"].iter_rows(min_row=4) if r[3].value}
    assert [k.partition(":")[0] for k, v in results.items() if v == "FAIL"] == ["Master check", "sales"]
    assert {str(r[0].value): r[1].value for r in workbook["Estate"].iter_rows(max_row=4)}["Checks:"] == "FAIL"


@pytest.mark.parametrize("name", NAMES)
def test_formulas_keep_the_rules(name: str) -> None:
    _, _, data = delivered(name)
    shown = list(cells(data))
    found = [c for c in shown if c.formula is not None]
    assert lint(found, set(titles(data))) == []
    assert uncached(found) == []
    monthly = {c.sheet for c in shown if c.at == f"C{MONTH_ROW}" and c.text == "month"}
    assert monthly >= {"Timeline", "Links", "Account"}
    assert uneven(found, monthly) == []
    assert max(map(len, titles(data))) <= LONGEST_TITLE
    assert len({t.lower() for t in titles(data)}) == len(titles(data))


@pytest.mark.parametrize("name", NAMES)
def test_the_parts_add_up_to_the_total(name: str) -> None:
    _, candidate, data = delivered(name)
    outcome = candidate.outcome
    sheet = load_workbook(io.BytesIO(data), data_only=True)["Estate"]
    rows: list[list[Any]] = [[c.value for c in r] for r in sheet.iter_rows()]
    names = [p.member.name for p in outcome.placements] + [x.flow.name for x in outcome.links]
    parts = {str(r[0]): r for r in rows if r[0] in names and r[5] is not None}
    assert list(parts) == names
    for part, row in parts.items():
        whole, own, share = float(row[1]), float(row[4]), float(row[5])
        assert own + share == pytest.approx(whole, rel=1e-9), part
        assert whole == pytest.approx(outcome.total(f"{part}.invoices"), rel=1e-9)
    nobody = next(float(r[1]) for r in rows if r[0] == "Shared out to nobody")
    assert sum(float(r[1]) for r in parts.values()) + nobody == pytest.approx(outcome.invoices, rel=1e-9)
    at = [i for i, r in enumerate(rows) if r[0] in ("By who is paid", "By environment", "By team")]
    for start in at:
        block = itertools.takewhile(lambda r: r[0], rows[start + 2 :])
        amounts = [float(r[1]) for r in block if "beside" not in str(r[0])]
        assert sum(amounts) == pytest.approx(outcome.invoices, rel=1e-9), rows[start][0]


def test_each_way_of_a_link_that_is_not_taken_is_left_out() -> None:
    _, _, data = delivered("disaster-recovery")
    names = {str(r[1].value) for r in load_workbook(io.BytesIO(data))["Links"].iter_rows()}
    assert "link_between_regions.cost" in names
    assert not [n for n in names if n.startswith(("link_endpoint", "link_internet", "workers_azure"))]


@pytest.mark.parametrize(
    ("formula", "left"),
    [
        ("a + zero", "a"),
        ("zero + a * b", "a * b"),
        ("a - zero", "a"),
        ("zero - a", "zero_less_a"),
        ("a * zero * b", "0"),
        ("zero / a", "0"),
        ("a / (b + zero)", "a / b"),
        ("max(zero, zero * a)", "0"),
        ("max(zero, a)", "max(0, a)"),
        ("min(a, zero)", "min(a, 0)"),
        ("if_else(zero, a, b)", "b"),
        ("if_else(one, a, b)", "a"),
        ("if_else(one or a, 0, b)", "0"),
        ("if_else(a, b, zero)", "if_else(a, b, 0)"),
        ("tiered(zero, bands)", "0"),
        ("tiered(a, bands)", "tiered(a, bands)"),
        ("ratio(a, zero)", "ratio(a, 0)"),
        ("sum_horizon(zero)", "0"),
        ("a > zero", "a > 0"),
    ],
)
def test_what_is_nought_for_certain_leaves_formulas(formula: str, left: str) -> None:
    wanted = Arithmetic("-", Number(0), Name("a")) if left == "zero_less_a" else parse(left)
    assert without_zeros(parse(formula), "zero".__eq__, "one".__eq__) == wanted


def test_text_of_the_file_is_text() -> None:
    _, _, data = delivered("mixed")
    cover = [c for r in load_workbook(io.BytesIO(data))["Cover"].iter_rows() for c in r if c.value]
    shown = {str(c.value): c.data_type for c in cover}
    assert shown["=Shop, with a branch"] == "s"
    assert shown["+A shop, its standby, and stores for a while."] == "s"
    log = [str(c.value) for r in load_workbook(io.BytesIO(data))["Log"].iter_rows() for c in r if c.value]
    assert MIXED.strip() in [text.strip() for text in log]


def test_promises_and_fine_print_stand_by_cluster() -> None:
    _, candidate, data = delivered("mixed")
    workbook = load_workbook(io.BytesIO(data))
    promised = {str(r[0].value): [str(c.value) for c in r] for r in workbook["SLA"].iter_rows(min_row=5)}
    for p in candidate.outcome.placements:
        sla = p.sla
        assert sla
        name, offering, document, uptime = promised[p.member.name][:4]
        assert (name, offering) == (p.member.name, p.group.subject.offering.name)
        assert (document, uptime) == (sla.terms.title, f"{sla.percent} %")
    rows = [[str(c.value) for c in r] for r in workbook["Caveats"].iter_rows(min_row=5)]
    bitten = {(name, code): who.split(", ") for name, code, who, *_ in rows}
    assert len(bitten) == len(rows)
    for p in candidate.outcome.placements:
        for v in p.sla.caveats if p.sla else ():
            who = bitten[p.group.subject.offering.name, v.caveat.code]
            assert (p.member.name in who or who == ["all"]) is v.bites
    assert {who[0] for who in bitten.values()} >= {"none", "all", "stores"}
    assert workbook["Dates"]["A4"].value == "Date"


def test_a_link_without_any_price_is_asked_for_in_the_workbook_and_no_nought() -> None:
    compared = compare_estate(catalog(), estate("hybrid"), OPTIONS, ["azure.self-managed"])
    sheet = load_workbook(io.BytesIO(write_estate_workbook(compared, compared.candidates[0])), data_only=True)["Estate"]
    row = next(r for r in sheet.iter_rows() if r[0].value == "to_cloud")
    for cell in row[1:5]:
        assert cell.value == 0
        assert str(cell.number_format).split(";")[2] == '"quote needed"'
    assert str(row[5].number_format).split(";")[2] == '"-"'  # it has no share of what is priced


def test_what_was_set_is_in_the_log() -> None:
    comparison, candidate, _ = delivered("mixed")
    data = write_estate_workbook(comparison, candidate, {"clusters.stores.count": "4"})
    rows = {str(r[0].value): r[1].value for r in load_workbook(io.BytesIO(data))["Log"].iter_rows(max_col=2)}
    assert rows["Set on the command line"] == "clusters.stores.count=4"
    assert rows["Estate"] == MIXED


def test_the_same_estate_gives_the_same_bytes() -> None:
    _, _, data = delivered("mixed")
    again = compare_estate(catalog(), estate("mixed"), OPTIONS, OFFERINGS["mixed"])
    assert write_estate_workbook(again, again.candidates[0]) == data
