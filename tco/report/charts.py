"""Geometry of the charts in the PDF and the HTML: shapes and text at finished positions, drawn by a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from tco.engine.outcome import Outcome
from tco.report.words import money, total_text

PAYERS = (
    ("vendor_invoice", "vendor invoice"),
    ("cloud_invoice", "cloud invoice"),
    ("one_off", "one-off"),
    ("people", "labour, assumed"),
)
_WIDTH, _RIGHT, _LETTER, _CAPITAL = 720.0, 90.0, 5.5, 1.5
_WHISKER = "whisker"


@dataclass(frozen=True)
class Rect:
    """A filled shape; `kind` names its ink."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True)
class Text:
    """A piece of text."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "start"
    strong: bool = False


@dataclass(frozen=True)
class Stroke:
    """A line."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass
class Drawing:
    """A chart: `title` says what it shows to those who cannot see it."""

    title: str
    width: float = _WIDTH
    height: float = 0.0
    rects: list[Rect] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)

    def rect(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """Add a shape, to a tenth of a point."""
        self.rects.append(Rect(round(x, 1), round(y, 1), round(width, 1), round(height, 1), kind))

    def text(
        self, x: float, y: float, text: str, anchor: Literal["start", "middle", "end"] = "start", strong: bool = False
    ) -> None:
        """Add text."""
        self.texts.append(Text(round(x, 1), round(y, 1), text, anchor, strong))

    def stroke(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """Add a line."""
        self.strokes.append(Stroke(round(x1, 1), round(y1, 1), round(x2, 1), round(y2, 1)))

    def whisker(self, low: float, high: float, y: float) -> None:
        """Add the ends of the evidence."""
        self.stroke(low, y, high, y)
        self.stroke(low, y - 3, low, y + 3)
        self.stroke(high, y - 3, high, y + 3)


def payer_bars(outcomes: Sequence[Outcome], title: str) -> Drawing:
    """Draw one bar an offering, stacked by who is paid, with the ends of the evidence."""
    drawing, row = Drawing(title), 19.5 if len(outcomes) <= 6 else 17.0
    left = 14 + max(_length(o.subject.offering.name) for o in outcomes)
    room = _WIDTH - left - _RIGHT
    widest = max(max(o.interval("total").high, o.interval("total_with_labour").base) for o in outcomes) or 1.0
    for i, o in enumerate(outcomes):
        y, at = i * row, left
        drawing.text(left - 8, y + 11.5, o.subject.offering.name, "end")
        for name, _ in PAYERS:
            length = float(o.monthly(name).sum()) / widest * room
            if length:
                drawing.rect(at, y + 2, length, 11, name)
            at += length
        total = o.interval("total")
        if total.is_range:
            drawing.whisker(left + total.low / widest * room, left + total.high / widest * room, y + 7.5)
        drawing.text(_WIDTH, y + 11.5, total_text(o), "end", strong=True)
    shown, y = {r.kind for r in drawing.rects}, len(outcomes) * row + 8
    evidence = [(_WHISKER, "ends of the evidence")] if drawing.strokes else []
    entries = [(k, words) for k, words in PAYERS if k in shown] + evidence
    drawing.height = _legend(drawing, entries, left, y) + 12
    return drawing


def year_columns(outcomes: Sequence[Outcome], years: Sequence[Sequence[float]], title: str) -> Drawing:
    """Draw what is invoiced in each year, one column an offering.

    Args:
        outcomes: those compared.
        years: invoices of each year, a list for each outcome.
        title: what the chart shows, in words.
    """
    drawing, tall, count = Drawing(title), 120.0, len(years[0])
    highest = max(max(values) for values in years) or 1.0
    group = _WIDTH / count
    column = min(64.0, group * 0.92 / len(outcomes))
    labelled = column >= _length(money(highest))
    for year in range(count):
        start = group * year + (group - column * len(outcomes)) / 2
        for k, values in enumerate(years):
            height, x = values[year] / highest * tall, start + column * k
            drawing.rect(x + 1, tall + 14 - height, column - 2, height, f"place_{k}")
            if labelled:
                drawing.text(x + column / 2, tall + 10 - height, money(values[year]), "middle")
        drawing.text(group * (year + 0.5), tall + 28, f"Year {year + 1}", "middle", strong=True)
    drawing.stroke(0, tall + 14, _WIDTH, tall + 14)
    names = [(f"place_{k}", o.subject.offering.name) for k, o in enumerate(outcomes)]
    drawing.height = _legend(drawing, names, 0.0, tall + 40) + 12
    return drawing


def _length(text: str) -> float:
    """Estimated length of a text, which only has to be enough room."""
    return len(text) * _LETTER + sum(c.isupper() for c in text) * _CAPITAL


def _legend(drawing: Drawing, entries: Sequence[tuple[str, str]], left: float, y: float) -> float:
    """Add a legend that wraps at the right edge; return where its last line stands."""
    x = left
    for kind, words in entries:
        mark = 18.0 if kind == _WHISKER else 9.0
        length = mark + 4 + _length(words)
        if x > left and x + length > _WIDTH:
            x, y = left, y + 15
        if kind == _WHISKER:
            drawing.whisker(x, x + mark, y + 4.5)
        else:
            drawing.rect(x, y, mark, 9, kind)
        drawing.text(x + mark + 4, y + 8, words)
        x += length + 11
    return y
