"""The shape of SLA terms: one file a document and version, every statement in our own words."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from tco.catalog.schema import Constant, Formula, Identifier, NeededFor, Text
from tco.catalog.values import Date, Num, Strict

Severity = Literal["critical", "major", "minor"]


class Commitment(Strict):
    """A promised monthly uptime and the plans it holds for."""

    percent: Num
    when: Formula
    text: Text
    source: Text
    confidence: str = ""


class Condition(Strict):
    """Something the plan must satisfy for the document to apply at all."""

    id: Identifier
    when: Formula
    text: Text
    source: Text


#: What can be down: the whole cluster, writing or reading alone, a part of the partitions, all machines at once, the
#: management of a cluster, or a cluster during maintenance.
Fault = Literal["cluster", "writes", "reads", "partition", "machines", "management", "maintenance"]


class Measure(Strict):
    """What counts as down, and who says so."""

    counts: dict[Fault, Literal["yes", "no"]] = Field(default_factory=dict)
    """Whether time with a fault counts; a fault left out is not known to count or not to."""
    what: Literal["whole_cluster", "any_partition", "api_requests", "vm", "unknown"]
    by: Literal["vendor", "customer", "unknown"]
    minimum_minutes: Num | None
    """Least length that counts; null where none is known, 0 where the text has none."""
    partial_minutes: Literal["counted", "not_counted", "unknown"]
    text: Text


class Band(Strict):
    """A credit for uptime below one figure and at least another, both in percent."""

    below: Num
    at_least: Num
    percent: Num


class Credits(Strict):
    """What the vendor gives back, as far as it is public."""

    public: Literal["true", "false"]
    bands: list[Band]
    base: str | None
    cap: str | None
    expiry: str | None
    claim_days: Num | None
    claim: str | None
    charged_by: list[Text] = Field(default_factory=list)
    """Owners of the meters whose charges the credit is a share of, `{offering}` for its own; none: not known."""
    charged_for: Literal["cluster", "plan"] = "cluster"
    """Whether only the charges of the cluster that was down count, or those of all clusters."""
    times: Num | None = None
    """Credit as a multiple of the charge for the time beyond what the level allows, where there are no bands."""
    cap_months: Num | None = None
    """Most credit, in months of the same charges."""
    claim_from: Literal["month_end", "event"] | None = None
    """From when `claim_days` run."""
    claim_months: Num | None = None
    """Whole months after that of the outage within which to claim."""
    sole_remedy: Literal["true", "false"] | None

    @model_validator(mode="after")
    def _contiguous(self) -> Credits:
        for upper, lower in zip(self.bands, self.bands[1:], strict=False):
            if upper.at_least != lower.below:
                raise ValueError(f"credit bands leave a gap or overlap at {upper.at_least} and {lower.below}")
        return self


class Caveat(Strict):
    """Fine print with a stable code and the formula that says whether it bites this plan."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{2,40}$")]
    severity: Severity
    text: Text
    trigger: Formula
    source: Text


class Terms(Strict):
    """One SLA document."""

    id: Identifier
    title: Text
    vendor: Text
    version: Date | None
    """Date of the document itself; null where it is not known, and `undated` says why."""
    undated: str = ""
    read: Date
    confidence: Literal["official", "official-mirror", "third-party"]
    source: Text
    url: Text
    scope: Literal["data_plane", "control_plane", "cluster", "virtual_machine", "unknown"]
    scope_text: Text
    needed_for: NeededFor | None = None
    """Whether reading and writing needs what is covered; null: not where that is a control plane, else it does."""
    facts: dict[Identifier, str]
    """Names that an offering supplies, with their units."""
    constants: dict[Identifier, Constant]
    commitments: list[Commitment]
    conditions: list[Condition]
    measure: Measure
    credits: Credits
    exclusions: list[Text]
    maintenance: str | None
    caveats: list[Caveat]
    not_promised: list[Text]

    @property
    def for_management(self) -> bool:
        """Whether messages flow on while what is covered is down."""
        return (self.needed_for or ("management" if self.scope == "control_plane" else "data")) == "management"
