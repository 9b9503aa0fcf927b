"""The size and the number of training steps."""

import numpy as np
import pytest

from recsys.config import make_config
from recsys.data.splits import Interactions, Split
from recsys.model.steps import batch_size, steady_part, steps_per_epoch
from recsys.model.training import train


@pytest.mark.parametrize(
    ("counts", "part"),
    [
        ([], 1.0),
        ([0, 0], 1.0),
        ([200, 200], 1.0),
        ([800, 800, 0], 0.5),
        # 900 of 1,000 ratings are of a movie with 900 raters, the others of one with 100: the mean
        # over the ratings is 820.
        ([900, 100], (200 / 820) ** 0.5),
    ],
)
def test_steady_part_falls_with_the_root_of_the_raters(counts: list[int], part: float) -> None:
    assert steady_part(np.array(counts, np.int64)) == pytest.approx(part)


def test_large_data_have_larger_batches_not_more_steps() -> None:
    config = make_config({})
    assert batch_size(config, 80_000) == config.batch_size
    assert batch_size(config, 25_000_000) == 250_000
    assert steps_per_epoch(config, 25_000_000) == 100


def test_ratings_are_learnt_steadily_where_movies_have_thousands_of_raters() -> None:
    """The loss of the first epoch is below 1, that of a constant. It was 15 with the full rate."""
    split = popular_movies(users=12_000, movies=30, per_user=10)
    config = make_config({"epochs": 1, "batch_size": 2_048, "holdout": 0.1, "validation": 0.0})
    assert train(config, split).history[0].rating_loss < 1


def popular_movies(users: int, movies: int, per_user: int) -> Split:
    """Return ratings with biases and a low rank; each movie has a large part of all users."""
    rng = np.random.default_rng(0)
    rows = np.repeat(np.arange(users, dtype=np.int32), per_user)
    drawn = rng.permuted(np.tile(np.arange(movies), (users, 1)), axis=1)[:, :per_user]
    columns = np.sort(drawn, axis=1).ravel().astype(np.int32)
    user_taste, movie_taste = rng.normal(0, 0.4, (users, 4)), rng.normal(0, 0.6, (movies, 4))
    stars = 3.5 + np.vecdot(user_taste[rows], movie_taste[columns])
    stars += 0.7 * (user_taste[rows, 0] + movie_taste[columns, 0])
    stars += rng.normal(0, 0.7, len(rows))
    ratings = np.clip(np.round(stars), 1, 5).astype(np.float32)
    none = Interactions(rows[:0], columns[:0], ratings[:0])
    names = [
        np.array([f"{kind}{n}" for n in range(size)], object)
        for kind, size in (("u", users), ("m", movies))
    ]
    return Split(Interactions(rows, columns, ratings), none, none, *names, (1.0, 5.0))
