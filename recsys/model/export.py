"""From a trained model to a Scorer: plain arrays with the same outputs."""

import numpy as np
import tensorflow as tf

from recsys.data.splits import Split
from recsys.model.batches import tensors, user_batch, users_in_chunks
from recsys.model.multitask import MultiTaskModel
from recsys.model.rating import DuetRatingHead
from recsys.scorer import TwoTowerScorer

EXPORT_RATINGS = 500_000  # train ratings pooled at once, which bounds the memory


def export(model: MultiTaskModel, split: Split) -> TwoTowerScorer:
    """Return the model as arrays. Histories are those of train."""
    movies = tf.range(split.n_movies)
    query, rating_query = _queries(model, split)
    anyone = tensors(user_batch(split, np.arange(1)))
    _, rating_candidate = model.rating_head.vectors(anyone, movies)
    bias = model.candidate_tower.bias
    layers = model.rating_head.mlp.layers
    arrays = {
        "query": query,
        "candidate": model.candidate_tower(movies).numpy(),
        "candidate_bias": None if bias is None else bias.numpy(),
        "rating_query": rating_query,
        "rating_candidate": rating_candidate.numpy(),
        "use_dot": False,
        "kernels": tuple(layer.kernel.numpy() for layer in layers),
        "biases": tuple(layer.bias.numpy() for layer in layers),
    }
    return TwoTowerScorer(**arrays | _biases(model.rating_head))


def _biases(head: tf.keras.layers.Layer) -> dict[str, object]:
    if not isinstance(head, DuetRatingHead):
        return {}
    return {
        "use_dot": True,
        "rating_mean": head.mean,
        "rating_user_bias": head.user_bias.embeddings.numpy()[:, 0],
        "rating_movie_bias": head.movie_bias.embeddings.numpy()[:, 0],
    }


def _queries(model: MultiTaskModel, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return the retrieval and the rating queries of all users, `[n_users, d]` each."""
    queries, rating_queries = [], []
    for users in users_in_chunks(split, np.arange(split.n_users), EXPORT_RATINGS):
        batch = tensors(user_batch(split, users))
        query = model.query_tower(batch)
        rating_query, _ = model.rating_head.vectors(batch, tf.range(0))
        queries.append(query.numpy())
        rating_queries.append(rating_query.numpy())
    return np.concatenate(queries), np.concatenate(rating_queries)
