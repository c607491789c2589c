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
        ("uptime: 99.9%", "uptime: 999%", 18, "at most 100 %"),
        ("must: [tls]", "must: [tsl]", 19, "did you mean tls"),
        ("must: [tls]", "must: [tls]\n  residency: Europe", 20, "not one of AU, BR"),
        ("ingress: {average: 1 MB/s, peak: 3 MB/s, peak_hours: 10%}", "ingress: 1 MB/s", 8, "mapping"),
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
    ("option", "word"),
    [
        (("--set", "ingress.peek=3 MB/s"), "--set ingress.peek: unknown-key"),
        (("--set", "requirements.uptime=101%"), "--set requirements.uptime: bad-value"),
        (("--set", "nothing"), "is not NAME=VALUE"),
        (("--given", "brokrs=3"), "did you mean brokers"),
        (("--given", "partitions=3"), "use --set"),
        (("--given", "broker_share=1"), "use --assumptions"),
        (("--given", "brokers=3 MB"), "write it in broker"),
        (("--given", "broker_type=mainframe"), "not mainframe"),
        (("--given", "aws.msk-standard/broker_type=express.m7g.large"), "not express.m7g.large"),
        (("--given", "gcp.managed-kafka/vcpu=3"), "no offering 'gcp.managed-kafka' in this run"),
        (("--offering", "aws.msk"), "no offering 'aws.msk'"),
        (("--as-of", "yesterday"), "write it as 2027-01-31"),
    ],
)
def test_bad_options(tmp_path: Path, option: tuple[str, str], word: str) -> None:
    (tmp_path / "w.yaml").write_text(TEAM)
    result = tco("compare", "w.yaml", *option, cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    assert word in result.stderr
    assert result.stdout == ""


def test_more_copies_than_brokers_is_infeasible_for_that_reason(tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text(TEAM)
    result = tco("compare", "w.yaml", "-o", "aws.msk-standard", "--given", "brokers=2", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "aws.msk-standard: infeasible" in result.stdout
    assert "At least as many brokers as copies of a partition" in result.stdout


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("cross_share: '1'", "cross_shear: '1'", 31, "did you mean cross_share"),
        ("average: 1 MiB/s", "average: 1 furlong/s", 13, "furlong"),
        ("cross_zone_produce: 20.0", "cross_zone_prodigy: 20.0", 33, "cross_zone_prodigy"),
        ("tolerance:", "prices: {aws.network:cross_zoom: 1 USD/GiB}\ntolerance:", 34, "cross_zoom"),
    ],
)
def test_bad_example(tmp_path: Path, old: str, new: str, line: int, word: str) -> None:
    text = (folder("examples") / "published" / "infracost-cross-az.yaml").read_text()
    assert old in text
    (tmp_path / "e.yaml").write_text(text.replace(old, new, 1))
    result = tco("verify", "e.yaml", cwd=tmp_path)
    assert result.returncode == 2, result.stdout
    assert f"e.yaml:{line}:" in result.stderr
    assert word in result.stderr


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
        (
            "prices/aws.msk-serverless.csv",
            "aws.msk-serverless,data_in,",
            "aws.msk-serverless,data_inn,",
            "no line reads",
        ),
        ("prices/aws.msk-serverless.csv", "USD,GiB[wire],", "USD,GiB[replicated],", "make them the same"),
        ("prices/aws.ebs.csv", "aws-infracost-ebs-volume", "hearsay", "no source 'hearsay'"),
        (
            "offerings/aws.self-managed.yaml",
            "formula: ingress_peak * copies * net_copies,",
            "formula: ingress_peak + ingress_peak * copies,",
            "net_in: '+' joins MB[wire]/s and MB[wire]/s*GB[replicated]/GB[wire]",
        ),
        (
            "model/timeline.yaml",
            "formula: stored * reads.replay_share",
            "formula: read * reads.replay_share",
            "rows depend on each other: replayed -> read -> replayed",
        ),
        ("model/timeline.yaml", "  written: {label: Written,", "  load: {label: Written,", "'load' is given twice"),
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
