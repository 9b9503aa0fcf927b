import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.config import make_config
from recsys.ratio import (
    EXTREME,
    POSITIONS,
    position,
    position_name,
    position_of,
    ratio_name,
    swept_weights,
    weights_at,
    weights_name,
    weights_of,
)

WEIGHTS = st.floats(1e-4, 100)


@pytest.mark.parametrize(
    ("position", "expected"),
    [(0.0, (1.0, 1 / EXTREME)), (0.5, (1.0, 1.0)), (1.0, (1 / EXTREME, 1.0))],
)
def test_ends_are_the_extreme_ratios_and_the_middle_is_equal_weights(position, expected):
    assert weights_at(position) == pytest.approx(expected)


def test_ratio_grows_by_the_same_factor_from_each_position_to_the_next():
    ratios = [rating / retrieval for retrieval, rating in map(weights_at, POSITIONS)]
    factors = [after / before for before, after in itertools.pairwise(ratios)]
    assert factors == pytest.approx([EXTREME ** (2 / (len(POSITIONS) - 1))] * len(factors))


@given(WEIGHTS, WEIGHTS)
def test_position_depends_on_the_ratio_alone_and_gives_the_weights_back(retrieval, rating):
    at = position_of(retrieval, rating)
    first, second = weights_at(at)
    assert max(first, second) == 1
    assert second / first == pytest.approx(rating / retrieval)
    assert position_of(first, second) == pytest.approx(at)
    assert position_of(rating, retrieval) == pytest.approx(1 - at)
    assert weights_of(rating / retrieval) == pytest.approx((first, second))


def test_single_tasks_are_beyond_every_ratio():
    assert position_of(1, 0) == -math.inf
    assert position_of(0, 0.2) == math.inf
    assert position(make_config({"rating_weight": 0})) == -math.inf
    assert position(make_config({})) == 0.5


@pytest.mark.parametrize(
    ("weights", "name"),
    [
        ((1, 0.03), "1 : 0.03"),
        ((2, 2), "1 : 1"),
        ((0.5, 5), "0.1 : 1"),
        ((1, 1 / 3), "1 : 0.33"),
        ((0.2, 0), "1 : 0"),
        ((0, 7), "0 : 1"),
        ((100, 0.0001), "1 : 0.000001"),
    ],
)
def test_name_has_the_larger_weight_as_1_and_two_digits(weights, name):
    assert weights_name(*weights) == name
    config = make_config({"retrieval_weight": weights[0], "rating_weight": weights[1]})
    assert ratio_name(config) == name


def test_config_of_all_ratios_is_named_so():
    assert ratio_name(make_config({"all_ratios": True})) == "all ratios"


def test_positions_of_a_line_have_different_names():
    assert len({position_name(at) for at in POSITIONS}) == len(POSITIONS)
    assert position_name(0) == "1 : 0.033"


def test_usual_sweep_has_the_round_ratios():
    assert [weights_name(*weights) for weights in swept_weights(9)] == [
        "1 : 0", "1 : 0.03", "1 : 0.1", "1 : 0.3", "1 : 1", "0.3 : 1", "0.1 : 1", "0.03 : 1",
        "0 : 1",
    ]  # fmt: skip


@given(st.integers(2, 60))
def test_sweep_goes_from_one_task_to_the_other_and_is_the_same_from_both_sides(points):
    weights = swept_weights(points)
    assert len(set(weights)) == points
    positions = [position_of(*pair) for pair in weights]
    assert positions == sorted(positions)
    assert (positions[0], positions[-1]) == (-math.inf, math.inf)
    assert [pair[::-1] for pair in weights[::-1]] == weights
    if points > 3:
        retrieval, rating = weights[1]
        assert retrieval / rating >= 0.99 * EXTREME
