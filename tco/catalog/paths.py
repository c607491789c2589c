"""The paths table: who pays what on each way of reaching brokers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from tco.catalog.csvfile import Table
from tco.catalog.schema import OTHER_CLOUD, Access
from tco.catalog.values import number
from tco.errors import Finding, InputError, Place

_TEXT = ("cloud", "tenancy", "access", "source", "note")
_WAYS = (*get_args(Access), OTHER_CLOUD)


@dataclass(frozen=True)
class PathRow:
    """One way of reaching brokers: how often each byte meets each meter of our bill.

    Attributes:
        cloud, tenancy: of the brokers.
        access: the way.
        factors: column to its number.
        source, note: why it is so.
    """

    cloud: str
    tenancy: str
    access: str
    factors: dict[str, float]
    source: str
    note: str


def read_paths(table: Table) -> list[PathRow]:
    """Read the rows of the paths table.

    Raises:
        InputError: every bad row, with its line.
    """
    missing = sorted(set(_TEXT) - set(table.columns))
    if missing:
        raise InputError.one(Place(table.file, 1), "bad-header", f"there is no column {missing[0]}")
    rows: dict[tuple[str, str, str], PathRow] = {}
    findings = []
    for place, fields in table.rows:
        try:
            row = _row(fields)
            key = row.cloud, row.tenancy, row.access
            if key in rows:
                raise ValueError(f"{', '.join(key)} is already given above")
            rows[key] = row
        except ValueError as error:
            findings.append(Finding(place, "bad-path", str(error)))
    if findings:
        raise InputError(findings)
    return list(rows.values())


def _row(fields: dict[str, str]) -> PathRow:
    if fields["access"] not in _WAYS:
        raise ValueError(f"access '{fields['access']}' is not one of {', '.join(_WAYS)}")
    factors = {k: float(number(v)) for k, v in fields.items() if k not in _TEXT}
    below = [k for k, v in factors.items() if v < 0]
    if below:
        raise ValueError(f"{below[0]} is negative; a factor is 0 or more")
    return PathRow(fields["cloud"], fields["tenancy"], fields["access"], factors, fields["source"], fields["note"])
