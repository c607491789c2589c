"""Cost by line, by year and by payer: figures of the engine, placed and not computed again."""

from __future__ import annotations

from typing import Any

from tco.analysis.compare import Comparison
from tco.catalog.prices import PricePoint
from tco.engine.outcome import Outcome
from tco.engine.pricing import CostLine
from tco.engine.spoken import figure
from tco.report.chapters.summary import name
from tco.report.chapters.text import FINALISTS, YEAR, References, listed, unit
from tco.report.charts import PAYERS, Drawing, year_columns
from tco.report.words import money, price_text, range_text, total_text

_PORTRAIT_YEARS = 3
_PAYER_OF = {"vendor_invoice": "vendor", "cloud_invoice": "cloud", "one_off": "one_off", "people": "labour"}


def by_payer(comparison: Comparison) -> list[dict[str, Any]]:
    """Who is paid how much, every ranked offering."""
    return [
        {
            "name": name(o),
            "payers": [money(float(o.monthly(row).sum())) for row in ("vendor_invoice", "cloud_invoice", "one_off")],
            "total": total_text(o),
            "labour": money(float(o.monthly("people").sum())),
            "all": total_text(o, "total_with_labour"),
        }
        for o in comparison.ranked
    ]


def years(comparison: Comparison) -> list[str]:
    """Headings of the years, with the months of a broken one."""
    horizon = comparison.plan.workload.horizon
    names = [f"Year {y + 1}" for y in range(-(-horizon // YEAR))]
    rest = horizon % YEAR
    return [*names[:-1], f"{names[-1]} ({rest} months)"] if rest else names


def chart(comparison: Comparison) -> Drawing | None:
    """What is invoiced each year, finalists side by side."""
    finalists = comparison.ranked[:FINALISTS]
    if not finalists:
        return None
    by_year = [_year_sums(o, "invoices") for o in finalists]
    ends = listed([f"{name(o)} from {money(v[0])} to {money(v[-1])}" for o, v in zip(finalists, by_year, strict=True)])
    return year_columns(finalists, by_year, f"Invoices by year, USD, first year to last: {ends}.")


def finalists(comparison: Comparison, refs: References) -> list[dict[str, Any]]:
    """Every cost line of the leading offerings."""
    return [_costs(o, refs) for o in comparison.ranked[:FINALISTS]]


def is_wide(comparison: Comparison) -> bool:
    """Whether the years need a page in landscape."""
    return comparison.plan.workload.horizon > _PORTRAIT_YEARS * YEAR


def _costs(o: Outcome, refs: References) -> dict[str, Any]:
    lines = sorted(o.priced_lines, key=lambda ln: -o.cost(ln))
    groups = []
    for row, words in PAYERS:
        own = [ln for ln in lines if ln.line.payer == _PAYER_OF[row]]
        if own:
            groups.append(
                {"words": words.capitalize(), "row": row, **_sums(o, row), "lines": [_line(o, ln, refs) for ln in own]}
            )
    return {
        "name": name(o),
        "groups": [g for g in groups if g["row"] != "people"],
        "labour": [g for g in groups if g["row"] == "people"],
        "unpriced": [{"label": ln.line.label, "why": ln.missing} for ln in o.unpriced],
        "total": {**_sums(o, "invoices"), "sum": total_text(o), "range": range_text(o.interval("total"))},
        "cash": {**_sums(o, "cash"), "sum": total_text(o, "total_with_labour")},
    }


def _line(o: Outcome, line: CostLine, refs: References) -> dict[str, Any]:
    points, item = o.points(line), o.book.items.get(line.constant)
    low, high = o.cost(line, 0), o.cost(line, 2)
    prices = [{**_price(price_text(p)), "what": _what(p, line), "ref": refs(p.source)} for p in points]
    if item:
        prices = [{**_price(_plain(o.interval(line.constant).base)), "what": "", "ref": refs(item.source)}]
    return {
        "label": line.line.label,
        "range": f"{money(low)} to {money(high)}" if low != high else "",
        "quantity": figure(float(o.monthly(line.name).sum())),
        "unit": unit(line.unit),
        "price": prices[0] if len(prices) == 1 else None,
        "prices": prices if len(prices) > 1 else [],
        **_sums(o, f"{line.name}.cost"),
    }


def _what(point: PricePoint, line: CostLine) -> str:
    """Which part of a line a price holds for."""
    if line.line.variant:
        return point.variant
    return f"from {point.tier_from:,f} {unit(point.unit.text)}" if point.tier_from else "first band"


def _price(text: str) -> dict[str, str]:
    """Split a price at its decimal point, so that points can stand below one another."""
    if " " in text:
        return {"whole": text, "fraction": ""}
    whole, point, fraction = text.partition(".")
    return {"whole": whole, "fraction": f"{point}{fraction}"}


def _plain(value: float) -> str:
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _year_sums(o: Outcome, row: str) -> list[float]:
    months = o.monthly(row)
    return [float(months[y : y + YEAR].sum()) for y in range(0, o.horizon, YEAR)]


def _sums(o: Outcome, row: str) -> dict[str, Any]:
    return {"years": [money(v) for v in _year_sums(o, row)], "sum": money(float(o.monthly(row).sum()))}
