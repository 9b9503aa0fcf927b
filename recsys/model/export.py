"""Export a trained model as a Scorer: plain arrays with the same outputs."""

from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from recsys.data.splits import Split
from recsys.model.batches import TensorBatch, tensors, user_batch, users_in_chunks
from recsys.model.multitask import MultiTaskModel
from recsys.model.rating import DuetRatingHead, TutorialRatingHead
from recsys.model.tied import TiedRatingHead
from recsys.model.towers import CatalogueTower, HistoryTower
from recsys.scorer import TwoTowerScorer

EXPORT_RATINGS = 500_000  # train ratings pooled at once; limits the memory


class Vectors(Protocol):
    """The vectors of a model: of a `MultiTaskModel`, or of one whose functions are traced."""

    def user_vectors(self, batch: TensorBatch) -> list[tf.Tensor]:
        """See `MultiTaskModel`."""

    def movie_vectors(self) -> list[tf.Tensor]:
        """See `MultiTaskModel`."""


def export(
    model: MultiTaskModel,
    split: Split,
    users: np.ndarray | None = None,
    vectors: Vectors | None = None,
) -> TwoTowerScorer:
    """Return the model's Scorer. The histories are the train ratings.

    Args:
        model: the trained model.
        split: what it was trained on.
        users: user codes; the vectors of all other users are 0. All users by default.
        vectors: gives the model's vectors faster than itself.
    """
    users = np.arange(split.n_users) if users is None else users
    vectors = vectors or model
    tower, head = model.candidate_tower, model.rating_head
    query, rating_query = _user_vectors(split, users, vectors)
    candidates, *histories = (array.numpy() for array in vectors.movie_vectors())
    arrays = {
        "query": query,
        "candidate": tower.movie_embedding.numpy(),
        "rating_query": rating_query,
        "rating_candidate": candidates,
    }
    if isinstance(head, TutorialRatingHead):
        return TwoTowerScorer(**arrays | _tutorial(head))
    return TwoTowerScorer(**arrays | _duet(model.query_tower, tower, head, rating_query, histories))


def _duet(
    query_tower: HistoryTower,
    tower: CatalogueTower,
    head: DuetRatingHead | TiedRatingHead,
    rating_query: np.ndarray,
    histories: list[np.ndarray],
) -> dict[str, Any]:
    """Return the arrays that only `duet` has, and the rating head's queries, in stars.

    The members' vectors stand side by side, so one dot product is the sum over the members; divided
    by their number it is their mean.
    """
    biases = head.biases
    to_stars = np.float32(biases.std / head.members)
    rating_history, rating_residual = histories
    return {
        "candidate_bias": tower.bias.numpy(),
        "rating_mean": biases.mean,
        "rating_user_bias": biases.std * biases.user_biases().numpy(),
        "rating_movie_bias": biases.std * biases.movie_bias.numpy(),
        "rating_query": to_stars * rating_query,
        "history": query_tower.history_embedding.numpy(),
        "history_residual": query_tower.residual_embedding.numpy(),
        "rating_history": to_stars * rating_history,
        "rating_history_residual": to_stars * rating_residual,
    }


def _tutorial(head: TutorialRatingHead) -> dict[str, Any]:
    return {
        "use_dot": False,
        "kernels": tuple(layer.kernel.numpy() for layer in head.mlp.layers),
        "biases": tuple(layer.bias.numpy() for layer in head.mlp.layers),
    }


def _user_vectors(split: Split, users: np.ndarray, vectors: Vectors) -> list[np.ndarray]:
    """Return each task's vectors of these users, `[n_users, width]` each; 0 for other users."""
    found: list[np.ndarray] = []
    for chunk in users_in_chunks(split, users, EXPORT_RATINGS):
        batch = tensors(user_batch(split, chunk))
        outputs = [output.numpy() for output in vectors.user_vectors(batch)]
        found = found or [
            np.zeros((split.n_users, output.shape[1]), np.float32) for output in outputs
        ]
        for array, output in zip(found, outputs, strict=True):
            array[chunk] = output
    return found
