"""Formula text to tree: Python expression syntax against a whitelist, never evaluated by Python."""

from __future__ import annotations

import ast
from functools import lru_cache

from tco.model.tree import Arithmetic, Call, Compare, Logic, Name, Node, Number, Operator

#: Functions of the language and how many arguments each takes (least, most).
FUNCTIONS: dict[str, tuple[int, int]] = {
    "min": (2, 16),
    "max": (2, 16),
    "ceil": (1, 1),
    "if_else": (3, 3),
    "ratio": (2, 2),
    "lookup": (2, 2),
    "step_up": (2, 2),
    "tiered": (2, 2),
    "trailing": (2, 2),
    "previous": (1, 1),
    "running_max": (1, 1),
    "sum_lines": (0, 2),
    "sum_horizon": (1, 1),
    "max_horizon": (1, 1),
    "sum_clusters": (1, 1),
    "of_cluster": (2, 2),
    "sum_topics": (1, 1),
}
_OPERATORS: dict[type[ast.operator], Operator] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_MAX_LENGTH, _MAX_DEPTH = 600, 24


class FormulaError(ValueError):
    """A formula that the language refuses, with the reason and what would be right."""


@lru_cache(8192)  # an offering's rows are parsed once for each way of reaching its brokers
def parse(text: str) -> Node:
    """Parse one formula.

    Args:
        text: Python expression syntax; names may be dotted (`price.broker_hour`).

    Raises:
        FormulaError: not an expression, an element outside the language, too long or too deep.
    """
    if len(text) > _MAX_LENGTH:
        raise FormulaError(f"formula longer than {_MAX_LENGTH} characters; split it into rows")
    if text.count("(") > _MAX_DEPTH:
        raise FormulaError(f"more than {_MAX_DEPTH} brackets; split it into rows")
    try:
        return _node(ast.parse(text.strip(), mode="eval").body, 0)
    except FormulaError:
        raise
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(f"not a formula: {getattr(error, 'msg', error)}") from None


def _node(node: ast.expr, depth: int) -> Node:
    if depth > _MAX_DEPTH:
        raise FormulaError(f"nested deeper than {_MAX_DEPTH}; split it into rows")
    down = depth + 1
    match node:
        case ast.Constant(value=bool()):
            raise FormulaError("True and False are not part of the language; use 1 and 0")
        case ast.Constant(value=int() as value) if value in (0, 1, 2):
            return Number(value)
        case ast.Constant(value=value):
            raise FormulaError(
                f"literal {value!r}; only 0, 1 and 2 may stand in a formula: "
                "name the number as a constant with a unit and a source"
            )
        case ast.Name() | ast.Attribute():
            return Name(_dotted(node))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return Arithmetic(_OPERATORS[type(op)], _node(left, down), _node(right, down))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Arithmetic("-", Number(0), _node(operand, down))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Logic("not", (_node(operand, down),))
        case ast.BoolOp(op=op, values=values):
            return Logic("and" if isinstance(op, ast.And) else "or", tuple(_node(v, down) for v in values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            return Compare(_COMPARISONS[type(op)], _node(left, down), _node(right, down))  # type: ignore[arg-type]
        case ast.Call(func=ast.Name(id=function), args=args, keywords=[]):
            return _call(function, [_node(a, down) for a in args])
    raise FormulaError(
        f"'{ast.unparse(node)}' is not part of the language; it has + - * / **, comparisons, "
        f"and or not, and the functions {', '.join(FUNCTIONS)}"
    )


def _call(function: str, arguments: list[Node]) -> Call:
    if function not in FUNCTIONS:
        raise FormulaError(f"unknown function '{function}'; the language has {', '.join(FUNCTIONS)}")
    least, most = FUNCTIONS[function]
    if not least <= len(arguments) <= most:
        raise FormulaError(
            f"{function} takes {least if least == most else f'{least} to {most}'} arguments, not {len(arguments)}"
        )
    return Call(function, tuple(arguments))


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{_dotted(value)}.{attr}"
    raise FormulaError(f"'{ast.unparse(node)}' is not a name")
