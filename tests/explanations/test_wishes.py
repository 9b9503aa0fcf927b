import numpy as np

from recsys.baselines import BiasModel
from recsys.explanations.person import person_of
from recsys.explanations.removal import rank_of
from recsys.explanations.wishes import rated_together, wishes
from tests.explanations.pooled_model import pooled_model
from tests.synthetic import random_split

SPLIT = random_split(n_movies=30)
MODEL, BIASES = pooled_model(SPLIT, 1), BiasModel(SPLIT)
USER, HIGHEST = 2, 5.0
PERSON = person_of(MODEL, SPLIT, BIASES, USER)
CANDIDATES = np.ones(SPLIT.n_movies, bool)
CANDIDATES[SPLIT.seen(USER)] = False
RANKED = sorted(np.flatnonzero(CANDIDATES), key=lambda movie: (-PERSON.scores()[movie], movie))
LIST, WISHED = np.array(RANKED[:3]), int(RANKED[6])
EVERYTHING = np.ones(SPLIT.n_movies, bool)


def found(to_rate: np.ndarray = EVERYTHING):
    return wishes(PERSON, WISHED, CANDIDATES, HIGHEST, LIST, to_rate)


def test_each_rank_is_that_of_a_list_made_with_the_rating():
    assert any(one.is_known for one in found())
    assert any(not one.is_known for one in found())
    for one in found():
        stars = dict(zip(PERSON.movies.tolist(), PERSON.stars.tolist(), strict=True))
        stars[one.movie] = HIGHEST
        changed = PERSON.with_history(
            np.array(list(stars)), np.array(list(stars.values()), np.float32)
        )
        left = CANDIDATES.copy()
        left[one.movie] = False
        assert one.rank == rank_of(changed.scores(), WISHED, left)


def test_best_ranks_come_first_and_nothing_is_said_of_the_movie_itself():
    ranks = [one.rank for one in found()]
    assert ranks == sorted(ranks)
    assert WISHED not in [one.movie for one in found()]


def test_ratings_that_are_highest_already_are_left_out():
    highest = set(PERSON.movies[PERSON.stars == HIGHEST].tolist())
    assert highest
    assert highest.isdisjoint(one.movie for one in found())


def test_only_movies_of_the_history_and_those_to_rate_are_tried():
    nothing = np.zeros(SPLIT.n_movies, bool)
    assert all(one.is_known for one in found(nothing))


def test_ratings_are_taken_together_until_the_movie_is_in_the_list():
    movies = [one.movie for one in found()]
    taken, rank = rated_together(PERSON, movies, WISHED, CANDIDATES, HIGHEST, 3)
    assert rank <= 3
    assert taken == movies[: len(taken)]
    if len(taken) > 1:
        _, rank = rated_together(PERSON, movies[: len(taken) - 1], WISHED, CANDIDATES, 5.0, 3)
        assert rank > 3


def test_without_anything_to_rate_the_movie_stays_where_it_is():
    taken, rank = rated_together(PERSON, [], WISHED, CANDIDATES, HIGHEST, 3)
    assert (taken, rank) == ([], 7)
