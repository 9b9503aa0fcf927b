"""MultiTaskModel: two towers, a rating head, and the weighted sum of two losses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.model.balancing import Fixed, Gradient, dot
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

    def weighted(self, loss: float) -> float:
        """Return what a loss adds to the total."""
        return self.weight * self.scale * loss


# What is told of the variables that both tasks move: the norm of each task's gradient on them, as
# it is weighted, and the cosine between the two.
PULLS = ("retrieval_gradient_norm", "rating_gradient_norm", "gradient_cosine")
FACTORS = ("retrieval_log_factor", "rating_log_factor")  # of the loss balancing


class MultiTaskModel(tfrs.Model):
    """One model, two tasks.

    objective = sum over the tasks of weight * (scale * loss + L2 penalty)

    Both losses are means over ratings. A task of weight 0 gives no gradient at all. The loss
    balancing may put something else in the place of the brackets.

    Each task's gradient is taken by itself, which tells how hard it pulls at the variables that the
    tasks share. It costs little: the tasks share variables but no computation, so nothing is done
    twice.

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
        balancing: Fixed,
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
        self.balancing = balancing
        self.retrieval_penalty = retrieval_penalty
        self.rating_optimizer = rating_optimizer
        self.retrieval_loss = tf.keras.metrics.Mean("retrieval_loss")
        self.rating_loss = tf.keras.metrics.Mean("rating_loss")
        self.watched = {name: tf.keras.metrics.Mean(name) for name in (*PULLS, *FACTORS)}

    def train_step(self, batch: Batch) -> dict[str, tf.Tensor]:
        """Make one step on a batch; return each task's mean loss of the epoch so far."""
        with tf.GradientTape(persistent=True) as tape:
            objectives = self.objectives(batch)
        groups = self.variable_groups()
        variables = [variable for _, group in groups for variable in group]
        retrieval, rating = (
            tape.gradient(objective, variables) if term.weight else [None] * len(variables)
            for objective, term in zip(objectives, (self.retrieval, self.rating), strict=True)
        )
        moves = self.combined(retrieval, rating)
        for optimizer, group in groups:
            pairs = zip(moves[: len(group)], group, strict=True)
            optimizer.apply_gradients([pair for pair in pairs if pair[0] is not None])
            moves = moves[len(group) :]
        losses = (self.retrieval_loss, self.rating_loss)
        return {metric.name: metric.result() for metric in losses}

    def compute_loss(self, batch: Batch, training: bool = True) -> tf.Tensor:
        """Return the objective of a batch, and count each task's loss for the epoch's mean."""
        return tf.add_n(self.objectives(batch))

    def objectives(self, batch: Batch) -> list[tf.Tensor]:
        """Return each task's weighted part of the objective, and count its loss for the epoch."""
        n = tf.size(batch["ratings"])
        retrieval_loss = self.retrieval_task(self.query_tower(batch), batch)
        self.retrieval_loss.update_state(retrieval_loss, sample_weight=n)
        ratings, rating_penalty = self.rating_head(batch)
        rating_loss = self.rating_task(labels=batch["ratings"][:, tf.newaxis], predictions=ratings)
        self.rating_loss.update_state(rating_loss, sample_weight=n)
        losses = [
            self.retrieval.scale * retrieval_loss,
            self.rating.scale * rating_loss + rating_penalty,
        ]
        if self.retrieval_penalty is not None:
            losses[0] += self.retrieval_penalty()
        for name, factor in zip(FACTORS, self.balancing.factors(losses), strict=True):
            self.watched[name].update_state(tf.math.log(factor))
        retrieval, rating = self.balancing.objectives(losses)
        return [self.retrieval.weight * retrieval, self.rating.weight * rating]

    def combined(
        self, retrieval: Sequence[tf.Tensor | None], rating: Sequence[tf.Tensor | None]
    ) -> list[tf.Tensor | None]:
        """Return the sum of the tasks' gradients, and count how they pull at what they share."""
        pairs = list(zip(retrieval, rating, strict=True))
        added = [b if a is None else a for a, b in pairs]
        shared = [i for i, (a, b) in enumerate(pairs) if a is not None and b is not None]
        if shared:
            # The gradient of a gather is sparse.
            first, second = (
                [tf.convert_to_tensor(task[i]) for i in shared] for task in (retrieval, rating)
            )
            self._watch(first, second)
            for i, a, b in zip(shared, *self.balancing.agree(first, second), strict=True):
                added[i] = a + b
        return added

    def _watch(self, retrieval: Gradient, rating: Gradient) -> None:
        norms = tf.sqrt(dot(retrieval, retrieval)), tf.sqrt(dot(rating, rating))
        cosine = tf.math.divide_no_nan(dot(retrieval, rating), norms[0] * norms[1])
        for name, value in zip(PULLS, (*norms, cosine), strict=True):
            self.watched[name].update_state(value)

    def variable_groups(self) -> list[tuple[tf.keras.optimizers.Optimizer, list[tf.Variable]]]:
        """Return each optimizer with the variables it moves."""
        if self.rating_optimizer is None:
            return [(self.optimizer, self.trainable_variables)]
        towers = self.query_tower.trainable_variables + self.candidate_tower.trainable_variables
        shared = {variable.ref() for variable in towers}
        own = [v for v in self.rating_head.trainable_variables if v.ref() not in shared]
        learnt = list(self.balancing.trainable_variables)
        return [(self.optimizer, towers + learnt), (self.rating_optimizer, own)]
