"""The sentence over the plot, on fronts made up for it, and on random ones."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.evaluation.comparison import BETTER, NOT_DISTINGUISHABLE, WORSE
from recsys.ratio import position_name
from recsys.tradeoff.front import NEGLIGIBLE, OTHER, TASKS, Front, Point
from recsys.tradeoff.sentence import details, headline

METRICS = ("ndcg@20", "rmse")
UP = {"retrieval": 1, "rating": -1}
ALONE = {"retrieval": 0.31, "rating": 0.90}
VERDICTS = {"-": WORSE, "+": BETTER, ".": NOT_DISTINGUISHABLE}


def front(*points: tuple[float, float, str], alone: dict[str, float] = ALONE, **fields) -> Front:
    """Return a front at even positions from (NDCG, RMSE, verdicts on retrieval and rating)."""
    made = [
        Point(i / (len(points) - 1), ndcg, rmse, VERDICTS[verdicts[0]], VERDICTS[verdicts[1]])
        for i, (ndcg, rmse, verdicts) in enumerate(points)
    ]
    return Front("tied vectors", made, METRICS, alone, **fields)


CONFLICT = front((0.31, 0.90, ".."), (0.29, 0.88, "-+"), (0.20, 0.89, "-+"))
GAIN = front((0.31, 0.89, "++"), (0.312, 0.88, ".+"), (0.29, 0.885, "-+"))


def test_price_is_in_both_units_and_begins_where_nothing_is_free_any_more():
    # NDCG@20 falls by 0.02 while RMSE falls by 0.02.
    assert headline([CONFLICT]) == ("With tied vectors, 0.01 stars of RMSE cost 0.01 of NDCG@20.")
    assert details(CONFLICT) == (
        "At 1 : 0.033, neither task is measurably worse than trained alone. "
        "From 1 : 0.033 to 1 : 1, 0.01 stars of RMSE cost 0.01 of NDCG@20: RMSE goes from 0.900 to "
        "0.880 and NDCG@20 goes from 0.310 to 0.290."
    )


def test_what_is_free_is_said_with_its_gain_and_the_figures_of_training_alone():
    assert headline([GAIN]) == (
        "With tied vectors, rating costs retrieval nothing and gains 0.020 stars."
    )
    assert details(GAIN) == (
        "From 1 : 0.033 to 1 : 1, neither task is measurably worse than trained alone. At 1 : 1, "
        "RMSE is 0.880 (alone 0.900) and NDCG@20 is 0.312 (alone 0.310)."
    )


def test_gain_comes_before_the_price_of_more():
    both = front((0.31, 0.89, ".+"), (0.29, 0.88, "-+"), (0.25, 0.882, "-+"))
    assert headline([both]) == (
        "With tied vectors, rating costs retrieval nothing and gains 0.010 stars, and beyond that "
        "0.01 stars of RMSE cost 0.02 of NDCG@20."
    )


def test_retrieval_may_be_what_gains():
    turned = front((0.34, 0.93, "+-"), (0.315, 0.90, ".."), (0.31, 0.90, ".."))
    # NDCG@20 rises by 0.025 towards the first point, RMSE by 0.03.
    assert headline([turned]) == "With tied vectors, 0.01 of NDCG@20 cost 0.012 stars of RMSE."
    gain = front((0.33, 0.90, "+."), (0.33, 0.90, "+."))
    assert "retrieval costs rating nothing and gains 0.020 of NDCG@20" in headline([gain])
    both = front((0.33, 0.88, "++"), (0.33, 0.88, "++"))
    assert "both tasks gain: 0.020 stars and 0.020 of NDCG@20" in headline([both])


def test_flat_front_costs_nothing():
    flat = front((0.31, 0.90, ".."), (0.31, 0.90, ".."))
    assert headline([flat]) == "With tied vectors, neither task costs the other anything."
    assert details(flat).startswith("At every ratio, neither task")


def test_task_that_is_worse_everywhere_is_named():
    worse = front((0.29, 0.90, "-."), (0.28, 0.90, "-."))
    assert headline([worse]) == (
        "With tied vectors, at every ratio, retrieval is worse than trained alone."
    )
    assert details(worse) == (
        "At every ratio, retrieval is worse than trained alone: RMSE is at best 0.900 (alone "
        "0.900) and NDCG@20 is at best 0.290 (alone 0.310)."
    )
    both = front((0.29, 0.95, "--"), (0.28, 0.95, "--"))
    assert "both are worse than trained alone" in headline([both])


def test_too_much_weight_is_said_in_plain_words():
    overdone = replace(CONFLICT, overdone=frozenset({"rating"}))
    assert details(overdone).endswith("More rating weight than at 1 : 1 makes both tasks worse.")
    only = front((0.31, 0.88, ".+"), (0.31, 0.90, ".."), overdone=frozenset({"rating"}))
    assert details(only).endswith("More rating weight than at 1 : 0.033 makes ratings worse.")
    turned = front((0.30, 0.90, ".."), (0.31, 0.90, ".."), overdone=frozenset({"retrieval"}))
    assert details(turned).endswith(
        "More retrieval weight than at 0.033 : 1 makes retrieval worse."
    )


def test_too_much_weight_begins_beyond_the_ratios_that_are_said_to_be_free():
    # Ratings are best at 1 : 0.33, and not measurably worse at the two ratios after it.
    line = front(
        (0.31, 0.89, ".."),
        (0.31, 0.88, ".."),
        (0.31, 0.882, ".."),
        (0.20, 0.90, "--"),
        alone={},
        is_line=True,
        overdone=frozenset({"rating"}),
    )
    assert details(line) == (
        "From 1 : 0.033 to 0.32 : 1, neither task is measurably worse than at its best ratio on "
        "this line. More rating weight than at 0.32 : 1 makes both tasks worse."
    )


def test_line_has_its_best_ratios_as_yardstick_and_says_so():
    points = ((0.31, 0.92, ".-"), (0.29, 0.90, "-."), (0.2, 0.92, "--"))
    line = front(*points, alone={}, is_line=True)
    assert headline([line]) == "With tied vectors, 0.01 stars of RMSE cost 0.01 of NDCG@20."
    assert details(line).startswith(
        "At every ratio, one of the tasks is worse than at its best ratio on this line: RMSE is at "
        "best 0.900 and NDCG@20 is at best 0.310. From 1 : 0.033 to 1 : 1, "
    )


def test_ways_of_sharing_are_set_side_by_side():
    other = replace(GAIN, name="separate vectors")
    assert headline([CONFLICT, other]) == (
        "With tied vectors, 0.01 stars of RMSE cost 0.01 of NDCG@20; with separate vectors, rating "
        "costs retrieval nothing and gains 0.020 stars."
    )


@pytest.mark.parametrize("points", [(), ((0.3, 0.9, ".."),)])
def test_one_ratio_says_nothing(points):
    few = Front("", [Point(0.5, ndcg, rmse) for ndcg, rmse, _ in points], METRICS, ALONE)
    assert "needs at least two ratios" in headline([few])
    assert "needs at least two ratios" in details(few)
    assert "needs at least two ratios" in headline([])


def test_incomplete_sweep_says_what_is_missing():
    few = replace(CONFLICT, missing=3)
    text = "3 trainings of the sweep are still missing: the result is stated when all are there."
    assert headline([few]) == details(few) == text
    assert headline([replace(few, missing=1)]).startswith("1 training of the sweep is still")
    assert headline([few, replace(GAIN, name="separate vectors")]) == (
        "With separate vectors, rating costs retrieval nothing and gains 0.020 stars."
    )


# Random fronts

values = st.tuples(st.floats(0.05, 0.4), st.floats(0.8, 1.1))
some_alone = st.fixed_dictionaries(
    {}, optional={"retrieval": st.floats(0.05, 0.4), "rating": st.floats(0.8, 1.1)}
)


@st.composite
def fronts(draw: st.DrawFn) -> Front:
    """Return a front with verdicts that need not go with its values."""
    pairs = draw(st.lists(values, min_size=2, max_size=8))
    verdicts = st.sampled_from(list(VERDICTS))
    points = [(*pair, draw(verdicts) + draw(verdicts)) for pair in pairs]
    return front(
        *points,
        alone=draw(some_alone),
        is_line=draw(st.booleans()),
        missing=draw(st.integers(0, 1)),
        overdone=frozenset(draw(st.sets(st.sampled_from(TASKS)))),
    )


def better_than_alone(front: Front, point: Point, task: str) -> bool:
    alone = front.alone.get(task)
    return alone is not None and UP[task] * (point.value(task) - alone) >= 0


@given(fronts())
def test_nothing_is_said_to_cost_a_task_that_is_better_there_than_alone(front):
    text = f"{headline([front])} {details(front)}"
    price = re.search(
        r"From (\S+ : \S+) to (\S+ : \S+), 0\.01 (stars )?of (RMSE|NDCG@20) cost", text
    )
    assert (" cost 0" in text) == bool(price)
    if not price:
        return
    gaining = "rating" if price[4] == "RMSE" else "retrieval"
    paying = OTHER[gaining]
    # A task pays at the end of the stretch where the other one's weight is highest.
    end = price[2] if gaining == "rating" else price[1]
    points = [point for point in front.points if position_name(point.position) == end]
    assert points
    assert not any(better_than_alone(front, point, paying) for point in points)
    assert {point.verdict(paying) for point in points} == {WORSE}


@given(fronts())
def test_price_is_what_one_task_loses_for_what_the_other_gains(front):
    price = front.price
    if price is None:
        return
    paying = OTHER[price.gaining]
    gain = UP[price.gaining] * (price.end.value(price.gaining) - price.start.value(price.gaining))
    loss = UP[paying] * (price.start.value(paying) - price.end.value(paying))
    assert (price.gain, price.loss) == pytest.approx((gain, loss))
    assert min(gain, loss) > NEGLIGIBLE


@given(fronts())
def test_no_task_loses_anything_where_the_sentence_says_so(front):
    text = details(front)
    free = re.match(
        r"(At every ratio|At (\S+ : \S+)|From (\S+ : \S+) to (\S+ : \S+)), neither", text
    )
    if not free:
        return
    names = [position_name(point.position) for point in front.points]
    first = names.index(free[2] or free[3]) if free[2] or free[3] else 0
    last = names.index(free[2] or free[4]) if free[2] or free[4] else len(names) - 1
    for point in front.points[first : last + 1]:
        for task in TASKS:
            assert point.verdict(task) != WORSE or better_than_alone(front, point, task)


@given(fronts())
def test_too_much_weight_makes_the_task_worse_than_where_it_begins(front):
    text = details(front)
    for task in TASKS:
        too_much = re.search(rf"More {task} weight than at (\S+ : \S+) makes", text)
        if not too_much:
            continue
        names = [position_name(point.position) for point in front.points]
        start = front.points[names.index(too_much[1])]
        end = front.points[-1 if task == "rating" else 0]
        assert UP[task] * (start.value(task) - end.value(task)) >= 0
        # No ratio beyond it is said to be free, unless the end of the front is no worse than that.
        sign = 1 if task == "rating" else -1
        last = max(front.free, key=lambda point: sign * point.position, default=end)
        if UP[task] * (last.value(task) - end.value(task)) > NEGLIGIBLE:
            assert sign * start.position >= sign * last.position


@given(fronts())
def test_a_gain_is_one_over_training_alone(front):
    for task, gain in (front.gains(front.gaining) if front.gaining else {}).items():
        best = UP[task] * (front.gaining.value(task) - front.alone[task])
        assert gain == pytest.approx(best)
        assert gain > 0
        assert front.gaining.verdict(task) == BETTER


@given(fronts())
def test_nothing_is_concluded_before_the_sweep_is_complete(front):
    if front.missing:
        assert headline([front]) == details(front)
        assert "still missing" in details(front)
        assert not re.search(r"\d\.\d|cost|gain|worse", details(front))
