"""Training batches: the train ratings of a split, in a new random order for every epoch."""

from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from recsys.data.splits import Split

# `users` are the queries of a batch, `[n_queries]`. The other three have one entry per rating,
# `[n]`: `rows` is the index of the rating's query.
Batch = dict[str, np.ndarray]
TensorBatch = dict[str, tf.Tensor]
SIGNATURE = {
    "users": tf.TensorSpec([None], tf.int32),
    "rows": tf.TensorSpec([None], tf.int32),
    "movies": tf.TensorSpec([None], tf.int32),
    "ratings": tf.TensorSpec([None], tf.float32),
}
# One pass over the train ratings, in a new order at every call.
Epoch = Callable[[], Iterator[Batch]]


def user_batch(split: Split, users: np.ndarray) -> Batch:
    """Return the batch of these users, `[n_queries]`, with all their train ratings."""
    rows, positions = split.positions("train", users)
    return {
        "users": users.astype(np.int32),
        "rows": rows,
        "movies": split.train.movies[positions],
        "ratings": split.train.ratings[positions],
    }


def tensors(batch: Batch) -> TensorBatch:
    """Return the batch as tensors."""
    return {name: tf.constant(array) for name, array in batch.items()}


def users_in_chunks(split: Split, users: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Split users, in this order, into chunks with about `batch_size` train ratings each."""
    indptr, _ = split.csr("train")
    ends = np.cumsum(indptr[users + 1] - indptr[users])
    chunk = (ends - 1) // batch_size
    cuts = np.flatnonzero(np.diff(chunk)) + 1
    return np.split(users, cuts)


def by_user(split: Split, batch_size: int, seed: int) -> Epoch:
    """Return batches of whole users: each with all train ratings, which are also the history.

    Every call visits each user with train ratings once, in a new random order.
    """
    indptr, _ = split.csr("train")
    active = np.flatnonzero(np.diff(indptr)).astype(np.int32)
    rng = np.random.default_rng(seed)

    def epoch() -> Iterator[Batch]:
        for users in users_in_chunks(split, rng.permutation(active), batch_size):
            yield user_batch(split, users)

    return epoch


def by_rating(split: Split, batch_size: int, seed: int) -> Epoch:
    """Return batches of single ratings, as in the TFRS tutorial.

    The queries of a batch are the users of its ratings, each of them once.
    """
    train = split.train
    rng = np.random.default_rng(seed)

    def epoch() -> Iterator[Batch]:
        order = rng.permutation(len(train))
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            users, rows = np.unique(train.users[chosen], return_inverse=True)
            yield {
                "users": users,
                "rows": rows.astype(np.int32),
                "movies": train.movies[chosen],
                "ratings": train.ratings[chosen],
            }

    return epoch
