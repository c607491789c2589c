"""How a run departs from the defaults: date, overrides, sizing rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Options:
    """Settings of a run.

    Attributes:
        as_of: prices in force on this day.
        sizing: each vendor's own rule, or one service level for all.
        given: row or choice to its pinned value; `offering/row` pins it in one offering only.
        assumptions: assumption to value, replacing the shipped one.
        prices: `offering:meter[:variant]` to "value unit", replacing a price.
        any_cloud: offerings of every cloud, at the equivalent region.
    """

    as_of: date
    sizing: str = "vendor"
    given: Mapping[str, str] = field(default_factory=dict)
    assumptions: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, str] = field(default_factory=dict)
    any_cloud: bool = False

    def pins(self, offering: str) -> dict[str, str]:
        """Return the pins that hold for an offering."""
        general = {k: v for k, v in self.given.items() if "/" not in k}
        own = {k.partition("/")[2]: v for k, v in self.given.items() if k.partition("/")[0] == offering and "/" in k}
        return general | own
