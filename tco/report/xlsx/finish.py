"""The last step of a workbook: cached values into the formula cells, fixed dates, the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date
from xml.sax.saxutils import escape

from openpyxl.workbook import Workbook

Cached = float | str | bool
_FORMULA = re.compile(r'<c r="([A-Z]+\d+)"((?: s="\d+")?)(?: t="\w+")?><f>(.*?)</f><v ?/?>(?:</v>)?</c>')
_STAMP = re.compile(r"(<dcterms:(created|modified)[^>]*>)[^<]*(<)")
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def finished(workbook: Workbook, cached: Mapping[str, Mapping[str, Cached]], as_of: date) -> bytes:
    """Return the file's bytes.

    Args:
        workbook: complete.
        cached: sheet title to cell to the value its formula has in the engine.
        as_of: date of the run, written as the document's dates.
    """
    raw = io.BytesIO()
    workbook.save(raw)
    paths = {f"xl/worksheets/sheet{i}.xml": title for i, title in enumerate(workbook.sheetnames, 1)}
    result = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            data = source.read(name)
            if name in paths:
                data = _with_values(data.decode(), cached.get(paths[name], {}), paths[name]).encode()
            elif name == "docProps/core.xml":
                data = _STAMP.sub(rf"\g<1>{as_of.isoformat()}T00:00:00Z\g<3>", data.decode()).encode()
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, data)
    return result.getvalue()


def _with_values(xml: str, values: Mapping[str, Cached], sheet: str) -> str:
    def cell(match: re.Match[str]) -> str:
        reference, style, formula = match.groups()
        if reference not in values:
            raise AssertionError(f"formula {sheet}!{reference} has no cached value")
        kind, text = _typed(values[reference])
        return f'<c r="{reference}"{style}{kind}><f>{formula}</f><v>{text}</v></c>'

    return _FORMULA.sub(cell, xml)


def _typed(value: Cached) -> tuple[str, str]:
    if isinstance(value, bool):
        return ' t="b"', str(int(value))
    if isinstance(value, str):
        return ' t="str"', escape(value)
    return "", format(float(value) + 0.0, ".12g")
