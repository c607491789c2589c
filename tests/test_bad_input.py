"""Workloads and catalogs from strangers: one readable block with file, line and reason, exit 2, nothing written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tco.data import folder

TEAM = (folder("examples") / "workloads" / "team.yaml").read_text()


def tco(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tco", *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("ingress: {average: 1 MB/s", "ingres: {average: 1 MB/s", 8, "ingress"),
        ("average: 1 MB/s", "average: -1 MB/s", 8, "negative"),
        ("average: 1 MB/s", "average: .nan", 8, "average"),
        ("average: 1 MB/s", "average: 1 GiB", 8, "GiB"),
        ("partitions: 100", "partitions: 0", 12, "partitions"),
        ("partitions: 100", "partitions: 1e400", 12, "partitions"),
        ("region: us-east-1", "region: us-east-9", 4, "us-east-9"),
        ("cloud: aws", "cloud: !!python/object/apply:os.system [id]", 3, "cloud"),
        ("horizon: 36", "horizon: 36\nhorizon: 12", 7, "horizon"),
    ],
)
def test_bad_workload(tmp_path: Path, old: str, new: str, line: int, word: str) -> None:
    assert old in TEAM
    (tmp_path / "w.yaml").write_text(TEAM.replace(old, new, 1))
    result = tco("report", "w.yaml", "--out", "out", cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    assert f"w.yaml:{line}:" in result.stderr
    assert word in result.stderr
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize(
    ("file", "old", "new", "word"),
    [
        (
            "offerings/aws.msk-express.yaml",
            "ceil(ingress_peak / (broker_type.ingress * busy))",
            "ceil(replicated_peak_wrong / broker_type.ingress)",
            "replicated_peak_wrong",
        ),
        (
            "offerings/aws.msk-express.yaml",
            "formula: ceil(ingress_peak / (broker_type.ingress * busy))",
            "formula: ceil(ingress_peak)",
            "ceil rounds up",
        ),
        (
            "offerings/aws.msk-express.yaml",
            "formula: ceil(replicas /",
            "formula: ceil(for_zones * replicas / for_replicas /",
            "for_replicas",
        ),
        ("offerings/aws.msk-express.yaml", "price: broker_hour,", "price: broker_our,", "broker_our"),
    ],
)
def test_bad_catalog(tmp_path: Path, file: str, old: str, new: str, word: str) -> None:
    data = tmp_path / "data"
    shutil.copytree(folder("pricing_data"), data)
    text = (data / file).read_text()
    assert old in text
    (data / file).write_text(text.replace(old, new, 1))
    result = tco("catalog", "check", str(data), cwd=tmp_path)
    assert result.returncode != 0, result.stdout
    shown = result.stdout + result.stderr
    assert "Traceback" not in shown
    assert word in shown
    assert Path(file).name + ":" in shown or Path(file).name in shown
