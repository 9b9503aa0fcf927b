"""The architectures `duet` and `tutorial`: a config becomes a model, its batches and optimizers."""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import tensorflow as tf

from recsys.baselines import BiasModel
from recsys.config import TIED, RunConfig
from recsys.data.splits import Split
from recsys.model.all_ratios import AllRatiosModel
from recsys.model.balancing import BALANCING, Fixed
from recsys.model.batches import Epoch, by_rating, by_user, tensors, user_batch
from recsys.model.directions import adapted
from recsys.model.draws import seeded
from recsys.model.losses import (
    RetrievalLoss,
    SoftmaxRetrieval,
    SquaredRetrieval,
    trivial_rating_loss,
)
from recsys.model.multitask import LossTerm, MultiTaskModel
from recsys.model.numbers import number
from recsys.model.rating import DuetRatingHead, TutorialRatingHead
from recsys.model.retrieval import CatalogueSquaredError, InBatchSoftmax
from recsys.model.steps import batch_size, steady_part, steps_per_epoch
from recsys.model.tied import TiedRatingHead
from recsys.model.towers import (
    CandidateTower,
    CatalogueTower,
    HistoryTower,
    IdTower,
    tower_penalty,
)

RATER_POOLINGS = 10  # per epoch; see PooledRaters
# For Keras' own layers, TensorFlow draws from one generator for the whole process. A Dask worker
# with several threads trains several runs at once: without the lock, their initial values would
# depend on each other.
_DRAWING = threading.Lock()


@dataclass(frozen=True)
class Trainable:
    """A model that is ready for training.

    Attributes:
        model: the model, with its optimizers and variables created.
        epoch: returns the batches of one epoch, in a new order at every call.
        steps: approximate number of batches in an epoch.
        retrieval_loss: the loss of the retrieval task.
        variables: all of the model and its optimizers, in the order of their creation.
    """

    model: MultiTaskModel
    epoch: Epoch
    steps: int
    retrieval_loss: RetrievalLoss
    variables: tuple[tf.Variable, ...] = ()


def build(config: RunConfig, split: Split) -> Trainable:
    """Return the model that `config` describes, for the users and movies of `split`."""
    # Everything that is random is drawn here; the order of batches has its own seed.
    with _created_variables() as variables:
        if config.architecture == "duet":
            with seeded(config.seed):
                trainable = build_duet(config, split)
        else:
            with _DRAWING:
                tf.keras.utils.set_random_seed(config.seed)
                trainable = build_tutorial(config, split)
    return replace(trainable, variables=tuple(variables))


@contextmanager
def _created_variables() -> Iterator[list[tf.Variable]]:
    """Yield a list of the variables that are created within the block."""
    variables: list[tf.Variable] = []

    def create(next_creator: Callable[..., tf.Variable], **options: Any) -> tf.Variable:
        variables.append(next_creator(**options))
        return variables[-1]

    with tf.variable_creator_scope(create):
        yield variables


def build_tutorial(config: RunConfig, split: Split) -> Trainable:
    """Return the model of the TFRS multitask tutorial and of the keras-rs example.

    Its losses keep the tutorial's own scales: a sum over the batch for retrieval, a mean for the
    squared error in stars. So with equal weights the retrieval loss is thousands of times the
    rating loss, and grows with the batch size.

    https://www.tensorflow.org/recommenders/examples/multitask
    """
    query_tower = IdTower(split.n_users, config.embedding_dimension)
    movies = tf.random.uniform([split.n_movies, config.embedding_dimension], -0.05, 0.05)
    candidate_tower = CandidateTower(tf.Variable(movies, name="movie_embedding"))
    # The loss of a random guess among n movies is log(n).
    candidates = min(config.batch_size, len(split.train))
    model = MultiTaskModel(
        query_tower=query_tower,
        candidate_tower=candidate_tower,
        rating_head=TutorialRatingHead(candidate_tower),
        retrieval_task=InBatchSoftmax(candidate_tower),
        retrieval=LossTerm(config.retrieval_weight, math.log(candidates) or 1.0, candidates),
        rating=LossTerm(config.rating_weight, trivial_rating_loss(split), 1.0),
        balancing=_balancing(config),
    )
    model.compile(optimizer=tf.keras.optimizers.Adagrad(config.learning_rate))
    # Keras layers and Adagrad create their variables at the first use: create them now.
    model.compute_loss(tensors(user_batch(split, split.train.users[:1])))
    model.optimizer.build(model.trainable_variables)
    steps = steps_per_epoch(config, len(split.train))
    epoch = by_rating(split, config.batch_size, config.seed)
    return Trainable(model, epoch, steps, SoftmaxRetrieval())


def build_duet(config: RunConfig, split: Split) -> Trainable:
    """Return Duet's own model.

    Towers with history pooling, squared error over the whole catalogue, and a rating head that
    pools the user's history and the movie's raters.
    """
    config = adapted(config, split)
    fields: Any = config  # RunConfig has checked that those of this architecture are set
    steps = steps_per_epoch(config, len(split.train))
    dimension = config.embedding_dimension
    bias_model = BiasModel(split)
    query_tower = HistoryTower(split, bias_model, dimension=dimension, attributes=fields.attributes)
    candidate_tower = CatalogueTower(split.n_movies, dimension)
    retrieval_loss = SquaredRetrieval(fields.unrated_weight, bias_model)
    rating_rate = fields.rating_learning_rate
    if config.sharing in TIED:
        rating_head = TiedRatingHead(config, split, query_tower, candidate_tower)
    else:
        rating_rate *= steady_part(split.movie_counts)
        every = max(1, steps // RATER_POOLINGS)
        rating_head = DuetRatingHead(
            config, split, query_tower, candidate_tower, pool_raters_every=every
        )

    retrieval_l2 = number(fields.retrieval_l2)

    def retrieval_penalty() -> tf.Tensor:
        return retrieval_l2 * tower_penalty(split, query_tower, candidate_tower)

    def adam(learning_rate: float) -> tf.keras.optimizers.Optimizer:
        schedule = tf.keras.optimizers.schedules.CosineDecay(
            number(learning_rate), number(config.epochs * steps), alpha=0.02
        )
        # The legacy Adam is one fused operation per variable. The newer one is about fifteen, which
        # take a second to trace.
        return tf.keras.optimizers.legacy.Adam(schedule)

    make = AllRatiosModel if config.all_ratios else MultiTaskModel
    model = make(
        query_tower=query_tower,
        candidate_tower=candidate_tower,
        rating_head=rating_head,
        retrieval_task=CatalogueSquaredError(query_tower, candidate_tower, retrieval_loss),
        retrieval=LossTerm.normalised(config.retrieval_weight, retrieval_loss.trivial(split)),
        rating=LossTerm.normalised(config.rating_weight, trivial_rating_loss(split)),
        balancing=_balancing(config),
        retrieval_penalty=retrieval_penalty,
        rating_optimizer=adam(rating_rate),
    )
    model.compile(optimizer=adam(config.learning_rate))
    model.create_optimizer_variables()
    epoch = by_user(split, batch_size(config, len(split.train)), config.seed)
    return Trainable(model, epoch, steps, retrieval_loss)


def _balancing(config: RunConfig) -> Fixed:
    """Return the loss balancing of `config`; with only one task, fixed weights."""
    both = config.learns("retrieval") and config.learns("rating")
    return BALANCING[config.balancing if both else "fixed"]()
