import itertools
import math

import pytest

from recsys.ratio import EXTREME, POSITIONS, position_of, weights_at


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


def test_position_of_the_weights_at_a_position_is_that_position():
    assert [position_of(*weights_at(position)) for position in POSITIONS] == pytest.approx(
        POSITIONS
    )


@pytest.mark.parametrize(
    ("weights", "position"),
    [
        ((2, 2), 0.5),
        ((1, EXTREME), 1.0),
        ((1, EXTREME**3), 2.0),  # beyond the line
        ((EXTREME**2, 1), -0.5),
        ((0, 1), math.inf),
        ((1, 0), -math.inf),
    ],
)
def test_position_goes_by_the_ratio_and_says_where_it_is_beyond_the_line(weights, position):
    assert position_of(*weights) == pytest.approx(position)
