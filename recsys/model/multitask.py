"""MultiTaskModel: two towers, a rating head, and the weighted sum of two losses."""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.model.towers import Batch, CandidateTower


@dataclass(frozen=True)
class LossTerm:
    """How one task's loss counts in the total.

    Attributes:
        weight: the task's weight, 0 or more.
        trivial: what a predictor that knows nothing of who is asking pays; the loss is reported
            as a multiple of it.
        scale: what the loss is multiplied by before it is weighted.
    """

    weight: float
    trivial: float
    scale: float

    @classmethod
    def equal_pull(cls, weight: float, trivial: float) -> "LossTerm":
        """Return the term of a loss counted in its trivial loss: equal weights pull equally."""
        return cls(weight, trivial, 1 / trivial)

    def weighted(self, loss: tf.Tensor) -> tf.Tensor:
        """Return what a loss adds to the total."""
        return self.weight * self.scale * loss


class MultiTaskModel(tfrs.Model):
    """One model, two tasks.

    objective = sum over the tasks of weight * (scale * loss + L2 penalty)

    Both losses are means over ratings. A task of weight 0 gives no gradient at all.
    """

    def __init__(
        self,
        *,
        query_tower: tf.keras.layers.Layer,
        candidate_tower: CandidateTower,
        rating_head: tf.keras.layers.Layer,
        retrieval_task: tfrs.tasks.Task,
        retrieval: LossTerm,
        rating: LossTerm,
        retrieval_penalty: Callable[[Batch], tf.Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.query_tower = query_tower
        self.candidate_tower = candidate_tower
        self.rating_head = rating_head
        self.retrieval_task = retrieval_task
        self.rating_task = tfrs.tasks.Ranking(loss=tf.keras.losses.MeanSquaredError())
        self.retrieval = retrieval
        self.rating = rating
        self.retrieval_penalty = retrieval_penalty
        self.retrieval_loss = tf.keras.metrics.Mean("retrieval_loss")
        self.rating_loss = tf.keras.metrics.Mean("rating_loss")

    def compute_loss(self, batch: Batch, training: bool = False) -> tf.Tensor:
        """Return the objective of a batch, and count each task's loss for the epoch's mean."""
        n = tf.size(batch["ratings"])
        retrieval_loss = self.retrieval_task(self.query_tower(batch, training=training), batch)
        self.retrieval_loss.update_state(retrieval_loss, sample_weight=n)
        ratings, rating_penalty = self.rating_head(batch)
        rating_loss = self.rating_task(
            labels=batch["ratings"][:, tf.newaxis], predictions=ratings[:, tf.newaxis]
        )
        self.rating_loss.update_state(rating_loss, sample_weight=n)
        penalty = self.rating.weight * rating_penalty
        if self.retrieval_penalty is not None:
            penalty += self.retrieval.weight * self.retrieval_penalty(batch)
        return self.retrieval.weighted(retrieval_loss) + self.rating.weighted(rating_loss) + penalty
