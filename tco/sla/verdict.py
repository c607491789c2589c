"""What an SLA comes to for a plan: commitment, eligibility, allowed downtime, and the caveats that bite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np

from tco.catalog.load import Catalog
from tco.catalog.schema import Offering
from tco.catalog.terms import Caveat, Commitment, Condition, Severity, Terms
from tco.model.evaluate import Array
from tco.sla.reach import fixed, may_hold

_NOT_KAFKA = ("virtual_machine", "control_plane")
SEVERITIES: tuple[Severity, ...] = ("critical", "major", "minor")


@dataclass(frozen=True)
class CaveatVerdict:
    """A caveat and whether its trigger fires for the plan's production cluster."""

    caveat: Caveat
    bites: bool


@dataclass(frozen=True)
class SlaVerdict:
    """An SLA document held against a plan.

    Attributes:
        terms: the document.
        percent: promised monthly uptime, percent; None where nothing is promised to this plan.
        commitment: words of the promise, or why there is none.
        qualifies: whether every condition holds ("unknown" when the document states none).
        failed: conditions that do not hold.
        minutes: downtime allowed in a month, minutes.
        required: uptime that the workload requires, percent (0: none stated).
        caveats: all of them, those that bite first, then by severity.
        curable: those of `failed` that another size or choice of the same offering could meet.
        above: a higher promise that another size or choice could reach; None where there is none.
    """

    terms: Terms
    percent: Decimal | None
    commitment: str
    qualifies: Literal["yes", "no", "unknown"]
    failed: list[Condition]
    minutes: float | None
    required: float
    caveats: list[CaveatVerdict]
    curable: list[Condition]
    above: Commitment | None

    @property
    def biting(self) -> list[CaveatVerdict]:
        """The caveats whose trigger fires."""
        return [c for c in self.caveats if c.bites]

    @property
    def enough(self) -> bool | None:
        """Whether the promise reaches the uptime required; None where none is required."""
        if not self.required:
            return None
        return self.covers_kafka and self.qualifies != "no" and float(self.percent or 0) >= self.required

    @property
    def covers_kafka(self) -> bool:
        """Whether the promise is about reading and writing at all, and not only about machines or management."""
        return self.percent is not None and self.terms.scope not in _NOT_KAFKA

    @property
    def short_of(self) -> Commitment | None:
        """A promise of Kafka out of reach as sized, where the plan states no uptime or more than is promised."""
        if self.terms.scope in _NOT_KAFKA or (self.required and float(self.percent or 0) >= self.required):
            return None
        return self.above


def sla_verdict(catalog: Catalog, offering: Offering, values: Mapping[str, Array]) -> SlaVerdict | None:
    """Judge the SLA of an offering from the rows that `sla_rows` added to its book."""
    if offering.sla is None:
        return None
    terms = catalog.terms[offering.sla.terms]
    held = next((c for i, c in enumerate(terms.commitments) if _always(values[f"sla.commitment.{i}"])), None)
    failed = [c for c in terms.conditions if not _always(values[f"sla.condition.{c.id}"])]
    caveats = [CaveatVerdict(c, ever(values[f"caveat.{c.code}"])) for c in terms.caveats]
    caveats.sort(key=lambda v: (not v.bites, SEVERITIES.index(v.caveat.severity)))
    percent = held.percent if held else None
    known = fixed(terms, offering, values)
    above = [c for c in terms.commitments if c.percent > (percent or 0) and may_hold(c.when, known)]
    hours = float(values["hours"].ravel()[0])
    minutes = (100 - float(percent)) / 100 * hours * 60 if percent is not None else None
    qualifies: Literal["yes", "no", "unknown"] = (
        "no" if failed or held is None else "yes" if terms.conditions else "unknown"
    )
    return SlaVerdict(
        terms,
        percent,
        held.text if held else "no commitment for this plan",
        qualifies,
        failed,
        minutes,
        float(values["requirements.uptime"].ravel()[0]),
        caveats,
        [c for c in failed if may_hold(c.when, known)],
        max(above, key=lambda c: c.percent, default=None),
    )


def _production(value: Array) -> Array:
    return np.asarray(value[0, 0, 0])


def _always(value: Array) -> bool:
    return bool((_production(value) != 0).all())


def ever(value: Array) -> bool:
    """Whether a row holds for production in any month."""
    return bool((_production(value) != 0).any())
