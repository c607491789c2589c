"""Cost lines as CSV with FOCUS column names, one row a line and month."""

from __future__ import annotations

import csv
import io

from tco.analysis.compare import Comparison

COLUMNS = (
    "BillingPeriodStart",
    "ProviderName",
    "InvoiceIssuerName",
    "ServiceName",
    "RegionId",
    "ChargeCategory",
    "ChargeDescription",
    "SkuPriceId",
    "PricingQuantity",
    "PricingUnit",
    "ListCost",
    "ContractedCost",
    "EffectiveCost",
    "BilledCost",
    "BillingCurrency",
    "x_Offering",
    "x_Status",
    "x_Payer",
    "x_ListCostLow",
    "x_ListCostHigh",
)


def render_csv(comparison: Comparison) -> str:
    """Return all priced lines of all offerings as CSV text."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    for o in comparison.outcomes:
        offering = o.subject.offering
        for line in o.priced_lines:
            quantity, low, cost, high = (
                o.monthly(line.name),
                *(o.monthly(f"{line.name}.cost", 0, e) for e in range(3)),
            )
            issuer = (
                offering.vendor
                if line.line.payer == "vendor"
                else o.subject.cloud
                if line.line.payer == "cloud"
                else line.line.payer
            )
            price = o.points(line)[0].id if line.points else line.constant
            for i, (year, month) in enumerate(comparison.plan.months):
                writer.writerow(
                    [
                        _safe(v)
                        for v in (
                            f"{year}-{month:02d}-01T00:00:00Z",
                            offering.vendor,
                            issuer,
                            offering.name,
                            o.subject.region,
                            "Usage",
                            line.line.label,
                            price,
                            _n(quantity[i]),
                            line.unit,
                            *([_n(cost[i])] * 4),
                            "USD",
                            o.id,
                            o.status,
                            line.line.payer,
                            _n(low[i]),
                            _n(high[i]),
                        )
                    ]
                )
    return target.getvalue()


def _n(value: float) -> str:
    return format(float(value), ".12g")


def _safe(text: str) -> str:
    """Keep a spreadsheet from reading text as a formula; numbers stay numbers."""
    risky = text[:1] in ("=", "+", "-", "@", "\t", "\r")
    return (
        f"'{text}"
        if risky and not text.lstrip("-").replace(".", "", 1).replace("e", "", 1).replace("-", "", 1).isdigit()
        else text
    )
