"""Releases: frozen, found by name, the same to the byte when run again; and an append-only head."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tco.analysis.compare import compare
from tco.analysis.diff import diff, effects
from tco.analysis.lint import check_catalog
from tco.catalog.files import LANGUAGE, contents, digest, frozen
from tco.catalog.load import load_catalog
from tco.catalog.release import SUMS, find, released
from tco.cli.commands import app
from tco.data import folder
from tco.engine.options import Options
from tco.errors import InputError
from tco.report.render import render
from tco.workload.plan import read_plan

ROOT = Path(__file__).resolve().parent.parent
PAYMENTS = ROOT / "examples" / "workloads" / "payments.yaml"
DATA = folder("pricing_data")
NAME = "2030.1.1"
DAY = date(2029, 12, 31)
#: Every release ever made; a line is added with each and none is ever changed.
PINNED: dict[str, str] = {
    "2026.11.1": "f3549c5c7976c1dd24aea7aa5b39e572282dbeb2118f22285dba8d7f806397c9",
    "2026.11.2": "c85eac023d761add3ce59d697a4200a82f2c033b3686ccee4f036cbf5ca03258",
    "2026.11.3": "befa8c13bdd6bed31d362a1981da82c2cf613862b9bac21c33d5ffd8c64a820e",
    "2026.11.4": "b51ad6cbfe77ba5d92c05b2bd0e59edd833e4f379f0532b4fb1a54a66c5b272a",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalog with one release, made by the command."""
    copy = Path(shutil.copytree(DATA, tmp_path_factory.mktemp("release") / "data"))
    sheet = copy / "model" / "labour.yaml"  # so that the head is not what a release holds already
    sheet.write_text(sheet.read_text().replace("about: People", "about: The people", 1))
    result = CliRunner().invoke(app, ["catalog", "release", NAME, str(copy)])
    assert result.exit_code == 0, result.output
    return copy


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A copy of it for a test to change."""
    return Path(shutil.copytree(made, tmp_path / "data"))


def codes(data: Path) -> set[str]:
    with pytest.raises(InputError) as error:
        check_catalog(data)
    return {f.code for f in error.value.findings}


def append(data: Path, owner: str, meter: str, price: object, day: str) -> None:
    """Add a price for a GiB of disk in N. Virginia, in force and recorded from a day on."""
    file = data / "prices" / f"{owner}.csv"
    more = f"USD,GiB[disk]*month,resource,{day},{day},definition,derived,"
    file.write_text(f"{file.read_text()}{owner},{meter},us-east-1,,,{price},,,{more}\n")


def test_released_files_are_those_that_were_pinned() -> None:
    found = {n: hashlib.sha256((DATA / "releases" / f"{n}.json").read_bytes()).hexdigest() for n in released(DATA)}
    assert found == PINNED


def test_a_release_says_the_same_as_the_folder_it_was_made_from(data: Path) -> None:
    head, release = load_catalog(data), load_catalog(find(data, NAME))
    assert (head.name, release.name) == (NAME, NAME), "an unchanged head goes by the release's name"
    assert head.digest == release.digest
    assert contents(head.files) == contents(release.files)
    sums = (data / "releases" / SUMS).read_text()
    assert sums.split() == [hashlib.sha256(find(data, NAME).read_bytes()).hexdigest(), f"{NAME}.json"] or NAME in sums


def test_a_release_runs_again_to_the_byte_when_the_head_has_moved_on(data: Path) -> None:
    offerings = ["aws.msk-standard", "aws.msk-serverless"]

    def report(path: Path) -> dict[str, bytes]:
        catalog = load_catalog(path)
        result = compare(catalog, read_plan(PAYMENTS, catalog), Options(DAY), offerings)
        return {kind: render(result, kind) for kind in ("json", "xlsx", "html", "md", "csv", "txt")}

    before = report(data)
    append(data, "aws.msk-standard", "storage", "0.2", "2029-01-01")
    assert load_catalog(data).name == "head"
    assert report(find(data, NAME)) == before
    assert report(data)["json"] != before["json"]


def test_released_prices_stay_in_the_head(data: Path) -> None:
    check_catalog(data)
    prices = data / "prices" / "azure.network.csv"
    rows = prices.read_text().splitlines()
    prices.write_text("\n".join([*rows[:-1], rows[-1] + " and more"]) + "\n")
    assert codes(data) == {"released-price"}
    prices.write_text("\n".join(rows[:-1]) + "\n")
    assert "released-price" in codes(data)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda f: f.write_text(f.read_text().replace("us-east-1", "us-east-9", 1)), "release-changed"),
        (lambda f: f.unlink(), "release-gone"),
    ],
    ids=["changed", "gone"],
)
def test_a_release_that_was_touched_is_found(data: Path, change: object, code: str) -> None:
    change(find(data, NAME))  # type: ignore[operator]
    assert code in codes(data)


def test_a_changed_release_does_not_load(data: Path) -> None:
    file = find(data, NAME)
    file.write_text(file.read_text().replace("0.08", "0.07", 1))
    with pytest.raises(InputError, match="digest"):
        load_catalog(file)


def test_a_name_is_given_once_and_has_a_form(data: Path) -> None:
    for name, word in ((NAME, "never changes"), ("2030.13.1", "year.month.number"), ("../x", "year.month.number")):
        result = CliRunner().invoke(app, ["catalog", "release", name, str(data)])
        assert isinstance(result.exception, InputError)
        assert word in str(result.exception)
    assert released(data) == sorted({*released(DATA), NAME})


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[]", "not a release"),
        ("{" * 100_000, "not a release"),
        ("not json", "not a release"),
        (frozen("2030.1.1", {}).replace(f'"language":{LANGUAGE}', '"language":99'), "language 99"),
        (frozen("2030.1.1", {"units.yaml": 3}), "units.yaml"),
        (frozen("2030.1.1", {}), "no such file"),
    ],
    ids=["list", "deep", "text", "language", "units", "empty"],
)
def test_what_is_no_release_is_refused(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "release.json"
    file.write_text(text)
    with pytest.raises(InputError, match=word):
        load_catalog(file)


def test_a_table_that_is_none_is_refused(data: Path, tmp_path: Path) -> None:
    spoilt = {**contents(load_catalog(data).files), "prices/aws.ec2.csv": [["offering"], ["a", "b"]]}
    file = tmp_path / "release.json"
    file.write_text(frozen("2030.1.1", spoilt))
    with pytest.raises(InputError, match="not a table"):
        load_catalog(file)


def test_a_digest_depends_on_every_value() -> None:
    one = {"a.yaml": {"x": "1", "y": None}}
    assert digest(one) != digest({"a.yaml": {"x": "1", "y": ""}})
    assert digest(one) != digest({"b.yaml": {"x": "1", "y": None}})


def test_a_diff_shows_what_moved_and_its_effect_is_exactly_that(data: Path) -> None:
    old = load_catalog(find(data, NAME))
    (price,) = old.prices.select("aws.ebs", "gp3_storage", "us-east-1", DAY)
    append(data, "aws.ebs", "gp3_storage", price.base * 2, "2029-06-01")
    offering = data / "offerings" / "aws.msk-serverless.yaml"
    offering.write_text(offering.read_text().replace("summary: ", "summary: Now. ", 1))
    new = load_catalog(data)
    found = diff(old, new)
    assert [(c.id, c.before.base, c.after.base) for c in found.prices if c.before and c.after] == [
        ("aws.ebs:gp3_storage:us-east-1", price.base, price.base * 2)
    ]
    assert list(found.texts) == ["offerings/aws.msk-serverless.yaml"]
    options = Options(DAY)
    asked = ["aws.self-managed", "aws.msk-standard"]
    before, after = (compare(c, read_plan(PAYMENTS, c), options, asked) for c in (old, new))
    (effect,) = effects(before, after)
    assert effect.offering == "aws.self-managed"
    assert effect.before is not None
    lines = [ln for ln in effect.before.priced_lines if ln.meter == "aws.ebs:gp3_storage"]
    assert effect.change == pytest.approx(sum(effect.before.cost(ln) for ln in lines), rel=1e-9)


def test_before_its_day_a_new_price_changes_nothing(data: Path) -> None:
    append(data, "aws.ebs", "gp3_storage", 9, "2029-06-01")
    old, new = load_catalog(find(data, NAME)), load_catalog(data)
    for day, same in ((date(2029, 5, 31), True), (date(2029, 6, 1), False)):
        before, after = (compare(c, read_plan(PAYMENTS, c), Options(day), ["aws.self-managed"]) for c in (old, new))
        assert (not effects(before, after)) == same


def test_the_command_shows_prices_and_money(data: Path) -> None:
    append(data, "aws.ebs", "gp3_storage", "0.1", "2026-11-20")
    result = CliRunner().invoke(
        app, ["catalog", "diff", str(find(data, NAME)), str(data), "--workload", str(PAYMENTS), "--as-of", "2026-11-24"]
    )
    assert result.exit_code == 0, result.output
    assert "0.08 USD/GiB[disk]*month -> 0.1 USD/GiB[disk]*month (+25.0%)" in result.output
    assert any(ln.split()[:1] == ["aws.self-managed"] and "+" in ln for ln in result.output.splitlines())
    same = CliRunner().invoke(app, ["catalog", "diff", str(data), str(data)])
    assert same.output.strip() == "Nothing moved."


def test_an_unknown_catalog_is_refused_with_those_there_are() -> None:
    result = CliRunner().invoke(app, ["compare", str(PAYMENTS), "--catalog", "2001.1.1"])
    assert isinstance(result.exception, InputError)
    assert "head" in str(result.exception)


def test_the_head_of_a_json_report_names_the_release(data: Path) -> None:
    catalog = load_catalog(find(data, NAME))
    result = compare(catalog, read_plan(PAYMENTS, catalog), Options(DAY), ["aws.msk-serverless"])
    assert json.loads(render(result, "json"))["catalog"] == {"release": NAME, "sha256": catalog.digest}
    assert replace(catalog).name == NAME
