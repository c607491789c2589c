"""A row in words: its formula with names replaced by labels and by the numbers of one month."""

from __future__ import annotations

from collections.abc import Callable

from tco.model.tree import Arithmetic, Call, Compare, Convert, Logic, Name, Node, Number

_LEVEL = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 3}


def spelled(node: Node, name: Callable[[str], str]) -> str:
    """Write a formula with every name replaced.

    Args:
        node: a checked formula.
        name: what to write for a name: its label, or its value in a month.
    """
    return _spell(node, name, 0)


def _spell(node: Node, name: Callable[[str], str], outer: int) -> str:
    match node:
        case Number(value):
            return str(value)
        case Name(text):
            return name(text)
        case Convert(inner, factor):
            return f"{_spell(inner, name, 2)} × {float(factor):.6g}"
        case Arithmetic(operator, a, b):
            level = _LEVEL[operator]
            sign = {"*": "×", "/": "÷", "**": "^"}.get(operator, operator)
            text = f"{_spell(a, name, level)} {sign} {_spell(b, name, level + 1)}"
            return f"({text})" if level < outer else text
        case Compare(operator, a, b):
            return f"{_spell(a, name, 1)} {operator} {_spell(b, name, 1)}"
        case Logic("not", (part,)):
            return f"not {_spell(part, name, 3)}"
        case Logic(operator, parts):
            return f" {operator} ".join(_spell(p, name, 1) for p in parts)
        case Call("if_else", (condition, a, b)):
            return f"(if {_spell(condition, name, 0)} then {_spell(a, name, 0)} else {_spell(b, name, 0)})"
        case Call("of_cluster", (Name(text), place)):
            return name(f"{text}@{_spell(place, name, 0)}")
        case Call(function, arguments):
            words = {
                "ceil": "round up",
                "ratio": "ratio",
                "sum_horizon": "sum over the horizon",
                "max_horizon": "largest over the horizon",
                "sum_clusters": "all clusters",
                "running_max": "largest so far",
                "tiered": "by bands",
            }
            return (
                f"{words.get(function, function.replace('_', ' '))}({', '.join(_spell(a, name, 0) for a in arguments)})"
            )
