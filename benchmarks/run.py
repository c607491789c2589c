"""Speed and peak memory of what a user waits for, medians of several runs, each in its own process.

The baselines do only what cannot be avoided:
WeasyPrint lays out the same finished HTML, openpyxl writes the same cells.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
WORKLOAD = str(ROOT / "examples" / "workloads" / "payments.yaml")
FLEET = str(ROOT / "examples" / "estates" / "payments-fleet.yaml")

#: As an installed program runs: with its byte code cached, which some build machines switch off.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

RENDER_HTML = "import sys; from weasyprint import HTML; HTML(sys.argv[1]).write_pdf(sys.argv[2])"
REWRITE_CELLS = """
import sys, openpyxl
given, new = openpyxl.load_workbook(sys.argv[1]), openpyxl.Workbook()
for sheet in given:
    copy = new.create_sheet(sheet.title)
    for row in sheet.iter_rows(values_only=True):
        copy.append(row)
new.save(sys.argv[2])
"""


def big_offer_file(path: Path, megabytes: int) -> None:
    """Write an AWS offer file of that size: EC2 and products that nobody asks for, each with its price."""
    product = (
        '"SKU{0}":{{"sku":"SKU{0}","productFamily":"Compute Instance","attributes":{{"servicecode":"AmazonEC2",'
        '"regionCode":"us-east-1","instanceType":"x{1}.large","operatingSystem":"Linux","tenancy":"Shared",'
        '"preInstalledSw":"NA","capacitystatus":"Used","usagetype":"BoxUsage:x{1}.large","operation":"RunInstances"}}}}'
    )
    term = (
        '"SKU{0}":{{"SKU{0}.T":{{"sku":"SKU{0}","effectiveDate":"2026-11-01T00:00:00Z","priceDimensions":'
        '{{"SKU{0}.T.D":{{"unit":"Hrs","beginRange":"0","endRange":"Inf","description":"{2}",'
        '"pricePerUnit":{{"USD":"0.1000000000"}}}}}},"termAttributes":{{}}}}}}'
    )
    count = megabytes * 1_000_000 // (len(product.format(0, 0)) + len(term.format(0, 0, "x" * 60)) + 30)
    with path.open("w") as file:
        file.write('{"formatVersion":"v1.0","products":{')
        file.writelines(f"{',' if i else ''}{product.format(i, i % 700)}\n" for i in range(count))
        file.write('},"terms":{"OnDemand":{')
        file.writelines(f"{',' if i else ''}{term.format(i, 0, 'x' * 60)}\n" for i in range(count))
        file.write("}}}")


def measure(command: list[str], runs: int) -> tuple[float, float]:
    """Return median wall time in s and the largest peak memory in MB over `runs` processes, after one to warm up."""
    seconds: list[float] = []
    memory: list[float] = []
    for turn in range(runs + 1):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"failed with {process.returncode}: {' '.join(command)}")
        if turn:
            seconds.append(wall)
            memory.append(usage.ru_maxrss / 1024)
    return statistics.median(seconds), max(memory)


def main() -> None:
    """Print one line for each case: seconds, memory, and the budget the project has set itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="processes for each case")
    runs = parser.parse_args().runs
    tco = str(Path(sys.executable).parent / "tco")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        subprocess.run([tco, "report", WORKLOAD, "--out", folder], check=True, capture_output=True)
        big_offer_file(out / "offers.json", 500)
        listed = ["catalog", "import", "aws-price-list", str(out / "offers.json"), "--source", "aws-ec2-bandwidth"]
        cases = {
            "catalog check": ([tco, "catalog", "check"], ""),
            "import of a 500 MB list": ([tco, *listed], "300 MB"),
            "tco --version": ([tco, "--version"], "0.2 s"),
            "tco --help": ([tco, "--help"], "0.2 s"),
            "compare, one cloud": ([tco, "compare", WORKLOAD], "1.5 s"),
            "compare, every offering": ([tco, "compare", WORKLOAD, "--cloud", "any"], "1.5 s"),
            "compare, fleet of 85": ([tco, "compare", FLEET], "10 s, 500 MB"),
            "  and every cloud": ([tco, "compare", FLEET, "--cloud", "any"], "10 s, 500 MB"),
            "  and the cheapest mix": ([tco, "compare", FLEET, "--optimize", "--vendors", "1"], "30 s, 500 MB"),
            "report, every format": ([tco, "report", WORKLOAD, "--out", str(out / "again")], "8 s, 400 MB"),
            "  WeasyPrint, same HTML": (
                [sys.executable, "-c", RENDER_HTML, str(out / "payments.html"), str(out / "b.pdf")],
                "baseline",
            ),
            "  openpyxl, same cells": (
                [sys.executable, "-c", REWRITE_CELLS, str(out / "payments.xlsx"), str(out / "b.xlsx")],
                "baseline",
            ),
        }
        print(f"{'case':<26}{'median s':>9}{'peak MB':>9}  budget")
        for name, (command, budget) in cases.items():
            wall, peak = measure(command, runs)
            print(f"{name:<26}{wall:>9.2f}{peak:>9.0f}  {budget}", flush=True)


if __name__ == "__main__":
    main()
