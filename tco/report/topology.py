"""A picture of an estate: kinds of cluster as boxes in columns by region, links as arrows between them.

Text stands in the boxes alone: what a link is and costs is a line in the box that it leaves, where its arrow begins.
Arrows run through the gaps between columns, each in a lane of its own, and so never through text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

Side = Literal["left", "right"]

#: Units of the picture that are as wide as the text on the page, and for so few boxes that it can be larger.
WIDTH, FEW = 720.0, 560.0
SIZE, LINE = 9.0, 10.5
_PAD, _GAP, _LANE, _EDGE, _HEAD = 5.0, 9.0, 6.0, 9.0, 15.0
_WIDEST, _NARROWEST, _MOST_COLUMNS, _TALLEST = 280.0, 118.0, 4, 7
_APART, _FEW_COLUMNS, _FEW_NODES = 3.0, 2, 6
#: Width of a letter as a share of its size, rather too wide than too narrow.
_LETTERS = {
    **dict.fromkeys("il.,:;|!' \u00a0·", 0.3),
    **dict.fromkeys("jtfr()[]/", 0.4),
    **dict.fromkeys("-_s", 0.54),
    **dict.fromkeys("≥×", 0.68),
    **dict.fromkeys("mw%", 0.88),
}
_DIGIT, _CAPITAL, _SMALL, _OTHER, _BOLD = 0.65, 0.8, 0.625, 1.0, 1.05


@dataclass(frozen=True)
class Node:
    """A kind of cluster.

    Attributes:
        column: where it is; the heading of its column.
        lines: what is said of it under its name.
    """

    name: str
    title: str
    column: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Edge:
    """A link: the text is a line in the box of its source."""

    source: str
    target: str
    text: str
    kind: str


@dataclass(frozen=True)
class Box:
    """A shape with its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Label:
    """A line of text; `y` is its base line."""

    x: float
    y: float
    text: str
    strong: bool = False
    kind: str = ""

    @property
    def box(self) -> Box:
        """What it takes up at most."""
        return Box(self.x, self.y - SIZE * 0.8, text_width(self.text, self.strong), SIZE * 1.02)


@dataclass(frozen=True)
class Arrow:
    """A line from corner to corner, and the tip at its end."""

    points: str
    tip: str
    kind: str


@dataclass
class Topology:
    """A finished picture: shapes and text at finished positions."""

    title: str
    description: str
    width: float = WIDTH
    height: float = 0.0
    boxes: list[Box] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)


@dataclass
class _Placed:
    """A node with its place."""

    node: Node
    column: int
    band: int
    rows: list[tuple[str, bool, str]] = field(default_factory=list)
    exits: dict[int, float] = field(default_factory=dict)
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    body: float = 0.0
    height: float = 0.0


@dataclass
class _Route:
    """How an arrow runs: sides of its ends, gaps with its lane in each, and its row under a band where it needs one."""

    edge: Edge
    number: int
    sides: tuple[Side, Side]
    gaps: tuple[int, int]
    lanes: list[int] = field(default_factory=list)
    row: int | None = None


def text_width(text: str, strong: bool = False) -> float:
    """Width that a line of text takes at most."""
    return SIZE * sum(_letter(c) for c in text) * (_BOLD if strong else 1.0)


def _letter(c: str) -> float:
    if c in _LETTERS:
        return _LETTERS[c]
    if not c.isascii():
        return _OTHER
    return _DIGIT if c.isdigit() else _CAPITAL if c.isupper() else _SMALL


def wrapped(text: str, room: float, strong: bool = False) -> list[str]:
    """Break text into lines that fit, between words where that can be."""
    lines, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if text_width(joined, strong) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
        line = ""
        for c in word:
            if line and text_width(line + c, strong) > room:
                lines.append(line)
                line = ""
            line += c
    return [*lines, line] if line else lines


def draw(title: str, description: str, nodes: Sequence[Node], edges: Sequence[Edge]) -> Topology:
    """Lay out and draw; the same nodes and edges give the same picture."""
    placed, heads = _columns(nodes)
    routes = [_route(i, e, placed) for i, e in enumerate(edges)]
    columns = max((p.column for p in placed.values()), default=0) + 1
    gaps, bands = _lanes(routes, placed, columns)
    topology = Topology(title, description)
    room = FEW if columns <= _FEW_COLUMNS and len(nodes) <= _FEW_NODES else WIDTH
    width = (room - sum(gaps)) / columns
    width = max(_NARROWEST, min(_WIDEST, width))
    lefts = [sum(gaps[: c + 1]) + width * c for c in range(columns)]
    topology.width = round(max(room, sum(gaps) + width * columns), 1)
    top = 0.0
    below: list[float] = []
    for band in range(max((p.band for p in placed.values()), default=0) + 1):
        mine = [p for p in placed.values() if p.band == band]
        top = _heads(topology, [h for h in heads if h[0] == band], lefts, width, top)
        top = _stack(topology, mine, edges, lefts, width, top)
        below.append(top)
        top += _LANE * bands.get(band, 0) + _GAP
    topology.height = round(top, 1)
    starts = [left - gap for left, gap in zip(lefts, gaps, strict=False)]
    _arrows(topology, routes, placed, below, [*starts, lefts[-1] + width])
    return topology


def _columns(nodes: Sequence[Node]) -> tuple[dict[str, _Placed], list[tuple[int, int, str]]]:
    """Put nodes into columns by where they are, tall ones cut, and columns into bands that fit the page."""
    by: dict[str, list[Node]] = {}
    for node in nodes:
        by.setdefault(node.column, []).append(node)
    placed: dict[str, _Placed] = {}
    heads: list[tuple[int, int, str]] = []
    for name, mine in by.items():
        parts = -(-len(mine) // _TALLEST)
        tall = -(-len(mine) // parts)
        for start in range(0, len(mine), tall):
            band, column = divmod(len(heads), _MOST_COLUMNS)
            heads.append((band, column, name))
            for node in mine[start : start + tall]:
                placed[node.name] = _Placed(node, column, band)
    return placed, heads


def _route(number: int, edge: Edge, placed: dict[str, _Placed]) -> _Route:
    """Gap `c` is left of column `c`; both ends of an arrow look at the gap between them, or each at the nearest."""
    a, b = placed[edge.source].column, placed[edge.target].column
    if a == b:
        return _Route(edge, number, ("right", "right"), (a + 1, a + 1))
    if a < b:
        return _Route(edge, number, ("right", "left"), (a + 1, b))
    return _Route(edge, number, ("left", "right"), (a, b + 1))


def _lanes(routes: Iterable[_Route], placed: dict[str, _Placed], columns: int) -> tuple[list[float], dict[int, int]]:
    """Give each arrow a lane in each gap that it runs through, and a row under a band where it crosses columns.

    Returns:
        Width of each gap, the last one right of the last column; band to the number of rows under it.
    """
    used, rows = [0] * (columns + 1), dict[int, int]()
    for route in routes:
        for gap in dict.fromkeys(route.gaps):
            route.lanes.append(used[gap])
            used[gap] += 1
        if len(route.lanes) > 1:
            band = placed[route.edge.source].band
            route.row = rows.get(band, 0)
            rows[band] = route.row + 1
    inner = [2 * _EDGE + _LANE * (n - 1) if n else _GAP for n in used]
    inner[0] = inner[0] if used[0] else 1.0
    inner[-1] = inner[-1] if used[-1] else 1.0
    return inner, rows


def _heads(
    topology: Topology, heads: Iterable[tuple[int, int, str]], lefts: Sequence[float], width: float, top: float
) -> float:
    """Write the headings of a band; return where its boxes begin."""
    bottom = top
    for _, column, name in heads:
        for i, text in enumerate(wrapped(name, width, strong=True)):
            y = top + LINE * (i + 1)
            topology.labels.append(Label(round(lefts[column], 1), round(y, 1), text, strong=True, kind="head"))
            bottom = max(bottom, y)
    return bottom + _HEAD - LINE


def _stack(
    topology: Topology,
    mine: Sequence[_Placed],
    edges: Sequence[Edge],
    lefts: Sequence[float],
    width: float,
    top: float,
) -> float:
    """Stack the boxes of a band in their columns; return where the lowest ends."""
    ends: dict[int, float] = {}
    for p in mine:
        p.x, p.y, p.width = lefts[p.column], ends.get(p.column, top), width
        y = p.y + _PAD
        for text, strong in [(p.node.title, True), *((t, False) for t in p.node.lines)]:
            y = _write(topology, p, text, strong, "", y)
        p.body = y - p.y
        for i, edge in enumerate(edges):
            if edge.source == p.node.name:
                p.exits[i] = y + LINE / 2 + 1
                y = _write(topology, p, edge.text, False, edge.kind, y + 1)
        p.height = y + _PAD - p.y
        topology.boxes.append(Box(round(p.x, 1), round(p.y, 1), round(p.width, 1), round(p.height, 1)))
        ends[p.column] = p.y + p.height + _GAP
    return max(ends.values(), default=top)


def _write(topology: Topology, p: _Placed, text: str, strong: bool, kind: str, y: float) -> float:
    """Write text into a box, broken where it must be; return where the next begins."""
    for line in wrapped(text, p.width - 2 * _PAD, strong):
        y += LINE
        topology.labels.append(Label(round(p.x + _PAD, 1), round(y - 2.5, 1), line, strong, kind))
    return y


def _arrows(
    topology: Topology,
    routes: Sequence[_Route],
    placed: dict[str, _Placed],
    below: Sequence[float],
    gaps: Sequence[float],
) -> None:
    """Draw each arrow along its lanes, its tip at the part of the box that is above that box's own links."""
    entering: dict[tuple[str, Side], int] = {}
    for route in routes:
        key = route.edge.target, route.sides[1]
        entering[key] = entering.get(key, 0) + 1
    come: dict[tuple[str, Side], int] = {}
    taken: dict[int, list[float]] = {}
    for route in routes:
        a, b = placed[route.edge.source], placed[route.edge.target]
        key = b.node.name, route.sides[1]
        come[key] = come.get(key, 0) + 1
        start = _free(taken.setdefault(route.gaps[0], []), a.exits[route.number])
        end = _free(taken.setdefault(route.gaps[1], []), b.y + b.body * come[key] / (entering[key] + 1))
        x1, x2 = (p.x + (p.width if side == "right" else 0.0) for p, side in zip((a, b), route.sides, strict=True))
        lanes = [
            gaps[gap] + _EDGE + _LANE * lane for gap, lane in zip(dict.fromkeys(route.gaps), route.lanes, strict=True)
        ]
        points = [(x1, start), (lanes[0], start)]
        if route.row is not None:
            row = below[a.band] + _LANE * route.row
            points += [(lanes[0], row), (lanes[1], row)]
        points += [(lanes[-1], end), (x2, end)]
        back = -4.0 if x2 > lanes[-1] else 4.0
        tip = [(x2, end), (x2 + back, end - 2.5), (x2 + back, end + 2.5)]
        topology.arrows.append(Arrow(_text(points), _text(tip), route.edge.kind))


def _free(taken: list[float], wanted: float) -> float:
    """Return the height nearest to the one wanted at which no other arrow enters or leaves the gap."""
    for step in count():
        for y in (wanted + step, wanted - step):
            if all(abs(y - t) >= _APART for t in taken):
                taken.append(y)
                return y
    raise AssertionError


def _text(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
