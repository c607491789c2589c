"""Tables with positions: rows of text under the head's names, each with its place."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from tco.catalog.yamlfile import read_text
from tco.errors import Finding, InputError, Place

_MAX_BYTES = 20_000_000


@dataclass(frozen=True)
class Table:
    """A table as read.

    Attributes:
        file: where it was read, for places.
        columns: names in the head.
        rows: place and fields of each row, without white space around them.
    """

    file: str
    columns: tuple[str, ...]
    rows: list[tuple[Place, dict[str, str]]]


def read_csv(path: Path) -> Table:
    """Read a CSV file with a head.

    Raises:
        InputError: not text, not CSV, or rows with more fields than the head has.
    """
    reader = csv.DictReader(io.StringIO(read_text(path, limit=_MAX_BYTES)))
    rows, findings = [], []
    try:
        for row in reader:
            place = Place(str(path), reader.line_num)
            if None in row:
                text = "more fields than columns; text with a comma in it stands in quotes"
                findings.append(Finding(place, "bad-row", text))
            rows.append((place, {str(k): str(v or "").strip() for k, v in row.items() if k is not None}))
    except csv.Error as error:
        findings.append(Finding(Place(str(path), reader.line_num), "bad-row", str(error)))
    if findings:
        raise InputError(findings)
    return Table(str(path), tuple(reader.fieldnames or ()), rows)
