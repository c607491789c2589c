"""What of an SLA document another size or another choice of the same offering could still meet."""

from __future__ import annotations

import operator
from collections.abc import Mapping

from tco.catalog.schema import Offering
from tco.catalog.terms import Terms
from tco.model.evaluate import Array
from tco.model.parse import parse
from tco.model.tree import Compare, Logic, Name, Node, Number, names
from tco.sla.rows import PLAN_NAMES

_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def fixed(terms: Terms, offering: Offering, values: Mapping[str, Array]) -> dict[str, float]:
    """What no size and no choice changes, by the document's names: its constants, and what the offering always is."""
    assert offering.sla is not None  # noqa: S101 - asked only where there is one
    always = {n: f"sla.{n}" for n in terms.constants}
    always |= {
        n: f"sla.{n}" for n, formula in offering.sla.facts.items() if names(parse(formula)) <= {*offering.constants}
    }
    always |= PLAN_NAMES
    return {n: float(values[row].ravel()[0]) for n, row in always.items() if row in values}


def may_hold(formula: str, known: Mapping[str, float]) -> bool:
    """Whether a formula can be true, whatever the names that are not known are."""
    return _value(parse(formula), known) != 0


def _value(node: Node, known: Mapping[str, float]) -> float | None:
    """Value of a condition; None where it hangs on what is not known."""
    match node:
        case Number(value):
            return value
        case Name(name):
            return 1.0 if name == "always" else known.get(name)
        case Compare(operator_, left, right):
            a, b = _value(left, known), _value(right, known)
            return None if a is None or b is None else float(_COMPARE[operator_](a, b))
        case Logic("not", (part,)):
            inner = _value(part, known)
            return None if inner is None else float(not inner)
        case Logic(operator_, parts):
            found = [_value(p, known) for p in parts]
            settles = operator_ == "or"
            if any(v is not None and bool(v) == settles for v in found):
                return float(settles)
            return None if None in found else float(not settles)
    return None
