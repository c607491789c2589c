"""The decision in a few sentences, the same in every report."""

from __future__ import annotations

from tco.analysis.compare import Comparison
from tco.report.words import money, range_text, total_text


def headline(comparison: Comparison) -> list[str]:
    """Say which offering is cheapest, or that public evidence does not decide, and what labour changes."""
    ranked = comparison.ranked
    if not ranked:
        return ["No offering meets every requirement and has a public price; the reasons are below."]
    best, sentences = comparison.winner, _quoted(comparison)
    if best is None:
        sentences.append(
            f"Tied: {', '.join(o.id for o in comparison.tied)}. Public evidence and a model error of "
            f"{comparison.model_error:.0%} do not tell them apart."
            if len(comparison.tied) > 1
            else f"Only {ranked[0].id} can do the work, and public prices do not settle its total."
        )
        sentences += [f"{o.id} {why}." for o in comparison.tied for why in o.unsettled]
    else:
        interval = range_text(best.interval("total"))
        runner = f"; next is {ranked[1].id} at {total_text(ranked[1])}" if len(ranked) > 1 else ""
        sentences.append(
            f"Cheapest: {best.id} at {money(best.interval('total').base)} USD"
            f"{f' ({interval})' if interval else ''}{runner}."
        )
    with_labour = comparison.cheapest_with_labour
    if with_labour and with_labour is not (best or ranked[0]):
        sentences.append(f"With labour at the assumed rates {with_labour.id} has the lowest figure.")
    marked = sorted({m for o in ranked for m in o.marks})
    if marked:
        by_mark = [f"{m} ({', '.join(o.id for o in ranked if m in o.marks)})" for m in marked]
        sentences.append(f"Marks: {'; '.join(by_mark)}.")
    weak = [o.id for o in ranked if o.evidence.weak_share > comparison.stale_share]
    if weak:
        sentences.append(
            f"More than {comparison.stale_share:.0%} of the money rests on prices read over a year ago, undated or "
            f"from third parties: {', '.join(weak)}."
        )
    return sentences


def _quoted(comparison: Comparison) -> list[str]:
    """Warn where quoted prices are ranked against list prices."""
    quoted = [o.id for o in comparison.ranked if o.quotes]
    if not quoted or len(quoted) == len(comparison.ranked):
        return []
    return [f"Quoted prices ({', '.join(quoted)}) are ranked here against list prices: ask the others for quotes too."]
