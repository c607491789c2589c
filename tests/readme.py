"""What the README has from the tool itself: the demo, an outage month, published figures, the PDF's first page.

`python -m tests.readme` writes them anew; a test holds the text to what the tool prints.
"""

from __future__ import annotations

import io
import subprocess
import tempfile
from datetime import date
from pathlib import Path

from rich.console import Console

from tco.analysis.compare import Comparison, compare
from tco.analysis.estates import compare_estate, optimize
from tco.analysis.mix import Constraint
from tco.analysis.outages import held, month_of
from tco.analysis.verify import read_examples, verify
from tco.catalog.load import load_catalog
from tco.data import folder
from tco.engine.options import Options
from tco.report.estate_terminal import ranking_text, side_by_side_rows
from tco.report.outages import COLUMNS, cells
from tco.report.pdf import render_pdf
from tco.report.terminal import show
from tco.sla.outage import parse_outage
from tco.workload.estate import read_estate
from tco.workload.plan import read_plan

ROOT = Path(__file__).parent.parent
_DAY, _WIDTH = date(2026, 11, 26), 100


def demo() -> Comparison:
    """The comparison that `./dev demo` ends with, on a fixed day."""
    catalog = load_catalog(folder("pricing_data"))
    plan = read_plan(folder("examples") / "workloads" / "payments.yaml", catalog)
    return compare(catalog, plan, Options(_DAY))


def block() -> str:
    """What the README shows of it: all down to the options below the ranking."""
    target = io.StringIO()
    show(demo(), Console(file=target, width=_WIDTH, highlight=False, no_color=True))
    shown = target.getvalue().partition("\nBelow the ranking")[0]
    lines = "\n".join(line.rstrip() for line in shown.rstrip().splitlines())
    return f"```console\n$ tco compare examples/workloads/payments.yaml\n{lines}\n...\n```\n"


def verified() -> str:
    """The table of published figures: what the source prints, what the model says."""
    catalog = load_catalog(folder("pricing_data"))
    checks = [c for e, path in read_examples(folder("examples") / "published") for c in verify(catalog, e, path)]
    rows, last = ["| published by | figure | published | model | unit |", "|---|---|---:|---:|---|"], ""
    for c in checks:
        e = c.example
        source = f"[{e.source}]({e.url})" if e.url != last else ""
        last = e.url
        figure = c.figure.removeprefix("sum:").replace("+", " + ").replace("_", " ")
        printed = f"{c.printed:,.2f}" if c.right else f"{c.printed:,.2f}, wrong"
        rows.append(f"| {source} | {figure} | {printed} | {c.model:,.2f} | {c.unit} |")
    good = sum(c.ok for c in checks)
    wrong = sum(not c.right for c in checks)
    said = (
        f"{good} of {len(checks)} published figures are reproduced, {wrong} of them wrong at the source and put right."
    )
    return f"{said}\n\n<details>\n<summary>All of them</summary>\n\n" + "\n".join(rows) + "\n\n</details>\n"


#: The same cluster bought in different ways, all with the outages below.
BOUGHT: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("MSK Standard, three zones", "aws.msk-standard", {}),
    ("MSK Standard, one zone", "aws.msk-standard", {"availability_zones": "1"}),
    ("Confluent Enterprise, 1 eCKU", "confluent.cloud-enterprise", {}),
    ("Confluent Enterprise, 2 eCKU", "confluent.cloud-enterprise", {"requirements.uptime": "99.99%"}),
    ("Event Hubs Premium", "azure.event-hubs-premium", {"cloud": "azure", "region": "eastus"}),
    ("Google Managed Kafka", "gcp.managed-kafka", {"cloud": "gcp", "region": "us-central1"}),
    ("Aiven Standard", "aiven.kafka-standard", {}),
    ("Kafka on EC2, run by you", "aws.self-managed", {}),
)
OUTAGES = ("3h", "30x9min")


def outage_month() -> str:
    """What one month of outages comes to under each document."""
    catalog = load_catalog(folder("pricing_data"))
    titles = ["Bought", *(title for title, _ in COLUMNS[1:])]
    rows = [f"| {' | '.join(titles)} |", "|---|" + "---:|" * (len(titles) - 1)]
    for label, offering, changes in BOUGHT:
        path = folder("examples") / "workloads" / "team.yaml"
        plan = read_plan(path, catalog, {"downtime_cost": "2000 USD/hour"} | changes)
        result = compare(catalog, plan, Options(_DAY), [offering])
        month = month_of(result, [parse_outage(text) for text in OUTAGES], None)
        rows.append(f"| {label} | {' | '.join(cells(held(result.outcomes[0], month), month))} |")
    return "\n".join(rows) + "\n"


#: The same work with a standby that is copied to, and stretched over two regions, both run by oneself.
BESIDE: tuple[tuple[str, list[str]], ...] = (("disaster-recovery", ["aws.self-managed"]), ("stretched", []))


def beside() -> str:
    """Two ways of surviving the loss of a region."""
    catalog = load_catalog(folder("pricing_data"))
    estates = folder("examples") / "estates"
    compared = [
        compare_estate(catalog, read_estate(estates / f"{name}.yaml", catalog), Options(_DAY), offerings)
        for name, offerings in BESIDE
    ]
    title, *rows = side_by_side_rows(compared)
    lines = [f"| {' | '.join(title)} |", "|---|" + "---:|" * len(compared)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def fleet() -> str:
    """What `tco compare` says of the fleet: the ranking, and what a single vendor costs."""
    catalog = load_catalog(folder("pricing_data"))
    plan = read_estate(folder("examples") / "estates" / "payments-fleet.yaml", catalog)
    compared = compare_estate(catalog, plan, Options(_DAY))
    mixes = optimize(compared, [Constraint("without constraints"), Constraint("at most 1 vendor", vendors=1)])
    shown = ranking_text(compared, mixes).partition("\nBelow the ranking")[0].rstrip()
    return f"```console\n$ tco compare examples/estates/payments-fleet.yaml --optimize --vendors 1\n{shown}\n...\n```\n"


def with_blocks(readme: str) -> str:
    """The README with the blocks in their places."""
    for name, content in (
        ("demo", block()),
        ("outages", outage_month()),
        ("fleet", fleet()),
        ("beside", beside()),
        ("verified", verified()),
    ):
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
        head, rest = readme.split(begin)
        readme = head + begin + content + end + rest.split(end)[1]
    return readme


def main() -> None:
    """Write README.md and docs/report.png anew."""
    path = ROOT / "README.md"
    path.write_text(with_blocks(path.read_text(encoding="utf-8")), encoding="utf-8")
    with tempfile.TemporaryDirectory() as out:
        pdf = Path(out) / "report.pdf"
        pdf.write_bytes(render_pdf(demo()))
        target = ROOT / "docs" / "report"
        command = ["pdftoppm", "-r", "90", "-f", "1", "-l", "1", "-png", "-singlefile", str(pdf), str(target)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
