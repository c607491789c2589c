"""Which meters the catalog's cost lines read: in what units, and with which variants."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import get_args

from tco.catalog.load import SHEETS, Catalog
from tco.catalog.mechanisms import REACHES
from tco.catalog.schema import Commitment, Line, Support


@dataclass
class Meter:
    """How a meter is read.

    Attributes:
        units: of the lines that read it; none where they take the price's own.
        variants: values of the choices that select a price; "" where a line has no choice.
    """

    units: set[str] = field(default_factory=set)
    variants: set[str] = field(default_factory=set)


def meters(catalog: Catalog) -> dict[tuple[str, str], Meter]:
    """Return (owner, meter) of every price that a line of any offering reads on any of its clouds."""
    shared = [ln for name in SHEETS for ln in catalog.sheets[name].lines.values()]
    found: dict[tuple[str, str], Meter] = defaultdict(Meter)
    for o in catalog.offerings.values():
        for line in (*o.lines.values(), *shared):
            variants = set(o.values(line.variant)) if line.variant else {""}
            for cloud in o.clouds:
                owner, name = meter_of(line, o.id, cloud)
                for key in _terms(owner, name):
                    found[key].units |= set() if line.as_priced else {line.unit}
                    found[key].variants |= variants
    for mechanism in catalog.mechanisms.values():
        for line in (*mechanism.lines.values(), *catalog.sheets["link_paths"].lines.values()):
            variants = {"", *mechanism.variants.get(line.variant, _reaches(catalog) if line.variant else ())}
            for cloud in catalog.regions.clouds:
                owner, name = meter_of(line, mechanism.id, cloud)
                for key in _terms(owner, name):
                    found[key].units |= set() if line.as_priced else {line.unit}
                    found[key].variants |= variants
    return dict(found)


def _reaches(catalog: Catalog) -> set[str]:
    """Values of the variant that says where a link leads: a region, or whether to the same continent."""
    return {*catalog.regions.regions, *REACHES}


def meter_of(line: Line, offering: str, cloud: str) -> tuple[str, str]:
    """Owner and meter of a line's price; the owner `constant` for a constant."""
    texts = dict.fromkeys(("{cloud}", "{home}", "{runs}", "{source}", "{target}"), cloud)
    texts["{vendor}"] = offering.partition(".")[0]
    price = line.price
    for name, text in texts.items():
        price = price.replace(name, text)
    owner, _, meter = price.rpartition(":")
    return owner or offering, meter


def _terms(owner: str, meter: str) -> list[tuple[str, str]]:
    """The meter by each class of support, at list and by each term of commitment."""
    classes = [c for c in get_args(Support) if c != "none"] if "{support}" in meter else [""]
    names = [meter.replace("{support}", c) for c in classes]
    terms = [t for t in get_args(Commitment) if t != "none"]
    return [(owner, n) for name in names for n in (name, *(f"{name}.{t}" for t in terms))]
