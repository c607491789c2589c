"""Numbers and units as people write them: no basis of bytes, vendors' own spelling of capacity units, plurals."""

from __future__ import annotations

import re

from tco.model.units import without_basis

_OWN_SPELLING = {u.lower(): u for u in ("eCKU", "CKU", "PU", "TU", "CU", "vCPU", "DCU", "LCU")}
_OWN_WORD = re.compile(rf"\b({'|'.join(_OWN_SPELLING)})\b")
_COUNTED = re.compile(r"[a-z]{3,}(?=$|[/*])")
_UNCOUNTABLE = {"iops", "min"}


def figure(value: float) -> str:
    """A quantity with as many digits as a reader needs."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"


def plain_unit(unit: str) -> str:
    """Return a unit without the basis of its bytes; "" for a plain number."""
    return "" if unit == "1" else _OWN_WORD.sub(lambda m: _OWN_SPELLING[m.group()], without_basis(unit))


def amount(value: float, unit: str) -> str:
    """A quantity with its unit, in the plural where it is one: "1 broker", "2,641 partitions", "200 MB/s"."""
    word = plain_unit(unit)
    counted = _COUNTED.match(word)
    if value != 1 and counted and counted.group() not in _UNCOUNTABLE and not counted.group().endswith("s"):
        word = f"{counted.group()}s{word[counted.end() :]}"
    return f"{figure(value)} {word}".strip()
