"""Running a book: all configurations at once to choose, then the chosen ones with their evidence."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tco.engine.offering import OfferingBook
from tco.errors import InputError
from tco.model.evaluate import COMPARE_TOLERANCE, CONFIGURATIONS, Array, Run, evaluate

BASE_ONLY, LOW_BASE_HIGH = (1,), (0, 1, 2)
#: What a configuration without a figure gets: no number at all, so that it can never pass for 0.
_UNKNOWN = (np.nan,) * 3
Configuration = dict[str, str]


@dataclass
class Rejected:
    """A configuration that was costed and not taken, with its cost and why."""

    configuration: Configuration
    total: float
    why: str


@dataclass
class ClusterChoice:
    """What one kind of cluster runs on.

    Attributes:
        configuration: choice to value.
        feasible: whether it keeps every limit and rule.
        total: its own invoices over the horizon, USD.
        broken: limits that even this configuration breaks: limit to (first month, months).
        tied: other configurations of exactly the same cost.
        runners_up: the next ones, cheapest first.
    """

    configuration: Configuration
    feasible: bool
    total: float
    broken: dict[str, tuple[int, int]]
    broken_rules: list[str]
    tied: list[Configuration] = field(default_factory=list)
    runners_up: list[Rejected] = field(default_factory=list)


def evaluate_book(
    subject: OfferingBook,
    configurations: Sequence[Configuration],
    along: int,
    pooled: bool,
    evidence: tuple[int, ...],
    horizon: int,
) -> dict[str, Array]:
    """Run every row of a book.

    Args:
        subject: the offering's book.
        configurations: one for each position of the axis `along`.
        along: CONFIGURATIONS to cost many side by side, CLUSTERS for the chosen one of each cluster.
        pooled: whether clusters are added up.
        evidence: columns of (low, base, high).
        horizon: months.

    Raises:
        InputError: a row gave something that is not a number, named with its file and line.
    """
    book = subject.book
    values: dict[str, Array] = {}
    for name, given in book.given.items():
        values[name] = given if given.shape[0] == 1 else given[list(evidence)]
    for name, (choice, by_value) in book.by_choice.items():
        columns = np.asarray([by_value.get(c[choice], _UNKNOWN) for c in configurations])[:, evidence].T
        shape = [1, 1, 1, 1]
        shape[0], shape[along] = len(evidence), len(configurations)
        values[name] = columns.reshape(shape)
    run = Run(values, book.tables, values["cluster.count"], pooled, evidence, horizon)
    with np.errstate(all="ignore"):
        for name in book.order:
            node = book.items[name].node
            assert node is not None  # noqa: S101 - only rows with a formula are in the order
            value = evaluate(node, run)
            if not np.isfinite(value).all():
                item = book.items[name]
                raise InputError.one(
                    item.place,
                    "not-a-number",
                    f"row '{name}' is not a finite number; a division by 0 in '{item.text}'?",
                )
            values[name] = value
    return values


def choose(subject: OfferingBook, horizon: int, clusters: int, defaults: bool = False) -> list[ClusterChoice]:
    """Choose the configuration of each cluster: engineering rules and limits first, then price.

    Args:
        subject: the offering's book.
        horizon: months.
        clusters: how many kinds of cluster the plan has.
        defaults: keep every choice that has a default at its default.
    """
    candidates = list(_configurations(subject, defaults))
    values = evaluate_book(subject, candidates, CONFIGURATIONS, False, BASE_ONLY, horizon)
    shape = (1, len(candidates), clusters, horizon)
    total = np.broadcast_to(values["total"], (*shape[:3], 1))[0, :, :, 0]
    rules = {r: np.broadcast_to(values[f"rule.{r}"], shape)[0].min(-1) > 0 for r in subject.offering.rules}
    limits = {m: np.broadcast_to(values[f"limit.{m}.broken"], shape)[0] > 0 for m in subject.offering.limits}
    each = {ln.line.label: f"{ln.name}.each" for ln in subject.lines if not ln.priced and f"{ln.name}.each" in values}
    unpriced = {label: np.broadcast_to(values[row], shape)[0].max(-1) > 0 for label, row in each.items()}
    return [
        _choose_one(
            subject,
            candidates,
            total[:, e],
            {r: ok[:, e] for r, ok in rules.items()},
            {m: bad[:, e] for m, bad in limits.items()},
            {label: used[:, e] for label, used in unpriced.items()},
        )
        for e in range(clusters)
    ]


def _configurations(subject: OfferingBook, defaults: bool) -> Iterable[Configuration]:
    options = {}
    for name, values in subject.choices.items():
        default = subject.offering.choices[name].default if name in subject.offering.choices else ""
        open_ = [v for v in values if f"{name}={v}" not in subject.excluded] or values
        options[name] = [default] if defaults and default in open_ else open_
    for combination in itertools.product(*options.values()):
        yield dict(zip(options, combination, strict=True))


def _choose_one(
    subject: OfferingBook,
    candidates: list[Configuration],
    total: Array,
    rules: Mapping[str, Array],
    limits: Mapping[str, Array],
    unpriced: Mapping[str, Array],
) -> ClusterChoice:
    """Pick the cheapest that keeps every rule and limit; ties go to the order of the file.

    One that uses what has no price only looks cheaper, so it is taken only where all others do too.
    """
    against = np.sum([np.logical_not(ok) for ok in rules.values()], axis=0) if rules else np.zeros(len(candidates))
    broken = np.sum([bad.sum(-1) for bad in limits.values()], axis=0) if limits else np.zeros(len(candidates))
    good = (against == 0) & (broken == 0)
    missing = np.sum(list(unpriced.values()), axis=0) if unpriced else np.zeros(len(candidates))
    pool = np.flatnonzero(good) if good.any() else _least_bad(against, broken)
    pool = pool[missing[pool] == missing[pool].min()]
    best = float(total[pool].min())
    slack = COMPARE_TOLERANCE * max(1.0, abs(best))
    equal = [int(k) for k in pool if total[k] <= best + slack]
    chosen = equal[0]
    first = {
        m: (int(np.argmax(bad[chosen])) + 1, int(bad[chosen].sum())) for m, bad in limits.items() if bad[chosen].any()
    }
    failing = [subject.offering.rules[r].label for r, ok in rules.items() if not ok[chosen]]
    others = sorted(
        (k for k in range(len(candidates)) if k not in equal), key=lambda k: (not good[k], missing[k], total[k])
    )
    runners = [Rejected(candidates[k], float(total[k]), _why(subject, k, rules, limits, unpriced)) for k in others[:6]]
    return ClusterChoice(
        candidates[chosen], bool(good.any()), best, first, failing, [candidates[k] for k in equal[1:]], runners
    )


def _least_bad(against: Array, broken: Array) -> Array:
    """Where nothing is feasible: the configurations that break the fewest rules, and of these the fewest limits."""
    pool = np.flatnonzero(against == against.min())
    return np.asarray(pool[broken[pool] == broken[pool].min()])


def _why(
    subject: OfferingBook,
    k: int,
    rules: Mapping[str, Array],
    limits: Mapping[str, Array],
    unpriced: Mapping[str, Array],
) -> str:
    over = [subject.offering.limits[m].label for m, bad in limits.items() if bad[k].any()]
    against = [subject.offering.rules[r].label for r, ok in rules.items() if not ok[k]]
    if over:
        return f"over the limit: {over[0]}"
    if against:
        return f"breaks a rule: {against[0]}"
    return next((f"no public price: {label}" for label, used in unpriced.items() if used[k]), "dearer")
