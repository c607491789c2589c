"""The one kind of failure a user sees: findings with a place, what is wrong and what would be right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Place:
    """A position in a file; line and column count from 1, and 0 means the file as a whole."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.file or "input", *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(parts)


@dataclass(frozen=True, order=True)
class Finding:
    """One mistake: `file:line:column: code: what is wrong; what would be right`."""

    place: Place
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.code}: {self.text}"


class InputError(Exception):
    """Bad input from a user: one or more findings, shown together, exit code 2."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = sorted(set(findings))
        super().__init__("\n".join(str(f) for f in self.findings))

    @classmethod
    def one(cls, place: Place, code: str, text: str) -> InputError:
        """Build the error of a single finding."""
        return cls([Finding(place, code, text)])


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "did you mean a or b?", or "" where nothing known is near."""
    near = get_close_matches(name, list(known), 3)
    return f"did you mean {' or '.join(near)}?" if near else ""
