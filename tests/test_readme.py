"""The README says what the tool says."""

from __future__ import annotations

import re

from tests.readme import ROOT, with_blocks

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_demo_in_the_readme_is_what_the_tool_prints() -> None:
    """Renewed by `./dev readme`."""
    assert with_blocks(README) == README


def test_every_folder_and_file_named_in_the_readme_is_there() -> None:
    named = re.findall(r"\| `([\w/]+)` \|", README) + re.findall(r"\]\(((?!http)[^)]+)\)", README)
    assert len(named) > 8
    assert [n for n in named if not (ROOT / n).exists()] == []
