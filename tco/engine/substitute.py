"""Whether an offering can stand in for what the workload requires: latency, codec, capabilities, place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tco.catalog.load import Catalog
from tco.catalog.schema import Answer, Offering
from tco.catalog.values import Quantity, in_unit
from tco.engine.offering import OfferingBook
from tco.workload.plan import Plan


@dataclass(frozen=True)
class Requirement:
    """One requirement and how an offering answers it.

    Attributes:
        name: what is required.
        must: whether a miss rules the offering out, or only counts against it.
        answer: never "no" for what is not known.
        text: in words, with the figure.
        source: id of a source, or "".
    """

    name: str
    must: bool
    answer: Answer
    text: str
    source: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the offering is not a substitute because of this."""
        return self.must and self.answer in ("no", "preview", "unknown")


def requirements(catalog: Catalog, plan: Plan, subject: OfferingBook, as_of: date) -> list[Requirement]:
    """Hold an offering against every requirement of the workload, and the first of all: that it can be had."""
    offering, workload = subject.offering, plan.workload
    found = [Requirement("access", True, r.answer, r.text) for r in subject.refused]
    ended = offering.status.ended
    if ended and ended <= as_of:
        why = f": {offering.status.note}" if offering.status.note else ""
        found.append(Requirement("for sale", True, "no", f"cannot be had since {ended}{why}", offering.status.source))
    found += _latency(catalog, plan, offering)
    codec = workload.compression.codec
    if codec not in offering.compression:
        accepted = ", ".join(c for c in offering.compression if c != "none") or "no compression"
        found.append(
            Requirement(
                f"codec {codec}", True, "no", f"does not accept {codec}, only {accepted}", offering.compression_source
            )
        )
    for names, must in ((workload.requirements.must, True), (workload.requirements.should, False)):
        found += [_capability(offering, name, must) for name in names]
    wanted = workload.requirements.residency
    region = catalog.regions.regions[subject.site.region]
    if wanted and region.residency not in ("", wanted):
        found.append(
            Requirement(f"data in {wanted}", True, "no", f"{subject.site.region} keeps data in {region.residency}")
        )
    return found


def _latency(catalog: Catalog, plan: Plan, offering: Offering) -> list[Requirement]:
    result = []
    for name, words in (("produce_p99", "produce p99"), ("end_to_end_p99", "end-to-end p99")):
        wanted: Quantity | None = getattr(plan.workload.requirements, name)
        if wanted is None:
            continue
        unit = catalog.units.parse("ms")
        limit = float(in_unit(wanted, unit, catalog.units))
        known = next((v for k, v in offering.latency.items() if k == name), None)
        if known is None:
            result.append(
                Requirement(
                    words, True, "unknown", f"{words} of {limit:g} ms is required and no figure is published: ask"
                )
            )
            continue
        answer: Answer = "met" if float(known.ms) <= limit else "no"
        result.append(
            Requirement(
                words,
                True,
                answer,
                f"published {words} is {known.ms:g} ms ({known.kind.replace('_', ' ')}); {limit:g} ms is required",
                known.source,
            )
        )
    return result


def _capability(offering: Offering, name: str, must: bool) -> Requirement:
    words = name.replace("_", " ")
    known = offering.capabilities.get(name)
    if known is None or known.answer == "unknown":
        return Requirement(words, must, "unknown", f"{words}: unknown, ask")
    detail = f" ({known.how})" if known.how else ""
    text = {
        "met": f"{words}: yes{detail}",
        "met_otherwise": f"{words}: otherwise{detail}",
        "preview": f"{words}: only in preview{detail}, so outside the SLA",
        "no": f"{words}: no{detail}",
    }[known.answer]
    return Requirement(words, must, known.answer, text, known.source)
