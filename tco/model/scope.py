"""What names mean: the items a formula may refer to, and the tables it may look up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tco.errors import Place
from tco.model.tree import Node
from tco.model.units import Unit

Kind = Literal["input", "constant", "limit", "choice", "column", "price", "row", "line"]


@dataclass(frozen=True)
class Item:
    """One named quantity.

    Attributes:
        name: how formulas call it; dotted for inputs, prices and table columns.
        label: how people call it.
        unit: unit of its value.
        kind: where the value comes from.
        node: the checked formula of a row or line, already in `unit`; None for given values.
        text: the formula as written.
        monthly: one value a month rather than one for the whole horizon.
        per_cluster: differs between the clusters of the plan (production, stage, development).
        uncertain: differs between the low, base and high evidence.
        place: where it is defined.
        note: why it is so, for readers of a report.
        source: id of a source, or "assumption", or "definition".
    """

    name: str
    label: str
    unit: Unit
    kind: Kind
    node: Node | None = None
    text: str = ""
    monthly: bool = False
    per_cluster: bool = False
    uncertain: bool = False
    place: Place = field(default_factory=Place, compare=False)
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class Draft:
    """A row before it is checked: what its file says, and how its names are to be read.

    Attributes:
        terms: formulas to be added up, of a row that no file writes out; its text is then for readers alone.
    """

    name: str
    label: str
    unit: str
    text: str
    sheet: str
    place: Place = field(default_factory=Place)
    note: str = ""
    kind: Kind = "row"
    rename: Callable[[str], str] | None = None
    terms: tuple[str, ...] = ()


def sum_draft(name: str, label: str, unit: str, terms: Iterable[str], sheet: str) -> Draft:
    """Return a row that adds up formulas; 0 where there are none."""
    parts = tuple(terms)
    return Draft(name, label, unit, " + ".join(parts) or "0", sheet, terms=parts)


@dataclass(frozen=True)
class Table:
    """Numbers looked up by a key: seasonality, purchase sizes, the bands of a price.

    Attributes:
        name: how formulas call it.
        key_unit: unit of the keys (lower band edges for a price).
        unit: unit of the values (price per key unit for bands).
        keys: ascending.
        values: (low, base, high) for each key; for bands the price within the band.
    """

    name: str
    key_unit: Unit
    unit: Unit
    keys: tuple[float, ...]
    values: tuple[tuple[float, float, float], ...]
    uncertain: bool = False


@dataclass(frozen=True)
class Scope:
    """All names a formula can see."""

    items: Mapping[str, Item]
    tables: Mapping[str, Table]
