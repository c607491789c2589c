"""One bad file per mistake: each is found by its own code, in its own file, and nothing else is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

import tco
from tco.analysis.lint import check_catalog
from tco.data import folder
from tco.errors import Finding, InputError

HERE = Path(__file__).parent / "bad_catalog"
DATA = folder("pricing_data")
#: What the small catalog has files of its own of, or none at all.
OWN = ("offerings", "mechanisms", "prices", "sla", "releases", "imports")
MISTAKES = {f.stem: yaml.safe_load(f.read_text()) for f in sorted(HERE.glob("*.yaml"))}
#: Where the codes of a catalog's findings are written.
CODE = ("catalog/inherit", "catalog/load", "catalog/paths", "catalog/prices", "catalog/release", "catalog/yamlfile",
        "analysis/lint", "analysis/plausible")  # fmt: skip
#: Of files in general and of names of releases, with tests of their own; and two words for how sure a number is.
ELSEWHERE = {"no-catalog", "bad-name", "not-text", "too-large", "bad-units", "official-mirror", "third-party"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A small catalog without fault: one offering in three regions, and the shared sheets."""
    copy = tmp_path / "data"
    shutil.copytree(DATA, copy, ignore=shutil.ignore_patterns(*OWN))
    shutil.copytree(HERE / "good", copy, dirs_exist_ok=True)
    return copy


def spoil(data: Path, mistake: dict[str, Any]) -> None:
    """Replace a text once, append rows, write a file, or take it away."""
    file = data / mistake["file"]
    if "append" in mistake:
        file.write_text(file.read_text() + mistake["append"])
    elif "old" in mistake:
        text = file.read_text()
        assert mistake["old"] in text
        file.write_text(text.replace(mistake["old"], mistake["new"], 1))
    elif "new" in mistake:
        assert not file.exists()
        file.write_text(mistake["new"])
    else:
        file.unlink()


def findings(data: Path) -> list[Finding]:
    with pytest.raises(InputError) as error:
        check_catalog(data)
    return error.value.findings


def test_the_good_one_is_clean(data: Path) -> None:
    assert check_catalog(data)["offerings"] == 1


@pytest.mark.parametrize("code", MISTAKES)
def test_each_mistake_is_found_by_its_code_in_its_file(data: Path, code: str) -> None:
    spoil(data, MISTAKES[code])
    found = findings(data)
    assert {f.code for f in found} == {code}, [str(f) for f in found]
    assert all(f.text for f in found)
    assert any(f.place.file.endswith(MISTAKES[code].get("shows", MISTAKES[code]["file"])) for f in found)


def test_the_codes_are_those_that_the_catalogs_readme_explains() -> None:
    section = (DATA / "README.md").read_text().partition("## What the check finds")[2]
    explained = set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE))
    released = {"release-changed", "release-gone", "released-price"}
    assert explained == set(MISTAKES) | released
    package = Path(tco.__file__).parent
    raised = {c for name in CODE for c in re.findall(r'"([a-z]+-[a-z-]+)"', (package / f"{name}.py").read_text())}
    assert raised - ELSEWHERE <= explained and len(raised) > 30
