"""Charts as SVG: what is drawn, and what is left out."""

import xml.etree.ElementTree as ET
from math import nan

import pytest

from recsys.export.svg import Line, line_chart, ticks


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 10, [0, 2, 4, 6, 8, 10]), (0.83, 0.97, [0.85, 0.9, 0.95]), (-1, 1, [-1, -0.5, 0, 0.5, 1])],
)
def test_ticks_are_round_numbers_within_the_range(
    low: float, high: float, expected: list[float]
) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def test_chart_is_well_formed_and_draws_each_line() -> None:
    lines = [Line("a < b", [(1, 2), (2, 3)], "rating"), Line("c", [(1, 2.5)], "retrieval dashed")]
    root = ET.fromstring(line_chart(lines, "epoch & more", '"loss"', ("best", (2, 3))))
    assert [one.get("class") for one in root.iter("polyline")] == [
        "line rating",
        "line retrieval dashed",
    ]
    assert len(list(root.iter("circle"))) == 2  # a line of one point is a dot; the ring
    assert [one.text or (one[0].tail if len(one) else "") for one in root.iter("span")] == [
        "a < b", "c", "best",
    ]  # fmt: skip


def test_higher_values_are_further_up() -> None:
    root = ET.fromstring(line_chart([Line("a", [(1, 1), (2, 5)])], "x", "y"))
    (line,) = root.iter("polyline")
    (x0, y0), (x1, y1) = (map(float, one.split(",")) for one in (line.get("points") or "").split())
    assert (x1 > x0, y1 < y0) == (True, True)


@pytest.mark.parametrize("points", [[], [(1, nan)]])
def test_nothing_to_draw_is_empty(points: list[tuple[float, float]]) -> None:
    assert line_chart([Line("a", points)], "x", "y") == ""


def test_values_that_are_all_equal_have_an_axis() -> None:
    assert "polyline" in line_chart([Line("a", [(1, 0.0), (2, 0.0)])], "x", "y")
