"""Formulas without the terms that are nought whatever else is: the ways a link does not take, the links of others."""

from __future__ import annotations

from collections.abc import Callable

from tco.model.tree import Arithmetic, Call, Compare, Convert, Logic, Name, Node, Number

ZERO = Number(0)
#: Functions that give nought for nought in their first argument.
_KEEP_ZERO = {
    "ceil",
    "ratio",
    "previous",
    "sum_horizon",
    "max_horizon",
    "trailing",
    "tiered",
    "sum_clusters",
    "of_cluster",
    "running_max",
}


def without_zeros(node: Node, zero: Callable[[str], bool], one: Callable[[str], bool] = lambda _: False) -> Node:
    """Leave out what is nought for certain.

    Args:
        node: a checked formula.
        zero: whether a name is nought in every month, low, base and high.
        one: whether a name is a condition that always holds.
    """

    def within(part: Node) -> Node:
        return without_zeros(part, zero, one)

    match node:
        case Name(name):
            return ZERO if zero(name) else node
        case Convert(inner, factor, words):
            part = within(inner)
            return ZERO if part == ZERO else Convert(part, factor, words)
        case Arithmetic(operator, left, right):
            return _arithmetic(Arithmetic(operator, within(left), within(right)))
        case Compare(operator, left, right):
            return Compare(operator, within(left), within(right))
        case Logic(operator, parts):
            return Logic(operator, tuple(within(p) for p in parts))
        case Call(function, arguments):
            return _call(Call(function, arguments), within, one)
    return node


def _arithmetic(node: Arithmetic) -> Node:
    a, b = node.left, node.right
    match node.operator:
        case "*" | "/" if a == ZERO:
            return ZERO
        case "*" | "+" | "-" if b == ZERO:
            return ZERO if node.operator == "*" else a
        case "+" if a == ZERO:
            return b
    return node


def _holds(condition: Node, one: Callable[[str], bool]) -> bool:
    """Whether a condition is sure to hold."""
    match condition:
        case Name(name):
            return one(name)
        case Logic("or", parts):
            return any(_holds(p, one) for p in parts)
    return False


def _call(node: Call, within: Callable[[Node], Node], one: Callable[[str], bool]) -> Node:
    match node.function, node.arguments:
        case "if_else", (condition, left, right):
            test, a, b = within(condition), within(left), within(right)
            if _holds(test, one):
                return a
            return b if test == ZERO or a == b else Call("if_else", (test, a, b))
        case ("min" | "max") as function, arguments:
            parts = tuple(within(a) for a in arguments)
            return ZERO if all(p == ZERO for p in parts) else Call(function, parts)
        case function, (first, *_) if function in _KEEP_ZERO and within(first) == ZERO:
            return ZERO
        case ("ceil" | "running_max" | "ratio") as function, arguments:
            return Call(function, tuple(within(a) for a in arguments))
    return node  # the others ask for rows and tables by name
