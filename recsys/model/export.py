"""From a trained model to a Scorer: plain arrays with the same outputs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from recsys.data.splits import Split
from recsys.model.batches import tensors, user_batch, users_in_chunks
from recsys.model.multitask import MultiTaskModel
from recsys.model.rating import DuetRatingHead, TutorialRatingHead
from recsys.model.towers import Batch, CatalogueTower
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
    tower, head = model.candidate_tower, model.rating_head
    query, rating_query = _of_users(split, users, [model.query_tower, head.queries])
    arrays = {
        "query": query,
        "candidate": tower.movie_embedding.numpy(),
        "rating_query": rating_query,
        "rating_candidate": head.candidates().numpy(),
    }
    if isinstance(head, DuetRatingHead):
        return TwoTowerScorer(**arrays | _duet(tower, head, rating_query))
    return TwoTowerScorer(**arrays | _tutorial(head))


def _duet(tower: CatalogueTower, head: DuetRatingHead, rating_query: np.ndarray) -> dict[str, Any]:
    """Return what else there is, with the rating head's unit, `spread`, multiplied out.

    Its members stand side by side, so that one product is their sum: divided, it is their mean.
    """
    return {
        "candidate_bias": tower.bias.numpy(),
        "rating_mean": head.mean,
        "rating_user_bias": head.spread * head.user_bias.numpy(),
        "rating_movie_bias": head.spread * head.movie_bias.numpy(),
        "rating_query": np.float32(head.spread / head.members) * rating_query,
    }


def _tutorial(head: TutorialRatingHead) -> dict[str, Any]:
    return {
        "use_dot": False,
        "kernels": tuple(layer.kernel.numpy() for layer in head.mlp.layers),
        "biases": tuple(layer.bias.numpy() for layer in head.mlp.layers),
    }


def _of_users(
    split: Split, users: np.ndarray, towers: list[Callable[[Batch], tf.Tensor]]
) -> list[np.ndarray]:
    """Return what each tower makes of these users, `[n_users, width]` each; 0 for other users."""
    vectors: list[np.ndarray] = []
    for chunk in users_in_chunks(split, users, EXPORT_RATINGS):
        batch = tensors(user_batch(split, chunk))
        found = [tower(batch).numpy() for tower in towers]
        vectors = vectors or [
            np.zeros((split.n_users, part.shape[1]), np.float32) for part in found
        ]
        for whole, part in zip(vectors, found, strict=True):
            whole[chunk] = part
    return vectors
