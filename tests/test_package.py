"""The wheel: built from the tree without a network, installed elsewhere, and the same tool with its own data."""

from __future__ import annotations

import ast
import email
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tco import __version__

ROOT = Path(__file__).resolve().parent.parent
DATA = ("pricing_data", "templates", "examples")
#: Module of each distribution that is not called as its module is.
MODULES = {"pyyaml": "yaml"}


def run(*command: str, cwd: Path, path: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run with PYTHONPATH set to a folder, or not set at all."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    if path:
        environment["PYTHONPATH"] = str(path)
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False, timeout=120)


def pip(*arguments: str, cwd: Path) -> None:
    result = run(sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments, cwd=cwd)
    assert result.returncode == 0, result.stderr.decode()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder))
    pip("wheel", str(ROOT), *options, cwd=folder)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    pip("install", "--no-deps", "--no-index", "--target", str(target), str(wheel), cwd=target)
    return target


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def declared() -> dict[str, str]:
    """Module of every dependency, and the dependency as pyproject.toml writes it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {d: d.partition(">")[0].partition("<")[0].partition("=")[0].strip() for d in project["dependencies"]}
    return {MODULES.get(name, name): text for text, name in names.items()}


def imported() -> set[str]:
    """Every module from outside that some file of the package imports, wherever in the file."""
    found = set()
    for file in (ROOT / "tco").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(str(node.module).partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"tco"}


@pytest.mark.parametrize("name", DATA)
def test_the_wheel_holds_every_data_file_as_it_is(wheel: Path, name: str) -> None:
    packed = contents(wheel)
    tree = {p.relative_to(ROOT).as_posix(): p.read_bytes() for p in (ROOT / name).rglob("*") if p.is_file()}
    assert tree
    assert {n: b for n, b in packed.items() if n.startswith(f"tco/_data/{name}/")} == {
        f"tco/_data/{n}": b for n, b in tree.items()
    }


def test_the_wheel_holds_the_package_its_licence_and_nothing_else(wheel: Path) -> None:
    packed = contents(wheel)
    information = f"kafka_tco-{__version__}.dist-info"
    assert {name.partition("/")[0] for name in packed} == {"tco", information}
    assert packed[f"{information}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    code = {p.relative_to(ROOT).as_posix() for p in (ROOT / "tco").rglob("*.py")}
    assert {n for n in packed if n.startswith("tco/") and not n.startswith("tco/_data/")} == code
    assert {n.split("/")[2] for n in packed if n.startswith("tco/_data/")} == set(DATA)
    parts = {part for name in packed for part in name.split("/")}
    assert not parts & {"tests", "benchmarks", "__pycache__"} and not any(p.startswith(".") for p in parts)


def test_the_wheel_knows_nothing_of_where_it_was_built(wheel: Path) -> None:
    assert [name for name, data in contents(wheel).items() if str(ROOT).encode() in data] == []


def test_the_metadata_is_that_of_the_project(wheel: Path) -> None:
    packed = contents(wheel)
    information = email.message_from_bytes(packed[f"kafka_tco-{__version__}.dist-info/METADATA"])
    assert (information["Name"], information["Version"]) == ("kafka-tco", __version__)
    assert information["License-Expression"] == "Apache-2.0"
    needed = {d.partition(">")[0] for d in information.get_all("Requires-Dist", []) if "extra ==" not in d}
    assert {d.partition("<")[0] for d in needed} == {d.partition(">")[0] for d in declared().values()}
    assert b"tco = tco.cli.app:main" in packed[f"kafka_tco-{__version__}.dist-info/entry_points.txt"]


def test_every_import_is_a_declared_dependency() -> None:
    assert imported() - set(declared()) == set()


def test_every_declared_dependency_is_imported() -> None:
    """Nobody is made to install what nothing uses."""
    assert set(declared()) - imported() == set()


def test_the_installed_package_uses_its_own_data(installed: Path, tmp_path: Path) -> None:
    code = f"import tco.data; print(*(tco.data.folder(n) for n in {DATA}), sep='\\n')"
    shown = run(sys.executable, "-c", code, cwd=tmp_path, path=installed).stdout.decode().splitlines()
    assert shown == [str(installed / "tco" / "_data" / name) for name in DATA]


def test_the_installed_package_computes_what_the_checkout_does(installed: Path, tmp_path: Path) -> None:
    workload = installed / "tco" / "_data" / "examples" / "workloads" / "payments.yaml"
    asked = ("compare", str(workload), "--cloud", "any", "--format", "json", "--as-of", "2026-11-24")
    there = run(sys.executable, "-m", "tco", *asked, cwd=tmp_path, path=installed)
    here = run(sys.executable, "-m", "tco", *asked, cwd=ROOT)
    assert (there.returncode, here.returncode) == (0, 0), there.stderr.decode()
    assert len(json.loads(there.stdout)["results"]) > 10
    assert there.stdout == here.stdout


def test_a_price_changed_in_the_installed_data_changes_its_result(installed: Path, tmp_path: Path) -> None:
    """So the checkout's data cannot have stood in for the packaged."""
    asked = (sys.executable, "-m", "tco", "catalog", "show", "aws.msk-serverless")
    prices = installed / "tco" / "_data" / "pricing_data" / "prices" / "aws.msk-serverless.csv"
    plain = run(*asked, cwd=tmp_path, path=installed).stdout
    kept = prices.read_text()
    try:
        prices.write_text(kept.replace("aws.msk-serverless,cluster_hour,us-east-1,,,0", "aws.msk-serverless,cluster_hour,us-east-1,,,8"))  # fmt: skip # noqa: E501
        changed = run(*asked, cwd=tmp_path, path=installed).stdout
    finally:
        prices.write_text(kept)
    assert plain and changed and plain != changed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--version",), f"kafka-tco {__version__}"),
        (("catalog", "check"), "fine: "),
        (("workload", "init", "w.yaml"), "Wrote w.yaml"),
        (("verify",), "published figures reproduced"),
    ],
)
def test_the_installed_command_runs(installed: Path, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    result = run(sys.executable, str(installed / "bin" / "tco"), *arguments, cwd=tmp_path, path=installed)
    assert result.returncode == 0, result.stderr.decode()
    assert said in result.stdout.decode()


def test_the_installed_command_writes_reports_with_its_own_templates_and_fonts(installed: Path, tmp_path: Path) -> None:
    workload = installed / "tco" / "_data" / "examples" / "workloads" / "team.yaml"
    asked = ("report", str(workload), "-o", "aws.msk-serverless", "-f", "pdf", "-f", "html", "--out", "out")
    result = run(sys.executable, "-m", "tco", *asked, cwd=tmp_path, path=installed)
    assert result.returncode == 0, result.stderr.decode()
    assert (tmp_path / "out" / "team.pdf").read_bytes().startswith(b"%PDF")
    assert "Amazon MSK Serverless" in (tmp_path / "out" / "team.html").read_text()
