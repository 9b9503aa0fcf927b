"""A Scorer as a TensorFlow SavedModel: recommend movies and rate them, without code of Duet.

It is loaded with `tf.saved_model.load`, or served with TensorFlow Serving. Its signatures take and
return ids as texts:

recommend(user_id [n]) -> movie_id [n, k], score [n, k]    the top k movies that are not seen
rate(user_id [n], movie_id [n]) -> stars [n]               clipped to the rating scale

A user with fewer candidates than k has "" as movie_id and -inf as score in the last places. An id
that is not known is an InvalidArgumentError. A task that was not learnt has no signature.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.atomic import temporary_folder
from recsys.data.splits import Split
from recsys.errors import DuetError
from recsys.model.saved_notes import write_notes
from recsys.scorer import RATING, RETRIEVAL, TwoTowerScorer

NO_MOVIE = ""  # in the places that are left


def save_model(
    folder: Path,
    scorer: TwoTowerScorer,
    tasks: frozenset[str],
    split: Split,
    titles: np.ndarray,
    k: int,
) -> list[str]:
    """Write a model to a new folder with notes, see `saved_notes`; return its signatures' names.

    Args:
        folder: must not exist yet; it appears when it is complete.
        scorer: the model.
        tasks: the tasks that it learnt.
        split: gives the ids, the movies that each user has seen, and the rating scale.
        titles: of the movies, [n_movies].
        k: how many movies `recommend` returns.

    Raises:
        DuetError: the folder exists.
    """
    if folder.exists():
        raise DuetError(f"{folder}: already exists; name a new folder")
    k = min(k, split.n_movies)
    model = _Served(scorer, split, k)
    ids = tf.TensorSpec([None], tf.string)
    signatures = {}
    if RETRIEVAL in tasks:
        signatures["recommend"] = model.recommend.get_concrete_function(user_id=ids)
    if RATING in tasks:
        signatures["rate"] = model.rate.get_concrete_function(user_id=ids, movie_id=ids)
    with temporary_folder(folder.parent, private=False) as temporary:
        tf.saved_model.save(model, str(temporary), signatures=signatures)
        write_notes(temporary, tasks, split, titles, k)
        temporary.rename(folder)
    return list(signatures)


def zipped_model(
    scorer: TwoTowerScorer,
    tasks: frozenset[str],
    split: Split,
    titles: np.ndarray,
    k: int,
    *,
    on_progress: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> bytes:
    """Return what `save_model` writes as a zip file; its arguments are those of `save_model`.

    It is called in a worker, for a page, and takes a few seconds: no progress, no stop.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        save_model(folder, scorer, tasks, split, titles, k)
        return Path(shutil.make_archive(str(folder), "zip", folder)).read_bytes()


class _Served(tf.Module):
    """The arrays of a Scorer as variables, and the ids of their rows as tables."""

    def __init__(self, scorer: TwoTowerScorer, split: Split, k: int) -> None:
        super().__init__(name="duet")
        self._k = k
        self._n_movies = split.n_movies
        self._scale = split.rating_scale
        self._users = _codes(split.user_ids)
        self._movies = _codes(split.movie_ids)
        self._movie_ids = _variable(tf.constant([*map(str, split.movie_ids), NO_MOVIE]))
        seen = split.csr("seen")
        self._seen_starts, self._seen = _variable(seen.indptr), _variable(seen.movies)
        # The bias is one more column of the candidates; the queries have a 1 there.
        bias = scorer.candidate_bias
        bias = np.zeros(scorer.n_movies, np.float32) if bias is None else bias
        self._query = _variable(np.column_stack([scorer.query, np.ones(scorer.n_users, "f4")]))
        self._index = tfrs.layers.factorized_top_k.BruteForce(k=k)
        self._index.index(tf.constant(np.column_stack([scorer.candidate, bias])))
        self._head = _RatingHead(scorer)
        self.recommend, self.rate = tf.function(self._recommend), tf.function(self._rate)

    def _recommend(self, user_id: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return the top k of these users, `[n, k]`."""
        users = _known(self._users, user_id, "user_id")
        starts = tf.gather(self._seen_starts, users)
        counts = tf.gather(self._seen_starts, users + 1) - starts
        # Among the best k + (number of seen movies) there are k that are not seen, or all.
        most = tf.cast(tf.reduce_max(tf.concat([counts, [0]], 0)), tf.int32)
        found = tf.minimum(self._k + most, self._n_movies)
        scores, movies = self._index(tf.gather(self._query, users), k=found)
        is_seen = tf.gather(self._seen_mask(starts, counts), movies, batch_dims=1)
        scores = tf.where(is_seen, -np.inf, scores)
        scores, places = tf.math.top_k(scores, self._k)
        movies = tf.gather(movies, places, batch_dims=1)
        movies = tf.where(scores > -np.inf, movies, self._n_movies)
        return {"movie_id": tf.gather(self._movie_ids, movies), "score": scores}

    def _rate(self, user_id: tf.Tensor, movie_id: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return the predicted stars of these pairs, `[n]`."""
        users = _known(self._users, user_id, "user_id")
        movies = _known(self._movies, movie_id, "movie_id")
        stars = self._head(users, movies)
        return {"stars": tf.clip_by_value(stars, *self._scale)}

    def _seen_mask(self, starts: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
        """Return which movies are seen, bool `[n, n_movies]`."""
        seen = tf.gather(self._seen, tf.ragged.range(starts, starts + counts))
        cells = tf.stack([seen.value_rowids(), tf.cast(seen.values, tf.int64)], axis=1)
        shape = tf.stack([tf.size(starts, tf.int64), self._n_movies])
        return tf.scatter_nd(cells, tf.ones(tf.shape(cells)[:1], tf.int32), shape) > 0


class _RatingHead(tf.Module):
    """`TwoTowerScorer.ratings` in TensorFlow; terms that the Scorer does not have add 0."""

    def __init__(self, scorer: TwoTowerScorer) -> None:
        super().__init__()
        self._mean = scorer.rating_mean or 0.0
        self._biases = [
            None if array is None else _variable(array)
            for array in (scorer.rating_user_bias, scorer.rating_movie_bias)
        ]
        self._vectors = [
            None if array is None else _variable(array)
            for array in (scorer.rating_query, scorer.rating_candidate)
        ]
        self._use_dot = scorer.use_dot
        self._layers = [
            (_variable(kernel), _variable(bias))
            for kernel, bias in zip(scorer.kernels, scorer.biases, strict=True)
        ]

    def __call__(self, users: tf.Tensor, movies: tf.Tensor) -> tf.Tensor:
        stars = tf.fill(tf.shape(users), self._mean)
        for bias, codes in zip(self._biases, (users, movies), strict=True):
            if bias is not None:
                stars += tf.gather(bias, codes)
        if any(vectors is None for vectors in self._vectors):
            return stars
        pairs = zip(self._vectors, (users, movies), strict=True)
        query, candidate = (tf.gather(vectors, codes) for vectors, codes in pairs)
        if self._use_dot:
            stars += tf.reduce_sum(query * candidate, axis=1)
        if self._layers:
            stars += self._mlp(tf.concat([query, candidate], axis=1))
        return stars

    def _mlp(self, layer: tf.Tensor) -> tf.Tensor:
        for number, (kernel, bias) in enumerate(self._layers, start=1):
            layer = layer @ kernel + bias
            if number < len(self._layers):
                layer = tf.nn.relu(layer)
        return layer[:, 0]


def _variable(array: np.ndarray | tf.Tensor) -> tf.Variable:
    # Variables are stored beside the graph, which may not be larger than 2 GB.
    return tf.Variable(array, trainable=False)


def _codes(ids: np.ndarray) -> tf.lookup.StaticHashTable:
    keys = tf.constant([str(one) for one in ids])
    values = tf.range(len(ids), dtype=tf.int64)
    return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), -1)


def _known(table: tf.lookup.StaticHashTable, ids: tf.Tensor, name: str) -> tf.Tensor:
    """Return the codes of ids, int64; an id that is not known is an error of TensorFlow."""
    codes = table.lookup(ids)
    check = tf.debugging.Assert(tf.reduce_all(codes >= 0), [f"{name} that the data set lacks", ids])
    with tf.control_dependencies([check]):
        return tf.identity(codes)
