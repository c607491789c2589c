"""Outages as written on the command line, and the minutes of them that an SLA document counts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import get_args

from tco.catalog.terms import Fault, Measure
from tco.errors import InputError, Place

_OUTAGE = re.compile(r"(?:(\d{1,5}) ?x ?)?(\d{1,6}(?:\.\d{1,3})?) ?(min|m|h|s|d)(?: (?:of )?([a-z]+))?", re.ASCII)
_MINUTES = {"s": Decimal(1) / 60, "m": Decimal(1), "min": Decimal(1), "h": Decimal(60), "d": Decimal(1440)}
_OPTION = Place("--outage")
_SHORTEST_MONTH = 28 * _MINUTES["d"]
FAULTS: tuple[Fault, ...] = get_args(Fault)


@dataclass(frozen=True)
class Outage:
    """The same fault, several times over.

    Attributes:
        times: how often.
        minutes: length of each.
        fault: what was down.
    """

    times: int
    minutes: Decimal
    fault: Fault

    @property
    def total(self) -> Decimal:
        """Minutes of all of them."""
        return self.times * self.minutes

    @property
    def kafka_hours(self) -> float:
        """Hours in which Kafka is down; while only its management is, messages flow."""
        return 0.0 if self.fault == "management" else float(self.total) / 60


@dataclass(frozen=True)
class Span:
    """A number that a document leaves open between two ends; both the same where it does not."""

    least: float
    most: float

    @property
    def open(self) -> bool:
        """Whether the ends differ."""
        return self.least != self.most


def parse_outage(text: str, place: Place = _OPTION) -> Outage:
    """Read "3h", "30x9min" or "2 x 45 min of writes"; the whole cluster is down where no fault is named.

    Raises:
        InputError: anything else, with what can be written.
    """
    match = _OUTAGE.fullmatch(text.strip().lower())
    fault = next((f for f in FAULTS if match and f == (match[4] or "cluster")), None)
    if not match or fault is None:
        hint = f"write 3h, 30x9min or '2h of writes'; what can be down: {', '.join(FAULTS)}"
        raise InputError.one(place, "bad-value", f"'{text}' is no outage; {hint}")
    return Outage(int(match[1] or 1), Decimal(match[2]) * _MINUTES[match[3]], fault)


def read_outages(texts: Sequence[str]) -> list[Outage]:
    """Read the outages that a workload expects of a year; none of them longer than any month has.

    Raises:
        InputError: one that cannot be read, with its place.
    """
    found = [(parse_outage(text, Place(f"outages[{i}]")), Place(f"outages[{i}]")) for i, text in enumerate(texts)]
    for outage, place in found:
        if outage.minutes > _SHORTEST_MONTH:
            raise InputError.one(
                place, "bad-value", "an outage may be 28 days long at most, since credits are by month"
            )
    return [outage for outage, _ in found]


def counted(measure: Measure, outages: Iterable[Outage]) -> Span:
    """Minutes that a document counts as down; open where it is not known what it says.

    An outage shorter than the least length counts nothing. Where minutes that are down in part do not count, only the
    full minutes of each outage are certain to.
    """
    least, most = 0.0, 0.0
    for outage in outages:
        low, high = _one(measure, outage)
        least += outage.times * low
        most += outage.times * high
    return Span(least, most)


def _one(measure: Measure, outage: Outage) -> tuple[float, float]:
    answer = measure.counts.get(outage.fault)
    minimum, minutes = measure.minimum_minutes, float(outage.minutes)
    if answer == "no" or (minimum is not None and outage.minutes < minimum):
        return 0.0, 0.0
    full = float(math.floor(outage.minutes))
    most = full if measure.partial_minutes == "not_counted" else minutes
    if answer is None or minimum is None:
        return 0.0, most
    return (minutes if measure.partial_minutes == "counted" else full), most
