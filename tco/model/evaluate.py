"""Formulas in NumPy: arrays with the axes (evidence, configuration, cluster, month).

Every value has four axes, of length 1 where it does not vary, so that one expression serves months,
the clusters of a plan, all configurations of an offering, and the low, base and high evidence at
once. No BLAS: its results depend on the shape of the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tco.model.scope import Table
from tco.model.tree import Arithmetic, Call, Compare, Convert, Logic, Name, Node, Number

Array = NDArray[np.float64]

#: Absolute tolerance of `ceil` and `step_up` on counts, relative tolerance of comparisons: spreadsheets
#: snap numbers that are nearly whole, so the language does too, by a stated amount.
CEIL_TOLERANCE = 1e-6
COMPARE_TOLERANCE = 1e-9
MONTHS, CLUSTERS, EVIDENCE = -1, -2, -4
#: Column of (low, base, high) that is taken where none is asked for.
BASE = 1


@dataclass(frozen=True)
class Run:
    """What an evaluation needs beside the formula.

    Attributes:
        values: name to value, four axes.
        tables: name to table.
        counts: how many clusters of each kind the plan has, shape (1, 1, clusters, 1), or a number a month.
        pooled: whether `sum_clusters` adds up the clusters (the plan's total) or leaves each by
            itself (to choose each cluster's configuration).
        evidence: which columns of (low, base, high) are being evaluated.
        horizon: months.
    """

    values: Mapping[str, Array]
    tables: Mapping[str, Table]
    counts: Array
    pooled: bool
    evidence: tuple[int, ...]
    horizon: int


def end_of(value: Array, evidence: int = BASE) -> Array:
    """One end of the evidence of a value that need not vary with it, axes (configuration, cluster, month)."""
    return np.asarray(value[evidence if value.shape[EVIDENCE] > 1 else 0])


def evaluate(node: Node, run: Run) -> Array:
    """Evaluate a checked formula; the result has four axes, broadcast where nothing varies."""
    match node:
        case Number(value):
            return np.full((1, 1, 1, 1), float(value), dtype=np.float64)
        case Name(name):
            return run.values[name]
        case Convert(inner, factor):
            return np.asarray(evaluate(inner, run) * float(factor))
        case Arithmetic(operator, left, right):
            return _ARITHMETIC[operator](evaluate(left, run), evaluate(right, run))
        case Compare(operator, left, right):
            return _compare(operator, evaluate(left, run), evaluate(right, run))
        case Logic("not", (part,)):
            return np.asarray(1.0 - (evaluate(part, run) != 0))
        case Logic(operator, parts):
            join = np.logical_and if operator == "and" else np.logical_or
            result = evaluate(parts[0], run) != 0
            for part in parts[1:]:
                result = join(result, evaluate(part, run) != 0)
            return np.asarray(result, dtype=np.float64)
        case Call(function, arguments):
            return _FUNCTIONS[function](arguments, run)


def _compare(operator: str, a: Array, b: Array) -> Array:
    slack = COMPARE_TOLERANCE * np.maximum(np.abs(a), np.abs(b))
    greater, less = (a - b) > slack, (b - a) > slack
    result = {">": greater, "<": less, ">=": ~less, "<=": ~greater, "==": ~(greater | less), "!=": greater | less}[
        operator
    ]
    return result.astype(np.float64)


def _fold(function: Callable[..., Any]) -> Callable[[tuple[Node, ...], Run], Array]:
    def fold(arguments: tuple[Node, ...], run: Run) -> Array:
        result = evaluate(arguments[0], run)
        for argument in arguments[1:]:
            result = function(result, evaluate(argument, run))
        return result

    return fold


def _ceil(arguments: tuple[Node, ...], run: Run) -> Array:
    return np.asarray(np.ceil(evaluate(arguments[0], run) - CEIL_TOLERANCE)) + 0.0


def _if_else(arguments: tuple[Node, ...], run: Run) -> Array:
    condition, left, right = (evaluate(a, run) for a in arguments)
    return np.asarray(np.where(condition != 0, left, right))


def _ratio(arguments: tuple[Node, ...], run: Run) -> Array:
    a, b = np.broadcast_arrays(evaluate(arguments[0], run), evaluate(arguments[1], run))
    return np.asarray(np.divide(a, b, out=np.zeros_like(a), where=b != 0))


def _lookup(arguments: tuple[Node, ...], run: Run) -> Array:
    """Value at the first key not below the one asked for: `lookup` (keys match) and `step_up`."""
    table = run.tables[arguments[0].name]  # type: ignore[union-attr]
    key = evaluate(arguments[1], run)
    at = np.searchsorted(np.asarray(table.keys), key - CEIL_TOLERANCE)
    at = np.minimum(at, len(table.keys) - 1)
    values = _band_values(table, run)
    last = len(values) - 1, len(at) - 1
    return np.stack([values[min(i, last[0])][at[min(i, last[1])]] for i in range(max(last) + 1)])


def _band_values(table: Table, run: Run) -> Array:
    """Return the table's values, shape (evidence, keys); of length 1 where the evidence agrees."""
    values = np.asarray(table.values)[:, run.evidence].T
    return values if (values != values[:1]).any() else values[:1]


def _tiered(arguments: tuple[Node, ...], run: Run) -> Array:
    quantity, table = evaluate(arguments[0], run), run.tables[arguments[1].name]  # type: ignore[union-attr]
    prices = _band_values(table, run)
    steps = np.diff(prices, axis=1, prepend=0.0)
    total = np.zeros((1, 1, 1, 1))
    for i, lower in enumerate(table.keys):
        total = total + np.maximum(quantity - lower, 0.0) * steps[:, i].reshape(-1, 1, 1, 1)
    return total


def _trailing(arguments: tuple[Node, ...], run: Run) -> Array:
    """Sum the last `window` months of a row, the oldest one in part."""
    row, window = evaluate(arguments[0], run), evaluate(arguments[1], run)
    row, window = np.broadcast_arrays(row, window * np.ones(run.horizon))
    month = np.arange(run.horizon, dtype=np.float64)
    age = month[:, None] - month[None, :]
    reach = window[..., :, None] - age
    weight = np.where(age >= 0, (np.abs(reach) - np.abs(reach - 1) + 1) / 2, 0.0)
    return np.asarray((row[..., None, :] * weight).sum(-1))


def _previous(arguments: tuple[Node, ...], run: Run) -> Array:
    row = evaluate(arguments[0], run) * np.ones(run.horizon)
    return np.concatenate([np.zeros_like(row[..., :1]), row[..., :-1]], axis=-1)


def _running_max(arguments: tuple[Node, ...], run: Run) -> Array:
    row = evaluate(arguments[0], run) * np.ones(run.horizon)
    return np.asarray(np.maximum.accumulate(np.maximum(row, 0.0), axis=-1))


def _sum_clusters(arguments: tuple[Node, ...], run: Run) -> Array:
    row = evaluate(arguments[0], run)
    if not run.pooled:
        return row if run.counts.shape[MONTHS] == 1 else np.asarray(row * (run.counts > 0))
    return np.asarray((row * run.counts).sum(axis=CLUSTERS, keepdims=True))


def _of_cluster(arguments: tuple[Node, ...], run: Run) -> Array:
    row, place = evaluate(arguments[0], run), int(arguments[1].value)  # type: ignore[union-attr]
    return row[:, :, place : place + 1] if row.shape[CLUSTERS] > 1 else row


def _sum_horizon(arguments: tuple[Node, ...], run: Run) -> Array:
    row = evaluate(arguments[0], run) * np.ones(run.horizon)
    return np.asarray(row.sum(axis=MONTHS, keepdims=True))


def _max_horizon(arguments: tuple[Node, ...], run: Run) -> Array:
    return np.asarray(evaluate(arguments[0], run).max(axis=MONTHS, keepdims=True))


_ARITHMETIC: dict[str, Callable[[Array, Array], Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
}
_FUNCTIONS: dict[str, Callable[[tuple[Node, ...], Run], Array]] = {
    "min": _fold(np.minimum),
    "max": _fold(np.maximum),
    "ceil": _ceil,
    "if_else": _if_else,
    "ratio": _ratio,
    "lookup": _lookup,
    "step_up": _lookup,
    "tiered": _tiered,
    "trailing": _trailing,
    "previous": _previous,
    "running_max": _running_max,
    "sum_clusters": _sum_clusters,
    "of_cluster": _of_cluster,
    "sum_horizon": _sum_horizon,
    "max_horizon": _max_horizon,
}
