from itertools import combinations

import numpy as np
import pytest

from recsys.baselines import BiasModel
from recsys.explanations import removal
from recsys.explanations.person import Person, person_of
from recsys.explanations.removal import rank_of, ranks_without, smallest_removal
from tests.explanations.pooled_model import pooled_model
from tests.synthetic import make_rows_split, random_split

SPLIT = random_split(n_users=12)
BIASES = BiasModel(SPLIT)
USERS = np.flatnonzero(np.diff(SPLIT.csr("train").indptr))


def a_person(user: int, seed: int = 0) -> tuple[Person, np.ndarray]:
    model = pooled_model(SPLIT, seed)
    candidates = np.ones(SPLIT.n_movies, bool)
    candidates[SPLIT.seen(user)] = False
    return person_of(model, SPLIT, BIASES, user), candidates


def first(person: Person, candidates: np.ndarray) -> int:
    return int(np.argmax(np.where(candidates, person.scores(), -np.inf)))


def test_rank_counts_higher_candidates_and_equal_ones_with_a_smaller_code():
    scores = np.array([1, 3, 2, 2, 5], np.float32)
    candidates = np.array([True, True, True, True, False])
    assert [rank_of(scores, movie, candidates) for movie in range(4)] == [4, 1, 2, 3]


@pytest.mark.parametrize("user", USERS[:4])
def test_ranks_without_are_those_of_a_list_made_again(user):
    person, candidates = a_person(user)
    movie = first(person, candidates)
    places = np.arange(len(person.movies))
    expected = []
    for place in places:
        scores = person.without(np.array([place])).scores()
        ranked = sorted(np.flatnonzero(candidates), key=lambda one: (-scores[one], one))
        expected.append(ranked.index(movie) + 1)
    assert ranks_without(person, movie, candidates, places).tolist() == expected


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("user", USERS[:4])
def test_no_smaller_removal_exists(user, seed):
    person, candidates = a_person(user, seed)
    top = first(person, candidates)
    found = smallest_removal(person, top, candidates)
    places = range(len(person.movies))
    sizes = [
        size
        for size in range(1, len(person.movies) + 1)
        if any(
            first(person.without(np.array(some)), candidates) != top
            for some in combinations(places, size)
        )
    ]
    if found is None:
        assert not sizes
    else:
        assert len(found.places) == min(sizes)


@pytest.mark.parametrize("seed", range(8))
def test_the_removal_really_changes_the_first_place(seed):
    for user in USERS:
        person, candidates = a_person(user, seed)
        top = first(person, candidates)
        found = smallest_removal(person, top, candidates)
        if found is not None:
            after = first(person.without(found.places), candidates)
            assert after == found.first != top


def test_only_the_nearest_rivals_are_compared_where_there_are_too_many(monkeypatch):
    person, candidates = a_person(USERS[0])
    top = first(person, candidates)
    monkeypatch.setattr(removal, "MOST_DIFFERENCES", len(person.movies))
    found = smallest_removal(person, top, candidates)
    assert found is None or first(person.without(found.places), candidates) == found.first


def test_nothing_is_removed_where_nothing_can_change():
    split = make_rows_split(2, 2, [(0, 0, 3.0), (1, 0, 4.0)])
    person = person_of(pooled_model(split), split, BiasModel(split), 0)
    assert smallest_removal(person, 1, np.array([False, True])) is None
    empty = person.with_history(person.movies[:0], person.stars[:0])
    assert smallest_removal(empty, 1, np.array([True, True])) is None
