"""Line charts as SVG text, for pages that load nothing: axes, lines, marked points."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10

WIDTH, HEIGHT = 440, 250  # of the drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 44  # margins
TICKS = 5  # about as many on each axis

Point = tuple[float, float]
Range = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A line of a chart.

    Attributes:
        label: in the legend.
        points: x and y, in the order in which they are joined.
        style: CSS classes: a colour, and `dashed`.
        marked: whether each point is a dot too.
    """

    label: str
    points: Sequence[Point]
    style: str = ""
    marked: bool = False


def line_chart(
    lines: Sequence[Line],
    x_label: str,
    y_label: str,
    marked: tuple[str, Point] | None = None,
    *,
    reverse_x: bool = False,
) -> str:
    """Return a chart of lines as SVG with a legend; "" if there is nothing to draw.

    Args:
        lines: points that are not finite are left out.
        x_label: of the axis.
        y_label: of the axis.
        marked: a point with its name, drawn as a ring.
        reverse_x: whether the axis goes down to the right.
    """
    known = [_finite(line) for line in lines]
    known = [line for line in known if line.points]
    if not known:
        return ""
    points = [point for line in known for point in line.points]
    if marked:
        points.append(marked[1])
    x_range, y_range = (_range([point[axis] for point in points]) for axis in (0, 1))
    if reverse_x:
        x_range = x_range[::-1]
    drawn = [*_x_axis(x_range, x_label), *_y_axis(y_range, y_label)]
    drawn += [part for line in known for part in _line(line, x_range, y_range)]
    if marked:
        x, y = _place(marked[1], x_range, y_range)
        drawn.append(f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="7"/>')
    name = escape(f"{y_label} by {x_label}")
    names = [*(line.label for line in known), *([marked[0]] if marked else [])]
    styles = [*(line.style for line in known), "ring"]
    legend = "".join(
        f'<span><i class="key {escape(style)}"></i>{escape(label)}</span>'
        for label, style in zip(names, styles, strict=False)
    )
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{name}">'
        f"{''.join(drawn)}</svg><figcaption>{legend}</figcaption></figure>"
    )


def ticks(low: float, high: float) -> list[float]:
    """Return about TICKS round numbers from `low` to `high`, where `low` < `high`."""
    rough = (high - low) / TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return [
        step * number for number in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)
    ]


def _finite(line: Line) -> Line:
    points = [point for point in line.points if all(map(isfinite, point))]
    return Line(line.label, points, line.style, line.marked)


def _range(values: Sequence[float]) -> Range:
    """Return the ends of an axis, with a little space around the values."""
    low, high = min(values), max(values)
    space = (high - low) * 0.04 or abs(low) * 0.1 or 1.0
    return low - space, high + space


def _place(point: Point, x_range: Range, y_range: Range) -> Point:
    """Return where a point is drawn."""
    x = (point[0] - x_range[0]) / (x_range[1] - x_range[0])
    y = (point[1] - y_range[0]) / (y_range[1] - y_range[0])
    return LEFT + x * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y * (HEIGHT - TOP - BOTTOM)


def _x_axis(own: Range, label: str) -> list[str]:
    parts = []
    for tick in ticks(*sorted(own)):
        x, _ = _place((tick, 0), own, (0, 1))
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">'
            f"{tick:g}</text>"
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    text = f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(label)}</text>'
    return [*parts, text]


def _y_axis(own: Range, label: str) -> list[str]:
    parts = []
    for tick in ticks(*own):
        _, y = _place((0, tick), (0, 1), own)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(
            f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>'
        )
    middle = (TOP + HEIGHT - BOTTOM) / 2
    turned = f'x="12" y="{middle}" transform="rotate(-90 12 {middle})" text-anchor="middle"'
    return [*parts, f"<text {turned}>{escape(label)}</text>"]


def _line(line: Line, x_range: Range, y_range: Range) -> list[str]:
    places = [_place(point, x_range, y_range) for point in line.points]
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    style = escape(line.style)
    parts = [f'<polyline class="line {style}" points="{joined}"/>']
    if line.marked or len(places) == 1:
        parts += [
            f'<circle class="dot {style}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places
        ]
    return parts
