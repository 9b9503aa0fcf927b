import numpy as np
import pytest

from recsys.new_user.scale import RatingScale, rating_scale
from tests.synthetic import make_rows_split


def scale_of(*ratings):
    return rating_scale(
        make_rows_split(1, len(ratings), [(0, i, r) for i, r in enumerate(ratings)])
    )


@pytest.mark.parametrize(
    ("ratings", "values", "stars"),
    [
        ((1, 2, 3, 4, 5), (1, 2, 3, 4, 5), 5),
        ((1, 2, 4, 5), (1, 2, 3, 4, 5), 5),  # nobody gave a 3
        ((0.5, 1, 4.5, 5), tuple(np.arange(1, 11) / 2), 5),
        ((1, 1.5, 4), (1, 1.5, 2, 2.5, 3, 3.5, 4), 4),
        ((1, 1), (1,), 1),
        ((1, 5), (1, 5), 0),  # the first star would be 1, the second 4 stars wide
        ((0, 1, 5), tuple(range(6)), 0),  # no stars at all is a rating, and cannot be clicked
        (range(1, 11), tuple(range(1, 11)), 0),
        ((-1, 1), (-1, 1), 0),
    ],
)
def test_scale_has_the_values_and_stars_of_the_ratings(ratings, values, stars) -> None:
    scale = scale_of(*ratings)
    assert scale.values == values
    assert scale.stars == stars


def test_any_number_can_be_given_where_the_ratings_have_no_steps() -> None:
    for ratings in ((0.1, 17.3, 100), (1, 2, 2.3, 3)):
        scale = scale_of(*ratings)
        assert (scale.values, scale.stars) == ((), 0)
        assert (scale.low, scale.high) == (min(ratings), max(ratings))
        assert scale.nearest(2.71) == 2.71


def test_a_rating_becomes_the_nearest_value_and_off_the_scale_none() -> None:
    scale = scale_of(1, 2, 3, 4, 5)
    assert scale.nearest(3.6) == 4
    assert [scale.nearest(x) for x in (0.9, 5.1, np.nan, np.inf)] == [None] * 4


def test_opposite_stars_exchange_the_ends_of_the_scale() -> None:
    scale = RatingScale(0.5, 5.0, ())
    assert scale.opposite(np.array([0.5, 5.0, 2.75], np.float32)).tolist() == [5.0, 0.5, 2.75]
