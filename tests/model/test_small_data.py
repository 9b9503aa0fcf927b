"""Very small or unusual data: no division by zero, no NaN."""

from dataclasses import replace

import numpy as np
import pytest

from recsys.config import make_config
from recsys.data.splits import Interactions
from recsys.evaluation.evaluate import evaluate
from recsys.experiment import evaluate_baselines
from recsys.model.training import train
from tests.synthetic import make_rows_split, random_split, small_config, with_attributes

# Warnings of eager mode, and of the softmax over a single movie.
pytestmark = pytest.mark.filterwarnings("ignore:Even though the", "ignore:In loss categorical")

EMPTY = Interactions(*(np.empty(0, kind) for kind in ("i4", "i4", "f4")))
HALF_STARS = tuple(np.arange(0.5, 5.5, 0.5))


def awkward_split():
    """Return 20 users: one rated everything, one is new in the holdout, as is one movie."""
    rows = [(user, movie, 1.0 + (user + movie) % 5) for user in range(20) for movie in range(6)]
    train_rows = [row for row in rows if row[0] == 0 or (row[0] < 18 and row[1] < 3)]
    return make_rows_split(
        20,
        8,
        train=train_rows,
        validation=[(1, 3, 2.0), (2, 6, 1.0), (18, 0, 3.0)],
        holdout=[(19, 7, 5.0), (19, 0, 2.0), (1, 7, 1.0)],
    )


CASES = {
    "awkward": awkward_split(),
    "one rating": make_rows_split(1, 1, train=[(0, 0, 3.0)]),
    "one user": make_rows_split(
        1, 6, train=[(0, 0, 1), (0, 1, 5)], validation=[(0, 2, 3)], holdout=[(0, 3, 2)]
    ),
    "one movie": make_rows_split(
        6, 1, train=[(0, 0, 1), (1, 0, 5)], validation=[(2, 0, 3)], holdout=[(3, 0, 2)]
    ),
    "all users rated all movies": make_rows_split(
        30, 7, train=[(user, movie, 1.0 + movie % 5) for user in range(30) for movie in range(7)]
    ),
    "mostly unrated catalogue": make_rows_split(
        3, 2000, train=[(0, 5, 1.0), (1, 5, 2.0), (2, 1999, 5.0)]
    ),
    "attributes": with_attributes(random_split()),
    "ratings all equal": random_split(scale=(4.0,)),
    "half stars, no holdout": replace(random_split(scale=HALF_STARS), holdout=EMPTY),
    "from -10 to 10, no validation": replace(
        random_split(scale=(-10.0, 0.0, 10.0)), validation=EMPTY
    ),
}
TUTORIAL_TOO = ("awkward", "one rating")


def trains(config, split):
    """Train, and check that all results are finite."""
    trained = train(config, split)
    assert len(trained.history) == config.epochs
    for record in trained.history:
        values = {**vars(record), **record.validation_metrics}
        numbers = [value for value in values.values() if isinstance(value, float)]
        assert np.isfinite(numbers).all(), record
        assert (record.validation_rating_loss is None) == (len(split.validation) == 0)
    users, movies = np.divmod(np.arange(split.n_users * split.n_movies), split.n_movies)
    assert np.isfinite(trained.scorer.scores(np.arange(split.n_users))).all()
    assert np.isfinite(trained.scorer.ratings(users, movies)).all()
    for part in ("validation", "holdout"):
        metrics = evaluate(trained.scorer, split, part)
        assert bool(metrics) == bool(len(getattr(split, part)))
        assert np.isfinite(list(metrics.values())).all(), metrics
    for parts in evaluate_baselines(split).values():
        assert all(np.isfinite(list(metrics.values())).all() for metrics in parts.values())
    return trained


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("case", CASES)
def test_duet_trains_on(case):
    trains(small_config(), CASES[case])


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("case", TUTORIAL_TOO)
def test_tutorial_trains_on(case):
    # Batches of one rating: the softmax has a single candidate.
    trains(small_config(architecture="tutorial", batch_size=1), CASES[case])


@pytest.mark.usefixtures("eagerly")
def test_duet_trains_on_twenty_users_with_the_default_config():
    split = with_attributes(random_split())
    trains(make_config({"epochs": 2}), split)
    trains(make_config({"epochs": 2, "sharing": "all", "attributes": False}), split)


@pytest.mark.usefixtures("eagerly")
def test_duet_of_the_smallest_dimensions_trains():
    trains(
        small_config(embedding_dimension=1, rating_dimension=1, rating_members=1),
        CASES["attributes"],
    )


def test_awkward_data_trains_in_a_graph_too():
    trains(small_config(epochs=5), CASES["awkward"])


def test_ratings_far_from_zero_are_predicted_on_their_own_scale():
    split = random_split(scale=(90.0, 95.0, 100.0))
    trained = trains(small_config(epochs=6, learning_rate=0.05), split)
    assert evaluate(trained.scorer, split, "holdout")["rmse"] < 6


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("factor", [20.0, 0.2])
def test_scaled_ratings_give_equally_scaled_predictions(factor):
    split = random_split(scale=(1.0, 2.0, 3.0, 4.0, 5.0))

    def scaled(part):
        return replace(part, ratings=part.ratings * np.float32(factor))

    other = replace(
        split,
        train=scaled(split.train),
        validation=scaled(split.validation),
        holdout=scaled(split.holdout),
        rating_scale=(factor, 5 * factor),
    )
    before, after = (train(small_config(epochs=3), one).scorer for one in (split, other))
    expected, metrics = (evaluate(*pair, "holdout") for pair in ((before, split), (after, other)))
    assert metrics["rmse"] == pytest.approx(factor * expected["rmse"], rel=1e-3)
    users = np.arange(split.n_users)
    assert after.scores(users) == pytest.approx(before.scores(users), abs=1e-3)
