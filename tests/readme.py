"""The parts of the README that the tool itself says: the ranking of the demo, and the first page of its PDF.

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
from tco.catalog.load import load_catalog
from tco.data import folder
from tco.engine.options import Options
from tco.report.pdf import render_pdf
from tco.report.terminal import show
from tco.workload.plan import read_plan

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- demo -->\n", "<!-- /demo -->\n"
_DAY, _WIDTH = date(2026, 11, 25), 100


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


def with_block(readme: str) -> str:
    """The README with the block in its place."""
    head, rest = readme.split(BEGIN)
    return head + BEGIN + block() + END + rest.split(END)[1]


def main() -> None:
    """Write README.md and docs/report.png anew."""
    path = ROOT / "README.md"
    path.write_text(with_block(path.read_text(encoding="utf-8")), encoding="utf-8")
    with tempfile.TemporaryDirectory() as out:
        pdf = Path(out) / "report.pdf"
        pdf.write_bytes(render_pdf(demo()))
        target = ROOT / "docs" / "report"
        command = ["pdftoppm", "-r", "90", "-f", "1", "-l", "1", "-png", "-singlefile", str(pdf), str(target)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
