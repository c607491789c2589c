"""The command line: light to start, honest exit codes, examples that run, files whole or not at all."""

from __future__ import annotations

import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from tco import __version__
from tco.cli.commands import app
from tco.data import folder
from tco.report.offering import describe
from tests.test_bad_input import tco
from tests.test_workbook import catalog

ROOT = Path(__file__).resolve().parent.parent
WORKLOADS = folder("examples") / "workloads"
TEAM = str(WORKLOADS / "team.yaml")
PAYMENTS = str(WORKLOADS / "payments.yaml")
DAY = ("--as-of", "2026-11-24")
#: Redpanda's other rates of that day are not known.
LOWER_BOUND = ("-o", "redpanda.serverless", "--as-of", "2025-01-01")
#: What takes long to load; each belongs inside the command that needs it.
HEAVY = {"jinja2", "numpy", "openpyxl", "pandas", "pydantic", "rich", "weasyprint", "yaml"}


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def shown(*arguments: str) -> str:
    result = invoke(*arguments)
    assert result.exit_code == 0, (arguments, result.output, result.exception)
    return result.stdout


def compared(*arguments: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(shown("compare", *arguments, *DAY, "--format", "json"))
    return data


# --- what a start loads ---


def loaded(*arguments: str) -> set[str]:
    """Names of all modules that `python -m tco ARGUMENTS` imports."""
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tco", *arguments], capture_output=True, text=True, check=True
    )
    times = [line for line in result.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in times}


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (("--version",), set()),
        (("--help",), set()),
        (("compare", "--help"), {"pydantic"}),  # by typer itself, to describe the arguments
        # the control: what a table on the screen needs, and no more
        (("compare", TEAM, "-o", "aws.msk-serverless"), {"numpy", "pydantic", "rich", "yaml"}),
        (("compare", TEAM, "-o", "aws.msk-serverless", "--format", "json"), {"numpy", "pydantic", "yaml"}),
    ],
    ids=lambda v: " ".join(Path(a).name for a in v) if isinstance(v, tuple) else "",
)
def test_heavy_modules_load_inside_the_command_that_needs_them(arguments: tuple[str, ...], heavy: set[str]) -> None:
    assert {m.partition(".")[0] for m in loaded(*arguments)} & HEAVY == heavy


def test_version_and_help_load_no_more_of_the_tool_than_the_command_line() -> None:
    version = {m for m in loaded("--version") if m.startswith("tco")}
    assert version == {"tco", "tco.cli", "tco.cli.app"}
    parts = {m.split(".")[1] for m in loaded("compare", "--help") if m.startswith("tco.")}
    assert parts == {"cli", "errors"}


def test_version_is_that_of_the_package_both_ways(tmp_path: Path) -> None:
    assert tco("--version", cwd=tmp_path).stdout == f"kafka-tco {__version__}\n"
    assert shown("--version") == f"kafka-tco {__version__}\n"


# --- exit codes ---


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("compare", TEAM, "-o", "aws.msk-serverless"), 0),
        (("compare", TEAM, "-o", "aws.msk-serverless", "--strict"), 0),
        (("compare", PAYMENTS, "--set", "region=eu-central-1"), 0),
        (("compare", TEAM, "-o", "redpanda.serverless", "--as-of", "2025-01-01", "--strict"), 1),
        (("compare", TEAM, "-o", "nobody.kafka"), 2),
        (("compare", "missing.yaml"), 2),
        (("compare",), 2),
        (("compare", TEAM, "--format", "docx"), 2),
        (("compare", TEAM, "--sizing", "generous"), 2),
        (("explain", TEAM, "aws.msk-serverless", "no_such_row"), 2),
        (("explain", TEAM, "aws.msk-serverless", "storage", "--month", "37"), 2),
        (("explain", TEAM, "aws.msk-serverless", "storage", "--month", "0"), 2),
        (("catalog", "show", "nobody.kafka"), 2),
        (("catalog", "check", "no/such/folder"), 2),
        (("verify", "no-such-example.yaml"), 2),
        (("frobnicate",), 2),
    ],
    ids=lambda v: " ".join(Path(a).name for a in v) if isinstance(v, tuple) else str(v),
)
def test_exit_codes(tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    result = tco(*arguments, cwd=tmp_path)
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    assert bool(result.stderr) == (code == 2)
    assert bool(result.stdout) == (code != 2)


def test_strict_changes_the_exit_code_and_nothing_that_is_printed(tmp_path: Path) -> None:
    asked = ("compare", TEAM, *LOWER_BOUND)
    plain, strict = tco(*asked, cwd=tmp_path), tco(*asked, "--strict", cwd=tmp_path)
    assert (plain.returncode, strict.returncode) == (0, 1)
    assert plain.stdout == strict.stdout
    assert "≥" in strict.stdout


def test_strict_also_fails_where_the_result_goes_to_a_file(tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    asked = ("compare", TEAM, *LOWER_BOUND, "--out", str(out))
    assert tco(*asked, "--format", "json", "--strict", cwd=tmp_path).returncode == 1
    assert json.loads(out.read_text())["results"][0]["status"] == "lower_bound"


@pytest.mark.parametrize(
    "arguments",
    [("--version",), ("--help",), ("catalog", "list"), ("workload", "show", TEAM),
     ("compare", TEAM, "-o", "aws.msk-serverless"),
     ("compare", TEAM, "-o", "aws.msk-serverless", "--format", "json"),
     ("explain", TEAM, "aws.msk-serverless")],
    ids=lambda v: " ".join(Path(a).name for a in v),
)  # fmt: skip
def test_a_reader_that_has_gone_is_no_failure(arguments: tuple[str, ...]) -> None:
    """`tco ... | head` ends quietly, and not with the code of a check that failed."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        result = subprocess.run(
            [sys.executable, "-m", "tco", *arguments], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writer)
    assert result.stderr == ""
    assert result.returncode == 0


# --- help ---


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all commands: ("compare",), ("catalog", "list") ..."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


COMMANDS = sorted(commands(typer.main.get_command(app)))


def examples(command: tuple[str, ...]) -> list[str]:
    """Lines of a command's help that call it."""
    lines = [line.strip() for line in shown(*command, "--help").splitlines()]
    start = next((i for i, line in enumerate(lines) if re.fullmatch("Examples?:", line)), len(lines))
    return [line for line in lines[start:] if line.startswith(f"tco {' '.join(command)}")]


def test_all_commands_are_seen() -> None:
    assert {("compare",), ("report",), ("explain",), ("verify",), ("catalog", "check"), ("workload", "init")} <= set(
        COMMANDS
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_example_of_every_help_runs(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(folder("pricing_data"), tmp_path / "pricing_data")
    (tmp_path / "my-example.yaml").write_text((folder("examples") / "published" / "infracost-nat.yaml").read_text())
    (tmp_path / "AmazonMSK.json").write_text('{"products": {}, "terms": {"OnDemand": {}, "Reserved": {}}}')
    head = (folder("pricing_data") / "prices" / "aws.ec2.csv").read_text().splitlines()[0]
    (tmp_path / "prices.csv").write_text(head + "\n")
    if command != ("workload", "init"):
        (tmp_path / "payments.yaml").write_text(Path(PAYMENTS).read_text())
    for name, example in (("estate", "disaster-recovery"), ("stretched", "stretched")):
        shutil.copy(folder("examples") / "estates" / f"{example}.yaml", tmp_path / f"{name}.yaml")
    assert examples(command), "its help has no example"
    for line in examples(command):
        _, *arguments = shlex.split(line.partition(" > ")[0])
        assert shown(*arguments), line


def test_the_readme_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(folder("examples"))
    text = (ROOT / "README.md").read_text()
    lines = [line[2:] for line in text.splitlines() if line.startswith("$ tco ")]
    assert any(line.startswith("tco compare my.yaml --set") for line in lines)
    for line in lines:
        _, *arguments = shlex.split(line, comments=True)
        assert shown(*arguments), line


# --- what the commands say ---


def test_workload_show_lists_every_input_with_its_value_and_where_it_is_from() -> None:
    rows = [line.split() for line in shown("workload", "show", TEAM).splitlines()]
    inputs = {row[0]: row for row in rows if row[0] in catalog().inputs}
    assert inputs.keys() == catalog().inputs.keys()
    assert inputs["ingress.average"] == ["ingress.average", "1", "MB/s", "given"]
    assert inputs["retention.total"] == ["retention.total", "7", "day", "given"]
    assert inputs["replication_factor"][-1] == "default"
    changed = shown("workload", "show", TEAM, "--set", "ingress.average=2500 kB/s")
    assert re.search(r"^ingress\.average +2\.5 MB/s +given$", changed, re.MULTILINE)


def test_workload_show_says_which_clusters_and_topics_there_are() -> None:
    text = shown("workload", "show", PAYMENTS)
    for name, count, traffic, partitions in (("stage", 1, "10%", "100%"), ("dev", 2, "1%", "50%")):
        assert f"cluster {name}: {count} of them, {traffic} of the traffic, {partitions} of the partitions" in text
    assert "topics ledger: 15% of the bytes, 100 partitions, compacted after 365 days" in text
    assert "topics rest: the rest of the bytes, 1900 partitions, deleted" in text


def test_workload_check_counts_what_workload_show_lists() -> None:
    listed = [line.split() for line in shown("workload", "show", TEAM).splitlines()]
    defaults = sum(row[-1] == "default" for row in listed)
    given = sum(row[0] in catalog().inputs for row in listed) - defaults
    assert f"fine; {given} inputs given, {defaults} left to a default" in shown("workload", "check", TEAM)


@pytest.mark.parametrize("file", sorted(WORKLOADS.glob("*.yaml")), ids=lambda f: f.stem)
def test_workload_schema_accepts_the_shipped_workloads(file: Path) -> None:
    schema = json.loads(shown("workload", "schema"))
    data = json.loads(json.dumps(yaml.safe_load(file.read_text())))
    validator = jsonschema.validators.validator_for(schema)(schema)
    validator.check_schema(schema)
    assert not list(validator.iter_errors(data))
    assert list(validator.iter_errors(data | {"ingres": {}}))
    assert list(validator.iter_errors({k: v for k, v in data.items() if k != "partitions"}))


def test_catalog_list_has_a_line_for_every_offering_and_says_which_need_a_quote() -> None:
    text = shown("catalog", "list")
    rows = {row.split()[0]: row for row in text.splitlines() if row.startswith("  ") and not row.startswith("   ")}
    assert set(rows) == set(catalog().offerings) and len(rows) >= 40
    for name, offering in catalog().offerings.items():
        assert any(state in rows[name] for state in ("priced", "bounded", "quote needed"))
        assert not (offering.unpriced and "  priced in" in rows[name])
        assert bool(offering.status.ended) == (str(offering.status.ended) in rows[name])
    vendors = {o.vendor for o in catalog().offerings.values()}
    assert len(vendors) >= 15 and f"of {len(vendors)} vendors" in text


@pytest.mark.parametrize("offering", sorted(catalog().offerings))
def test_catalog_show_has_every_limit_price_capability_and_question(offering: str) -> None:
    known = catalog().offerings[offering]
    text = "\n".join(describe(catalog(), known)) + "\n"
    assert text.startswith(f"{known.name} ({offering})\n")
    for limit in known.limits.values():
        assert f"\n  {limit.label}: " in text
    for point in catalog().prices.points:
        if point.offering == offering:
            price = "ended" if point.ended else f"{point.low} to {point.high}" if point.is_range else point.base
            said = rf"^  {re.escape(point.id)} +{price} .*{point.effective_from}"
            assert re.search(said, text, re.MULTILINE), point.id
    for name, capability in known.capabilities.items():
        words = re.escape(name.replace("_", " "))
        assert re.search(rf"^  {words} +{capability.answer.replace('_', ' ')}", text, re.MULTILINE), name
    for question in known.questions:
        assert question.ask in text
    if known.sla:
        assert catalog().terms[known.sla.terms].url in text


def test_catalog_show_prints_what_describes_an_offering_of_any_release() -> None:
    name = "confluent.cloud-dedicated"
    assert shown("catalog", "show", name) == "\n".join(describe(catalog(), catalog().offerings[name])) + "\n"
    then = shown("catalog", "list", "--catalog", "2026.11.1")
    assert f"  {name} " in then and "66 offerings of 23 vendors" in then


@pytest.mark.parametrize(
    ("offering", "sets"),
    [("aws.msk-serverless", ()), ("aws.msk-standard", ("--set", "network.internet_egress_share=50%"))],
)
def test_explain_leads_every_cost_line_to_a_price_a_source_and_a_day(offering: str, sets: tuple[str, ...]) -> None:
    text = shown("explain", TEAM, offering, *sets, *DAY)
    lines = compared(TEAM, "-o", offering, *sets)["results"][0]["lines"]
    assert len(lines) > 4
    parts = dict(re.findall(r"^(\w+)\.cost = (.*?)(?=^\w+\.cost = |\Z)", text, re.MULTILINE | re.DOTALL))
    assert set(parts) == {line["row"] for line in lines}
    known = {p.id: p for p in sorted(catalog().prices.points, key=lambda p: p.effective_from)}
    missing = []
    for line in lines:
        for point in (known[i] for i in line["price_points"] if i in known):
            source, part = catalog().sources[point.source], parts[line["row"]]
            said = (point.confidence, point.effective_from.isoformat(), source.url, f"seen {source.seen or 'undated'}")
            missing += [f"{line['row']}: {words} of {point.id}" for words in said if words not in part]
        first = next((i for i in line["price_points"] if i in known), "")
        missing += [] if f"price {first}" in parts[line["row"]] or not first else [f"{line['row']}: {first}"]
    assert missing == []


def test_explain_multiplies_out() -> None:
    """The figures that stand under a cost line give its cost, and the cost is that of the comparison."""
    text = shown("explain", TEAM, "aws.msk-serverless", "--month", "7", *DAY)
    lines = {ln["row"]: ln for ln in compared(TEAM, "-o", "aws.msk-serverless")["results"][0]["lines"]}
    pattern = r"^(\w+)\.cost = ([\d.,]+)(?: \([^)]*\))? USD .*\n  = .*\n  = ([\d.,]+) × ([\d.,]+)$"
    found = re.findall(pattern, text, re.MULTILINE)
    assert {name for name, *_ in found} >= {"cluster_hours", "partition_hours", "data_in", "data_out", "storage"}
    for name, *figures in found:
        cost, quantity, price = (float(f.replace(",", "")) for f in figures)
        assert quantity * price == pytest.approx(cost, rel=1e-5)
        assert cost == pytest.approx(lines[name]["monthly"][6], rel=1e-5)


def test_explain_goes_as_deep_as_asked() -> None:
    by_depth = [shown("explain", TEAM, "aws.msk-standard", "brokers", "--depth", str(n), *DAY) for n in (0, 1, 3)]
    assert by_depth[0].count("\n") < by_depth[1].count("\n") < by_depth[2].count("\n")
    assert all(text.startswith("brokers = ") for text in by_depth)


DR, STRETCHED = (f"examples/estates/{name}.yaml" for name in ("disaster-recovery", "stretched"))


def test_explain_leads_from_the_invoices_of_an_estate_to_the_prices_of_its_parts() -> None:
    text = shown("explain", DR, "account", "invoices", "--on", "aws.self-managed", "--depth", "5", *DAY)
    for part, line in (("east", "broker_hours"), ("east_west", "workers_aws")):
        found = text.partition(f"= own.cloud of {part}\n")[2]
        assert f" {line}.cost = " in found and "price aws.ec2:instance_hour" in found
    assert "input: assumption" not in text
    assert " one_off.cost" not in text and "all.one_off" in text  # a nought in a sum is not gone into


def test_explain_leads_the_recovery_of_a_stretched_cluster_to_its_assumptions() -> None:
    asked = ("explain", STRETCHED, "payments", "rto", "--on", "aws.self-managed-stretched", *DAY)
    text = shown(*asked)
    assert text.startswith("moved_by_itself = 0.5 (0.166667 to 2) min")
    assert "leader_moves = 30 (10 to 120) s" in text
    stops = shown(*asked, "--set", "workloads.payments.requirements.rpo=0 s")
    assert stops.startswith("moved_by_hand = ") and "decide = 20" in stops


# --- files ---


def files(directory: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in directory.iterdir() if p.is_file()}


@pytest.mark.parametrize("form", ["table", "json", "csv", "md"])
def test_out_writes_what_the_screen_would_show_readable_by_all(tmp_path: Path, form: str) -> None:
    asked = ("compare", TEAM, "-o", "aws.msk-serverless", "--format", form, *DAY)
    out = tmp_path / "new" / "folder" / f"result.{form}"
    before = os.umask(0o077)
    try:
        assert invoke(*asked, "--out", str(out)).stdout == ""
    finally:
        os.umask(before)
    assert out.stat().st_mode & 0o777 == 0o644
    assert files(out.parent).keys() == {out.name}
    if form != "table":  # a table on the screen is as wide as the screen
        assert out.read_bytes() == CliRunner().invoke(app, list(asked)).stdout_bytes
    else:
        assert "aws.msk-serverless" in out.read_text()


def test_out_replaces_a_file_that_is_there(tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    out.write_text("old" * 1_000_000)
    shown("compare", TEAM, "-o", "aws.msk-serverless", "--format", "json", "--out", str(out), *DAY)
    assert json.loads(out.read_text())["results"][0]["offering"] == "aws.msk-serverless"
    assert files(tmp_path).keys() == {"result.json"}


def test_a_folder_that_cannot_be_written_to_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    for out in ("file/result.json", "folder", "/proc/result.json"):
        result = tco("compare", TEAM, "-o", "aws.msk-serverless", "--format", "json", "--out", out, cwd=tmp_path)
        assert result.returncode == 2
        assert f"{out}: cannot-write: " in result.stderr and "Traceback" not in result.stderr
    assert files(tmp_path) == {"file": b"in the way"}
    assert not list((tmp_path / "folder").iterdir())


@pytest.mark.parametrize("command", ["compare", "report"])
def test_a_full_disk_keeps_the_old_file_and_leaves_no_half_of_the_new(tmp_path: Path, command: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    old = out / "team.json"
    old.write_text("old")
    where = str(old) if command == "compare" else str(out)
    result = subprocess.run(
        [sys.executable, "-B", "-m", "tco", command, TEAM, "-o", "aws.msk-serverless",
         "--format", "json", "--out", where],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )  # fmt: skip
    assert result.returncode == 2, result.stderr
    assert "cannot-write" in result.stderr and "Traceback" not in result.stderr
    assert files(out) == {"team.json": b"old"}


# --- one number, and only what hangs on it ---


@cache
def monthly(offering: str, *sets: str) -> dict[str, list[float]]:
    arguments = [part for s in sets for part in ("--set", s)]
    result = compared(TEAM, "-o", offering, *arguments)["results"][0]
    return {line["row"]: line["monthly"] for line in result["lines"]}


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        ("retention.total=8 days", {"storage"}),
        ("partitions=101", {"partition_hours"}),
        ("reads.fanout=3", {"data_out", "cross_zone_consume"}),
        ("reads.replay_share=5%", {"data_out", "cross_zone_consume"}),
        ("ingress.average=1.1 MB/s", {"data_in", "data_out", "storage", "cross_zone_produce", "cross_zone_consume"}),
        ("network.internet_egress_share=10%", {"internet_egress", "cross_zone_consume"}),
        ("availability_zones=2", {"cross_zone_produce", "cross_zone_consume"}),
        ("compression.ratio=4", set()),
        ("ingress.peak=3.1 MB/s", set()),
        ("message_size=2 kB", set()),
        ("clients.connections=201", set()),
        ("downtime_cost=5 USD/hour", set()),
        ("requirements.uptime=99.5%", set()),
    ],
)
def test_one_number_moves_the_lines_that_hang_on_it_and_no_other(change: str, moved: set[str]) -> None:
    before, after = monthly("aws.msk-serverless"), monthly("aws.msk-serverless", change)
    assert {row for row in before.keys() | after.keys() if before.get(row) != after.get(row)} == moved


def test_growth_moves_every_month_but_the_first() -> None:
    before, after = monthly("aws.msk-serverless"), monthly("aws.msk-serverless", "growth.annual=21%")
    assert {row for row in before if before[row] != after[row]} == {
        "data_in", "data_out", "storage", "cross_zone_produce", "cross_zone_consume",
    }  # fmt: skip
    for row in ("data_in", "data_out"):
        assert after[row][0] == before[row][0]
        assert all(a > b for a, b in zip(after[row][1:], before[row][1:], strict=True))


def test_set_is_the_same_as_writing_it_in_the_file(tmp_path: Path) -> None:
    text = Path(TEAM).read_text()
    assert text.count("partitions: 100") == 1
    file = tmp_path / "team.yaml"
    file.write_text(text.replace("partitions: 100", "partitions: 120"))
    written, given, before = compared(str(file)), compared(TEAM, "--set", "partitions=120"), compared(TEAM)
    assert written["results"] == given["results"]
    assert given["overrides"] == {"partitions": "120"} and written["overrides"] == {}
    assert {k for k in given["inputs"] if given["inputs"][k] != before["inputs"][k]} == {"partitions"}
