"""Running a book: all configurations at once to choose, then the chosen ones with their evidence."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tco.engine.book import Book
from tco.engine.offering import OfferingBook
from tco.errors import InputError
from tco.model.evaluate import COMPARE_TOLERANCE, Array, Run, evaluate

BASE_ONLY, LOW_BASE_HIGH = (1,), (0, 1, 2)
#: What a configuration without a figure gets: no number at all, so that it can never pass for 0.
_UNKNOWN = (np.nan,) * 3
Configuration = dict[str, str]
Truths = NDArray[np.bool_]


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
    configurations: Sequence[Sequence[Configuration]],
    pooled: bool,
    evidence: tuple[int, ...],
    horizon: int,
    rows: Sequence[str] | None = None,
) -> dict[str, Array]:
    """Run the rows of a book.

    Args:
        subject: the offering's book.
        configurations: for each position side by side, the one of all clusters or one for each of them.
        pooled: whether clusters are added up.
        evidence: columns of (low, base, high).
        horizon: months.
        rows: in the order of evaluation; all that have a formula if not given.

    Raises:
        InputError: a row gave something that is not a number, named with its file and line.
    """
    book = subject.book
    values: dict[str, Array] = {}
    for name, given in book.given.items():
        values[name] = given if given.shape[0] == 1 else given[list(evidence)]
    taken = {choice: _distinct(choice, configurations) for choice in {c for c, _ in book.by_choice.values()}}
    for name, (choice, by_value) in book.by_choice.items():
        chosen, where = taken[choice]
        figures = np.asarray([by_value.get(value, _UNKNOWN) for value in chosen])
        values[name] = figures[:, evidence].T[:, where, None]
    run = Run(values, book.tables, values["cluster.count"], pooled, evidence, horizon)
    _run_rows(book, book.order if rows is None else rows, values, run)
    return values


def settled(book: Book, horizon: int) -> Book:
    """Run the rows of a book that all offerings share; return it with their values given, so that none runs them again.

    Raises:
        InputError: a row gave something that is not a number, named with its file and line.
    """
    done = book.copy()
    done.given = run_rows(book, horizon)
    return done


def run_rows(book: Book, horizon: int, known: Mapping[str, Array] | None = None) -> dict[str, Array]:
    """Run every row of a book without choices that is not known yet, low, base and high side by side; see `settled`."""
    values = dict(known or book.given)
    _run_rows(book, book.order, values, Run(values, book.tables, values["cluster.count"], True, LOW_BASE_HIGH, horizon))
    return values


def _run_rows(book: Book, rows: Iterable[str], values: dict[str, Array], run: Run) -> None:
    """Add the values of rows to those that they rest on; a row that has its value already keeps it."""
    with np.errstate(all="ignore"):
        for name in (n for n in rows if n not in values):
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


def _distinct(choice: str, configurations: Sequence[Sequence[Configuration]]) -> tuple[list[str], NDArray[np.intp]]:
    """Return the values of a choice in use, and which of them each configuration has."""
    chosen = list(dict.fromkeys(c[choice] for side in configurations for c in side))
    at = {value: i for i, value in enumerate(chosen)}
    return chosen, np.asarray([[at[c[choice]] for c in side] for side in configurations])


@dataclass(frozen=True)
class Candidates:
    """Every configuration open to a plan, costed side by side, for each cluster by itself.

    Attributes:
        configurations: in the order of the file.
        total: invoices over the horizon, USD, shape (configurations, clusters).
        rules: rule to whether it is kept in every month, shape (configurations, clusters).
        limits: limit to whether it is broken, shape (configurations, clusters, months).
        unpriced: label of a line without a price to whether it is used, shape (configurations, clusters).
    """

    subject: OfferingBook
    configurations: list[Configuration]
    total: Array
    rules: Mapping[str, Truths]
    limits: Mapping[str, Truths]
    unpriced: Mapping[str, Truths]


def candidates(subject: OfferingBook, horizon: int, clusters: int) -> Candidates:
    """Cost every configuration of an offering.

    Args:
        subject: the offering's book.
        horizon: months.
        clusters: how many kinds of cluster the plan has.
    """
    offering, book = subject.offering, subject.book
    rules, limits = ({n: f"rule.{n}" for n in offering.rules}, {n: f"limit.{n}.broken" for n in offering.limits})
    each = {ln.line.label: f"{ln.name}.each" for ln in subject.lines if not ln.priced}
    unpriced = {label: row for label, row in each.items() if row in book.items}
    wanted = ["total", *rules.values(), *limits.values(), *unpriced.values()]
    configurations = list(_configurations(subject))
    values = evaluate_book(subject, [[c] for c in configurations], False, BASE_ONLY, horizon, book.needed(wanted))

    def all_of(row: str) -> Array:
        return np.asarray(np.broadcast_to(values[row], (1, len(configurations), clusters, horizon))[0])

    return Candidates(
        subject,
        configurations,
        all_of("total")[..., 0],
        {n: all_of(row).min(-1) > 0 for n, row in rules.items()},
        {n: all_of(row) > 0 for n, row in limits.items()},
        {n: all_of(row).max(-1) > 0 for n, row in unpriced.items()},
    )


def choose(costed: Candidates, access: str, defaults: bool = False) -> list[ClusterChoice]:
    """Choose the configuration of each cluster: engineering rules and limits first, then price.

    Args:
        costed: what there is to choose from.
        access: how clients reach all of them.
        defaults: keep every choice that has a default at its default.
    """
    held = {"access": access, **(_defaults(costed.subject) if defaults else {})}
    pool = [k for k, c in enumerate(costed.configurations) if all(c[name] == v for name, v in held.items())]
    return [
        _choose_one(
            costed.subject,
            [costed.configurations[k] for k in pool],
            costed.total[pool, e],
            {r: ok[pool, e] for r, ok in costed.rules.items()},
            {m: bad[pool, e] for m, bad in costed.limits.items()},
            {label: used[pool, e] for label, used in costed.unpriced.items()},
        )
        for e in range(costed.total.shape[1])
    ]


def _open(subject: OfferingBook) -> dict[str, list[str]]:
    """Each choice with the values that have a price here, or all where none has."""
    priced = {n: [v for v in values if f"{n}={v}" not in subject.excluded] for n, values in subject.choices.items()}
    return {n: priced[n] or values for n, values in subject.choices.items()}


def _defaults(subject: OfferingBook) -> dict[str, str]:
    defaults = {name: choice.default for name, choice in subject.offering.choices.items()}
    return {name: defaults[name] for name, values in _open(subject).items() if defaults.get(name) in values}


def _configurations(subject: OfferingBook) -> Iterable[Configuration]:
    options = _open(subject)
    for combination in itertools.product(*options.values()):
        yield dict(zip(options, combination, strict=True))


def _choose_one(
    subject: OfferingBook,
    candidates: list[Configuration],
    total: Array,
    rules: Mapping[str, Truths],
    limits: Mapping[str, Truths],
    unpriced: Mapping[str, Truths],
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
    rules: Mapping[str, Truths],
    limits: Mapping[str, Truths],
    unpriced: Mapping[str, Truths],
) -> str:
    over = [subject.offering.limits[m].label for m, bad in limits.items() if bad[k].any()]
    against = [subject.offering.rules[r].label for r, ok in rules.items() if not ok[k]]
    if over:
        return f"over the limit: {over[0]}"
    if against:
        return f"breaks a rule: {against[0]}"
    return next((f"no public price: {label}" for label, used in unpriced.items() if used[k]), "dearer")
