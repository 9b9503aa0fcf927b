"""The sentence over the plot, on fronts made up for it."""

import pytest

from recsys.tradeoff.sentence import Point, sentence


def text_of(*points: Point) -> str:
    return sentence(points, "NDCG@20", "RMSE")


def front(retrieval_worse: str, rating_worse: str) -> list[Point]:
    """Return points at even shares; an x marks where a task pays. Retrieval falls, RMSE too."""
    n = len(retrieval_worse)
    return [
        Point((i + 1) / (n + 1), 0.32 - 0.01 * i, 0.9 - 0.01 * i, a == "x", b == "x")
        for i, (a, b) in enumerate(zip(retrieval_worse, rating_worse, strict=True))
    ]


ENDS = (Point(0.0, 0.33, None), Point(1.0, None, 0.85))


def test_flat_front_makes_no_difference():
    assert text_of(*front("....", "....")).startswith("Among the ratios that train both tasks")


def test_conflict_says_up_to_where_ratings_improve_for_nothing():
    assert text_of(*front("...xx", "xxxx.")) == (
        "Up to a rating share of 0.5 (1 : 1), RMSE goes from 0.900 to 0.880 at no measurable cost "
        "to retrieval. Above it, NDCG@20 goes to 0.280."
    )
    one = text_of(*front(".xx", "xxx"))
    assert one.startswith("Up to a rating share of 0.25 (1 : 0.333), RMSE goes from 0.900 to 0.900")


def test_convex_front_has_a_range_where_neither_task_pays():
    assert text_of(*front("...x", "x...")) == (
        "At rating shares from 0.4 (1 : 0.667) to 0.6 (0.667 : 1), neither task is measurably "
        "worse than at its best ratio. Below, rating is worse; above, retrieval is worse."
    )
    assert text_of(*front("..x", "x..")).startswith(
        "At a rating share of 0.5 (1 : 1), neither task"
    )


def test_both_tasks_may_pay_on_one_side():
    assert text_of(*front("...x", "...x")).endswith("Above, retrieval and rating are worse.")


def test_noisy_front_names_its_longest_free_range():
    assert text_of(*front(".x...x", "......")) == (
        "At rating shares from 0.43 (1 : 0.75) to 0.71 (0.4 : 1), neither task is measurably "
        "worse than at its best ratio. At all others, retrieval is worse."
    )


def test_front_without_anything_free_says_what_both_tasks_come_to():
    assert text_of(*front("xxx", "xxx")) == (
        "Retrieval is measurably worse at every ratio: NDCG@20 goes from 0.320 to 0.300, and RMSE "
        "from 0.900 to 0.880, as the rating share goes from 0.25 to 0.75."
    )


@pytest.mark.parametrize("points", [[], [front(".", ".")[0]], [*ENDS], [*ENDS, front(".", ".")[0]]])
def test_one_ratio_says_nothing(points):
    assert "needs at least two ratios" in text_of(*points)


def test_task_that_is_worse_alone_is_named():
    points = front("....", "....")
    worse = text_of(*points, Point(1.0, None, 0.95, rating_worse=True), ENDS[0])
    assert worse.endswith(
        "Trained alone, rating is measurably worse: RMSE 0.950, against 0.870 with the other task."
    )
    worse = text_of(Point(0.0, 0.25, None, retrieval_worse=True), *points, ENDS[1])
    assert worse.endswith(
        "Trained alone, retrieval is measurably worse: NDCG@20 0.250, against 0.320 with the "
        "other task."
    )


def test_order_of_the_points_and_the_single_task_ends_change_nothing():
    points = front("...xx", "xxxx.")
    assert text_of(*points[::-1], *ENDS) == text_of(*points)
