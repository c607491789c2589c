"""How numbers, verdicts and configurations are written for people, the same in every report."""

from __future__ import annotations

from collections.abc import Sequence

from tco.analysis.compare import Comparison
from tco.catalog.load import Catalog, Quote
from tco.catalog.prices import PricePoint
from tco.catalog.terms import Terms
from tco.engine.outcome import Interval, Outcome, Status
from tco.engine.spoken import amount
from tco.sla.layers import Part, composite, gaps, parts
from tco.sla.outage import Outage, Span

NOT_ASSESSED = (
    "taxes, contracts with committed spend, migration and exit, carbon, "
    "the effort of application teams, and what a skills market offers"
)
_SHORT, _HOUR = 12, 60
_COMMITTED = {"one_year": "capacity for one year", "three_years": "capacity for three years"}
#: Whether planned maintenance is downtime: in a word, and in a sentence before what the document says.
_MAINTENANCE = {
    "yes": ("counts", "Counts as downtime."),
    "no": ("excluded", "Does not count as downtime."),
    None: ("?", "Whether it counts as downtime is not known: ask."),
}
_RUN_BY = {"you": "you", "vendor": "the vendor", "cloud": "the cloud"}
REACHED = {
    "in_vpc": "inside the VPC",
    "peering": "over VPC peering",
    "private_link": "over private link",
    "transit_gateway": "over a transit gateway",
    "public": "over public addresses",
    "other_cloud": "over the internet",
}
VERDICTS: dict[Status, str] = {
    "priced": "priced",
    "lower_bound": "lower bound",
    "infeasible": "infeasible",
    "not_a_substitute": "not a substitute",
    "quote_needed": "quote needed",
}


def catalog_text(catalog: Catalog) -> str:
    """Name of the catalog and the start of its digest, enough to tell two of them apart."""
    return f"{catalog.name} {catalog.digest[:_SHORT]}"


def quote_text(quote: Quote) -> str:
    """A quote in a phrase: its name, whose it is, and from when to when."""
    until = f", valid until {quote.valid_until}" if quote.valid_until else ""
    return f"{quote.name} ({quote.vendor}, {quote.dated}{until})"


def price_words(comparison: Comparison) -> str:
    """Whose prices they are, in two or three words."""
    return "list and quoted prices" if comparison.catalog.quotes else "list prices"


def price_basis(comparison: Comparison) -> str:
    """What the prices are, and what the plan buys beside them."""
    plan = comparison.plan
    term, support = plan.workload.commitment, plan.workload.account.support
    bought = [f"{_COMMITTED[term]} bought ahead where that price is published"] if term != "none" else []
    bought += [f"a {support.replace('_', ' ')} support plan"] if support != "none" else []
    bought += [f"the quote {quote_text(q)}" for q in comparison.catalog.quotes]
    return "; with ".join(["list, USD, without taxes", *bought])


def money(value: float, digits: int = 0) -> str:
    """Dollars with thousands separators; never a false zero."""
    if 0 < abs(value) < 0.5 and digits == 0:
        return f"{value:,.2f}"
    return f"{value:,.{digits}f}"


def total_text(outcome: Outcome, row: str = "total") -> str:
    """A total with its marks: ≥ something is unpriced, ≈ another region's prices stand in, quote: not all is list."""
    if outcome.status == "quote_needed":
        return "quote needed"
    return amount_text(outcome, row)


def amount_text(outcome: Outcome, row: str = "total") -> str:
    """The same, whatever the verdict."""
    mark = "≥ " if outcome.unpriced else "≈ " if outcome.proxies else ""
    return f"{'quote ' if outcome.quotes else ''}{mark}{money(outcome.interval(row).base)}"


def span_text(span: Span, digits: int) -> str:
    """Both ends of a number, or one where they read the same."""
    ends = [f"{v:,.{digits}f}" for v in (span.least, span.most)]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def outage_text(o: Outage) -> str:
    """What was down, how often and how long."""
    whole_hours = o.minutes >= _HOUR and o.minutes % _HOUR == 0
    length = f"{o.minutes / _HOUR:g} h" if whole_hours else f"{float(o.minutes):g} min"
    return f"{o.fault} down {f'{o.times} × ' if o.times > 1 else ''}{length}"


def range_text(interval: Interval) -> str:
    """Low to high, or an empty text where the evidence is a point."""
    return f"{money(interval.low)} to {money(interval.high)}" if interval.is_range else ""


def would_cost(outcome: Outcome) -> str:
    """What something that is no substitute would cost, or what comes beside a quote, with its range; else empty."""
    if outcome.status not in ("not_a_substitute", "quote_needed") or not outcome.priced_lines:
        return ""
    between = range_text(outcome.interval("total"))
    return f"{amount_text(outcome)}{f' ({between})' if between else ''}"


def verdict_text(outcome: Outcome) -> str:
    """The verdict on something below the ranking, and what it would cost, or what comes on top of a quote."""
    said = {"not_a_substitute": ", would cost", "quote_needed": ", on top of"}.get(outcome.status, "")
    cost = would_cost(outcome)
    return f"{VERDICTS[outcome.status]}{said} {cost} USD" if cost else VERDICTS[outcome.status]


def configuration_text(outcome: Outcome, cluster: int = 0) -> str:
    """What was chosen where there was a choice, leaving out what one gets without asking."""
    offering, chosen = outcome.subject.offering, outcome.choices[cluster].configuration
    parts = []
    for name, choice in offering.choices.items():
        value = chosen[name]
        if value == choice.default or len(offering.values(name)) == 1:
            continue
        if value in ("on", "yes"):
            parts.append(choice.label.lower())
        else:
            parts.append(f"{choice.label.lower()} {value}" if choice.values else value)
    if len(outcome.subject.ways) > 1:
        parts.append(REACHED[chosen["access"]])
    return ", ".join(parts)


def covered(terms: Terms) -> str:
    """What a document covers that is not Kafka; empty where it is."""
    if terms.scope == "control_plane":
        return "management" if terms.for_management else "control plane"
    return "machines" if terms.scope == "virtual_machine" else ""


def promise_text(outcome: Outcome) -> str:
    """The uptime promised to this plan, and what it is about where that is not Kafka."""
    sla = outcome.sla
    if sla is None or sla.percent is None:
        return "none"
    if not sla.covers_kafka:
        return f"none ({covered(sla.terms)} only)"
    return f"{sla.percent} %{'' if sla.qualifies == 'yes' else ' ?'}"


def maintenance_word(terms: Terms) -> str:
    """Whether planned maintenance counts as downtime, in a word."""
    return _MAINTENANCE[terms.measure.counts.get("maintenance")][0]


def maintenance_text(terms: Terms) -> str:
    """The same in a sentence, and what the document says."""
    return " ".join([_MAINTENANCE[terms.measure.counts.get("maintenance")][1], terms.maintenance or ""]).rstrip()


def sizing_text(outcome: Outcome) -> str:
    """Units of production, with their unit."""
    item = outcome.book.items[outcome.subject.offering.sizing.units]
    return amount(outcome.units_at_end, item.unit.text)


def price_text(point: PricePoint) -> str:
    """A unit price exactly as published, a range as a range."""
    return f"{point.low} to {point.high}" if point.is_range else f"{point.base.normalize():f}"


def parts_of(outcome: Outcome) -> list[Part]:
    """What production depends on, part by part."""
    return parts(outcome.subject.offering, outcome.sla, outcome.values)


def part_text(part: Part) -> str:
    """A part, what is promised of it, and in brackets who runs it and whether messages flow without it."""
    promised = f"{part.percent} %" if part.percent is not None else part.note or "no promise"
    said = [_RUN_BY[part.run_by], *(["for management only"] if part.management else [])]
    said += [f"one of {part.one_of} is enough"] if part.one_of else []
    return f"{part.name}: {promised} ({', '.join(said)})"


def together_text(found: Sequence[Part]) -> str:
    """What promises for reading and writing come to together, and what has none; empty for one part alone."""
    whole, open_ = composite(found), ", ".join(gaps(found))
    if len(found) == 1 or not (whole or open_):
        return ""
    if whole is None:
        return f"Together nothing for reading and writing: no promise for {open_}"
    without = f", and nothing for {open_}" if open_ else ""
    return f"Together {whole:.3f} % of the time{without}; a promise missed is paid in credits at best"
