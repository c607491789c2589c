"""What an estate cannot do as it is drawn, whatever is bought: the traps of replication between clusters."""

from __future__ import annotations

from collections.abc import Iterator
from math import asin, cos, radians, sin, sqrt

from tco.catalog.load import Catalog, Region
from tco.catalog.values import Quantity, in_unit
from tco.errors import Finding
from tco.workload.estate import EstatePlan, Flow, Member

#: Findings that hold for any estate of their kind, however it is drawn.
NOTES = {"two-sites", "workload"}
_EARTH_KM = 6371.0
#: Light takes 1 ms for the round trip over 100 km of fibre; a real path is never shorter than the straight line.
_KM_A_MS = 100.0


def warnings(estate: EstatePlan, catalog: Catalog) -> list[Finding]:
    """Return what is wrong with an estate as it is drawn, each with its place; it can be costed all the same."""
    found: list[Finding] = []
    for link in estate.links:
        found += _link(estate, link, catalog)
    for member in estate.members:
        found += _member(estate, member, catalog)
    return sorted(set(found))


def round_trip(a: Region, b: Region) -> float | None:
    """Return the least milliseconds for a round trip between two regions; None where one of them is anywhere.

    Great-circle distance by the haversine formula, at the speed of light in fibre.
    """
    if not a.at or not b.at:
        return None
    (lat_a, lon_a), (lat_b, lon_b) = ([radians(float(x)) for x in r.at] for r in (a, b))
    h = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(h)) / _KM_A_MS


def _link(estate: EstatePlan, link: Flow, catalog: Catalog) -> Iterator[Finding]:
    regions = catalog.regions.regions
    source, target = (regions[m.site[1]] for m in (link.source, link.target))
    place = estate.document.place("links", link.name)
    names = f"{link.source.name} and {link.target.name}"
    if link.recovers and link.source.site == link.target.site:
        text = f"{names} are both in {link.source.site[1]}: no pair for the loss of that region"
        yield Finding(place, "same-region", text)
    dials = link.spec.dials or "target"
    refusing = link.source if dials == "target" else link.target
    if refusing.spec.inbound == "refused":
        other = "source" if dials == "target" else "target"
        text = (
            f"the {dials} opens the connection, and {refusing.name} lets nobody in; "
            f"let the {other} dial (dials: {other}), or allow it"
        )
        yield Finding(place, "cannot-dial", text)
    if link.spec.mode == "sync":
        yield from _sync(estate, link, round_trip(source, target), catalog)
    wanted = link.source.plan.workload.requirements.residency
    if wanted and target.residency not in ("", wanted):
        text = f"data of {link.source.name} must rest in {wanted}, and {link.target.site[1]} is in {target.residency}"
        yield Finding(place, "residency", text)
    if link.spec.purpose == "migration":
        yield from _migration(estate, link)


def _sync(estate: EstatePlan, link: Flow, trip: float | None, catalog: Catalog) -> Iterator[Finding]:
    workload = link.source.plan.workload
    place = estate.document.place("links", link.name)
    if workload.acks != "all":
        text = f"synchronous copies need acks=all; {link.source.name} writes with acks={workload.acks}"
        yield Finding(place, "acks", text)
    if trip is not None:
        yield from _too_far(estate, link.source, trip, catalog, ("links", link.name))


def _too_far(
    estate: EstatePlan, member: Member, trip: float, catalog: Catalog, path: tuple[str, ...]
) -> Iterator[Finding]:
    """Synchronous copies take at least a round trip for each write."""
    limit = _milliseconds(member.plan.workload.requirements.produce_p99, catalog)
    if limit is not None and trip > limit:
        text = (
            f"light alone needs {trip:.0f} ms there and back, and {member.name} must answer producers in "
            f"{limit:g} ms: too far for synchronous copies"
        )
        yield Finding(estate.document.place(*path), "too-far", text)


def _migration(estate: EstatePlan, link: Flow) -> Iterator[Finding]:
    """A move needs months in which both clusters run, and one in which clients change over."""
    place = estate.document.place("links", link.name)
    if not any(link.alive):
        text = (
            f"{link.source.name} and {link.target.name} never run in the same month: no dual run, so nothing is copied"
        )
        yield Finding(place, "no-dual-run", text)
    elif not link.target.spec.clients_from and not link.source.spec.clients_until:
        text = (
            f"no month is given in which clients move from {link.source.name} to {link.target.name}; "
            "write clients_until and clients_from"
        )
        yield Finding(place, "no-move", text)


def _member(estate: EstatePlan, member: Member, catalog: Catalog) -> Iterator[Finding]:
    name, spec = member.name, member.spec
    place = estate.document.place("clusters", name)
    for text in member.plan.warnings:
        yield Finding(place, "workload", f"{name}: {text[0].lower()}{text[1:]}")
    arriving = [x for x in estate.links if x.target is member]
    if spec.role in ("standby", "aggregate") and not arriving and not member.plan.clusters[0].traffic:
        yield Finding(place, "no-data", f"no link leads to {name}, and no client writes to it: it holds nothing")
    if spec.role == "stretched":
        yield from _stretched(estate, member, catalog)
    wanted = member.plan.workload.requirements
    if spec.role == "migration" and not any(x.spec.purpose == "migration" for x in arriving):
        yield Finding(place, "no-dual-run", f"no link of purpose migration leads to {name}: its data has no way there")
    alone = not any(x.source is member and x.recovers for x in estate.links)
    if (wanted.rpo or wanted.rto) and spec.role in ("primary", "aggregate", "edge") and alone:
        text = f"{name} asks for an RPO or RTO and no link leads from it to a standby: it is lost with its region"
        yield Finding(place, "no-standby", text)


def _stretched(estate: EstatePlan, member: Member, catalog: Catalog) -> Iterator[Finding]:
    name, workload = member.name, member.plan.workload
    place = estate.document.place("clusters", name)
    if member.spec.other_region is None:
        yield Finding(place, "one-region", f"{name} is stretched; say to which region (other_region)")
        return
    regions = catalog.regions.regions
    other = regions.get(member.spec.other_region)
    if other is None:
        yield Finding(place, "unknown-region", f"region '{member.spec.other_region}' is not known")
        return
    trip = round_trip(regions[member.site[1]], other)
    if trip is not None:
        yield from _too_far(estate, member, trip, catalog, ("clusters", name))
    if workload.acks != "all":
        yield Finding(place, "acks", f"synchronous copies need acks=all; {name} writes with acks={workload.acks}")
    wanted = workload.requirements.residency
    if wanted and other.residency not in ("", wanted):
        text = f"data of {name} must rest in {wanted}, and {member.spec.other_region} is in {other.residency}"
        yield Finding(place, "residency", text)
    text = (
        f"{name} has its copies in two regions: it either loses nothing or goes on writing when one is lost, not both, "
        "and needs a third place with a vote of the controllers for either"
    )
    yield Finding(place, "two-sites", text)


def _milliseconds(value: Quantity | None, catalog: Catalog) -> float | None:
    return None if value is None else float(in_unit(value, catalog.units.parse("ms"), catalog.units))
