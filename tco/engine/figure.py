"""Figures that stand in the books of several parts: which rows of which part, and what they come to by month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from tco.engine.book import Book
from tco.model.evaluate import Array


class Part(Protocol):
    """Something with a book of its own: clusters on an offering, or a link."""

    @property
    def book(self) -> Book:
        """The rows."""

    @property
    def values(self) -> dict[str, Array]:
        """Their values, axes (low/base/high, 1, cluster, month)."""

    @property
    def horizon(self) -> int:
        """Months."""


@dataclass(frozen=True, eq=False)
class Term:
    """A row of a part for one of its clusters, times another of its rows where one is named."""

    part: Part
    row: str
    cluster: int = 0
    times: str = ""

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows that it is the product of."""
        return (self.row, self.times) if self.times else (self.row,)

    @property
    def value(self) -> Array:
        """By month, axes (low/base/high, 1, 1, month)."""
        value = np.ones((1, 1, 1, self.part.horizon))
        for row in self.rows:
            each = self.part.values[row]
            value = value * (each[:, :, self.cluster : self.cluster + 1] if each.shape[2] > 1 else each)
        return value


@dataclass(frozen=True, eq=False)
class Figure:
    """The sum of some terms, or the largest of them."""

    terms: tuple[Term, ...]
    largest: bool = False

    @cached_property
    def value(self) -> Array:
        """By month, axes (low/base/high, 1, 1, month)."""
        values = [t.value for t in self.terms]
        total = values[0]
        for value in values[1:]:
            total = np.maximum(total, value) if self.largest else total + value
        return total

    @property
    def uncertain(self) -> bool:
        """Whether low, base and high are told apart."""
        return any(t.part.book.items[row].uncertain for t in self.terms for row in t.rows)
