"""Replaying published worked examples: what the model says, what was published, and how far they are apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from tco.analysis.compare import refuse_unknown_names
from tco.catalog.load import Catalog
from tco.catalog.schema import Text
from tco.catalog.values import Date, Num, Strict
from tco.catalog.yamlfile import load, read_yaml
from tco.engine.offering import Site
from tco.engine.options import Options
from tco.engine.outcome import Outcome, build
from tco.engine.shared import shared_book
from tco.errors import InputError
from tco.workload.plan import plan_of

_STEADY = {"horizon": "1", "history": "full"}


class Example(Strict):
    """A published figure and the inputs it was published for: one steady month unless said otherwise."""

    id: Text
    source: Text
    """Title of the publication."""
    url: Text
    as_of: Date
    quality: Literal["exact", "rounded"]
    offering: Text
    workload: dict[str, object]
    given: dict[str, str] = Field(default_factory=dict)
    """Row or choice to its value."""
    prices: dict[str, str] = Field(default_factory=dict)
    """`owner:meter[:variant]` to the price used, converted."""
    assumptions: dict[str, str] = Field(default_factory=dict)
    expect: dict[str, Num]
    """Line, row, or `sum:a+b` (several lines) to the published figure, USD for lines."""
    tolerance: Num = Decimal("0.005")
    note: str = ""


@dataclass(frozen=True)
class Check:
    """One published figure against the model's."""

    example: Example
    figure: str
    published: float
    model: float

    @property
    def error(self) -> float:
        """Model less published."""
        return self.model - self.published

    @property
    def ok(self) -> bool:
        """Whether they agree within the example's tolerance."""
        return abs(self.error) <= float(self.example.tolerance) + 1e-9 * abs(self.published)


def read_examples(path: Path) -> list[tuple[Example, Path]]:
    """Read one example file, or all of a folder.

    Raises:
        InputError: a faulty file.
    """
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    return [(load(read_yaml(f), Example), f) for f in files]


def verify(catalog: Catalog, example: Example, file: Path) -> list[Check]:
    """Replay one example.

    Raises:
        InputError: the example names something that does not exist.
    """
    document = read_yaml(file)
    body = document.part("workload")
    plan = plan_of(replace(body, data={"name": example.id, **_STEADY, **body.data}), catalog)
    options = Options(
        example.as_of, "vendor", example.given, example.assumptions, example.prices, places=document.place
    )
    w = plan.workload
    outcome = build(
        catalog, shared_book(catalog, plan, options), example.offering, plan, options, Site(w.cloud, w.region)
    )
    refuse_unknown_names(catalog, options, [outcome])
    return [
        Check(example, figure, float(published), _figure(outcome, figure, document.place("expect", figure)))
        for figure, published in example.expect.items()
    ]


def _figure(outcome: Outcome, figure: str, place: object) -> float:
    names = figure.removeprefix("sum:").split("+")
    total = 0.0
    for name in names:
        row = f"{name}.cost" if f"{name}.cost" in outcome.values else name
        if row not in outcome.values:
            raise InputError.one(place, "unknown-row", f"{outcome.id} has no line or row '{name}'")  # type: ignore[arg-type]
        total += float(np.asarray(outcome.monthly(row)).sum())
    return total
