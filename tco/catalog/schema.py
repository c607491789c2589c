"""The shape of catalog files: offerings, row sheets, sources. Fields say what a curator fills in."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from tco.catalog.values import Date, Num, Strict

Text = Annotated[str, Field(min_length=1, max_length=600)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,60}$")]
Formula = Annotated[str, Field(min_length=1, max_length=600)]
Payer = Literal["vendor", "cloud", "labour", "one_off"]
Access = Literal["in_vpc", "peering", "private_link", "transit_gateway", "public"]
#: The way of clients that stay in the plan's own cloud while the brokers are in another: over the internet.
OTHER_CLOUD = "other_cloud"
#: The way of a link between two clusters: over the internet, or privately.
LinkPath = Literal["internet", "peering", "private_link", "transit_gateway"]
#: An end of a link.
Side = Literal["source", "target"]
Answer = Literal["met", "met_otherwise", "preview", "no", "unknown"]
#: Key of `clouds` in `regions.yaml`, where the vocabulary is.
Cloud = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
Codec = Literal["none", "gzip", "snappy", "lz4", "zstd"]
#: Terms for which capacity is bought ahead; their prices are the meter `<meter>.<term>`.
Commitment = Literal["none", "one_year", "three_years"]
#: Classes of support plan by how they answer: in business hours, at any hour, in minutes with people of one's own.
Support = Literal["none", "business", "enterprise", "mission_critical"]


class Interval(Strict):
    """A number known as a point or only as a range; a range without a base stands for its midpoint."""

    low: Num
    base: Num
    high: Num

    @property
    def is_range(self) -> bool:
        """Whether the evidence leaves a range."""
        return self.low != self.high

    @model_validator(mode="after")
    def _ordered(self) -> Interval:
        if not self.low <= self.base <= self.high:
            raise ValueError("low, base and high must ascend")
        return self


def interval(value: Any) -> Any:
    """Read `3` or `{low: 1, high: 3}` or `{low: 1, base: 2, high: 3}`."""
    if isinstance(value, dict):
        extra = set(value) - {"low", "base", "high"}
        if extra or "low" not in value or "high" not in value:
            raise ValueError("a range is written {low: , high: } or {low: , base: , high: }")
        if "base" not in value:
            middle = (Decimal(str(value["low"])) + Decimal(str(value["high"]))) / 2
            return {**value, "base": str(middle)}
        return value
    if isinstance(value, str):
        return {"low": value, "base": value, "high": value}
    return value


Range = Annotated[Interval, BeforeValidator(interval)]


class Source(Strict):
    """A document that a number was read from."""

    title: Text
    url: Text
    seen: Date | None
    """Date of the page or version read."""
    kind: Literal["official", "official-mirror", "third-party", "assumption", "quote"]


class Constant(Strict):
    """A named, sourced number that formulas use."""

    value: Range
    unit: Text
    label: Text
    source: Text
    """Id of a source, or the word assumption, or definition where nothing could be otherwise."""
    confidence: Literal["official", "official-mirror", "third-party", "derived", "assumption"] | None = None
    note: str = ""


class Row(Strict):
    """A named formula over other names."""

    label: Text
    unit: Text
    formula: Formula
    note: str = ""


class Line(Strict):
    """A cost line: a quantity, and the price point that turns it into money."""

    label: Text
    unit: Text
    """Unit of the quantity; the price must be for exactly this unit."""
    as_priced: bool = False
    """Counted in the price's own unit instead, for what one cloud sells by the GB and another by the GiB."""
    quantity: Formula
    price: Text
    """Meter of this offering, or `owner:meter` of a shared price table; `{cloud}` stands for the brokers' cloud,
    `{home}` for the plan's own, `{vendor}` for the first part of the offering's id, `{support}` for the plan's class of
    support, without which there is no such line."""
    variant: str = ""
    """Choice whose value selects the price's variant column."""
    payer: Payer = "cloud"
    baseline: Formula | None = None
    """What the account already uses of the meter, which moves the plan up its price bands."""
    on_top: bool = False
    """Reckoned from other lines: not in `sum_lines(vendor.usage)`, and only where its payer has other lines."""
    note: str = ""


class Limit(Strict):
    """A ceiling on a row for the cluster as a whole."""

    caps: Text
    """Row that must stay at or below the value."""
    value: Num | None = None
    unit: str = ""
    formula: Formula | None = None
    """Instead of value and unit: a ceiling that depends on the configuration."""
    label: Text
    kind: Literal["hard", "quota", "recommended"]
    includes: str = ""
    """What the published number already contains (zone loss, rebalancing), in words."""
    source: Text

    @model_validator(mode="after")
    def _one_of(self) -> Limit:
        if (self.value is None) == (self.formula is None):
            raise ValueError("give either value and unit, or formula")
        return self


class Quota(Strict):
    """A ceiling on all clusters or links of an account together, in each region or in all of them."""

    counts: Text
    """Row that is added up over them; `clusters` or `links` for how many there are."""
    value: Num
    unit: Text
    label: Text
    each: Literal["region", "account"]
    source: Text


class Rule(Strict):
    """An engineering rule that a configuration must keep before price decides."""

    label: Text
    formula: Formula
    source: Text
    note: str = ""


class Column(Strict):
    """One column of a table: a figure of each variant."""

    label: Text
    unit: Text
    source: Text


class VariantTable(Strict):
    """Figures by the value of a choice, such as broker sizes."""

    columns: dict[Identifier, Column]
    rows: dict[Text, list[Num]]

    @model_validator(mode="after")
    def _full(self) -> VariantTable:
        for name, values in self.rows.items():
            if len(values) != len(self.columns):
                raise ValueError(f"{name} has {len(values)} values for {len(self.columns)} columns")
        return self


class Steps(Strict):
    """Purchase sizes, ascending."""

    label: Text
    unit: Text
    sizes: Annotated[list[Num], Field(min_length=1)]
    source: Text


class Choice(Strict):
    """Something the buyer picks; the tool costs every combination and shows the runners-up."""

    label: Text
    values: list[Text] = Field(default_factory=list)
    """Empty when a table of the same name lists them."""
    default: str = ""
    """What one gets without asking; the `default configuration` of a report. Empty: free."""
    pinned_by: Literal["", "access", "fetch_from_follower", "zones"] = ""
    """Workload setting that decides it."""


class Growing(Strict):
    """How long it takes to add units, as when a standby takes over the load."""

    minutes: Range
    units: Num | None = None
    """Units that are added in that time; null: however many."""
    source: Text
    note: str = ""


class Sizing(Strict):
    """How many units the plan needs, and which row decided it."""

    units: Text
    """Row with the number of units."""
    binding: dict[Text, Text]
    """Row to words: the candidates whose largest value sets the number of units."""
    scales: Literal["hourly", "monthly", "never_down", "none"]
    """How billed units come down again."""
    grows: Growing | None = None
    """How fast units are added; null where that is not known."""
    basis: Text
    """The rule followed, in words."""
    source: Text


class Capability(Strict):
    """Whether and how an offering does something."""

    answer: Answer
    how: str = ""
    source: str = ""


class Latency(Strict):
    """A published latency figure."""

    ms: Num
    kind: Literal["promise", "benchmark", "vendor_figure", "engine_benchmark"]
    """`engine_benchmark`: measured on the same engine elsewhere, not on this service."""
    source: Text
    note: str = ""


class SlaLink(Strict):
    """The SLA document that applies, and the plan's facts that its conditions ask for."""

    terms: Text
    facts: dict[Identifier, Formula] = Field(default_factory=dict)


#: What a part is needed for: reading and writing, or only to change, start or watch a cluster.
NeededFor = Literal["data", "management"]


class Layer(Strict):
    """A part that the plan depends on, beside what the offering's own SLA document is about."""

    part: Text
    percent: Num | None = None
    """Monthly uptime promised for it; null where nobody promises any, or no document was read."""
    when: Formula = "always"
    run_by: Literal["you", "vendor", "cloud"]
    needed_for: NeededFor = "data"
    one_of: Identifier | None = None
    """Name of a group of parts of which one that is up is enough."""
    source: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _promised_by(self) -> Layer:
        if self.percent is not None and not (self.source and 0 < self.percent <= 100):
            raise ValueError("a promise is a percentage with its source")
        return self


class Status(Strict):
    """Where an offering is in its life."""

    state: Literal["ga", "preview", "ending", "withdrawn"]
    ended: Date | None = None
    """Day from which it can no longer be bought or no longer runs."""
    source: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _dated(self) -> Status:
        if (self.state in ("ending", "withdrawn")) != (self.ended is not None):
            raise ValueError("`ended` goes with the states ending and withdrawn, and with no other")
        return self


class Event(Strict):
    """Something announced for a day: a price change, the end of a version or plan, a forced upgrade."""

    date: Date
    kind: Literal["price_change", "end_of_support", "withdrawal", "forced_upgrade", "terms_change"]
    text: Text
    source: Text


class Question(Strict):
    """Something only the vendor can answer."""

    ask: Text
    settles: list[Text] = Field(default_factory=list)
    """Lines whose money the answer settles."""


class Offering(Strict):
    """One way of running Kafka that can be bought or built."""

    id: Identifier
    name: Text
    """In the vendor's own words."""
    vendor: Text
    model: Literal["self_managed", "dedicated", "serverless", "byoc"]
    clouds: list[Cloud]
    tenancy: Text
    """Whose account the brokers' side of the network is in; key of the paths table."""
    status: Status
    checked: Date
    """When someone last re-read the sources."""
    documentation: Text
    summary: Text
    proxy_regions: dict[str, str] = Field(default_factory=dict)
    """Region of the workload to the region whose prices stand in for it, always marked."""
    unpriced: str = ""
    """Why there is no public price, when the whole offering has none."""
    engine: Literal["kafka", "kora", "event_hubs", "object_store", "own"]
    """What speaks the protocol: Apache Kafka, a named service, brokers on an object store, or the vendor's own log."""
    sla: SlaLink | None = None
    layers: dict[Identifier, Layer] = Field(default_factory=dict)
    access: dict[Access, Capability] = Field(default_factory=dict)
    compression: list[Codec]
    compression_source: Text
    latency: dict[Literal["produce_p99", "end_to_end_p99"], Latency] = Field(default_factory=dict)
    capabilities: dict[Identifier, Capability] = Field(default_factory=dict)
    constants: dict[Identifier, Constant] = Field(default_factory=dict)
    choices: dict[Identifier, Choice] = Field(default_factory=dict)
    tables: dict[Identifier, VariantTable] = Field(default_factory=dict)
    steps: dict[Identifier, Steps] = Field(default_factory=dict)
    rows: dict[Identifier, Row]
    sizing: Sizing
    utilisation: dict[Literal["peak", "zone_down"], Text] = Field(default_factory=dict)
    """Rows with the share of capacity in use at peak, and at peak with a zone down."""
    limits: dict[Identifier, Limit] = Field(default_factory=dict)
    quotas: dict[Identifier, Quota] = Field(default_factory=dict)
    rules: dict[Identifier, Rule] = Field(default_factory=dict)
    lines: dict[Identifier, Line]
    questions: list[Question] = Field(default_factory=list)
    events: list[Event] = Field(default_factory=list)
    """What is announced for a day; reports show those within the horizon."""

    def values(self, choice: str) -> list[str]:
        """Return the values of a choice, from its own list or from the table of its name."""
        return self.choices[choice].values or list(self.tables[choice].rows)


class InputRow(Strict):
    """One input of the model, read from the workload."""

    label: Text
    unit: Text
    default: str | None = None
    """Used, and counted as a default, when the workload is silent; null: must be given or is optional."""
    optional: bool = False
    """A missing value is 0 with `<name>_given` = 0."""
    positive: bool = False
    at_most: str | None = None
    """Largest value that makes sense, such as 100 % of the hours."""
    note: str = ""


class Sheet(Strict):
    """A shared sheet of rows: timeline, topics, client paths, labour, cash flow."""

    id: Identifier
    title: Text
    about: Text
    constants: dict[Identifier, Constant] = Field(default_factory=dict)
    rows: dict[Identifier, Row] = Field(default_factory=dict)
    lines: dict[Identifier, Line] = Field(default_factory=dict)
