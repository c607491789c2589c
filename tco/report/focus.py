"""Cost lines as CSV with FOCUS column names, one row a line and month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tco.analysis.compare import Comparison
from tco.engine.outcome import Outcome
from tco.engine.pricing import CostLine

if TYPE_CHECKING:
    from pandas import DataFrame


def render_csv(comparison: Comparison) -> str:
    """Return all priced lines of all offerings as CSV text."""
    from pandas import DataFrame, concat

    months = [f"{year}-{month:02d}-01T00:00:00Z" for year, month in comparison.plan.months]
    tables = [_line(o, line, months) for o in comparison.outcomes for line in o.priced_lines]
    table = concat(tables, ignore_index=True) if tables else DataFrame()
    return table.to_csv(index=False, lineterminator="\n")


def _line(o: Outcome, line: CostLine, months: list[str]) -> DataFrame:
    from pandas import DataFrame

    offering, payer = o.subject.offering, line.line.payer
    low, cost, high = ([_n(v) for v in o.monthly(f"{line.name}.cost", 0, e)] for e in range(3))
    columns: dict[str, str | list[str]] = {
        "BillingPeriodStart": months,
        "ProviderName": _safe(offering.vendor),
        "InvoiceIssuerName": _safe({"vendor": offering.vendor, "cloud": o.subject.site.cloud}.get(payer, payer)),
        "ServiceName": _safe(offering.name),
        "RegionId": o.subject.site.region,
        "ChargeCategory": "Usage",
        "ChargeDescription": _safe(line.line.label),
        "SkuPriceId": _safe(o.points(line)[0].id if line.points else line.constant),
        "PricingQuantity": [_n(v) for v in o.monthly(line.name)],
        "PricingUnit": line.unit,
        "ListCost": cost,
        "ContractedCost": cost,
        "EffectiveCost": cost,
        "BilledCost": cost,
        "BillingCurrency": "USD",
        "x_Offering": o.id,
        "x_Status": o.status,
        "x_Payer": payer,
        "x_ListCostLow": low,
        "x_ListCostHigh": high,
    }
    return DataFrame(columns)


def _n(value: float) -> str:
    return format(float(value), ".12g")


def _safe(text: str) -> str:
    """Keep a spreadsheet from reading text as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
