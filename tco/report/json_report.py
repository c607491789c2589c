"""The result as JSON, with a published and versioned schema (`schemas/report-1.json`)."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tco import __version__
from tco.analysis.compare import Comparison
from tco.analysis.risk import Expected, of_plan
from tco.engine.outcome import Interval, Outcome
from tco.engine.pricing import CostLine
from tco.engine.run import ClusterChoice
from tco.engine.substitute import Requirement
from tco.report.year import ends

SCHEMA_VERSION = 1
_DIGITS = 12


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CatalogPart(_Part):
    """Which catalog the numbers come from."""

    release: str
    sha256: str


class QuotePart(_Part):
    """An overlay: whose it is, and the file as it was read."""

    name: str
    vendor: str
    dated: str
    valid_until: str | None
    text: str


class Range(_Part):
    """A number and the ends of its evidence."""

    low: float
    base: float
    high: float


class LinePart(_Part):
    """One cost line over the horizon."""

    row: str
    label: str
    payer: str
    charge_category: Literal["Usage", "Purchase"]
    quantity: float
    unit: str
    unit_price: list[Range]
    price_points: list[str]
    list_cost: Range
    effective_cost: Range
    monthly: list[float]


class Totals(_Part):
    """Sums of the lines, USD."""

    month_1: float
    month_last: float
    horizon: Range
    npv: Range
    per_gb_in: float
    labour: float
    with_labour: Range
    low: float
    high: float
    default_configuration: float | None


class RecheckPart(_Part):
    """A price to read again, and the money that rests on it."""

    label: str
    price: str
    source: str
    seen: str | None
    why: str
    share: float
    cost: float


class EvidencePart(_Part):
    """Shares of the invoices."""

    by_confidence: dict[str, float]
    by_age: dict[str, float]
    older_than_a_year: float
    undated: float
    recheck: list[RecheckPart]
    """Prices on old, undated or third-party evidence, most money first."""


class RequirementPart(_Part):
    """A requirement and the answer."""

    name: str
    must: bool
    answer: str
    text: str
    source: str


class SlaPart(_Part):
    """What the SLA promises this plan."""

    document: str
    percent: float | None
    qualifies: str
    minutes_a_month: float | None
    read: str
    url: str
    maintenance_counts: Literal["yes", "no"] | None = None
    """Whether planned maintenance is downtime; null where that is not known."""
    maintenance: str | None = None


class CaveatPart(_Part):
    """Fine print."""

    code: str
    severity: str
    bites: bool
    text: str
    source: str


class RunnerUp(_Part):
    """A configuration that was costed and not taken."""

    variant: dict[str, str]
    total: float
    why: str


class EventPart(_Part):
    """Something announced for a day within the horizon."""

    date: str
    kind: str
    text: str
    source: str


class ExpectedPart(_Part):
    """What the outages that the workload expects come to over the plan, USD; beside the totals, not in them."""

    loss: float
    credits: list[float] | None
    """Least and most; null where they are not public."""
    adjusted: list[float] | None
    """Invoices and loss less credits; an upper bound where credits are null, null where prices are missing too."""


class ResultPart(_Part):
    """One offering."""

    offering: str
    name: str
    status: Literal["priced", "lower_bound", "infeasible", "not_a_substitute", "quote_needed"]
    rank: int | None
    tied_with_cheapest: bool
    unsettled: list[str]
    """Why public prices do not settle the total; empty where they do."""
    reasons: list[str]
    marks: list[str]
    region: str
    variant: dict[str, dict[str, str]]
    sizing: dict[str, float]
    binding_constraint: str
    ties: dict[str, list[dict[str, str]]]
    runners_up: dict[str, list[RunnerUp]]
    utilisation: dict[str, float | None]
    lines: list[LinePart]
    totals: Totals
    evidence: EvidencePart
    requirements: list[RequirementPart]
    latency: dict[str, float]
    sla: SlaPart | None
    caveats: list[CaveatPart]
    events: list[EventPart]
    expected: ExpectedPart | None = None
    """Null where the workload expects no outages, or the offering cannot do the work."""


class Report(_Part):
    """A comparison."""

    schema_version: int
    tool: str
    catalog: CatalogPart
    quotes: list[QuotePart]
    as_of: str
    sizing: str
    workload: str
    overrides: dict[str, str]
    given: dict[str, str]
    inputs: dict[str, float]
    defaults: list[str]
    warnings: list[str]
    assumptions: dict[str, Range]
    results: list[ResultPart]


def render_json(comparison: Comparison) -> str:
    """Return the comparison as JSON text, the same for the same inputs."""
    data = report(comparison).model_dump()
    return json.dumps(_rounded(data), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def json_schema() -> str:
    """Return the schema of what `render_json` writes."""
    return json.dumps(Report.model_json_schema(), indent=1, sort_keys=True) + "\n"


def report(comparison: Comparison) -> Report:
    """Build the report's data."""
    plan, options, catalog = comparison.plan, comparison.options, comparison.catalog
    book = comparison.outcomes[0].book if comparison.outcomes else None
    expected = {row.outcome.id: row for row in of_plan(comparison)}
    assumptions = {n: Range(**_three(book.given[n])) for n in catalog.sheets["assumptions"].constants} if book else {}
    return Report(
        schema_version=SCHEMA_VERSION,
        tool=f"kafka-tco {__version__}",
        catalog=CatalogPart(release=catalog.name, sha256=catalog.digest),
        quotes=[
            QuotePart(
                name=q.name,
                vendor=q.vendor,
                dated=q.dated.isoformat(),
                valid_until=q.valid_until.isoformat() if q.valid_until else None,
                text=q.text,
            )
            for q in catalog.quotes
        ],
        as_of=options.as_of.isoformat(),
        sizing=options.sizing,
        workload=plan.text,
        overrides=plan.overrides,
        given=dict(options.given),
        inputs={n: float(v.number) for n, v in plan.inputs.items()},
        defaults=plan.defaults,
        warnings=plan.warnings,
        assumptions=assumptions,
        results=[_result(comparison, o, expected.get(o.id)) for o in comparison.outcomes],
    )


def _three(value: object) -> dict[str, float]:
    numbers = [float(v) for v in value.ravel()]  # type: ignore[attr-defined]
    low, base, high = numbers if len(numbers) == 3 else numbers * 3
    return {"low": low, "base": base, "high": high}


def _range(interval: Interval) -> Range:
    return Range(low=interval.low, base=interval.base, high=interval.high)


def _result(comparison: Comparison, o: Outcome, expected: Expected | None) -> ResultPart:
    offering = o.subject.offering
    total = o.interval("total")
    units = offering.sizing.units
    return ResultPart(
        offering=o.id,
        name=offering.name,
        status=o.status,
        rank=comparison.ranked.index(o) + 1 if o in comparison.ranked else None,
        tied_with_cheapest=comparison.winner is None and o in comparison.tied,
        unsettled=o.unsettled,
        reasons=o.reasons,
        marks=o.marks,
        region=o.subject.site.region,
        variant={n: c.configuration for n, c in zip(o.cluster_names, o.choices, strict=True)},
        sizing={r: float(o.monthly(r).max()) for r in (units, *offering.sizing.binding, *offering.rows)},
        binding_constraint=o.binding,
        ties={n: c.tied for n, c in zip(o.cluster_names, o.choices, strict=True)},
        runners_up={n: _runners_up(c) for n, c in zip(o.cluster_names, o.choices, strict=True)},
        utilisation={"peak": o.utilisation("peak"), "zone_down": o.utilisation("zone_down")},
        lines=[_line(o, ln) for ln in o.priced_lines],
        totals=Totals(
            month_1=float(o.monthly("invoices")[0]),
            month_last=float(o.monthly("invoices")[-1]),
            horizon=_range(total),
            npv=_range(o.interval("npv")),
            per_gb_in=o.interval("unit_cost").base,
            labour=float(o.monthly("people").sum()),
            with_labour=_range(o.interval("total_with_labour")),
            low=total.low,
            high=total.high,
            default_configuration=o.default_total,
        ),
        evidence=EvidencePart(
            by_confidence=o.evidence.by_confidence,
            by_age=o.evidence.by_age,
            older_than_a_year=o.evidence.older_than_a_year,
            undated=o.evidence.undated,
            recheck=[
                RecheckPart(**asdict(w) | {"seen": w.seen.isoformat() if w.seen else None}) for w in o.evidence.weak
            ],
        ),
        requirements=[_requirement(r) for r in o.requirements],
        latency={str(k): float(v.ms) for k, v in offering.latency.items()},
        sla=_sla(o),
        caveats=[
            CaveatPart(
                code=v.caveat.code,
                severity=v.caveat.severity,
                bites=v.bites,
                text=v.caveat.text,
                source=v.caveat.source,
            )
            for v in (o.sla.caveats if o.sla else ())
        ],
        events=[EventPart(date=e.date.isoformat(), kind=e.kind, text=e.text, source=e.source) for e in o.events],
        expected=_expected(expected) if expected else None,
    )


def _expected(row: Expected) -> ExpectedPart:
    return ExpectedPart(loss=row.loss, credits=ends(row.credits), adjusted=None if row.open else ends(row.adjusted))


def _runners_up(choice: ClusterChoice) -> list[RunnerUp]:
    return [RunnerUp(variant=r.configuration, total=r.total, why=r.why) for r in choice.runners_up]


def _line(o: Outcome, line: CostLine) -> LinePart:
    months = o.monthly(f"{line.name}.cost")
    low, high = o.cost(line, 0), o.cost(line, 2)
    cost = Range(low=low, base=o.cost(line), high=high)
    points = o.points(line)
    return LinePart(
        row=line.name,
        label=line.line.label,
        payer=line.line.payer,
        charge_category="Usage",
        quantity=float(o.monthly(line.name).sum()),
        unit=line.unit,
        unit_price=[Range(low=float(p.low), base=float(p.base), high=float(p.high)) for p in points]
        or [_range(o.interval(line.constant))],
        price_points=[p.id for p in points] or [line.constant],
        list_cost=cost,
        effective_cost=cost,
        monthly=[float(m) for m in months],
    )


def _requirement(r: Requirement) -> RequirementPart:
    return RequirementPart(name=r.name, must=r.must, answer=r.answer, text=r.text, source=r.source)


def _sla(o: Outcome) -> SlaPart | None:
    if o.sla is None:
        return None
    s = o.sla
    return SlaPart(
        document=s.terms.id,
        percent=float(s.percent) if s.percent is not None else None,
        qualifies=s.qualifies,
        minutes_a_month=s.minutes,
        read=s.terms.read.isoformat(),
        url=s.terms.url,
        maintenance_counts=s.terms.measure.counts.get("maintenance"),
        maintenance=s.terms.maintenance,
    )


def _rounded(value: object) -> object:
    """Keep 12 significant digits: the rest differs between machines."""
    if isinstance(value, float):
        return float(format(value, f".{_DIGITS}g")) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return value
