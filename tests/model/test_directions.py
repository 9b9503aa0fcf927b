"""How many directions of taste ratings show, and the dimension that is chosen for them."""

from weakref import WeakKeyDictionary

import numpy as np
import pytest

from recsys.config import RunConfig, make_config
from recsys.data.splits import Interactions
from recsys.model import directions
from recsys.model.architectures import build
from recsys.model.directions import adapted, most_dimension
from tests.synthetic import random_split

SPLIT = random_split()


def blocks(n: int, of: int = 12, share: float = 0.7) -> Interactions:
    """Return ratings of `n` groups of users, each of its own group of movies."""
    rng = np.random.default_rng(0)
    rated = np.kron(np.eye(n), np.ones((of, of))) * rng.random((n * of, n * of)) < share
    users, movies = np.nonzero(rated & (np.kron(np.eye(n), np.ones((of, of))) > 0))
    return Interactions(users, movies, np.ones(len(users), np.float32))


@pytest.mark.parametrize("n", [2, 5, 30])
def test_groups_with_movies_of_their_own_are_a_direction_each(n: int) -> None:
    assert directions.directions(blocks(n), 12 * n, 12 * n) == n


def test_ratings_at_random_have_hardly_a_direction() -> None:
    rng = np.random.default_rng(1)
    users, movies = np.nonzero(rng.random((200, 300)) < 0.1)
    rows = Interactions(users, movies, np.ones(len(users), np.float32))
    assert directions.directions(rows, 200, 300) <= 4


@pytest.mark.parametrize(("n_users", "n_movies"), [(1, 5), (5, 1), (2, 2)])
def test_few_users_or_movies_have_none(n_users: int, n_movies: int) -> None:
    rows = Interactions(np.array([0]), np.array([0]), np.ones(1, np.float32))
    assert directions.directions(rows, n_users, n_movies) == 0


def test_count_is_the_same_each_time() -> None:
    rows = blocks(8, share=0.3)
    assert len({directions.directions(rows, 96, 96) for _ in range(3)}) == 1


def with_directions(
    monkeypatch: pytest.MonkeyPatch, n: int, config: RunConfig, split=SPLIT
) -> tuple[int, float | None]:
    monkeypatch.setattr(directions, "directions", lambda *_: n)
    monkeypatch.setattr(directions, "_found", WeakKeyDictionary())
    found = adapted(config, split)
    return found.embedding_dimension, found.retrieval_l2


@pytest.mark.parametrize(
    ("n", "fields", "dimension"),
    [
        (14, {}, 60),  # MovieLens 100K
        (20, {}, 60),
        (30, {}, 90),
        (50, {}, 150),
        (50, {"embedding_dimension": 24}, 60),
        (50, {"embedding_dimension": 8}, 20),
        (25, {"embedding_dimension": 8}, 10),
        (50, {"retrieval_l2": 1e-9}, 150),
        (50, {"embedding_dimension": 100}, 150),
        (50, {"embedding_dimension": 512}, 512),
        (50, {"adapt_dimension": False}, 60),
        (50, {"sharing": "tied"}, 30),
        (50, {"architecture": "tutorial"}, 32),
    ],
)
def test_dimension_grows_with_the_directions_and_its_penalty_falls(
    monkeypatch: pytest.MonkeyPatch, n: int, fields: dict, dimension: int
) -> None:
    config = make_config(fields)
    found, penalty = with_directions(monkeypatch, n, config)
    assert found == dimension
    if config.retrieval_l2 is not None:
        expected = config.retrieval_l2 * (config.embedding_dimension / dimension) ** 0.5
        assert penalty == pytest.approx(expected, rel=1e-4)
    assert found <= most_dimension(config, SPLIT.n_movies)


def test_large_catalogue_keeps_the_dimension(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directions, "MOST_MOVIES", SPLIT.n_movies - 1)
    assert with_directions(monkeypatch, 50, make_config({}))[0] == 60
    assert most_dimension(make_config({}), SPLIT.n_movies) == 60


def test_model_is_built_with_the_dimension_for_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directions, "directions", lambda *_: 50)
    monkeypatch.setattr(directions, "_found", WeakKeyDictionary())
    model = build(make_config({"embedding_dimension": 24}), SPLIT).model
    assert model.candidate_tower.movie_embedding.shape[1] == 60
