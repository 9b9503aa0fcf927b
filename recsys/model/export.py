"""From a trained model to a Scorer: plain arrays with the same outputs."""

from typing import Any

import numpy as np

from recsys.data.splits import Split
from recsys.model.batches import tensors, user_batch, users_in_chunks
from recsys.model.multitask import MultiTaskModel
from recsys.model.rating import DuetRatingHead, TutorialRatingHead
from recsys.scorer import TwoTowerScorer

EXPORT_RATINGS = 500_000  # train ratings pooled at once, which bounds the memory


def export(model: MultiTaskModel, split: Split, users: np.ndarray | None = None) -> TwoTowerScorer:
    """Return the model as arrays. Histories are those of train.

    Args:
        model: what was learnt.
        split: what it was learnt from.
        users: codes; only for these users does the scorer mean anything. All by default.
    """
    users = np.arange(split.n_users) if users is None else users
    query, rating_query = _queries(model, split, users)
    tower, head = model.candidate_tower, model.rating_head
    return TwoTowerScorer(
        query=query,
        candidate=tower.movie_embedding.numpy(),
        candidate_bias=None if tower.bias is None else tower.bias.numpy(),
        rating_candidate=head.candidates().numpy(),
        **(_duet if isinstance(head, DuetRatingHead) else _tutorial)(head, rating_query),
    )


def _duet(head: DuetRatingHead, query: np.ndarray) -> dict[str, Any]:
    """Return the rest of the rating arrays, with the head's unit, `spread`, multiplied out."""
    return {
        "rating_mean": head.mean,
        "rating_user_bias": head.spread * head.user_bias.numpy(),
        "rating_movie_bias": head.spread * head.movie_bias.numpy(),
        "rating_query": head.spread / head.members * query,
    }


def _tutorial(head: TutorialRatingHead, query: np.ndarray) -> dict[str, Any]:
    return {
        "rating_query": query,
        "use_dot": False,
        "kernels": tuple(layer.kernel.numpy() for layer in head.mlp.layers),
        "biases": tuple(layer.bias.numpy() for layer in head.mlp.layers),
    }


def _queries(
    model: MultiTaskModel, split: Split, users: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the retrieval and the rating queries, `[n_users, d]` each; 0 for other users."""
    width = model.candidate_tower.movie_embedding.shape[1]
    rating_width = model.rating_head.width
    queries = np.zeros((split.n_users, width), np.float32)
    rating_queries = np.zeros((split.n_users, rating_width), np.float32)
    for chunk in users_in_chunks(split, users, EXPORT_RATINGS):
        batch = tensors(user_batch(split, chunk))
        queries[chunk] = model.query_tower(batch)
        rating_queries[chunk] = model.rating_head.queries(batch)
    return queries, rating_queries
