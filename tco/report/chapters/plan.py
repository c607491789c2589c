"""Workload, requirements and sizing: what is asked for, and what each offering needs to carry it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from tco.analysis.compare import Comparison
from tco.engine.outcome import Outcome
from tco.engine.run import Configuration
from tco.engine.substitute import Requirement
from tco.report.chapters.summary import name
from tco.report.chapters.text import FINALISTS, References, counted, share, unit
from tco.report.words import configuration_text, money, sizing_text, total_text
from tco.workload.plan import TopicClass

_KEY_INPUTS = (
    "ingress.average",
    "ingress.peak",
    "reads.fanout",
    "reads.peak",
    "retention.total",
    "partitions",
    "replication_factor",
    "growth.annual",
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RUNNERS_UP = 3
_SWITCH = ("on", "off", "yes", "no")
_BARE = ("reads.fanout", "replication_factor")
_ANSWER = re.compile(r"^(?:yes|no|otherwise|unknown)(?:, (ask)| \((.*)\))?$")


def number(value: Decimal) -> str:
    """A number as it was given, with thousands separators and no trailing zeros."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def measured(value: Decimal, word: str) -> str:
    """A number with its unit, in the plural where the unit is an ordinary word."""
    return f"{number(value)} {word}{'s' if word.isalpha() and word.islower() and value != 1 else ''}".strip()


def facts(comparison: Comparison) -> list[tuple[str, str]]:
    """The workload in a dozen lines."""
    plan, catalog = comparison.plan, comparison.catalog
    w = plan.workload
    rows = []
    for key in _KEY_INPUTS:
        value, row = plan.inputs[key], catalog.inputs[key]
        left = row.optional and value.status == "default"
        default = " (default)" if value.status == "default" else ""
        amount = number(value.number) if key in _BARE else measured(value.number, unit(row.unit))
        rows.append((row.label, row.note.removesuffix(" when not given") if left else f"{amount}{default}"))
    busy = [f"{_MONTHS[i]} × {number(f)}" for i, f in enumerate(plan.seasonality) if f != 1]
    reached = "any private way, the cheapest" if w.network.access == "any" else w.network.access
    return [
        *rows,
        ("Seasonality", ", ".join(busy) or "none"),
        ("Reached by", reached.replace("_", " ")),
        ("Codec, acknowledgements", f"{w.compression.codec}, acks={w.acks}"),
    ]


def topics(comparison: Comparison) -> list[dict[str, str]]:
    """Classes of topics, where the workload names any."""
    classes = comparison.plan.topics
    return [_topic(t) for t in classes] if len(classes) > 1 else []


def _topic(t: TopicClass) -> dict[str, str]:
    return {
        "name": t.name.replace("_", " "),
        "share": "the rest" if t.share is None else f"{t.share:.0%}",
        "partitions": number(t.partitions),
        "cleanup": f"compacted, {t.kept:.0%} kept" if t.compacted else "deleted",
        "retention": "as the cluster" if t.retention is None else f"{number(t.retention)} days",
    }


def requirements(comparison: Comparison, refs: References) -> dict[str, Any]:
    """Requirements against the finalists, one row each."""
    finalists = comparison.ranked[:FINALISTS]
    rows: dict[str, dict[str, Any]] = {}
    for i, o in enumerate(finalists):
        for r in o.requirements:
            row = rows.setdefault(
                r.name, {"name": r.name, "must": "must" if r.must else "should", "cells": [None] * len(finalists)}
            )
            row["cells"][i] = {"answer": r.answer.replace("_", " "), "text": _detail(r), "ref": refs(r.source)}
    return {"names": [name(o) for o in finalists], "rows": list(rows.values())}


def _detail(r: Requirement) -> str:
    """What an answer adds to its one word: the text without the requirement's own name and without that word."""
    text = r.text.removeprefix(f"{r.name}: ")
    found = _ANSWER.match(text)
    return (found[1] or found[2] or "") if found else text


def sizing(comparison: Comparison, refs: References) -> list[dict[str, Any]]:
    """What production needs in its busiest month, and what set it."""
    return [_sized(o, refs) for o in comparison.ranked]


def _sized(o: Outcome, refs: References) -> dict[str, Any]:
    rule, peak, down = o.subject.offering.sizing, o.utilisation("peak"), o.utilisation("zone_down")
    return {
        "name": name(o),
        "size": sizing_text(o),
        "configuration": configuration_text(o) or "as it comes",
        "binding": o.binding,
        "peak": share(peak) if peak is not None else "not known",
        "down": share(down) if down is not None else "not known",
        "default": money(o.default_total) if o.default_total is not None else "not feasible",
        "total": total_text(o),
        "basis": rule.basis,
        "ref": refs(rule.source),
    }


def runners_up(comparison: Comparison) -> list[dict[str, Any]]:
    """Production of the finalists: what was chosen, what costs exactly the same, and what comes next."""
    rows = []
    for o in comparison.ranked[:FINALISTS]:
        choice = o.choices[0]
        same = counted(len(choice.tied), "other configuration costs the same", "other configurations cost the same")
        others = [
            {"configuration": _difference(o, r.configuration), "total": money(r.total), "why": r.why}
            for r in choice.runners_up[:_RUNNERS_UP]
        ]
        if others or choice.tied:
            chosen = {"configuration": configuration_text(o) or "as it comes", "total": money(choice.total)}
            why = f"chosen; {same}, the first in the catalog is taken" if choice.tied else "chosen"
            rows.append({"name": name(o), "rows": [{**chosen, "why": why}, *others]})
    return rows


def _difference(o: Outcome, other: Configuration) -> str:
    """What another configuration does differently from the one chosen."""
    chosen, choices = o.choices[0].configuration, o.subject.offering.choices
    parts = []
    for key, value in other.items():
        if value == chosen[key]:
            continue
        label = choices[key].label.lower() if key in choices else key
        parts.append(f"{label}{':' if value in _SWITCH else ''} {value}".replace("_", " "))
    return "; ".join(parts)


def clusters(comparison: Comparison) -> list[dict[str, Any]]:
    """Configuration of every kind of cluster, where there are others than production."""
    plan = comparison.plan
    if len(plan.clusters) == 1:
        return []
    rows = []
    for o in comparison.ranked[:FINALISTS]:
        units = o.subject.offering.sizing.units
        rows.append(
            {
                "name": name(o),
                "clusters": [
                    {
                        "name": c.name.replace("_", " "),
                        "count": number(c.count),
                        "units": f"{o.monthly(units, k).max():,.4g}",
                        "unit": unit(o.book.items[units].unit.text),
                        "configuration": configuration_text(o, k) or "as it comes",
                    }
                    for k, c in enumerate(plan.clusters)
                ],
            }
        )
    return rows
