import itertools

import pytest

from recsys.ratio import EXTREME, POSITIONS, weights_at


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
