"""MultiTaskModel: two towers, a rating head, and the weighted sum of two losses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.model.balancing import Fixed, Gradient, dot
from recsys.model.batches import TensorBatch
from recsys.model.numbers import number
from recsys.model.towers import CandidateTower


@dataclass(frozen=True)
class LossTerm:
    """Weight and scale of one task's loss in the total.

    Attributes:
        weight: the task's weight, 0 or more.
        trivial: the loss of a predictor that is equal for all users; the loss is reported as a
            multiple of it.
        scale: factor on the loss before it is weighted.
    """

    weight: float
    trivial: float
    scale: float

    @classmethod
    def normalised(cls, weight: float, trivial: float) -> "LossTerm":
        """Return the term of a loss divided by its trivial loss, so that weights are comparable."""
        return cls(weight, trivial, 1 / trivial)

    def weighted(self, loss: float) -> float:
        """Return the loss times scale and weight, as it is added to the total."""
        return self.weight * self.scale * loss


# On the variables that both tasks train: the norm of each task's weighted gradient, and the cosine
# of the angle between the two.
GRADIENT_METRICS = ("retrieval_gradient_norm", "rating_gradient_norm", "gradient_cosine")
LOG_FACTORS = ("retrieval_log_factor", "rating_log_factor")  # log of the loss balancing's factors


class MultiTaskModel(tfrs.Model):
    """One model, two tasks.

    objective = sum over the tasks of weight * (scale * loss + L2 penalty)

    Both losses are means over ratings. A task of weight 0 gives no gradient. Loss balancing may
    replace the brackets by another objective.

    Each task's gradient is computed separately, to record its norm on the shared variables. This
    costs little: the tasks share variables but no computation, so nothing is computed twice.

    `rating_optimizer` trains the variables that only the rating head has, `optimizer` all others;
    without a `rating_optimizer`, `optimizer` trains all.
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
        self.task_weights = (number(retrieval.weight), number(rating.weight))
        self.task_scales = (number(retrieval.scale), number(rating.scale))
        self.balancing = balancing
        self.retrieval_penalty = retrieval_penalty
        self.rating_optimizer = rating_optimizer
        self.retrieval_loss = tf.keras.metrics.Mean("retrieval_loss")
        self.rating_loss = tf.keras.metrics.Mean("rating_loss")
        names = (*GRADIENT_METRICS, *LOG_FACTORS)
        self.diagnostics = {name: tf.keras.metrics.Mean(name) for name in names}

    def train_step(self, batch: TensorBatch) -> dict[str, tf.Tensor]:
        """Take one training step on a batch; return each task's mean loss of the epoch so far."""
        with tf.GradientTape(persistent=True) as tape:
            objectives = self.objectives(batch)
        groups = self.variable_groups()
        variables = [variable for _, group in groups for variable in group]
        retrieval, rating = (
            tape.gradient(objective, variables) if term.weight else [None] * len(variables)
            for objective, term in zip(objectives, (self.retrieval, self.rating), strict=True)
        )
        gradients = iter(self.combined(retrieval, rating))
        for optimizer, group in groups:
            pairs = [(next(gradients), variable) for variable in group]
            self.apply(optimizer, [pair for pair in pairs if pair[0] is not None])
        losses = (self.retrieval_loss, self.rating_loss)
        return {metric.name: metric.result() for metric in losses}

    def apply(
        self,
        optimizer: tf.keras.optimizers.Optimizer,
        pairs: list[tuple[tf.Tensor, tf.Variable]],
    ) -> None:
        """Take the optimizer's step with these pairs of a gradient and its variable."""
        # There is one replica, so nothing to add up; TensorFlow would never forget the sum's graph.
        optimizer.apply_gradients(pairs, experimental_aggregate_gradients=False)

    def compute_loss(self, batch: TensorBatch, training: bool = True) -> tf.Tensor:
        """Return the objective of a batch, and add its losses to the epoch's means."""
        return tf.add_n(self.objectives(batch))

    def objectives(self, batch: TensorBatch) -> list[tf.Tensor]:
        """Return each task's weighted objective, and add its loss to the epoch's mean."""
        n = tf.size(batch["ratings"])
        query = self.query_tower(batch)
        retrieval_loss = self.retrieval_task(query, batch)
        self.retrieval_loss.update_state(retrieval_loss, sample_weight=n)
        ratings, rating_penalty = self.rating_head(batch, query)
        rating_loss = self.rating_task(labels=batch["ratings"][:, tf.newaxis], predictions=ratings)
        self.rating_loss.update_state(rating_loss, sample_weight=n)
        losses = [
            self.task_scales[0] * retrieval_loss,
            self.task_scales[1] * rating_loss + rating_penalty,
        ]
        if self.retrieval_penalty is not None:
            losses[0] += self.retrieval_penalty()
        for name, factor in zip(LOG_FACTORS, self.balancing.factors(losses), strict=True):
            self.diagnostics[name].update_state(tf.math.log(factor))
        objectives = self.balancing.objectives(losses)
        return [w * task for w, task in zip(self.weights(), objectives, strict=True)]

    def weights(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the retrieval and the rating weight."""
        return self.task_weights

    def user_vectors(self, batch: TensorBatch) -> list[tf.Tensor]:
        """Return the vectors of a batch's users, `[n_queries, dimension]`, for each task."""
        query = self.query_tower(batch)
        return [query, self.rating_head.queries(batch, query)]

    def movie_vectors(self) -> list[tf.Tensor]:
        """Return the rating head's vectors of all movies, `[n_movies, dimension]` each.

        They are those of the candidates and, where it pools histories, those that it pools.
        """
        head = self.rating_head
        histories = head.history_vectors() if hasattr(head, "history_vectors") else ()
        return [head.candidates(), *histories]

    def combined(
        self, retrieval: Sequence[tf.Tensor | None], rating: Sequence[tf.Tensor | None]
    ) -> list[tf.Tensor | None]:
        """Return the sum of the tasks' gradients, and record their norms on shared variables."""
        pairs = list(zip(retrieval, rating, strict=True))
        total = [b if a is None else a for a, b in pairs]
        shared = [i for i, (a, b) in enumerate(pairs) if a is not None and b is not None]
        if shared:
            # The gradient of a gather is sparse: make it dense.
            first, second = (
                [tf.convert_to_tensor(task[i]) for i in shared] for task in (retrieval, rating)
            )
            self.record_gradients(first, second)
            for i, a, b in zip(shared, *self.balancing.adjust(first, second), strict=True):
                total[i] = a + b
        return total

    def record_gradients(self, retrieval: Gradient, rating: Gradient) -> tf.Tensor:
        """Record the norms of the gradients on the shared variables; return their cosine."""
        norms = tf.sqrt(dot(retrieval, retrieval)), tf.sqrt(dot(rating, rating))
        cosine = tf.math.divide_no_nan(dot(retrieval, rating), norms[0] * norms[1])
        for name, value in zip(GRADIENT_METRICS, (*norms, cosine), strict=True):
            self.diagnostics[name].update_state(value)
        return cosine

    def variable_groups(self) -> list[tuple[tf.keras.optimizers.Optimizer, list[tf.Variable]]]:
        """Return each optimizer with the variables it trains."""
        if self.rating_optimizer is None:
            return [(self.optimizer, self.trainable_variables)]
        towers = self.query_tower.trainable_variables + self.candidate_tower.trainable_variables
        shared = {variable.ref() for variable in towers}
        own = [v for v in self.rating_head.trainable_variables if v.ref() not in shared]
        learnt = list(self.balancing.trainable_variables)
        return [(self.optimizer, towers + learnt), (self.rating_optimizer, own)]

    def create_optimizer_variables(self) -> None:
        """Create the optimizers' variables; created in the first step, they trace it twice."""
        for optimizer, variables in self.variable_groups():
            optimizer._create_all_weights(variables)
