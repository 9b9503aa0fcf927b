"""Where the labels of the Trade-off plot stand."""

from pages.ui.tradeoff.labels import place_labels


def test_labels_keep_off_the_bars() -> None:
    point = {"x": 0.9, "y": 0.3, "seeds": 3}
    point |= {"x_low": 0.85, "x_high": 0.95, "y_low": 0.2, "y_high": 0.4}
    assert place_labels([point], [point], False, True) == ["upper right"]
    assert place_labels([point | {"seeds": 1}], [point], False, True) == ["right"]


def test_labels_keep_off_the_front() -> None:
    left, right = {"x": 0.9, "y": 0.3}, {"x": 0.8, "y": 0.3}
    within = [left, right, {"y": 0.2}, {"y": 0.4}]
    assert place_labels([left, right], within, False, True) == ["right", "left"]
    beside = place_labels([left, right], within, False, True, lines=[[left, right]])
    assert beside == ["above", "above"]


def test_labels_stay_inside_the_plot() -> None:
    alone = [{"x": 0.9, "y": 0.3}]
    assert place_labels(alone, alone, False, True) == ["right"]
    # What has one figure stretches the axes as well: the point lies at their right end.
    assert place_labels(alone, [*alone, {"x": 1.2}], False, True) == ["left"]
    # The best of both lies at the upper right, under the text that says which way is better.
    two = [{"x": 0.8, "y": 0.3}, {"x": 0.9, "y": 0.2}]
    assert place_labels(two, two, False, True) == ["below", "right"]


def test_labels_at_one_place_take_different_sides_and_the_last_ones_none() -> None:
    within = [{"x": 0.8, "y": 0.2}, {"x": 1.0, "y": 0.4}]
    sides = place_labels([{"x": 0.9, "y": 0.3}] * 4, within, False, True)
    assert sides == ["right", "left", None, None]
