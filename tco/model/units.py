"""Units of measure with a basis: what catches most real errors of a cost model.

A unit is a product of powers of dimensions and an exact factor. Bytes carry a basis (`GB[wire]`,
`GB[replicated]`), so that forgetting replication or compression is an error and not a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from tco.errors import nearest

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z%]\w*(?:\[\w+\])?|%)|([*/()]))")
_BASIS = re.compile(r"\[\w+\]")
_MAX_LENGTH = 120


class UnitError(ValueError):
    """A unit that is not in the vocabulary or not well formed."""


@dataclass(frozen=True)
class Unit:
    """A product of dimensions with an exact factor to their base units.

    Attributes:
        dims: sorted (dimension, exponent) pairs, exponents not zero; empty for a pure number.
        factor: how many base units one of this unit is.
        text: how a reader writes it.
    """

    dims: tuple[tuple[str, int], ...]
    factor: Fraction
    text: str

    def __mul__(self, other: Unit) -> Unit:
        return _product(self, other, 1)

    def __truediv__(self, other: Unit) -> Unit:
        return _product(self, other, -1)

    def __str__(self) -> str:
        return self.text or "1"

    @property
    def is_pure(self) -> bool:
        """Whether this is a plain number (percent included)."""
        return not self.dims

    def same_as(self, other: Unit) -> bool:
        """Whether values in both units are interchangeable without conversion."""
        return self.dims == other.dims and self.factor == other.factor

    def converts_to(self, other: Unit) -> bool:
        """Whether a factor leads from this unit to the other."""
        return self.dims == other.dims

    def canonical(self) -> Unit:
        """Return the base unit of the same dimensions (factor 1)."""
        return Unit(self.dims, Fraction(1), _spell(self.dims))


PURE = Unit((), Fraction(1), "1")


def _product(a: Unit, b: Unit, sign: int) -> Unit:
    powers = dict(a.dims)
    for dim, exponent in b.dims:
        powers[dim] = powers.get(dim, 0) + sign * exponent
    dims = tuple(sorted((d, e) for d, e in powers.items() if e))
    factor = a.factor * b.factor if sign > 0 else a.factor / b.factor
    symbol = "*" if sign > 0 else "/"
    right = f"({b.text})" if sign < 0 and re.search(r"[*/]", b.text) else b.text
    if b.text in ("", "1"):
        text = a.text
    elif a.text in ("", "1") and sign > 0:
        text = b.text
    else:
        text = f"{a.text or '1'}{symbol}{right}"
    return Unit(dims, factor, text)


def _spell(dims: tuple[tuple[str, int], ...]) -> str:
    up = "*".join(d for d, e in dims for _ in range(e) if e > 0)
    down = [d for d, e in dims for _ in range(-e) if e < 0]
    return (up or "1") + "".join(f"/{d}" for d in down)


class Units:
    """The closed vocabulary: parses unit expressions such as `USD/(broker*hour)` or `MB[wire]/s`."""

    def __init__(self, data: Mapping[str, Mapping[str, object]]) -> None:
        """Build from the mapping in `pricing_data/units.yaml` (`bases`, `measures` and `counts`)."""
        self.bases = frozenset(str(b) for b in data["bases"])
        self.counts = frozenset(str(c) for c in data["counts"])
        self._atoms: dict[str, tuple[str, Fraction]] = {}
        for dim, names in (*data["measures"].items(), *data["counts"].items()):
            assert isinstance(names, Mapping)  # noqa: S101 - packaged data, checked by its own test
            for name, factor in names.items():
                self._atoms[str(name)] = (str(dim), Fraction(str(factor)))
        self.parse = lru_cache(maxsize=4096)(self._parse)

    def is_count(self, unit: Unit) -> bool:
        """Whether `ceil` makes sense: a number of things, not bytes, time or money."""
        return all(d in self.counts and e > 0 for d, e in unit.dims)

    def _atom(self, text: str) -> Unit:
        name, _, basis = text.rstrip("]").partition("[")
        if name not in self._atoms:
            near = nearest(name, self._atoms)
            raise UnitError(f"unknown unit '{name}'{f', {near}' if near else ''}")
        dim, factor = self._atoms[name]
        if dim == "pure":
            return Unit((), factor, text)
        if dim == "byte":
            if not basis:
                raise UnitError(
                    f"'{name}' does not say which bytes; write one of "
                    + ", ".join(f"{name}[{b}]" for b in sorted(self.bases))
                )
            if basis not in self.bases:
                raise UnitError(f"unknown basis '{basis}'; known are {', '.join(sorted(self.bases))}")
            dim = f"byte[{basis}]"
        elif basis:
            raise UnitError(f"'{name}' takes no basis")
        return Unit(((dim, 1),), factor, text)

    def _parse(self, text: str) -> Unit:
        if len(text) > _MAX_LENGTH:
            raise UnitError(f"unit longer than {_MAX_LENGTH} characters")
        tokens = _tokens(text)
        unit, rest = self._terms(tokens)
        if rest:
            raise UnitError(f"'{text}' is not a unit; it should look like USD/(broker*hour)")
        return Unit(unit.dims, unit.factor, text.strip())

    def _terms(self, tokens: list[str]) -> tuple[Unit, list[str]]:
        unit, tokens = self._factor(tokens)
        while tokens and tokens[0] in "*/":
            operator = tokens[0]
            right, tokens = self._factor(tokens[1:])
            unit = unit * right if operator == "*" else unit / right
        return unit, tokens

    def _factor(self, tokens: list[str]) -> tuple[Unit, list[str]]:
        if not tokens:
            raise UnitError("a unit ends too early")
        head, rest = tokens[0], tokens[1:]
        if head == "(":
            unit, rest = self._terms(rest)
            if not rest or rest[0] != ")":
                raise UnitError("a bracket is not closed")
            return unit, rest[1:]
        if head[0].isdigit():
            if not Fraction(head):
                raise UnitError("0 of something is no unit")
            return Unit((), Fraction(head), head), rest
        if head in "*/)":
            raise UnitError(f"'{head}' stands where a unit should")
        return self._atom(head), rest


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if not match:
            raise UnitError(f"'{text}' is not a unit: cannot read '{text[at : at + 12]}'")
        tokens.append(match.group().strip())
        at = match.end()
    return tokens


def without_basis(text: str) -> str:
    """Return the text of a unit without saying which bytes: GB for GB[wire]."""
    return _BASIS.sub("", text)


def conversion(source: Unit, target: Unit) -> Fraction:
    """Return the exact factor that turns a value in `source` into one in `target`.

    Raises:
        UnitError: the two measure different things.
    """
    if not source.converts_to(target):
        raise UnitError(f"cannot turn {source} into {target}")
    return source.factor / target.factor
