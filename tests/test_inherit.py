"""An offering based on another: it takes over all that it does not say, and faults keep their place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tco.analysis.lint import check_catalog
from tco.catalog.load import load_catalog
from tco.catalog.schema import Offering
from tco.data import folder
from tco.errors import InputError

BASE = "aws.self-managed"
HEAD = f"based_on: {BASE}\nid: aws.other\nname: Another\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder("pricing_data"), tmp_path / "data"))


def made(data: Path, text: str, name: str = "aws.other") -> dict[str, Offering]:
    (data / "offerings" / f"{name}.yaml").write_text(text)
    return load_catalog(data).offerings


def refused(data: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as error:
        made(data, text)
        check_catalog(data)
    return [str(f) for f in error.value.findings]


def test_what_is_not_said_comes_from_the_base_and_what_is_said_stands(copy: Path) -> None:
    text = HEAD + "summary: Ours.\nclouds: [aws]\nconstants:\n  controllers: {value: 5}\nlines:\n  replication: null\n"
    offerings = made(copy, text)
    base, own = offerings[BASE], offerings["aws.other"]
    assert (own.name, own.summary) == ("Another", "Ours.")
    assert own.rows == base.rows
    controllers = own.constants["controllers"]
    assert (str(controllers.value.base), controllers.unit) == ("5", "instance")
    assert set(base.lines) - set(own.lines) == {"replication"}
    assert check_catalog(copy)["offerings"] == len(offerings)


def test_a_mapping_can_be_given_whole(copy: Path) -> None:
    text = (
        HEAD
        + "replaces: [tables.instance_type.rows]\n"
        + "tables:\n  instance_type:\n    rows: {own.box: [8, 64, 100, 100, 2000]}\n"
    )
    offerings = made(copy, text)
    base, own = (offerings[n].tables["instance_type"] for n in (BASE, "aws.other"))
    assert list(own.rows) == ["own.box"] and own.columns == base.columns and len(base.rows) > 10


def test_bases_chain(copy: Path) -> None:
    made(copy, HEAD + "rules:\n  refill: null\n")
    third = made(copy, "based_on: aws.other\nid: aws.third\nname: Third\n", "aws.third")["aws.third"]
    assert "refill" not in third.rules
    assert third.lines.keys() == made(copy, HEAD)[BASE].lines.keys()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD.replace(BASE, "aws.nothing"), ("aws.other.yaml:1:", "is no offering")),
        (HEAD.replace(BASE, "aws.other"), ("aws.other.yaml:1:", "leads back")),
        (HEAD + "lines:\n  nothing: null\n", ("aws.other.yaml:5:", "nothing-to-remove")),
        (HEAD + "rows:\n  vcpu: {formula: brokers * nothing}\n", ("aws.other.yaml:5:", "unknown name 'nothing'")),
        (HEAD + "rows:\n  vcpu: {unit: broker}\n", ("aws.self-managed.yaml:", "vcpu")),
    ],
    ids=["no-base", "itself", "nothing-to-remove", "own-row", "row-half-of-the-base"],
)
def test_faults_stand_where_they_were_written(copy: Path, text: str, words: tuple[str, str]) -> None:
    found = refused(copy, text)
    assert any(all(w in f for w in words) for f in found), found
