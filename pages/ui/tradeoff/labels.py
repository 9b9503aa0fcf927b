"""Where labels go in a scatter: beside their points, and off each other, the points and the bars.

Everything is counted in shares of the plot, so that it holds for every width of the page.
"""

import itertools
from collections.abc import Sequence
from typing import Any, Literal

from pages.ui.charts.theme import Rows

Box = tuple[float, float, float, float]  # left, low, right, high
Corners = dict[str, tuple[float, float]]  # side -> the lower left corner of a label there
NARROW = 400  # pixels: a plot of this width or more has one layout of labels, a smaller one another
SQUEEZE = 1.7  # what a label of a narrow plot takes of its width, times what it takes else
LETTER = 0.0125  # what a letter of a label takes of the plot's width
WIDTH, HEIGHT = 0.09, 0.05  # what a label takes if it does not say how wide it is
# Where a label stands: its alignment, and how far from its point in pixels.
SIDES: dict[str, tuple[Literal["left", "center", "right"], int, int]] = {
    "right": ("left", 12, 0),
    "left": ("right", -12, 0),
    "above": ("center", 0, -16),
    "below": ("center", 0, 16),
    "upper right": ("left", 8, -12),
    "upper left": ("right", -8, -12),
    "lower right": ("left", 8, 12),
    "lower left": ("right", -8, 12),
    "far lower right": ("left", 8, 34),
    "far lower left": ("right", -8, 34),
}
_BAR = 0.004  # half of a bar's thickness
_STEPS = 20  # of a line between two points
BETTER = (0.88, 0.935, 1.0, 1.0)  # at the top right, what says which way is better
LEGEND = (0.5, 0.0, 1.0, 0.22)  # at the bottom right, where there are rarely points


class Places:
    """Where values lie in the plot."""

    def __init__(self, within: Rows, x_rises: bool, y_rises: bool) -> None:
        """Span the axes.

        Args:
            within: all that the axes reach over, with `x`, `y` or both, and what their bars reach.
            x_rises: whether larger values lie right.
            y_rises: whether larger values lie up.
        """
        self._rises = {"x": x_rises, "y": y_rises}
        self._ends = {}
        for axis in self._rises:
            fields = (axis, f"{axis}_low", f"{axis}_high")
            values = [row[field] for row in within for field in fields if field in row]
            self._ends[axis] = min(values, default=0.0), max(values, default=0.0)

    def share(self, axis: str, value: float) -> float:
        """Return where a value lies along an axis, 0.05 to 0.95: it is padded at both ends."""
        low, high = self._ends[axis]
        place = 0.5 if high == low else (value - low) / (high - low)
        return 0.05 + 0.9 * (place if self._rises[axis] else 1 - place)

    def spot(self, row: dict[str, Any]) -> tuple[float, float]:
        """Return where a point lies."""
        return self.share("x", row["x"]), self.share("y", row["y"])

    def line(self, rows: Rows) -> list[Box]:
        """Return what the line through these points, in order, covers: small boxes along it."""
        spots = [self.spot(row) for row in rows]
        return [
            _around(ax + part * (bx - ax), ay + part * (by - ay), _BAR, _BAR)
            for (ax, ay), (bx, by) in itertools.pairwise(spots)
            for part in (step / _STEPS for step in range(_STEPS + 1))
        ]

    def bars(self, row: dict[str, Any]) -> list[Box]:
        """Return what the bars of a point cover; none without several seeds."""
        if row.get("seeds", 1) < 2:
            return []
        px, py = self.spot(row)
        left, right = sorted(self.share("x", row[f"x_{end}"]) for end in ("low", "high"))
        low, high = sorted(self.share("y", row[f"y_{end}"]) for end in ("low", "high"))
        return [
            (left, py - _BAR, right, py + _BAR),
            (px - _BAR, low, px + _BAR, high),
        ]


def place_labels(
    labels: Rows,
    places: Places,
    points: Rows,
    lines: Sequence[Rows] = (),
    legend: bool = False,
    squeeze: float = 1.0,
) -> list[str | None]:
    """Return the side of each label's point, None where every side is taken.

    Args:
        labels: with the `x` and `y` of their points, the most important ones first; `wide` is the
            share of the plot's width that a label takes; with `far`, it may stand farther off.
        places: where values lie.
        points: all points, to keep off.
        lines: the points of each line, to keep off the line through them.
        legend: whether there is one at LEGEND.
        squeeze: how much more of the plot's width everything takes, see SQUEEZE.
    """
    left, low, right, high = BETTER
    taken = [(right - squeeze * (right - left), low, right, high)]
    taken += [LEGEND] if legend else []
    taken += [_around(*places.spot(row), 0.01 * squeeze) for row in (*labels, *points)]
    taken += [bar for row in points for bar in places.bars(row)]
    taken += [box for line in lines for box in places.line(line)]
    sides: list[str | None] = []
    for label in labels:
        width = label.get("wide", WIDTH) * squeeze
        corners = _corners(width, 0.005 * squeeze, far=label.get("far", False))
        side, box = _free_side(*places.spot(label), corners, width, taken)
        taken += [box] if box else []
        sides.append(side)
    return sides


def has_room_for_legend(rows: Rows, places: Places) -> bool:
    """Return whether LEGEND covers none of these points and of the lines of those with one value.

    A line across the plot is there along its whole length.
    """
    left, low, right, high = LEGEND
    return not any(
        left <= (places.share("x", row["x"]) if "x" in row else right) <= right
        and low <= (places.share("y", row["y"]) if "y" in row else high) <= high
        for row in rows
    )


def _free_side(
    px: float, py: float, corners: Corners, width: float, taken: Sequence[Box]
) -> tuple[str | None, Box | None]:
    for side, (dx, dy) in corners.items():
        left, low = px + dx, py + dy
        box = (left, low, left + width, low + HEIGHT)
        inside = left >= 0 and box[2] <= 1 and low >= 0 and box[3] <= 1
        if inside and not any(overlap(box, other) for other in taken):
            return side, box
    return None, None


def _corners(width: float, gap: float, *, far: bool) -> Corners:
    """Return SIDES as the label's lower left corner from the point; `gap` is a small distance."""
    corners = {
        "right": (3 * gap, -HEIGHT / 2),
        "left": (-3 * gap - width, -HEIGHT / 2),
        "above": (-width / 2, 0.02),
        "below": (-width / 2, -0.02 - HEIGHT),
        "upper right": (2 * gap, 0.01),
        "upper left": (-2 * gap - width, 0.01),
        "lower right": (2 * gap, -0.01 - HEIGHT),
        "lower left": (-2 * gap - width, -0.01 - HEIGHT),
    }
    if far:
        corners["far lower right"] = (2 * gap, -0.06 - HEIGHT)
        corners["far lower left"] = (-2 * gap - width, -0.06 - HEIGHT)
    return corners


def _around(px: float, py: float, width: float = 0.01, height: float = 0.015) -> Box:
    return px - width, py - height, px + width, py + height


def overlap(a: Box, b: Box) -> bool:
    """Return whether two boxes have a place in common."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
