"""Plans for tests: one plain workload, changed by path, and a strategy of workloads of every shape."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

from tco.workload.plan import Plan, plan_from_text
from tests.test_workbook import catalog

PLAIN: dict[str, Any] = {
    "name": "plain",
    "cloud": "aws",
    "region": "us-east-1",
    "horizon": "12",
    "ingress": {"average": "10 MB/s", "peak": "25 MB/s", "peak_hours": "10%"},
    "compression": {"codec": "none", "ratio": "1"},
    "reads": {"fanout": "2"},
    "retention": {"total": "3 days", "hot": "1 day"},
    "partitions": "300",
}


def plan(changes: dict[str, Any] | None = None) -> Plan:
    """The plain workload with values replaced by their path, `ingress.peak` to "50 MB/s"."""
    data = yaml.safe_load(yaml.safe_dump(PLAIN))
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        at = data
        for step in parents:
            at = at.setdefault(step, {})
        at[last] = value
    return plan_from_text(yaml.safe_dump(data), "plain.yaml", catalog())


def near(offering: str) -> dict[str, Any]:
    """Inputs by path that put the plan where an offering is sold, where no region of its stands for N. Virginia."""
    clouds, regions = catalog().offerings[offering].clouds, catalog().regions
    if {"aws", *regions.equivalents("us-east-1")} & set(clouds):
        return {}
    return {"cloud": clouds[0], "region": next(n for n, r in regions.regions.items() if r.cloud == clouds[0])}


@st.composite
def workloads(draw: st.DrawFn) -> dict[str, Any]:
    """Inputs by path: idle to busy, one to three zones, growth, seasons, topic classes, other environments."""
    average = draw(st.sampled_from([0, 0.013, 0.4, 3, 17.5, 120]))
    times = draw(st.sampled_from([1, 1.5, 4]))
    copies = draw(st.integers(1, 3))
    partitions = draw(st.sampled_from([1, 37, 600, 5900]))
    inputs: dict[str, Any] = {
        "ingress.average": f"{average} MB/s",
        "ingress.peak": f"{average * times} MB/s",
        "ingress.peak_hours": draw(st.sampled_from(["0%", "10%", "25%"])),
        "compression.ratio": draw(st.sampled_from(["1", "3.7"])),
        "reads.fanout": draw(st.sampled_from(["0", "1", "2.5"])),
        "reads.replay_share": draw(st.sampled_from(["0%", "3%"])),
        "retention.total": draw(st.sampled_from(["6 hours", "3 days", "45 days"])),
        "retention.hot": draw(st.sampled_from(["2 hours", "1 day"])),
        "partitions": str(partitions),
        "availability_zones": str(draw(st.integers(1, 3))),
        "replication_factor": str(copies),
        "min_insync_replicas": str(draw(st.integers(1, copies))),
        "growth.annual": draw(st.sampled_from(["0%", "33%"])),
        "growth.partitions": draw(st.sampled_from(["0%", "12%"])),
        "growth.seasonality": draw(st.sampled_from([{}, {"2": "1.7", "11": "0.2"}])),
        "history": draw(st.sampled_from(["empty", "full"])),
        "account.other_internet_egress": draw(st.sampled_from(["0 GB", "9 TB"])),
        "network.internet_egress_share": draw(st.sampled_from(["0%", "20%"])),
        "network.fetch_from_follower": draw(st.sampled_from(["auto", "true", "false"])),
    }
    if draw(st.booleans()):
        inputs["environments"] = {"stage": {"count": "2", "traffic": "10%", "partitions": "50%"}}
    if draw(st.booleans()) and partitions > 1:
        inputs["topics"] = [
            {
                "name": "ledger",
                "share": "15%",
                "partitions": "1",
                "cleanup": "compact",
                "retention": "90 days",
                "kept": "5%",
            }
        ]
    return inputs


WORKLOADS = workloads()
