"""Checking a whole catalog: every file, every row of every offering on every cloud, every source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tco.analysis.meters import meter_of, meters
from tco.analysis.plausible import implausible
from tco.catalog.load import Catalog, load_catalog
from tco.catalog.mechanisms import ANY
from tco.catalog.prices import ANY_REGION, PricePoint
from tco.catalog.release import release_findings, released
from tco.catalog.schema import Offering
from tco.catalog.yamlfile import parse_yaml
from tco.engine.estate import Costing
from tco.engine.link import End, link_outcome
from tco.engine.offering import OfferingBook, Site, offering_book
from tco.engine.options import Options
from tco.engine.shared import shared_book
from tco.errors import Finding, InputError, nearest
from tco.model.units import UnitError
from tco.workload.estate import estate_of
from tco.workload.plan import plan_of

#: Sources that are no document: a number typed for a run, a stated assumption, a definition.
_NOT_DOCUMENTS = {"assumption", "definition", "given", "default", ""}
_PLAN = """
name: check
cloud: {cloud}
region: {region}
ingress: {{average: 10 MB/s, peak: 20 MB/s}}
retention: {{total: 7 days}}
partitions: 100
environments: {{stage: {{count: 1, traffic: 10%, partitions: 50%}}}}
topics: [{{name: ledger, share: 10%, partitions: 10, cleanup: compact}}]
"""
_ESTATE = """
name: check
workloads:
  work:
    cloud: {cloud}
    region: {region}
    ingress: {{average: 10 MB/s, peak: 20 MB/s}}
    retention: {{total: 7 days}}
    partitions: 100
clusters:
  a: {{workload: work}}
  b: {{workload: work, role: standby}}
links:
  copy: {{from: a, to: b}}
"""


def check_catalog(folder: Path) -> dict[str, int]:
    """Check a catalog folder.

    Returns:
        How much was checked: offerings, price points, sources, rows.

    Raises:
        InputError: all findings of one run.
    """
    catalog = load_catalog(folder)
    findings, rows = [*_sources(catalog), *_links(catalog), *_clouds(catalog), *_points(catalog)], 0
    findings += implausible(catalog)
    for offering in catalog.offerings.values():
        findings += [*_references(catalog, offering), *_unpriced(catalog, offering)]
        for cloud in (c for c in offering.clouds if c in catalog.regions.clouds):
            try:
                rows += len(_build(catalog, offering, cloud).book.order)
            except InputError as error:
                findings += error.findings
    if not findings:
        findings += _mechanism_rows(catalog)
    findings += release_findings(folder)
    if findings:
        raise InputError(findings)
    return {
        "offerings": len(catalog.offerings),
        "price points": len(catalog.prices.points),
        "sources": len(catalog.sources),
        "SLA documents": len(catalog.terms),
        "releases": len(released(folder)),
        "rows": rows,
    }


def _build(catalog: Catalog, offering: Offering, cloud: str) -> OfferingBook:
    region = next(n for n, r in catalog.regions.regions.items() if r.cloud == cloud)
    plan = plan_of(parse_yaml(_PLAN.format(cloud=cloud, region=region), "the check's own plan"), catalog)
    options = Options(date(9999, 1, 1))
    return offering_book(catalog, shared_book(catalog, plan, options), offering, plan, options, Site(cloud, region))


def _unpriced(catalog: Catalog, o: Offering) -> Iterator[Finding]:
    """Every cost line has a price somewhere, unless the offering says why it has none."""
    document = catalog.documents[o.id]
    for name, line in o.lines.items():
        for cloud in o.clouds:
            owner, meter = meter_of(line, o.id, cloud)
            if owner == "constant" or o.unpriced or meter in catalog.prices.meters(owner):
                continue
            text = f"no price of {owner}:{meter} in any region; add one, or say with `unpriced` why there is none"
            yield Finding(document.place("lines", name, "price"), "missing-price", text)


def _points(catalog: Catalog) -> Iterator[Finding]:
    """Every price, of any date, is of a known region, read by a line, and for exactly the unit that the line counts."""
    regions = {ANY_REGION, *catalog.regions.regions}
    regions |= {r for o in catalog.offerings.values() for r in o.proxy_regions.values()}
    read = meters(catalog)
    for p in catalog.prices.points:
        if p.region not in regions:
            text = f"region '{p.region}' is not known; known are {', '.join(sorted(regions))}"
            yield Finding(p.place, "unknown-region", text)
        meter = read.get((p.offering, p.meter))
        if meter is None:
            known = ", ".join(sorted(m for owner, m in read if owner == p.offering and "." not in m)) or "none"
            text = f"no line reads {p.offering}:{p.meter}; meters read there: {known}"
            yield Finding(p.place, "unread-price", text)
            continue
        if p.variant not in meter.variants:
            sought = sorted(meter.variants)
            hint = nearest(p.variant, sought) or f"lines read {', '.join(sought)}"
            yield Finding(p.place, "unread-price", f"no line reads the variant '{p.variant}'; {hint}")
        for unit in sorted(meter.units):
            if not _same(catalog, p, unit):
                text = f"{p.id} is for {p.unit}, the lines that read it count {unit}; make them the same"
                yield Finding(p.place, "price-unit", text)


def _same(catalog: Catalog, point: PricePoint, unit: str) -> bool:
    """Whether a price is for exactly a unit; a unit that is none is found where the line is."""
    try:
        return point.unit.same_as(catalog.units.parse(unit))
    except UnitError:
        return True


def _sources(catalog: Catalog) -> Iterator[Finding]:
    """Every price, path and constant rests on a known source."""
    known = set(catalog.sources) | _NOT_DOCUMENTS
    for point in catalog.prices.points:
        if point.source not in catalog.sources:
            yield Finding(point.place, "unknown-source", f"no source '{point.source}'; add it to sources/")
    for path in catalog.paths:
        if path.source not in known:
            yield Finding(
                catalog.place("paths/paths.csv"),
                "unknown-source",
                f"no source '{path.source}' ({path.cloud}, {path.tenancy}, {path.access})",
            )
    for name, sheet in catalog.sheets.items():
        for constant, c in sheet.constants.items():
            if c.source not in known:
                yield Finding(
                    catalog.documents[name].place("constants", constant, "source"),
                    "unknown-source",
                    f"no source '{c.source}'",
                )
    for terms in catalog.terms.values():
        document = catalog.documents[f"sla:{terms.id}"]
        listed = [
            ("source", terms.source),
            *(("caveats", c.source) for c in terms.caveats),
            *(("conditions", c.source) for c in terms.conditions),
            *(("commitments", c.source) for c in terms.commitments),
            *(("constants", c.source) for c in terms.constants.values()),
        ]
        for where, source in listed:
            if source not in known:
                yield Finding(document.place(where), "unknown-source", f"no source '{source}'")


def _links(catalog: Catalog) -> Iterator[Finding]:
    """What links rest on: every source and offering that the table of their paths and the mechanisms name exists."""
    known = set(catalog.sources) | _NOT_DOCUMENTS
    for row in catalog.link_paths:
        if row.source not in known:
            text = f"no source '{row.source}' ({row.cloud}, {row.tenancy}, {row.reach}, {row.path})"
            yield Finding(catalog.place("paths/links.csv"), "unknown-source", text)
    for m in catalog.mechanisms.values():
        document = catalog.documents[f"mechanism:{m.id}"]
        named = {m.lag.source, m.offsets.source, m.keeps_names.source, *(c.source for c in m.constants.values())}
        named |= {limit.source for limit in m.limits.values()} | {q.source for q in m.quotas.values()}
        for source in sorted(named - known - {""}):
            yield Finding(document.place(), "unknown-source", f"no source '{source}'")
        for end in ("source", "target"):
            for offering in sorted(set(getattr(m, end)) - set(catalog.offerings) - {ANY}):
                yield Finding(document.place(end), "unknown-offering", f"no offering '{offering}'")


def _mechanism_rows(catalog: Catalog) -> Iterator[Finding]:
    """Every mechanism can be put into a book, with each way between clusters that it is known to work on."""
    if not catalog.mechanisms:
        return
    offering = next(iter(catalog.offerings.values()))
    cloud = next(c for c in offering.clouds if c in catalog.regions.clouds)
    region = next(n for n, r in catalog.regions.regions.items() if r.cloud == cloud)
    estate = estate_of(parse_yaml(_ESTATE.format(cloud=cloud, region=region), "the check's own estate"), catalog)
    options = Options(date(9999, 1, 1))
    work = Costing(catalog, estate, options).shared()
    end = End(offering, Site(cloud, region))
    for mechanism in catalog.mechanisms.values():
        try:
            link_outcome(catalog, work, estate.links[0], mechanism, end, end, None, options)
        except InputError as error:
            yield from error.findings


def _clouds(catalog: Catalog) -> Iterator[Finding]:
    """Every cloud and region that the catalog names is in its vocabulary."""
    known, places = catalog.regions.clouds, catalog.regions.regions
    table = catalog.place("paths/paths.csv")
    named = [(table, p.cloud) for p in catalog.paths]
    named += [(catalog.documents[o.id].place("clouds"), c) for o in catalog.offerings.values() for c in o.clouds]
    vocabulary = catalog.place("regions.yaml")
    named += [(vocabulary, c) for r in places.values() for c in (r.cloud, *r.equivalents)]
    for place, cloud in named:
        if cloud not in known:
            yield Finding(place, "unknown-cloud", f"cloud '{cloud}' is not known; known are {', '.join(known)}")
    pairs = [(c, region) for r in places.values() for c, region in r.equivalents.items()]
    for cloud, region in [*pairs, *((c, n.everywhere) for c, n in known.items() if n.everywhere)]:
        if region not in places or places[region].cloud != cloud:
            yield Finding(vocabulary, "unknown-region", f"'{region}' is not a region of {cloud}")


def _references(catalog: Catalog, o: Offering) -> Iterator[Finding]:
    """Every source and row that an offering names exists."""
    document = catalog.documents[o.id]
    known = set(catalog.sources) | _NOT_DOCUMENTS
    for place, name, entry in _sourced(o):
        if entry.source not in known:
            yield Finding(document.place(*place), "unknown-source", f"no source '{entry.source}'")
        answer = getattr(entry, "answer", "unknown")
        if answer != "unknown" and not entry.source:
            text = f"{name} says '{answer}' without a source; give one or say unknown"
            yield Finding(document.place(*place), "unsourced", text)
    for i, event in enumerate(o.events):
        if event.source not in known:
            yield Finding(document.place("events", i), "unknown-source", f"no source '{event.source}'")
    if o.status.source not in known:
        yield Finding(document.place("status"), "unknown-source", f"no source '{o.status.source}'")
    rows = {*o.rows, *catalog.sheets["timeline"].rows, *catalog.sheets["assumptions"].constants}
    named = [("sizing", o.sizing.units), *(("sizing", b) for b in o.sizing.binding)]
    for where, row in [*named, *(("utilisation", u) for u in o.utilisation.values())]:
        if row not in rows:
            yield Finding(document.place(where), "unknown-row", f"there is no row '{row}'")
    lines = {*o.lines, *(n for sheet in catalog.sheets.values() for n in sheet.lines)}
    for i, question in enumerate(o.questions):
        for line in set(question.settles) - lines:
            yield Finding(document.place("questions", i), "unknown-line", f"there is no cost line '{line}'")


def _sourced(o: Offering) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Every entry of an offering that names a source, with its path."""
    sections: dict[str, Mapping[Any, Any]] = {
        "limits": o.limits,
        "quotas": o.quotas,
        "rules": o.rules,
        "latency": o.latency,
        "capabilities": o.capabilities,
        "access": o.access,
        "constants": o.constants,
        "steps": o.steps,
        "layers": {name: layer for name, layer in o.layers.items() if layer.percent is not None},
    }
    for section, entries in sections.items():
        for name, entry in entries.items():
            yield (section, name), name, entry
    for table, spec in o.tables.items():
        for column, entry in spec.columns.items():
            yield ("tables", table, "columns", column), column, entry
