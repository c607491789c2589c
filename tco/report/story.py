"""What the PDF and the HTML tell, as finished text: the templates place it and compute nothing."""

from __future__ import annotations

import shlex
from typing import Any

from tco import __version__
from tco.analysis.compare import Comparison
from tco.report.chapters import costs, evidence, plan, promises, summary
from tco.report.chapters.text import FINALISTS, References
from tco.report.charts import payer_bars
from tco.report.citations import sources_used
from tco.report.words import NOT_ASSESSED, catalog_text, price_basis

_LONGEST_FOOTER, _MOST_BARS_FIRST = 60, 5


def story(comparison: Comparison) -> dict[str, Any]:
    """Return everything the templates place, already in words."""
    refs, workload = References(comparison.catalog.sources, sources_used(comparison)), comparison.plan.workload
    answer, ranking = summary.decision(comparison), summary.ranking(comparison)
    return {
        "name": workload.name,
        "footer": _footer(comparison),
        "as_of": comparison.options.as_of.isoformat(),
        "catalog": comparison.catalog.digest,
        "tool": f"kafka-tco {__version__}",
        "months": workload.horizon,
        "facts": _facts(comparison),
        "asked": f"Which way of running Apache Kafka to commit to for {workload.name}: {workload.horizon} months from "
        f"{workload.start} in {workload.cloud} {workload.region}.",
        "production_only": len(comparison.plan.clusters) == 1,
        "warnings": comparison.plan.warnings,
        "defaults": f"{len(comparison.plan.defaults)} of {len(comparison.plan.asked)}",
        "answer": answer,
        "discount": f"{100 * _discount(comparison):g}\u00a0%",
        "ranking": ranking,
        "bars": payer_bars(comparison.ranked, f"Invoices by who is paid, USD. {answer[0]}")
        if comparison.ranked
        else None,
        "marks": summary.marks(comparison),
        "open_promise": any(r["promise"].endswith("?") for r in ranking),
        "bars_first": len(comparison.ranked) <= _MOST_BARS_FIRST,
        "caveats": summary.caveats(comparison),
        "thin": summary.thin_evidence(comparison),
        "counter": summary.counter_arguments(comparison),
        "not_assessed": NOT_ASSESSED,
        "below": summary.below(comparison),
        "workload": plan.facts(comparison),
        "topics": plan.topics(comparison),
        "requirements": plan.requirements(comparison, refs),
        "sizing": plan.sizing(comparison, refs),
        "runners_up": plan.runners_up(comparison),
        "clusters": plan.clusters(comparison),
        "payers": costs.by_payer(comparison),
        "years": costs.years(comparison),
        "wide": costs.is_wide(comparison),
        "year_chart": costs.chart(comparison),
        "costs": costs.finalists(comparison, refs),
        "slas": promises.pages(comparison, refs),
        "year": promises.year(comparison),
        "evidence": evidence.evidence(comparison),
        "recheck": evidence.recheck(comparison, refs),
        "events": evidence.events(comparison, refs),
        "questions": evidence.questions(comparison),
        "assumptions": evidence.assumptions(comparison, refs),
        "inputs": evidence.inputs(comparison),
        "sources": evidence.sources(refs),
        "finalists": FINALISTS,
        "command": _command(comparison),
    }


def _discount(comparison: Comparison) -> float:
    """Discount rate a year, as the run has it."""
    return float(comparison.outcomes[0].book.given["discount_rate"].ravel()[0]) if comparison.outcomes else 0.0


def _footer(comparison: Comparison) -> str:
    title = comparison.plan.workload.name
    title = title if len(title) <= _LONGEST_FOOTER else f"{title[: _LONGEST_FOOTER - 1]}…"
    return f"{title} · prices of {comparison.options.as_of.isoformat()} · catalog {catalog_text(comparison.catalog)}"


def _facts(comparison: Comparison) -> list[tuple[str, str]]:
    plan_, options = comparison.plan, comparison.options
    w = plan_.workload
    changed = {**plan_.overrides, **options.given, **options.assumptions, **options.prices}
    environments = ", ".join(f"{c.name.replace('_', ' ')} × {plan.number(c.count)}" for c in plan_.clusters)
    rows = [
        ("Cloud and region", f"{w.cloud}, {w.region}"),
        ("Horizon", f"{w.horizon} months from {w.start}"),
        ("Price basis", price_basis(comparison)),
        ("Prices as of", options.as_of.isoformat()),
        ("Sizing", "each vendor’s own rule" if options.sizing == "vendor" else "one service level for all"),
        ("Clusters", environments),
        ("Catalog", catalog_text(comparison.catalog)),
        ("Made with", f"kafka-tco {__version__}"),
    ]
    return [*rows, ("Set for this run", ", ".join(f"{k}={v}" for k, v in changed.items()))] if changed else rows


def _command(comparison: Comparison) -> str:
    """The command that makes this report again."""
    options, plan_ = comparison.options, comparison.plan
    words = ["tco", "report", "workload.yaml", "--as-of", options.as_of.isoformat(), "--sizing", options.sizing]
    for option, values in (("--set", plan_.overrides), ("--given", options.given)):
        for key, value in values.items():
            words += [option, f"{key}={value}"]
    words += ["--assumptions", "FILE"] if options.assumptions else []
    words += ["--catalog", comparison.catalog.name] if comparison.catalog.name != "head" else []
    words += [word for _ in comparison.catalog.quotes for word in ("--overlay", "FILE")]
    words += ["--cloud", "any"] if options.any_cloud else []
    return shlex.join(words + _chosen(comparison))


def _chosen(comparison: Comparison) -> list[str]:
    """Name the offerings where not all of the plan's cloud were asked for."""
    run = [o.id for o in comparison.outcomes]
    usual = [n for n, o in comparison.catalog.offerings.items() if comparison.plan.workload.cloud in o.clouds]
    if set(usual) <= set(run):
        return []
    return [word for n in sorted(run) for word in ("--offering", n)]
