"""The typed tree of a formula: what every reader of a row (units, NumPy, Excel, words) walks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

Operator = Literal["+", "-", "*", "/", "**"]
Comparison = Literal["<", "<=", ">", ">=", "==", "!="]


@dataclass(frozen=True)
class Number:
    """A literal: 0, 1 or 2."""

    value: int


@dataclass(frozen=True)
class Name:
    """A reference to an input, constant, price, table column or row."""

    name: str


@dataclass(frozen=True)
class Arithmetic:
    """`left operator right`."""

    operator: Operator
    left: Node
    right: Node


@dataclass(frozen=True)
class Compare:
    """`left operator right`, relative to a tolerance; gives 1 or 0."""

    operator: Comparison
    left: Node
    right: Node


@dataclass(frozen=True)
class Logic:
    """`and`, `or` over two or more conditions, `not` over one; gives 1 or 0."""

    operator: Literal["and", "or", "not"]
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Call:
    """One of the language's functions."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Convert:
    """A change of unit; put in by the unit check, never written by hand."""

    inner: Node
    factor: Fraction
    words: str = field(default="", compare=False)
    """Units from and to, for readers."""


Node = Number | Name | Arithmetic | Compare | Logic | Call | Convert


def children(node: Node) -> tuple[Node, ...]:
    """Return the direct parts of a node, left to right."""
    match node:
        case Arithmetic(_, left, right) | Compare(_, left, right):
            return left, right
        case Logic(_, parts) | Call(_, parts):
            return parts
        case Convert(inner):
            return (inner,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, from the left."""
    left = [node]
    while left:
        part = left.pop()
        yield part
        left.extend(reversed(children(part)))


def names(node: Node) -> set[str]:
    """Return every name that a formula refers to."""
    found: set[str] = set()
    left = [node]
    while left:
        part = left.pop()
        if isinstance(part, Name):
            found.add(part.name)
        else:
            left.extend(children(part))
    return found
