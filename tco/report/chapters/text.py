"""Small pieces of text and references that all chapters share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tco.catalog.schema import Source
from tco.engine.spoken import plain_unit

YEAR = 12
FINALISTS = 4


@dataclass(frozen=True)
class Reference:
    """A source as it is cited: its number in the list of sources, or only a word where it is no document."""

    number: str
    word: str


class References:
    """Numbers of the sources that a report rests on, in the order of their ids."""

    def __init__(self, known: Mapping[str, Source], used: Iterable[str]) -> None:
        self.sources: list[tuple[str, Source]] = [(n, known[n]) for n in sorted(used) if n in known]
        self._numbers = {n: str(i) for i, (n, _) in enumerate(self.sources, 1)}

    def __call__(self, source: str) -> Reference:
        """Return how a source is cited."""
        return Reference(self._numbers.get(source, ""), source)

    def seen(self, source: str) -> str:
        """Return the day on which a source was read."""
        return next((str(s.seen or "undated") for n, s in self.sources if n == source), "undated")


def unit(text: str) -> str:
    """Unit as printed: without the basis of its bytes, with a dot for a product."""
    return plain_unit(text).replace("*", "·")


def share(value: float) -> str:
    """A share as a percentage; a small one is not rounded to nothing."""
    return "<1%" if 0 < value < 0.005 else f"{value:.0%}"


def counted(number: int, one: str, many: str) -> str:
    """Return "1 other" or "3 others"."""
    return f"{number} {one if number == 1 else many}"


def sentence(text: str) -> str:
    """Return text that begins with a capital letter, unless its first word has one inside, and ends with a stop."""
    first = text[:1] if text[1:2].isupper() else text[:1].upper()
    return f"{first}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"


def question(text: str) -> str:
    """Return text as a question."""
    return sentence(text.removesuffix(".").removesuffix("?") + "?")


def listed(names: list[str]) -> str:
    """Return "A", "A and B" or "A, B and C"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
