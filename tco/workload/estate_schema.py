"""The estate file: clusters, each with its work and its part in the whole, and the links between them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from tco.catalog.schema import Codec, Identifier, LinkPath, Side, Text
from tco.catalog.values import Amount, Strict, number
from tco.workload.schema import Month, Name, Word

Role = Literal["primary", "standby", "aggregate", "edge", "stretched", "migration"]
Mode = Literal["async", "sync"]


class Compression(Strict):
    """How bytes travel over a link, where they are compressed anew."""

    codec: Codec
    ratio: Amount
    """Bytes before compression for each byte on the wire."""


class EstateCluster(Strict):
    """A kind of cluster: how many alike, what they do, and where."""

    workload: Word
    """Name of one of the estate's workloads."""
    role: Role = "primary"
    count: Amount | None = None
    """Clusters alike; one if not given."""
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]{3,40}$")] | None = None
    """Instead of the workload's."""
    cloud: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")] | None = None
    traffic: Amount | None = None
    """Share of the workload that its own clients write; none of it for a standby or an aggregate."""
    partitions: Amount | None = None
    """Share of the workload's partitions beside those that links bring; follows traffic's default."""
    environment: Word = "production"
    team: Word = "all"
    """Who answers for it; costs are shown by team."""
    carries: Amount | None = None
    """Share of the load of those it stands in for that a standby is sized for at all times: 100 % is full size, 0 %
    a pilot light that holds the data alone."""
    offering: Identifier | None = None
    """What it runs on; left out, all offerings are compared."""
    starts: Month | None = None
    """First month in which it runs; the estate's if left out."""
    ends: Month | None = None
    """Last month in which it runs; the estate's if left out."""
    clients_from: Month | None = None
    """First month in which clients of its own write to it, as after the move of a migration."""
    clients_until: Month | None = None
    """Last month in which they do."""
    other_region: Annotated[str, Field(pattern=r"^[a-z0-9-]{3,40}$")] | None = None
    """Second region of a stretched cluster."""
    inbound: Literal["allowed", "refused"] = "allowed"
    """Whether its network lets anybody outside open a connection to it."""
    changes: dict[str, Any] = Field(default_factory=dict)
    """Keys of the workload that are otherwise for this cluster."""


class Link(Strict):
    """Data that is copied from one cluster to another."""

    source: Word = Field(alias="from")
    target: Word = Field(alias="to")
    mechanism: Identifier = "any"
    """Id of a mechanism of the catalog; any: the cheapest that joins the two."""
    purpose: Literal["recovery", "aggregation", "sharing", "migration"] | None = None
    """What it is for; recovery where it leads to a standby."""
    mode: Mode = "async"
    share: Amount | None = None
    """Of the bytes that producers write at the source; all, or those of the topics named."""
    topics: list[Word] = Field(default_factory=list, max_length=12)
    """Topic classes of the source that are copied; all if left out."""
    passes_on: bool = False
    """Whether what other links bring to the source is copied too."""
    path: LinkPath | None = None
    """How bytes travel; the cheapest private way if left out."""
    dials: Side | None = None
    """Which end opens the connection; as the mechanism does by default."""
    compression: Compression | None = None
    """How bytes travel where the mechanism compresses them anew; as they are if left out."""


class Estate(Strict):
    """Many clusters and the links between them: the file that `tco estate` and `tco compare` read."""

    name: Name
    start: Month = "2027-01"
    horizon: Annotated[int, BeforeValidator(lambda v: int(number(v)))] = Field(default=36, ge=1, le=120)
    """Months."""
    about: Annotated[str, Field(max_length=2000)] = ""
    """What it stands for; reports print it."""
    sources: list[Text] = Field(default_factory=list, max_length=40)
    """Where its figures come from."""
    workloads: dict[Word, dict[str, Any]] = Field(min_length=1, max_length=60)
    """Name to the keys of a workload; start and horizon are the estate's."""
    clusters: dict[Word, EstateCluster] = Field(min_length=1, max_length=120)
    links: dict[Word, Link] = Field(default_factory=dict, max_length=200)
