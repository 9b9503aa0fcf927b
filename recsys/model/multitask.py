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

    `rating_optimizer` moves the variables that only the rating head has, `optimizer` all others.
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
        retrieval_penalty: Callable[[], tf.Tensor] | None = None,
        rating_optimizer: tf.keras.optimizers.Optimizer | None = None,
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
        self.rating_optimizer = rating_optimizer
        self.retrieval_loss = tf.keras.metrics.Mean("retrieval_loss")
        self.rating_loss = tf.keras.metrics.Mean("rating_loss")

    def train_step(self, batch: Batch) -> dict[str, tf.Tensor]:
        """Make one step on a batch; return each task's mean loss of the epoch so far."""
        with tf.GradientTape() as tape:
            objective = self.compute_loss(batch)
        groups = self.variable_groups()
        gradients = tape.gradient(objective, [variables for _, variables in groups])
        for (optimizer, variables), group in zip(groups, gradients, strict=True):
            pairs = zip(group, variables, strict=True)
            optimizer.apply_gradients([pair for pair in pairs if pair[0] is not None])
        return {metric.name: metric.result() for metric in self.metrics}

    def variable_groups(self) -> list[tuple[tf.keras.optimizers.Optimizer, list[tf.Variable]]]:
        """Return each optimizer with the variables it moves."""
        if self.rating_optimizer is None:
            return [(self.optimizer, self.trainable_variables)]
        towers = self.query_tower.trainable_variables + self.candidate_tower.trainable_variables
        shared = {variable.ref() for variable in towers}
        own = [v for v in self.rating_head.trainable_variables if v.ref() not in shared]
        return [(self.optimizer, towers), (self.rating_optimizer, own)]

    def compute_loss(self, batch: Batch, training: bool = True) -> tf.Tensor:
        """Return the objective of a batch, and count each task's loss for the epoch's mean."""
        n = tf.size(batch["ratings"])
        retrieval_loss = self.retrieval_task(self.query_tower(batch), batch)
        self.retrieval_loss.update_state(retrieval_loss, sample_weight=n)
        ratings, rating_penalty = self.rating_head(batch)
        rating_loss = self.rating_task(labels=batch["ratings"][:, tf.newaxis], predictions=ratings)
        self.rating_loss.update_state(rating_loss, sample_weight=n)
        penalty = self.rating.weight * rating_penalty
        if self.retrieval_penalty is not None:
            penalty += self.retrieval.weight * self.retrieval_penalty()
        return self.retrieval.weighted(retrieval_loss) + self.rating.weighted(rating_loss) + penalty
