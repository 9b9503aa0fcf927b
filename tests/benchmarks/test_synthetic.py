import numpy as np
import pytest

from benchmarks.population import MAX_ACTIVITY, MIN_ACTIVITY, N_GENRES, Population, Size
from benchmarks.synthetic import SIZES, synthetic_dataset, synthetic_ratings
from recsys.data.splits import Interactions, make_split

SMALL = SIZES["100k"]


@pytest.fixture(scope="module")
def ratings() -> Interactions:
    return synthetic_ratings(SMALL, seed=0)


def test_ratings_have_the_size_asked_for(ratings: Interactions) -> None:
    assert len(ratings) == SMALL.n_ratings
    assert len(np.unique(ratings.users)) == SMALL.n_users
    assert ratings.movies.min() >= 0
    assert ratings.movies.max() < SMALL.n_movies


def test_ratings_are_sorted_and_no_pair_occurs_twice(ratings: Interactions) -> None:
    pairs = ratings.users.astype(np.int64) * SMALL.n_movies + ratings.movies
    assert np.all(np.diff(pairs) > 0)


def test_ratings_drawn_in_many_chunks_are_sorted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.synthetic.RATINGS_AT_ONCE", 5_000)
    drawn = synthetic_ratings(SMALL, seed=0)
    pairs = drawn.users.astype(np.int64) * SMALL.n_movies + drawn.movies
    assert len(drawn) == SMALL.n_ratings
    assert np.all(np.diff(pairs) > 0)


def test_ratings_are_half_stars_of_the_whole_scale(ratings: Interactions) -> None:
    assert ratings.ratings.dtype == np.float32
    np.testing.assert_array_equal(np.unique(ratings.ratings), np.arange(1, 11) / 2)


def test_activity_is_skewed_between_its_limits(ratings: Interactions) -> None:
    activity = np.bincount(ratings.users)
    assert MIN_ACTIVITY <= activity.min() <= MIN_ACTIVITY + 2
    assert activity.max() <= MAX_ACTIVITY * SMALL.n_movies
    assert np.median(activity) < 0.75 * activity.mean()


def test_popularity_has_a_long_tail(ratings: Interactions) -> None:
    popularity = np.sort(np.bincount(ratings.movies, minlength=SMALL.n_movies))[::-1]
    assert popularity[0] > 0.25 * SMALL.n_users
    assert popularity[: SMALL.n_movies // 10].sum() > 3 * SMALL.n_ratings / 10
    assert np.median(popularity) < 0.6 * popularity.mean()


def test_larger_catalogue_has_a_heavier_head() -> None:
    drawn = synthetic_ratings(Size(60_000, 400, 20_000), seed=0)
    popularity = np.sort(np.bincount(drawn.movies, minlength=20_000))[::-1]
    assert popularity[:1_000].sum() > 0.6 * len(drawn)
    assert np.median(popularity) <= 1


def test_same_seed_gives_same_ratings(ratings: Interactions) -> None:
    again, other = (synthetic_ratings(SMALL, seed=seed) for seed in (0, 1))
    for name in ("users", "movies", "ratings"):
        np.testing.assert_array_equal(getattr(again, name), getattr(ratings, name))
        assert not np.array_equal(getattr(other, name), getattr(ratings, name))


def test_users_keep_to_their_genres(ratings: Interactions) -> None:
    population = Population.draw(SMALL, np.random.default_rng(0))
    genre = np.empty(SMALL.n_movies, int)
    genre[population.movies] = np.ceil(population.movie_reach - 1e-9) - 1
    counts = np.zeros((SMALL.n_users, N_GENRES))
    np.add.at(counts, (ratings.users, genre[ratings.movies]), 1)
    share = counts / counts.sum(axis=1, keepdims=True)
    # Without a taste of one's own, even the favourite genre would be near its share of 1/16.
    assert np.median(share.max(axis=1)) > 3 / N_GENRES


def test_rating_follows_user_and_movie(ratings: Interactions) -> None:
    bias = np.bincount(ratings.movies, ratings.ratings, SMALL.n_movies)
    bias /= np.maximum(np.bincount(ratings.movies, minlength=SMALL.n_movies), 1)
    residual = ratings.ratings - bias[ratings.movies]
    assert residual.var() < 0.9 * ratings.ratings.var()


def test_dataset_splits_like_any_other() -> None:
    dataset = synthetic_dataset(Size(4_000, 100, 300), seed=0)
    split = make_split(dataset, kind="random", holdout=0.1, validation=0, seed=0)
    assert (split.n_users, split.n_movies) == (100, 300)
    assert (len(split.train), len(split.holdout)) == (3_600, 400)
    assert split.user_ids[0] == "1"
    assert split.rating_scale == (0.5, 5.0)


@pytest.mark.parametrize("n_ratings", [100, 1_000_000])
def test_impossible_size_is_refused(n_ratings: int) -> None:
    with pytest.raises(ValueError, match="100 users rate 20 to 75 of 300 movies each"):
        synthetic_ratings(Size(n_ratings, 100, 300), seed=0)
