"""The decision in a few sentences, the same in every report."""

from __future__ import annotations

from tco.analysis.compare import Comparison
from tco.report.words import money, range_text


def headline(comparison: Comparison) -> list[str]:
    """Say which offering is cheapest, or that public evidence does not decide, and what labour changes."""
    ranked = comparison.ranked
    if not ranked:
        return ["No offering meets every requirement and has a public price; the reasons are below."]
    best, sentences = ranked[0], []
    if len(comparison.tied) > 1:
        names = ", ".join(o.id for o in comparison.tied)
        sentences.append(
            f"Tied: {names}. Their totals are closer than the evidence and a model error of "
            f"{comparison.model_error:.0%} can tell apart."
        )
    else:
        interval = range_text(best.interval("total"))
        runner = f"; next is {ranked[1].id} at {money(ranked[1].interval('total').base)}" if len(ranked) > 1 else ""
        sentences.append(
            f"Cheapest: {best.id} at {money(best.interval('total').base)} USD"
            f"{f' ({interval})' if interval else ''}{runner}."
        )
    with_labour = comparison.cheapest_with_labour
    if with_labour and with_labour is not best:
        sentences.append(f"With labour at the assumed rates {with_labour.id} is cheapest.")
    marked = sorted({m for o in ranked for m in o.marks})
    if marked:
        by_mark = [f"{m} ({', '.join(o.id for o in ranked if m in o.marks)})" for m in marked]
        sentences.append(f"Marks: {'; '.join(by_mark)}.")
    old = [o for o in ranked if o.evidence.older_than_a_year + o.evidence.undated > comparison.stale_share]
    if old:
        sentences.append(
            f"More than {comparison.stale_share:.0%} of the money rests on prices read over a year ago or undated: "
            + ", ".join(o.id for o in old)
            + "."
        )
    return sentences
