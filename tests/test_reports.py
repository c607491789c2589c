"""The formats against each other: one result, the same figures everywhere, nothing cut, nothing executable."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from tco.analysis.compare import Comparison, compare
from tco.catalog.load import load_catalog
from tco.data import folder
from tco.engine.options import Options
from tco.report import json_report, terminal
from tco.report.focus import render_csv
from tco.report.markdown import render_markdown
from tco.workload.estate_schema import Estate
from tco.workload.plan import plan_from_text
from tco.workload.schema import Workload

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("team", "payments", "analytics")


@cache
def comparison(name: str) -> Comparison:
    catalog = load_catalog(folder("pricing_data"))
    text = (folder("examples") / "workloads" / f"{name}.yaml").read_text()
    return compare(catalog, plan_from_text(text, name, catalog), Options(date(2026, 11, 24), any_cloud=True))


@pytest.mark.parametrize("name", NAMES)
def test_json_matches_its_published_schema_and_the_engine(name: str) -> None:
    data = json.loads(json_report.render_json(comparison(name)))
    jsonschema.validate(data, json.loads((ROOT / "schemas" / "report-1.json").read_text()))
    for result, outcome in zip(data["results"], comparison(name).outcomes, strict=True):
        invoices = [ln for ln in result["lines"] if ln["payer"] != "labour"]
        for end in ("low", "base", "high"):
            total = sum(ln["list_cost"][end] for ln in invoices)
            assert total == pytest.approx(result["totals"]["horizon"][end], rel=1e-9, abs=0.005)
        assert result["totals"]["horizon"]["base"] == pytest.approx(outcome.interval("total").base, rel=1e-11)
        for line in result["lines"]:
            assert sum(line["monthly"]) == pytest.approx(line["list_cost"]["base"], rel=1e-9, abs=0.005)
            assert line["price_points"], line["row"]


def test_the_published_schemas_are_those_of_the_code() -> None:
    workload = json.dumps(Workload.model_json_schema(), indent=1, sort_keys=True) + "\n"
    estate = json.dumps(Estate.model_json_schema(), indent=1, sort_keys=True) + "\n"
    for name, text in (
        ("report-1.json", json_report.json_schema()),
        ("workload-1.json", workload),
        ("estate-1.json", estate),
    ):
        path = ROOT / "schemas" / name
        if os.environ.get("UPDATE_SCHEMAS"):
            path.write_text(text)
        assert path.read_text() == text, (
            f"{name} differs: UPDATE_SCHEMAS=1 rewrites it; a breaking change needs the next number"
        )


@pytest.mark.parametrize("name", NAMES)
def test_csv_adds_up_to_the_totals(name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(render_csv(comparison(name)))))
    for outcome in comparison(name).outcomes:
        own = [r for r in rows if r["x_Offering"] == outcome.id and r["x_Payer"] != "labour"]
        assert sum(float(r["ListCost"]) for r in own) == pytest.approx(outcome.interval("total").base, rel=1e-9)
        months = {f"{y}-{m:02d}-01T00:00:00Z" for y, m in comparison(name).plan.months}
        assert {r["BillingPeriodStart"] for r in own} == (months if own else set())


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("name", NAMES)
def test_the_terminal_cuts_no_identifier_and_no_figure(name: str, width: int) -> None:
    target = io.StringIO()
    terminal.show(comparison(name), Console(file=target, width=width, color_system=None, highlight=False))
    text = target.getvalue()
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    for outcome in comparison(name).ranked:
        row = next(line for line in text.splitlines() if f" {outcome.id} " in line)
        assert f"{outcome.interval('total').base:,.0f}" in row
    for outcome in comparison(name).others:
        assert outcome.id in text


def test_markdown_carries_every_offering_and_escapes_text() -> None:
    catalog = comparison("team").catalog
    plan = plan_from_text(
        (folder("examples") / "workloads" / "team.yaml").read_text(), "w", catalog, {"name": "<b>|x|</b>"}
    )
    text = render_markdown(compare(catalog, plan, Options(date(2026, 11, 24))))
    assert "<b>" not in text.replace("\\<b\\>", "")
    for outcome in comparison("team").ranked:
        if outcome.subject.site.cloud == "aws":
            assert outcome.subject.offering.name in text


def test_all_reports_are_the_same_bytes_in_two_processes(tmp_path: Path) -> None:
    workload = folder("examples") / "workloads" / "payments.yaml"
    contents = []
    for i, seed in enumerate(("1", "2")):
        out = tmp_path / str(i)
        subprocess.run(
            [sys.executable, "-m", "tco", "report", str(workload), "--out", str(out), "--as-of", "2026-11-24"],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
        )
        contents.append({p.name: p.read_bytes() for p in sorted(out.iterdir())})
    assert set(contents[0]) == {f"payments.{f}" for f in ("xlsx", "pdf", "html", "json", "md", "csv")}
    for name in contents[0]:
        assert contents[0][name] == contents[1][name], f"{name} differs between two runs"
