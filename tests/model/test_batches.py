from collections import Counter

import numpy as np
import pytest

from recsys.model.batches import (
    SIGNATURE,
    by_rating,
    by_user,
    tensors,
    user_batch,
    users_in_chunks,
)
from tests.synthetic import make_rows_split, random_split

TINY = make_rows_split(
    4, 3, train=[(0, 0, 1), (0, 2, 2), (1, 1, 3), (3, 0, 4), (3, 1, 5), (3, 2, 1)]
)


def triples(batch):
    """Return the (user, movie, rating) triples of a batch, in its order."""
    users = batch["users"][batch["rows"]]
    return list(zip(users, batch["movies"], batch["ratings"], strict=True))


def train_triples(split):
    return list(zip(split.train.users, split.train.movies, split.train.ratings, strict=True))


def test_user_batch_holds_all_ratings_of_its_users_in_their_order():
    batch = user_batch(TINY, np.array([3, 2, 0]))
    assert batch["users"].tolist() == [3, 2, 0]
    assert batch["rows"].tolist() == [0, 0, 0, 2, 2]
    assert batch["movies"].tolist() == [0, 1, 2, 0, 2]
    assert batch["ratings"].tolist() == [4, 5, 1, 1, 2]


def test_user_batch_of_a_user_without_ratings_has_no_ratings():
    batch = user_batch(TINY, np.array([2]))
    assert batch["users"].tolist() == [2]
    assert len(batch["rows"]) == len(batch["movies"]) == len(batch["ratings"]) == 0


@pytest.mark.parametrize("batch_size", [1, 7, 40, 10_000])
def test_chunks_keep_the_order_and_hold_about_batch_size_ratings(batch_size):
    split = random_split()
    order = np.random.default_rng(1).permutation(split.n_users)
    counts = np.bincount(split.train.users, minlength=split.n_users)
    chunks = users_in_chunks(split, order, batch_size)
    assert np.concatenate(chunks).tolist() == order.tolist()
    assert all(len(chunk) for chunk in chunks)
    # A chunk goes over by less than the ratings of one user.
    assert max(counts[chunk].sum() for chunk in chunks) < batch_size + counts.max()
    assert len(chunks) <= np.ceil(counts.sum() / batch_size) + 1


def test_chunks_of_users_without_ratings_are_one_chunk():
    split = make_rows_split(5, 1, train=[(0, 0, 1.0)])
    assert [chunk.tolist() for chunk in users_in_chunks(split, np.arange(1, 5), 2)] == [
        [1, 2, 3, 4]
    ]


@pytest.mark.parametrize("make", [by_user, by_rating])
@pytest.mark.parametrize("batch_size", [1, 16, 10_000])
def test_an_epoch_visits_every_train_rating_exactly_once(make, batch_size):
    split = random_split()
    visited = [triple for batch in make(split, batch_size, 0)() for triple in triples(batch)]
    assert Counter(visited) == Counter(train_triples(split))


def test_batches_by_rating_are_full_but_the_last():
    sizes = [len(batch["ratings"]) for batch in by_rating(random_split(), 16, 0)()]
    n = len(random_split().train)
    assert sizes == [16] * (n // 16) + [n % 16]


def test_batches_by_rating_have_each_of_their_users_once():
    for batch in by_rating(random_split(), 30, 0)():
        assert np.unique(batch["users"]).tolist() == batch["users"].tolist()
        assert set(batch["rows"]) == set(range(len(batch["users"])))


def test_batches_by_user_hold_whole_users_and_none_without_ratings():
    split = random_split()
    counts = np.bincount(split.train.users, minlength=split.n_users)
    seen = []
    for batch in by_user(split, 20, 0)():
        assert np.bincount(batch["rows"]).tolist() == counts[batch["users"]].tolist()
        seen += batch["users"].tolist()
    assert sorted(seen) == np.flatnonzero(counts).tolist()


@pytest.mark.parametrize("make", [by_user, by_rating])
def test_every_epoch_has_a_new_order_which_the_seed_decides(make):
    def orders(seed):
        epoch = make(random_split(), 16, seed)
        return [[triple for batch in epoch() for triple in triples(batch)] for _ in range(2)]

    first, second = orders(0)
    assert first != second
    assert orders(0) == [first, second]
    assert orders(1)[0] != first


@pytest.mark.parametrize("make", [by_user, by_rating])
def test_batches_have_the_types_that_the_training_step_is_traced_for(make):
    batch = tensors(next(make(random_split(), 16, 0)()))
    assert batch.keys() == SIGNATURE.keys()
    for name, spec in SIGNATURE.items():
        assert spec.is_compatible_with(batch[name]), name
