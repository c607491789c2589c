"""The workbook against the engine: as written, after edits, and with another configuration picked."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from tco.analysis.compare import Comparison, compare
from tco.catalog.load import Catalog, load_catalog
from tco.data import folder
from tco.engine.offering import offering_book
from tco.engine.options import Options
from tco.engine.outcome import Outcome
from tco.engine.run import LOW_BASE_HIGH, evaluate_book
from tco.engine.shared import shared_book
from tco.model.tree import Arithmetic, Call, Compare, Logic, walk
from tco.report.xlsx import write_workbook
from tco.workload.plan import Plan, plan_from_text
from tests.spreadsheet import ALWAYS, NEVER, edited, errors, input_cells, recalculated

OPTIONS = Options(date(2026, 11, 24), any_cloud=True)
TOTALS = ("total", "npv", "total_with_labour")
WORKLOADS = folder("examples") / "workloads"


#: What workbooks hold here: each kind of offering on several clouds; LibreOffice takes minutes over all of them.
DELIVERED = (
    "automq.open-source", "aws.msk-express", "aws.msk-serverless", "aws.msk-standard", "aws.self-managed",
    "azure.event-hubs-dedicated", "azure.event-hubs-premium", "azure.event-hubs-standard", "azure.hdinsight-kafka",
    "confluent.cloud-basic", "confluent.cloud-dedicated", "confluent.cloud-enterprise", "confluent.cloud-freight",
    "confluent.cloud-standard", "gcp.managed-kafka", "ibm.event-streams-enterprise", "oracle.streaming",
    "redpanda.serverless", "warpstream.byoc",
)  # fmt: skip
#: Enough of them for every kind of formula, model of delivery and cloud; a test holds it to that.
EACH_KIND = (
    "automq.open-source", "aws.msk-express", "aws.msk-serverless", "aws.msk-standard", "azure.event-hubs-premium",
    "confluent.cloud-enterprise", "gcp.managed-kafka", "ibm.event-streams-enterprise", "oracle.streaming",
    "warpstream.byoc",
)  # fmt: skip


@cache
def catalog() -> Catalog:
    return load_catalog(folder("pricing_data"))


@cache
def text_of(name: str) -> str:
    return (WORKLOADS / f"{name}.yaml").read_text()


@cache
def delivered(name: str, offerings: tuple[str, ...] = DELIVERED) -> tuple[Comparison, bytes]:
    """A comparison over several clouds and its workbook."""
    comparison = compare(catalog(), plan_from_text(text_of(name), name, catalog()), OPTIONS, offerings)
    return comparison, write_workbook(comparison)


def engine_totals(comparison: Comparison, plan: Plan) -> dict[str, dict[str, list[float]]]:
    """Totals of every offering for another plan, each cluster kept on the configuration it was delivered with."""
    shared = shared_book(catalog(), plan, OPTIONS)
    result = {}
    for o in comparison.outcomes:
        book = offering_book(catalog(), shared, o.subject.offering, plan, OPTIONS, o.subject.site)
        values = evaluate_book(book, [[c.configuration for c in o.choices]], True, LOW_BASE_HIGH, plan.workload.horizon)
        result[o.id] = {row: [float(v) for v in values[row].ravel()] for row in TOTALS}
    return result


def workbook_totals(workbook: Workbook, comparison: Comparison) -> dict[str, dict[str, list[float]]]:
    """The same totals as the recalculated workbook shows them: low, base, high, or one number."""
    result = {}
    for o in comparison.outcomes:
        sheet = workbook[o.id.partition(".")[2][:31]]
        found: dict[str, list[float]] = {}
        for row in sheet.iter_rows(min_col=1, max_col=4):
            if row[1].value in TOTALS:
                found.setdefault(str(row[1].value), []).append(float(row[3].value))  # type: ignore[arg-type]
        # base stands first, then low and high
        result[o.id] = {k: v if len(v) == 1 else [v[1], v[0], v[2]] for k, v in found.items()}
    return result


def assert_equal(left: Mapping[str, Mapping[str, list[float]]], right: Mapping[str, Mapping[str, list[float]]]) -> None:
    assert left.keys() == right.keys()
    for offering, totals in left.items():
        for row in TOTALS:
            shown = right[offering][row] if len(right[offering][row]) == 3 else right[offering][row] * len(totals[row])
            assert shown == pytest.approx(totals[row], rel=1e-9, abs=1e-9), (offering, row)


EDITS: dict[str, dict[str, str]] = {
    "ingress": {"ingress.peak": "199 MB/s", "ingress.average": "77.7 MB/s"},
    "retention": {"retention.total": "21.5 days"},
    "fan-out": {"reads.fanout": "5.5"},
    "partitions": {"partitions": "3777"},
    "all of them": {"ingress.peak": "300 MB/s", "retention.total": "3 days", "reads.fanout": "1", "partitions": "9000"},
    "idle": {"ingress.peak": "0 MB/s", "ingress.average": "0 MB/s", "reads.peak": "0 MB/s"},
    # 1,000 replicas a broker, 100 partitions of Kafka's own, RF 3: (5,900 + 100) x 3 is 18 brokers to the replica
    "on a boundary": {"partitions": "5900", "growth.partitions": "0 %"},
    "decimals that should be whole": {
        "ingress.peak": "0.3 MB/s",
        "ingress.average": "0.1 MB/s",
        "reads.peak": "0.7 MB/s",
    },
}


@pytest.mark.parametrize("edit", EDITS)
def test_edited_inputs_give_the_engines_totals(edit: str, tmp_path: Path) -> None:
    comparison, data = delivered("payments", DELIVERED if edit == "all of them" else EACH_KIND)
    changed = plan_from_text(text_of("payments"), edit, catalog(), EDITS[edit])
    cells = input_cells(data)
    edits = {("Inputs", cells[name]): float(changed.inputs[name].number) for name in EDITS[edit]}
    assert (
        len({float(changed.inputs[n].number) - float(comparison.plan.inputs[n].number) for n in EDITS[edit]} - {0.0})
        >= 1
    )
    workbook = recalculated(edited(data, edits), tmp_path)
    assert errors(workbook) == []
    assert_equal(engine_totals(comparison, changed), workbook_totals(workbook, comparison))


def same(found: object, wanted: object) -> bool:
    """Whether a cell shows what it should; an empty text is an empty cell."""
    if isinstance(wanted, int | float):
        return isinstance(found, int | float) and abs(found - wanted) <= max(1e-9 * abs(wanted), 1e-9)
    return (found or "") == (wanted or "")


def kinds(outcome: Outcome) -> set[object]:
    """What sets an offering's sheet apart: its cloud, its model, and each operation by what its values depend on."""
    found: set[object] = {outcome.subject.site.cloud, outcome.subject.offering.model, outcome.subject.offering.engine}
    for item in (outcome.book.items[name] for name in outcome.book.order):
        assert item.node is not None
        for node in walk(item.node):
            match node:
                case Call():
                    operation = node.function
                case Arithmetic() | Compare() | Logic():
                    operation = node.operator
                case _:
                    operation = type(node).__name__
            found.add((operation, item.monthly, item.per_cluster, item.uncertain))
    return found


def test_the_edited_offerings_have_every_kind_of_formula() -> None:
    outcomes = delivered("payments")[0].outcomes
    known = {o.id: kinds(o) for o in outcomes}
    assert known.keys() == set(DELIVERED)
    assert set().union(*known.values()) == set().union(*(known[name] for name in EACH_KIND))


@pytest.mark.parametrize("name", ["payments", "team", "analytics"])
def test_every_formula_recalculates_to_the_engines_value(name: str, tmp_path: Path) -> None:
    comparison, data = delivered(name)
    workbook = recalculated(data, tmp_path)
    cached, formulas = load_workbook(io.BytesIO(data), data_only=True), load_workbook(io.BytesIO(data))
    assert errors(workbook) == []
    compared, wrong = 0, []
    for sheet in formulas:
        expected, shown = cached[sheet.title], workbook[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                wanted, found = expected[cell.coordinate].value, shown[cell.coordinate].value
                if not same(found, wanted):
                    wrong.append(f"{sheet.title}!{cell.coordinate} {cell.value}: {found!r}, not {wanted!r}")
                compared += 1
    assert wrong == []
    assert compared > 5_000
    assert len(comparison.outcomes) >= 2


def test_the_number_of_brokers_follows_the_inputs(tmp_path: Path) -> None:
    comparison, data = delivered("payments", ("aws.msk-standard",))
    changed = plan_from_text(text_of("payments"), "more", catalog(), {"partitions": "30000"})
    before = next(o for o in comparison.outcomes if o.id == "aws.msk-standard").units_at_end
    workbook = recalculated(edited(data, {("Inputs", input_cells(data)["partitions"]): 30000.0}), tmp_path)
    units = next(
        r[12].value for r in workbook["Summary"].iter_rows(min_row=7) if r[1].value == "Amazon MSK Standard brokers"
    )
    assert units > before  # type: ignore[operator]
    shown = workbook_totals(workbook, comparison)["aws.msk-standard"]["total"]
    assert shown == pytest.approx(engine_totals(comparison, changed)["aws.msk-standard"]["total"], rel=1e-9)


def test_the_drop_down_prices_another_configuration(tmp_path: Path) -> None:
    comparison, data = delivered("team", ("aws.msk-standard",))
    outcome = next(o for o in comparison.outcomes if o.id == "aws.msk-standard")
    other = (
        "kafka.m5.large" if outcome.choices[0].configuration["broker_type"] != "kafka.m5.large" else "kafka.m7g.large"
    )
    sheet = load_workbook(io.BytesIO(data))["msk-standard"]
    cell = next(r[3].coordinate for r in sheet.iter_rows(max_col=4) if r[1].value == "broker_type")
    workbook = recalculated(edited(data, {("msk-standard", cell): other}), tmp_path)
    pinned = compare(
        catalog(),
        comparison.plan,
        Options(
            OPTIONS.as_of,
            given={"broker_type": other}
            | {k: v for k, v in outcome.choices[0].configuration.items() if k not in ("broker_type", "access")},
        ),
        ["aws.msk-standard"],
    )
    assert workbook_totals(workbook, comparison)["aws.msk-standard"]["total"][0] == pytest.approx(
        pinned.outcomes[0].interval("total").base, rel=1e-9
    )


def test_a_wrong_cached_value_is_found(tmp_path: Path) -> None:
    """The check can fail: an echo of cached values would hide it, a recalculation does not."""
    comparison, data = delivered("team", ("aws.msk-standard",))
    sheet = load_workbook(io.BytesIO(data))["msk-standard"]
    cell = next(r[3].coordinate for r in sheet.iter_rows(max_col=4) if r[1].value == "total")
    poked = edited(data, {("msk-standard", cell): 999_999.0})
    truth = next(o for o in comparison.outcomes if o.id == "aws.msk-standard").interval("total").base
    assert recalculated(poked, tmp_path / "echo", NEVER)["msk-standard"][cell].value == pytest.approx(999_999.0)
    assert recalculated(poked, tmp_path / "real", ALWAYS)["msk-standard"][cell].value == pytest.approx(truth, rel=1e-9)


def test_a_broken_limit_shows_and_the_rank_follows(tmp_path: Path) -> None:
    comparison, data = delivered("team", EACH_KIND)
    serverless = next(o for o in comparison.outcomes if o.id == "aws.msk-serverless")
    assert serverless.status == "priced"
    workbook = recalculated(edited(data, {("Inputs", input_cells(data)["partitions"]): 2401.0}), tmp_path)
    rank, _, verdict = next(
        [c.value for c in r[:3]]
        for r in workbook["Summary"].iter_rows(min_row=7)
        if r[1].value == "Amazon MSK Serverless"
    )
    assert verdict == "infeasible" and not rank
    assert any("tco compare" in str(row[2].value) for row in workbook["Cover"].iter_rows())


def test_the_same_inputs_give_the_same_bytes() -> None:
    comparison, data = delivered("team")
    assert write_workbook(compare(catalog(), comparison.plan, OPTIONS, DELIVERED)) == data
