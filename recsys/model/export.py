"""From a trained model to a Scorer: plain arrays with the same outputs."""

from typing import Any

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
    head = model.rating_head
    arrays = {
        "query": query,
        "candidate": model.candidate_tower(movies).numpy(),
        "candidate_bias": None if bias is None else bias.numpy(),
        "rating_query": rating_query,
        "rating_candidate": rating_candidate.numpy(),
        "use_dot": False,
        "kernels": tuple(layer.kernel.numpy() for layer in head.mlp.layers),
        "biases": tuple(layer.bias.numpy() for layer in head.mlp.layers),
    }
    return TwoTowerScorer(
        **arrays | (_in_stars(head, arrays) if isinstance(head, DuetRatingHead) else {})
    )


def _in_stars(head: DuetRatingHead, arrays: dict[str, Any]) -> dict[str, Any]:
    """Return the rating arrays with the head's unit, `spread`, multiplied out."""
    query, kernels, biases = arrays["rating_query"], arrays["kernels"], arrays["biases"]
    # The MLP reads the query as well: its first layer takes the factor back.
    first = kernels[0].copy()
    first[: query.shape[1]] /= head.spread
    return {
        "use_dot": True,
        "rating_mean": head.mean,
        "rating_user_bias": head.spread * head.user_bias.embeddings.numpy()[:, 0],
        "rating_movie_bias": head.spread * head.movie_bias.embeddings.numpy()[:, 0],
        "rating_query": head.spread * query,
        "kernels": (first, *kernels[1:-1], head.spread * kernels[-1]),
        "biases": (*biases[:-1], head.spread * biases[-1]),
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
