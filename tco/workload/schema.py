"""The workload file. Numbers may carry any unit of the right kind; what is left out takes a stated default."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from tco.catalog.schema import Access, Cloud, Codec, Commitment, Support, Text
from tco.catalog.values import Amount, Strict, number

Name = Annotated[str, Field(min_length=1, max_length=80)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]


def _month(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", value):
        raise ValueError("not a month; write it as 2027-01")
    return value


Month = Annotated[str, BeforeValidator(_month)]


class Ingress(Strict):
    """Bytes written by producers, on the wire."""

    average: Amount
    peak: Amount
    peak_hours: Amount | None = None
    """Share of hours at peak; the rest runs at the level that keeps the average."""


class Compression(Strict):
    """How producers compress."""

    codec: Codec = "none"
    ratio: Amount | None = None
    """Bytes before compression for each byte on the wire."""


class Reads(Strict):
    """What consumers read."""

    fanout: Amount | None = None
    peak: Amount | None = None
    catch_up: Amount | None = None
    """Time in which readers must catch up after an hour of outage."""
    replay_share: Amount | None = None
    """Share of the stored data that is read again each month."""


class Retention(Strict):
    """How long data is kept."""

    total: Amount
    hot: Amount | None = None
    """On the brokers' own disks, where the offering tiers the rest."""


class Topic(Strict):
    """A class of topics that behaves alike."""

    name: Word
    share: Amount
    """Share of the bytes written."""
    partitions: Amount
    cleanup: Literal["delete", "compact"] = "delete"
    retention: Amount | None = None
    hot: Amount | None = None
    fanout: Amount | None = None
    kept: Amount | None = None
    """Share of the bytes within the retention that compaction leaves; all of them if not given."""


class Clients(Strict):
    """Who connects."""

    instances: Amount | None = None
    connections: Amount | None = None
    requests: Amount | None = None


class Network(Strict):
    """How clients reach the brokers."""

    access: Access | Literal["any"] = "any"
    """How they must be reached; any: the cheapest private way, a public one only for want of others."""
    fetch_from_follower: Literal["auto", "true", "false"] = "auto"
    internet_egress_share: Amount | None = None
    clients: Literal["beside", "stay"] = "beside"
    """Where clients are when the brokers are in another cloud: beside them, or still in the plan's own."""


class Environment(Strict):
    """Clusters beside production: how many, and how much of its traffic and partitions each carries."""

    count: Amount
    traffic: Amount
    partitions: Amount


class Growth(Strict):
    """Growth a year, compound, and the factor of each calendar month."""

    annual: Amount | None = None
    partitions: Amount | None = None
    seasonality: dict[str, Amount] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _months(self) -> Growth:
        bad = [k for k in self.seasonality if not re.fullmatch(r"[1-9]|1[0-2]", k)]
        if bad:
            raise ValueError(f"'{bad[0]}' is not a calendar month; use 1 to 12")
        return self


class Requirements(Strict):
    """What an offering must do to be a substitute."""

    uptime: Amount | None = None
    produce_p99: Amount | None = None
    end_to_end_p99: Amount | None = None
    rpo: Amount | None = None
    rto: Amount | None = None
    must: list[Word] = Field(default_factory=list, max_length=40)
    should: list[Word] = Field(default_factory=list, max_length=40)
    residency: Annotated[str, Field(max_length=20)] = ""


class Connect(Strict):
    """Kafka Connect beside the brokers."""

    tasks: Amount | None = None
    """Connector tasks that run at once."""
    throughput: Amount | None = None
    """Bytes through all connectors."""


class Registry(Strict):
    """A schema registry beside the brokers."""

    schemas: Amount | None = None


class Account(Strict):
    """What the account already uses elsewhere, which moves the plan up shared price bands."""

    other_internet_egress: Amount | None = None
    other_spend: Amount | None = None
    """A month, on the same cloud."""
    support: Support = "none"
    """Class of support plan, of the cloud and of a Kafka vendor."""


class Workload(Strict):
    """One cluster's work: the file that `tco compare` reads."""

    name: Name
    cloud: Cloud
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]{3,40}$")]
    start: Month = "2027-01"
    horizon: Annotated[int, BeforeValidator(lambda v: int(number(v)))] = Field(default=36, ge=1, le=120)
    """Months."""
    availability_zones: Amount | None = None
    ingress: Ingress
    compression: Compression = Compression()
    reads: Reads = Reads()
    acks: Literal["all", "1", "0"] = "all"
    retention: Retention
    partitions: Amount
    replication_factor: Amount | None = None
    min_insync_replicas: Amount | None = None
    message_size: Amount | None = None
    topics: list[Topic] = Field(default_factory=list, max_length=12)
    clients: Clients = Clients()
    network: Network = Network()
    environments: dict[Word, Environment] = Field(default_factory=dict, max_length=8)
    growth: Growth = Growth()
    history: Literal["empty", "full"] = "empty"
    """Whether month 1 starts with all retained data or fills from nothing."""
    requirements: Requirements = Requirements()
    downtime_cost: Amount | None = None
    outages: list[Text] = Field(default_factory=list, max_length=20)
    """What you expect to go down in a year: 4x10min, 3h, 2h of writes."""
    connect: Connect = Connect()
    registry: Registry = Registry()
    commitment: Commitment = "none"
    """Prices of capacity bought ahead, where they are published; list prices where they are not."""
    account: Account = Account()
