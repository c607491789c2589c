"""The first page: what is recommended, what it rests on, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tco.analysis.compare import Comparison
from tco.engine.outcome import Outcome
from tco.report.chapters.text import FINALISTS, counted, listed, question, sentence, share
from tco.report.words import VERDICTS, amount_text, money, promise_text, range_text, total_text, would_cost
from tco.sla.verdict import SEVERITIES, CaveatVerdict

_FULL, _TIGHT_SHARE, _WIDE, _MANY_DEFAULTS = 1.0, 0.9, 0.25, 0.25
_REASONS, _ARGUMENTS, _RECHECKED = 5, 4, 3


def name(o: Outcome) -> str:
    """Vendor's own name of an offering."""
    return o.subject.offering.name


def decision(comparison: Comparison) -> list[str]:
    """Say what is recommended, or that public evidence does not decide; the first sentence is the answer."""
    ranked, tied, best = comparison.ranked, comparison.tied, comparison.winner
    if not ranked:
        return [
            "No recommendation: no offering is known to meet every requirement at a public price.",
            "The reasons stand under the options below; the questions to the vendors say what to ask.",
        ]
    if best is None:
        sentences = _undecided(comparison, tied)
    else:
        interval = range_text(best.interval("total"))
        clear = promises(comparison, best) is not False and comparison.cheapest_with_labour is best
        lead = "Recommended" if clear else "Cheapest by invoices"
        sentences = [
            f"{lead} on public evidence: {name(best)}, {total_text(best)} USD over {best.horizon} months"
            f"{f' ({interval})' if interval else ''}.",
            *_without_promise(comparison, best),
            _next(ranked),
        ]
    with_labour = comparison.cheapest_with_labour
    if with_labour and with_labour is not (best or ranked[0]):
        sentences.append(f"With labour at the assumed rates {name(with_labour)} has the lowest figure instead.")
    return sentences


def _undecided(comparison: Comparison, tied: list[Outcome]) -> list[str]:
    """Say between whom public evidence does not decide, why, and what to ask first."""
    lowest = tied[0]
    return [
        f"Tied: public evidence does not decide between {listed([name(o) for o in tied])}."
        if len(tied) > 1
        else f"Not settled: only {name(lowest)} can do the work, and public prices do not say what it costs.",
        f"{name(lowest)} has the lowest figure, {total_text(lowest)} USD; the evidence and the stated model error of "
        f"{comparison.model_error:.0%} leave the rest open.",
        *(f"{name(o)} {why}." for o in tied for why in o.unsettled),
        _deciding(tied),
    ]


def promises(comparison: Comparison, o: Outcome) -> bool | None:
    """Whether an offering promises the uptime that the workload requires; None where it requires none."""
    if o.sla is not None:
        return o.sla.enough
    return False if comparison.plan.inputs["requirements.uptime"].number else None


def _without_promise(comparison: Comparison, best: Outcome) -> Iterator[str]:
    if promises(comparison, best) is not False:
        return
    required = f"{float(comparison.plan.inputs['requirements.uptime'].number):g} %"
    enough = [o for o in comparison.ranked if promises(comparison, o)]
    there = (
        f"the cheapest that does is {name(enough[0])} at {total_text(enough[0])} USD"
        if enough
        else "none of these does"
    )
    yield f"{name(best)} does not promise the {required} that the workload requires; {there}."


def _next(ranked: list[Outcome]) -> str:
    if len(ranked) == 1:
        return "It is the only one known to meet every requirement at a public price."
    first, second = ranked[0].interval("total").base, ranked[1].interval("total").base
    more = f", {second / first - 1:.0%} more" if first else ""
    return f"Next is {name(ranked[1])} at {total_text(ranked[1])} USD{more}."


def _deciding(tied: list[Outcome]) -> str:
    """Name the question to a vendor that closes the widest range among those tied."""
    asked = []
    for o in tied:
        costs = {ln.name: ln for ln in o.priced_lines}
        for q in o.subject.offering.questions:
            lines = [costs[n] for n in q.settles if n in costs]
            asked.append((sum(o.cost(ln, 2) - o.cost(ln, 0) for ln in lines), name(o), q.ask))
    widest, vendor, ask = max(asked, key=lambda a: a[0], default=(0.0, "", ""))
    if not widest:
        return "No published range separates them; missing prices, SLAs, labour and negotiated terms decide."
    return f"Ask first, of {vendor}: “{question(ask)}” The answer closes a range of {money(widest)} USD."


def ranking(comparison: Comparison) -> list[dict[str, str]]:
    """One line an offering that can do the work and has a price."""
    rows = []
    for i, o in enumerate(comparison.ranked):
        rows.append(
            {
                "rank": str(i + 1),
                "name": name(o),
                "total": total_text(o),
                "range": range_text(o.interval("total")) or "no range",
                "npv": money(o.interval("npv").base),
                "labour": money(o.interval("total_with_labour").base),
                "first": money(float(o.monthly("invoices")[0])),
                "last": money(float(o.monthly("invoices")[-1])),
                "unit": f"{o.interval('unit_cost').base:.4f}",
                "apart": "cheapest" if o is comparison.winner else "no" if o in comparison.tied else "yes",
                "promise": promise_text(o).partition(" (")[0],
            }
        )
    return rows


def marks(comparison: Comparison) -> list[str]:
    """What stands beside totals, said once for all that it holds for."""
    every = dict.fromkeys(m for o in comparison.ranked for m in o.marks)
    return [sentence(f"{m} ({', '.join(name(o) for o in comparison.ranked if m in o.marks)})") for m in every]


def caveats(comparison: Comparison) -> list[dict[str, str]]:
    """The fine print that bites the leading offerings: the worst of each first, each said once."""
    finalists = comparison.ranked[:FINALISTS]
    most = 4 if len(comparison.ranked) <= FINALISTS else 3
    queues = [list(o.sla.biting) if o.sla else [] for o in finalists]
    found: dict[str, tuple[CaveatVerdict, list[str]]] = {}
    for depth in range(max((len(q) for q in queues), default=0)):
        for o, queue in zip(finalists, queues, strict=True):
            if depth < len(queue):
                found.setdefault(queue[depth].caveat.code, (queue[depth], []))[1].append(name(o))
    chosen = sorted(list(found.values())[:most], key=lambda f: SEVERITIES.index(f[0].caveat.severity))
    return [{"severity": v.caveat.severity, "text": v.caveat.text, "names": ", ".join(n)} for v, n in chosen]


def thin_evidence(comparison: Comparison) -> list[str]:
    """For the first two whose money rests on weak evidence: how much of it, and what to check again first."""
    texts = []
    for o in comparison.ranked[:2]:
        found = o.evidence
        if found.weak_share > comparison.stale_share:
            first = listed([f"{w.label} ({share(w.share)}, {w.why})" for w in found.weak[:_RECHECKED]])
            texts.append(f"{name(o)}: {share(found.weak_share)} of the money; {first}.")
    return texts


def counter_arguments(comparison: Comparison) -> list[str]:
    """Say what speaks against the first place, the strongest first, all from the figures."""
    if not comparison.ranked:
        return []
    best = comparison.ranked[0]
    found = [
        *_left_out(comparison, best),
        *_labour(comparison, best),
        *_promise(best),
        *_tight(best),
        *_evidence(comparison, best),
    ]
    return found[:_ARGUMENTS]


def _left_out(comparison: Comparison, best: Outcome) -> Iterator[str]:
    """Something cheaper stands below the ranking: first what a vendor's answer alone could change, then the rest."""
    total = best.interval("total").base
    cheaper = [o for o in comparison.others if o.status == "not_a_substitute" and o.interval("total").base < total]
    open_ = [o for o in cheaper if all(r.answer == "unknown" for r in o.requirements if r.blocks)]
    shut = [o for o in cheaper if o not in open_]
    for group, why in ((open_, "only for want of a published answer on"), (shut, "for")):
        for o in sorted(group, key=lambda c: c.interval("total").base)[:1]:
            less = share(1 - o.interval("total").base / total)
            names = listed([r.name for r in o.requirements if r.blocks])
            yield f"{name(o)} would cost {would_cost(o)} USD, {less} less, and is left out {why} {names}."


def _labour(comparison: Comparison, best: Outcome) -> Iterator[str]:
    other = comparison.cheapest_with_labour
    if other and other is not best:
        ours, theirs = (money(o.interval("total_with_labour").base) for o in (best, other))
        yield f"Counting labour at the assumed rates, {name(other)} costs {theirs} USD and {name(best)} {ours} USD."


def _promise(best: Outcome) -> Iterator[str]:
    sla = best.sla
    if sla is None or not sla.covers_kafka:
        yield f"{name(best)} comes with no promise by anyone that Kafka is up."
    elif sla.enough is False:
        yield f"{name(best)} does not promise the uptime required."
    elif sla.biting and sla.biting[0].caveat.severity == "critical":
        yield f"The promise of {name(best)} is thinner than its percentage: {sla.biting[0].caveat.text}"


def _tight(best: Outcome) -> Iterator[str]:
    down = best.utilisation("zone_down")
    if down is not None and down > _TIGHT_SHARE:
        verb = "would need" if down > _FULL else "would run at"
        yield f"With a zone down at peak, {name(best)} {verb} {down:.0%} of its sustained capacity."
    for mark in best.marks:
        if mark.startswith("tight"):
            yield sentence(f"{name(best)} is close to a quota, {mark.removeprefix('tight: ')}")


def _evidence(comparison: Comparison, best: Outcome) -> Iterator[str]:
    total = best.interval("total")
    if total.base and (total.high - total.low) / total.base > _WIDE:
        yield f"Public evidence leaves {name(best)} anywhere from {range_text(total)} USD."
    if best.unpriced:
        missing = listed([ln.line.label for ln in best.unpriced])
        yield f"The total of {name(best)} is a lower bound: no public price for {missing}."
    plan = comparison.plan
    if len(plan.defaults) > _MANY_DEFAULTS * len(plan.asked):
        yield f"{len(plan.defaults)} of {len(plan.asked)} inputs are defaults and not this workload's own figures."


def below(comparison: Comparison) -> list[dict[str, Any]]:
    """Options below the ranking, with why."""
    rows = []
    for o in comparison.others:
        reasons = list(dict.fromkeys(o.reasons))
        more = len(reasons) - _REASONS
        rows.append(
            {
                "name": name(o),
                "verdict": VERDICTS[o.status],
                "total": amount_text(o) if would_cost(o) else "",
                "range": range_text(o.interval("total")) if would_cost(o) else "",
                "reasons": [sentence(r) for r in reasons[:_REASONS]],
                "more": f"And {counted(more, 'more reason', 'more reasons')}, in results.json." if more > 0 else "",
            }
        )
    return rows
