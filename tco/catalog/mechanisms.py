"""The shape of a mechanism: one way of copying data from one Kafka cluster to another."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tco.catalog.schema import Capability, Constant, Identifier, Limit, Line, LinkPath, Question, Quota, Row, Side, Text
from tco.catalog.values import Date, Strict

#: How far apart the ends of a link are.
Reach = Literal["same_region", "other_region", "other_cloud"]
ANY = "any"
#: Variants of a price between regions that names no single pair.
REACHES = ("same_continent", "other_continent")


class Mechanism(Strict):
    """One way of copying data between clusters, with what it costs beside them."""

    id: Identifier
    name: Text
    """In the vendor's own words."""
    vendor: Text
    documentation: Text
    summary: Text
    checked: Date
    """When someone last re-read the sources."""
    unpriced: str = ""
    """Why there is no public price, when there is none at all."""
    modes: list[Literal["async", "sync"]]
    reaches: list[Reach]
    source: list[Text]
    """Offerings that it can read from; `any` for whatever speaks the Kafka protocol."""
    target: list[Text]
    """Offerings that it can write to."""
    same_offering: bool = False
    """Whether both ends must be the same offering."""
    runs_at: Side | Literal["dialer"]
    """End at which its workers or meters are; `dialer`: that which opens the connection."""
    dials: list[Side]
    """Ends that may open the connection, the default first: `source` where the source dials the target."""
    paths: list[LinkPath]
    """Ways on which it is known to work."""
    lag: Constant
    """How far the target is behind in normal work."""
    offsets: Capability
    """Whether consumers find their place again at the target."""
    keeps_names: Capability
    """Whether topics have the same names at both ends."""
    constants: dict[Identifier, Constant] = Field(default_factory=dict)
    rows: dict[Identifier, Row] = Field(default_factory=dict)
    limits: dict[Identifier, Limit] = Field(default_factory=dict)
    quotas: dict[Identifier, Quota] = Field(default_factory=dict)
    variants: dict[Identifier, list[Text]] = Field(default_factory=dict)
    """Variant of a line to its values, of which the first that has a price is taken."""
    lines: dict[Identifier, Line] = Field(default_factory=dict)
    """`{runs}` stands for the cloud where it runs, `{source}` and `{target}` for those of the ends."""
    questions: list[Question] = Field(default_factory=list)
