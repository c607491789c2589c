"""LibreOffice as the second calculator: edit a workbook's cells, recalculate every formula, read it back."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>{mode}</value></prop></item></oor:items>
"""
ALWAYS, NEVER = 0, 1
_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}


def soffice() -> str:
    """Path of LibreOffice; its absence is an error, never a silent skip."""
    found = shutil.which("soffice")
    assert found, "LibreOffice is missing: apt-get install libreoffice-calc-nogui"
    return found


def recalculated(data: bytes, folder: Path, mode: int = ALWAYS) -> Workbook:
    """Open a workbook in LibreOffice with a profile of its own, save it, and return what it shows.

    Without the profile LibreOffice echoes cached values, and a comparison would prove nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    profile = folder / f"profile{mode}"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE.format(mode=mode))
    source, target = folder / "in.xlsx", folder / "recalculated"
    source.write_bytes(data)
    subprocess.run(
        [
            soffice(),
            f"-env:UserInstallation={profile.resolve().as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(target),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return load_workbook(target / "in.xlsx", data_only=True)


def edited(data: bytes, edits: Mapping[tuple[str, str], float | str]) -> bytes:
    """Return the workbook with the values of (sheet, cell) changed in the file itself, formulas untouched."""
    names = load_workbook(io.BytesIO(data), read_only=True).sheetnames
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(result, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            for i, title in enumerate(names, 1):
                if info.filename == f"xl/worksheets/sheet{i}.xml":
                    for (sheet, cell), value in edits.items():
                        if sheet == title:
                            content = _poked(content.decode(), cell, value).encode()
            target.writestr(info, content)
    return result.getvalue()


def _poked(xml: str, cell: str, value: float | str) -> str:
    if isinstance(value, str):
        pattern = rf'<c r="{cell}"((?: s="\d+")?)(?: t="\w+")?>.*?</c>'
        new, count = re.subn(pattern, rf'<c r="{cell}"\1 t="inlineStr"><is><t>{value}</t></is></c>', xml)
    else:
        new, count = re.subn(rf'(<c r="{cell}"[^>]*>(?:<f>[^<]*</f>)?<v>)[^<]*(</v>)', rf"\g<1>{value!r}\g<2>", xml)
    assert count == 1, f"cell {cell} is not in the file exactly once"
    return new


def input_cells(data: bytes) -> dict[str, str]:
    """Name of each input to its cell on sheet Inputs (production for those that differ by cluster)."""
    sheet = load_workbook(io.BytesIO(data), read_only=True)["Inputs"]
    cells: dict[str, str] = {}
    for row, (name,) in enumerate(sheet.iter_rows(min_row=5, min_col=2, max_col=2, values_only=True), 5):
        if name and name not in cells:
            cells[str(name)] = f"D{row}"
    return cells


def errors(workbook: Workbook) -> list[str]:
    """Cells that show an error."""
    return [
        f"{s.title}!{c.coordinate}: {c.value}"
        for s in workbook
        for r in s.iter_rows()
        for c in r
        if isinstance(c.value, str) and (c.value in _ERRORS or c.value.startswith("Err:"))
    ]
