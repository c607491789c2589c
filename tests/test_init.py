"""`tco workload init`: a file that compares at once, from defaults or from answers given on a real terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from tco.catalog.load import load_catalog
from tco.cli.commands import app
from tco.data import folder
from tco.workload.plan import read_plan


def on_a_terminal(cwd: Path, *lines: str) -> str:
    """Run `tco workload init` on a pseudo-terminal with these lines typed; return what it shows."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "tco", "workload", "init"]
    process = subprocess.Popen(command, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, "".join(f"{line}\n" for line in lines).encode())
    shown = b""
    with contextlib.suppress(OSError):  # how Linux says that the other end is closed
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)
    assert process.wait(timeout=60) == 0, shown
    return shown.decode()


def test_without_a_terminal_the_defaults_make_a_workload(tmp_path: Path) -> None:
    file = tmp_path / "w.yaml"
    assert CliRunner().invoke(app, ["workload", "init", str(file)]).exit_code == 0
    plan = read_plan(file, load_catalog(folder("pricing_data")))
    assert plan.workload.name == "my workload"
    assert len(plan.clusters) == 1


def test_answers_reach_the_file_and_wrong_ones_are_asked_again(tmp_path: Path) -> None:
    shown = on_a_terminal(
        tmp_path,
        "a: b",  # would be a mapping
        "orders",
        "gcp",
        "",
        "40 furlong",
        "40 MB/s",
        "10 MB/s",  # below the average
        "90 MB/s",
        "3",
        "3 days",
        "600",
        "private_link",
        "50 ms",
        "y",
    )
    assert "unknown unit 'furlong'" in shown
    assert "ingress.peak is below ingress.average" in shown
    plan = read_plan(tmp_path / "workload.yaml", load_catalog(folder("pricing_data")))
    assert (plan.workload.name, plan.workload.cloud, plan.workload.region) == ("orders", "gcp", "us-central1")
    assert plan.inputs["ingress.average"].number == 40
    assert plan.inputs["ingress.peak"].number == 90
    assert plan.workload.network.access == "private_link"
    assert str(plan.workload.requirements.produce_p99) == "50 ms"
    assert [c.name for c in plan.clusters] == ["production", "stage", "dev"]


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "w.yaml"
    file.write_text("mine")
    result = CliRunner().invoke(app, ["workload", "init", str(file)])
    assert result.exit_code != 0
    assert file.read_text() == "mine"
