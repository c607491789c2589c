"""Published worked examples, replayed; and the replay itself, shown to fail."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tco.analysis.verify import read_examples, verify
from tco.catalog.load import Catalog, load_catalog
from tco.cli.commands import app
from tco.data import folder

PUBLISHED = sorted((folder("examples") / "published").glob("*.yaml"))


@cache
def known() -> Catalog:
    """The catalog, read once."""
    return load_catalog(folder("pricing_data"))


@pytest.mark.parametrize("file", PUBLISHED, ids=lambda f: f.stem)
def test_published_figures(file: Path) -> None:
    catalog = known()
    for example, path in read_examples(file):
        for check in verify(catalog, example, path):
            assert check.ok, f"{check.figure}: published {check.published}, model {check.model}"


def test_a_wrong_figure_fails(tmp_path: Path) -> None:
    text = (folder("examples") / "published" / "infracost-cross-az.yaml").read_text()
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace("20.0", "20.5"))
    result = CliRunner().invoke(app, ["verify", str(wrong)])
    assert result.exit_code == 1
    assert "OFF" in result.output
    assert "0 of 1" in result.output
