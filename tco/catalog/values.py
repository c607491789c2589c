"""Field types of catalog and workload files: numbers from their text, quantities with a unit, ranges."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from tco.model.units import Unit, UnitError, Units, conversion, without_basis

_NUMBER = re.compile(r"[+-]?(\d{1,24}(\.\d{1,24})?|\.\d{1,24})(e[+-]?\d{1,2})?", re.ASCII)
_QUANTITY = re.compile(r"\s*([+-]?[\d.]+(?:e[+-]?\d{1,2})?)\s*(.*?)\s*", re.ASCII)
#: The same numbers and days stand in thousands of price rows, so texts that were read are kept.
_MANY = 4096
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def number(value: Any) -> Decimal:
    """Read a number from its text, never through a float; no nan, no infinity, no underscores."""
    return _decimal(
        str(value).strip() if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""
    )


@lru_cache(maxsize=_MANY)
def _decimal(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number; write digits with a point, such as 0.25")
    return Decimal(text)


def iso_date(value: Any) -> date:
    """Read a date written as YYYY-MM-DD and nothing else."""
    return value if isinstance(value, date) else _date(value if isinstance(value, str) else "")


@lru_cache(maxsize=_MANY)
def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError("not a date; write it as 2027-01-31")
    return date.fromisoformat(text)


def later(month: tuple[int, int], months: int) -> tuple[int, int]:
    """Return the (year, month) that comes so many months after another."""
    years, rest = divmod(month[1] - 1 + months, 12)
    return month[0] + years, rest + 1


def month_end(month: tuple[int, int]) -> date:
    """Return the last day of a (year, month)."""
    return date(*month, monthrange(*month)[1])


@dataclass(frozen=True)
class Quantity:
    """A number and the unit text behind it ("" for a bare number)."""

    value: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.value} {self.unit}".strip()


def quantity(value: Any) -> Quantity:
    """Read "200 MB[wire]/s" into its number and unit text."""
    if isinstance(value, Quantity):
        return value
    match = _QUANTITY.fullmatch(str(value)) if value is not None else None
    if not match:
        raise ValueError("not a quantity; write a number and a unit, such as 50 MB/s")
    return Quantity(number(match.group(1)), match.group(2))


def parse_like(text: str, unit: Unit, units: Units) -> Unit:
    """Parse a unit in which bytes may leave out their basis, and "/s" what is counted; both are then those wanted."""
    if text.startswith("/"):
        text = unit.text.partition("/")[0] + text
    try:
        return units.parse(text or unit.text)
    except UnitError:
        bases = re.findall(r"\[(\w+)\]", unit.text)
        if not bases or "[" in text:
            raise
        filled = iter(bases)
        return units.parse(re.sub(r"\b([kMGT]i?B|B)\b", lambda m: f"{m.group()}[{next(filled, bases[-1])}]", text))


def in_unit(given: Quantity, target: Unit, units: Units) -> Decimal:
    """Return a quantity's number in another unit of the same kind; see `parse_like`.

    Raises:
        UnitError: it measures something else.
    """
    try:
        factor = conversion(parse_like(given.unit, target, units), target)
    except UnitError as error:
        raise UnitError(f"{error}; write it in {without_basis(target.text)}") from None
    return given.value * factor.numerator / factor.denominator


#: As written in a file: a number, or text such as "50 MB/s"; what may stand there is checked when it is read.
_WRITTEN = WithJsonSchema({"type": ["number", "string"]})
Num = Annotated[Decimal, BeforeValidator(number), _WRITTEN]
Date = Annotated[date, BeforeValidator(iso_date)]
Amount = Annotated[Quantity, BeforeValidator(quantity), _WRITTEN]


class Strict(BaseModel):
    """Base of every model that is read from a file: frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, arbitrary_types_allowed=True)
