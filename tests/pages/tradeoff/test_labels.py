"""Where the labels of the Trade-off plot stand."""

from typing import Any

from pages.ui.tradeoff.labels import Places, has_room_for_legend, place_labels

Row = dict[str, Any]


def places(within: list[Row]) -> Places:
    return Places(within, x_rises=False, y_rises=True)


def test_labels_keep_off_the_bars() -> None:
    point: Row = {"x": 0.9, "y": 0.3, "seeds": 3}
    point |= {"x_low": 0.85, "x_high": 0.95, "y_low": 0.2, "y_high": 0.4}
    assert place_labels([point], places([point]), [point]) == ["upper right"]
    single = point | {"seeds": 1}
    assert place_labels([single], places([point]), [single]) == ["right"]


def test_labels_keep_off_the_lines() -> None:
    left, right = {"x": 0.9, "y": 0.3}, {"x": 0.8, "y": 0.3}
    both = [left, right]
    within = places([left, right, {"y": 0.2}, {"y": 0.4}])
    assert place_labels(both, within, both) == ["right", "left"]
    assert place_labels(both, within, both, lines=[both]) == ["above", "above"]


def test_label_of_a_narrow_plot_takes_more_of_its_width() -> None:
    point: Row = {"x": 0.9, "y": 0.3, "wide": 0.4}
    within = places([point, {"x": 0.8}, {"x": 1.0}, {"y": 0.2}, {"y": 0.4}])  # in the middle
    assert place_labels([point], within, [point]) == ["right"]
    assert place_labels([point], within, [point], squeeze=1.7) == ["above"]


def test_labels_stay_inside_the_plot() -> None:
    alone = [{"x": 0.9, "y": 0.3}]
    assert place_labels(alone, places(alone), alone) == ["right"]
    # What has one figure stretches the axes as well: the point lies at their right end.
    assert place_labels(alone, places([*alone, {"x": 1.2}]), alone) == ["left"]
    # The best of both lies at the upper right, under the text that says which way is better.
    two = [{"x": 0.8, "y": 0.3}, {"x": 0.9, "y": 0.2}]
    assert place_labels(two, places(two), two) == ["below", "right"]


def test_labels_at_one_place_take_different_sides_and_the_last_ones_none() -> None:
    within = places([{"x": 0.8, "y": 0.2}, {"x": 1.0, "y": 0.4}])
    labels = [{"x": 0.9, "y": 0.3}] * 4
    assert place_labels(labels, within, labels) == ["right", "left", None, None]
    far = [label | {"far": True} for label in labels]
    sides = ["right", "left", "far lower right", "far lower left"]
    assert place_labels(far, within, far) == sides


def test_long_label_needs_more_room() -> None:
    point = {"x": 0.9, "y": 0.3, "wide": 0.3}
    near = {"x": 0.88, "y": 0.3}  # at the right of the point, beyond a short label
    within = places([point, near, {"x": 1.0, "y": 0.2}, {"x": 0.8, "y": 0.4}])
    assert place_labels([point], within, [near]) == ["left"]
    assert place_labels([point | {"wide": 0.05}], within, [near]) == ["right"]


def test_legend_stands_in_the_plot_where_nothing_else_does() -> None:
    best, worst = {"x": 0.8, "y": 0.4}, {"x": 1.0, "y": 0.2}
    within = places([best, worst])
    assert has_room_for_legend([best, worst], within)
    assert not has_room_for_legend([best, worst, {"x": 0.82, "y": 0.21}], within)
    # Lines across the plot: through the lower right, and elsewhere.
    assert not has_room_for_legend([{"x": 0.85}], within)
    assert not has_room_for_legend([{"y": 0.21}], within)
    assert has_room_for_legend([{"x": 0.95}, {"y": 0.3}], within)


def test_labels_keep_off_the_legend() -> None:
    point = {"x": 0.85, "y": 0.23}  # at the lower right
    within = places([{"x": 0.8, "y": 0.4}, {"x": 1.0, "y": 0.2}])
    assert place_labels([point], within, []) == ["right"]
    assert place_labels([point], within, [], legend=True) == [None]
