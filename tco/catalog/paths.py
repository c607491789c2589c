"""The tables of paths: who pays what on each way of reaching brokers, and on each way between two clusters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from tco.catalog.csvfile import Table
from tco.catalog.mechanisms import Reach
from tco.catalog.schema import OTHER_CLOUD, Access, LinkPath
from tco.catalog.values import number
from tco.errors import Finding, InputError, Place

_WAYS = {"access": (*get_args(Access), OTHER_CLOUD)}
_LINK_WAYS = {"reach": get_args(Reach), "path": get_args(LinkPath)}


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


@dataclass(frozen=True)
class LinkPathRow:
    """One way from cluster to cluster: how often each byte meets each meter of our bill.

    Attributes:
        cloud, tenancy: of the source's brokers, whose side is billed for sending.
        reach: how far the target is.
        path: the way.
        factors: column to its number.
        source, note: why it is so.
    """

    cloud: str
    tenancy: str
    reach: str
    path: str
    factors: dict[str, float]
    source: str
    note: str


def read_paths(table: Table) -> list[PathRow]:
    """Read the table of ways to reach brokers.

    Raises:
        InputError: every bad row, with its line.
    """
    return [
        PathRow(f["cloud"], f["tenancy"], f["access"], factors, f["source"], f["note"])
        for f, factors in _rows(table, ("cloud", "tenancy", "access"), _WAYS)
    ]


def read_link_paths(table: Table) -> list[LinkPathRow]:
    """Read the table of ways between clusters; see `read_paths`."""
    return [
        LinkPathRow(f["cloud"], f["tenancy"], f["reach"], f["path"], factors, f["source"], f["note"])
        for f, factors in _rows(table, ("cloud", "tenancy", "reach", "path"), _LINK_WAYS)
    ]


_Row = tuple[dict[str, str], dict[str, float]]


def _rows(table: Table, keys: tuple[str, ...], known: Mapping[str, tuple[str, ...]]) -> list[_Row]:
    missing = sorted({*keys, "source", "note"} - set(table.columns))
    if missing:
        raise InputError.one(Place(table.file, 1), "bad-header", f"there is no column {missing[0]}")
    rows: dict[tuple[str, ...], _Row] = {}
    findings = []
    for place, fields in table.rows:
        try:
            key = tuple(fields[k] for k in keys)
            if key in rows:
                raise ValueError(f"{', '.join(key)} is already given above")
            rows[key] = fields, _factors(fields, keys, known)
        except ValueError as error:
            findings.append(Finding(place, "bad-path", str(error)))
    if findings:
        raise InputError(findings)
    return list(rows.values())


def _factors(fields: dict[str, str], keys: tuple[str, ...], known: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    for key, words in known.items():
        if fields[key] not in words:
            raise ValueError(f"{key} '{fields[key]}' is not one of {', '.join(words)}")
    factors = {k: float(number(v)) for k, v in fields.items() if k not in (*keys, "source", "note")}
    below = [k for k, v in factors.items() if v < 0]
    if below:
        raise ValueError(f"{below[0]} is negative; a factor is 0 or more")
    return factors
