"""Replaying published worked examples: what the model says, what was published, and how far they are apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from tco.analysis.compare import refuse_unknown_names
from tco.catalog.load import Catalog
from tco.catalog.schema import Text
from tco.catalog.values import Date, Num, Strict
from tco.catalog.yamlfile import load, read_yaml
from tco.engine.build import build
from tco.engine.offering import Site
from tco.engine.options import Options
from tco.engine.outcome import Outcome
from tco.engine.shared import shared_book
from tco.engine.spoken import plain_unit
from tco.errors import InputError, Place
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
    wrong: dict[str, Num] = Field(default_factory=dict)
    """What the source prints for a figure where it is mistaken; `expect` has the right one and `note` says why."""
    tolerance: Num = Decimal("0.005")
    note: str = ""

    @model_validator(mode="after")
    def _explained(self) -> Example:
        if not set(self.wrong) <= set(self.expect) or (self.wrong and not self.note):
            raise ValueError("a figure of `wrong` needs the right one in `expect`, and a note that says why")
        return self


@dataclass(frozen=True)
class Check:
    """One published figure against the model's.

    Attributes:
        published: the figure of the source, or the right one where the source is mistaken.
        printed: what the source prints.
    """

    example: Example
    figure: str
    published: float
    printed: float
    model: float
    unit: str

    @property
    def error(self) -> float:
        """Model less published."""
        return round(self.model - self.published, 6)

    @property
    def right(self) -> bool:
        """Whether the source prints the right figure."""
        return self.printed == self.published

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
    refuse_unknown_names(catalog, options, {outcome.id: outcome.subject.settable})
    return [
        Check(
            example,
            figure,
            float(published),
            float(example.wrong.get(figure, published)),
            *_figure(outcome, figure, document.place("expect", figure)),
        )
        for figure, published in example.expect.items()
    ]


def _figure(outcome: Outcome, figure: str, place: Place) -> tuple[float, str]:
    """Sum of lines or rows over the months, and its unit."""
    total, unit = 0.0, ""
    for name in figure.removeprefix("sum:").split("+"):
        row = f"{name}.cost" if f"{name}.cost" in outcome.values else name
        if row not in outcome.values:
            raise InputError.one(place, "unknown-row", f"{outcome.id} has no line or row '{name}'")
        total += float(np.asarray(outcome.monthly(row)).sum())
        unit = plain_unit(outcome.book.items[row].unit.text)
    return total, unit
