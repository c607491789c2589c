"""The offerings of a catalog by vendor, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from tco.analysis.coverage import Coverage

_WIDEST = 120


def listing(found: Sequence[Coverage], width: int) -> Iterator[str]:
    """Lay out offerings with their state, and the reason below those that public prices do not settle.

    Args:
        found: sorted by vendor.
        width: columns of the terminal.
    """
    names = max(len(c.offering.id) for c in found)
    for vendor, ours in groupby(found, key=lambda c: c.offering.vendor):
        yield vendor[:1].upper() + vendor[1:]
        for c in ours:
            o = c.offering
            yield f"  {o.id:<{names}}  {o.model.replace('_', ' '):<12}  {_state(c)}"
            yield from wrap(c.why, min(width, _WIDEST), initial_indent=" " * 6, subsequent_indent=" " * 6)
    vendors = len({c.offering.vendor for c in found})
    counts = [f"{sum(c.state == s for c in found)} {s}" for s in ("priced", "bounded", "quote needed")]
    yield ""
    yield f"{len(found)} offerings of {vendors} vendors: {', '.join(counts)}."


def _state(c: Coverage) -> str:
    ended = f", {c.offering.status.state} {c.offering.status.ended}" if c.offering.status.ended else ""
    preview = ", preview" if c.offering.status.state == "preview" else ""
    clouds = ", ".join(c.offering.clouds)
    if not c.regions:
        where = f" on {clouds}"
    elif len(c.regions) == 1:
        where = f" in {c.regions[0]}" + (f", sold on {clouds}" if len(c.offering.clouds) > 1 else f" of {clouds}")
    else:
        where = f" in {len(c.regions)} regions of {clouds}"
    return f"{c.state}{where}{preview}{ended}"
