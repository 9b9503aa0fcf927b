"""The two architectures: what a config asks for, as a model, its batches and its optimizers."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from recsys.baselines import Residuals
from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.losses import RetrievalLoss, SoftmaxRetrieval, SquaredRetrieval, trivial_rating_loss
from recsys.model.balancing import BALANCING, Fixed
from recsys.model.batches import Epoch, by_rating, by_user, tensors, user_batch
from recsys.model.multitask import LossTerm, MultiTaskModel
from recsys.model.rating import DuetRatingHead, TutorialRatingHead
from recsys.model.retrieval import CatalogueSquares, InBatchSoftmax
from recsys.model.towers import CandidateTower, CatalogueTower, HistoryTower, IdTower, row_penalty

RATERS_PER_EPOCH = 10
# What the L2 of these is to that of the towers' embeddings.
RATED_L2 = 10.0
ATTRIBUTES_L2 = 2.0
MAX_STEPS = 100  # an epoch; larger data gets larger batches, so that an epoch's cost grows with it


@dataclass(frozen=True)
class Trainable:
    """A model that is ready to be fitted.

    Attributes:
        model: with its optimizers and variables.
        epoch: gives the batches of one epoch, in a new order at every call.
        steps: how many batches an epoch has, about.
        retrieval_loss: what the retrieval task minimises.
    """

    model: MultiTaskModel
    epoch: Epoch
    steps: int
    retrieval_loss: RetrievalLoss


def build(config: RunConfig, split: Split) -> Trainable:
    """Return the model that `config` describes, for the users and movies of `split`."""
    tf.keras.utils.set_random_seed(config.seed)
    return (build_duet if config.architecture == "duet" else build_tutorial)(config, split)


def build_tutorial(config: RunConfig, split: Split) -> Trainable:
    """Return the model of the TFRS multitask tutorial and of the keras-rs example.

    Its losses keep the tutorial's own scales, or it would not be that model: retrieval summed over
    the batch, squared stars as a mean. Its "1 : 1" is thousands to one, and grows with the batch.

    https://www.tensorflow.org/recommenders/examples/multitask
    """
    query_tower = IdTower(split.n_users, config.embedding_dimension)
    movies = tf.random.uniform([split.n_movies, config.embedding_dimension], -0.05, 0.05)
    candidate_tower = CandidateTower(tf.Variable(movies, name="movie_embedding"))
    # Guessing at random among the movies of the batch costs the log of their number.
    candidates = min(config.batch_size, len(split.train))
    model = MultiTaskModel(
        query_tower=query_tower,
        candidate_tower=candidate_tower,
        rating_head=TutorialRatingHead(query_tower, candidate_tower),
        retrieval_task=InBatchSoftmax(candidate_tower),
        retrieval=LossTerm(config.retrieval_weight, math.log(candidates) or 1.0, candidates),
        rating=LossTerm(config.rating_weight, trivial_rating_loss(split), 1.0),
        balancing=_balancing(config),
    )
    model.compile(optimizer=tf.keras.optimizers.Adagrad(config.learning_rate))
    # Keras creates the variables of its layers, and Adagrad its own, at the first use.
    model.compute_loss(tensors(user_batch(split, split.train.users[:1])))
    model.optimizer.build(model.trainable_variables)
    steps = math.ceil(len(split.train) / config.batch_size)
    epoch = by_rating(split, config.batch_size, config.seed)
    return Trainable(model, epoch, steps, SoftmaxRetrieval())


def build_duet(config: RunConfig, split: Split) -> Trainable:
    """Return Duet's own model: history-pooled towers, squares over the catalogue, pooled raters."""
    fields: Any = config  # RunConfig has checked that those of this architecture are set
    batch_size = max(config.batch_size, len(split.train) // MAX_STEPS)
    steps = math.ceil(len(split.train) / batch_size)
    dimension = config.embedding_dimension
    residuals = Residuals(split)
    query_tower = HistoryTower(split, residuals, dimension=dimension, attributes=fields.attributes)
    candidate_tower = CatalogueTower(split.n_movies, dimension)
    retrieval_loss = SquaredRetrieval(fields.unrated_weight, residuals)
    rating = LossTerm.equal_pull(config.rating_weight, trivial_rating_loss(split))
    rating_head = _rating_head(config, split, query_tower, candidate_tower, steps)

    def retrieval_penalty() -> tf.Tensor:
        return fields.retrieval_l2 * tower_penalty(split, query_tower, candidate_tower)

    def adam(learning_rate: float) -> tf.keras.optimizers.Optimizer:
        schedule = tf.keras.optimizers.schedules.CosineDecay(
            learning_rate, config.epochs * steps, alpha=0.02
        )
        # The newer Keras Adam is some fifteen operations a variable, which take a second to trace;
        # this one is a single fused operation.
        return tf.keras.optimizers.legacy.Adam(schedule)

    model = MultiTaskModel(
        query_tower=query_tower,
        candidate_tower=candidate_tower,
        rating_head=rating_head,
        retrieval_task=CatalogueSquares(query_tower, candidate_tower, retrieval_loss),
        retrieval=LossTerm.equal_pull(config.retrieval_weight, retrieval_loss.trivial(split)),
        rating=rating,
        balancing=_balancing(config),
        retrieval_penalty=retrieval_penalty,
        rating_optimizer=adam(fields.rating_learning_rate),
    )
    model.compile(optimizer=adam(config.learning_rate))
    for optimizer, variables in model.variable_groups():
        # Created in the first step, they would have it traced twice.
        optimizer._create_all_weights(variables)
    return Trainable(model, by_user(split, batch_size, config.seed), steps, retrieval_loss)


def _balancing(config: RunConfig) -> Fixed:
    """Return the loss balancing of `config`; a task alone has nothing to be balanced with."""
    alone = not (config.retrieval_weight and config.rating_weight)
    return BALANCING["fixed" if alone else config.balancing]()


def tower_penalty(
    split: Split, query_tower: HistoryTower, candidate_tower: CatalogueTower
) -> tf.Tensor:
    """Return the L2 penalty of the retrieval towers, a mean over the train ratings."""
    users = np.bincount(split.train.users, minlength=split.n_users)
    movies = np.bincount(split.train.movies, minlength=split.n_movies)
    penalty = row_penalty(query_tower.history_embedding, movies)
    penalty += row_penalty(candidate_tower.movie_embedding, movies)
    penalty += RATED_L2 * row_penalty(query_tower.rated_embedding, movies)
    return penalty + ATTRIBUTES_L2 * query_tower.attributes.penalty(users)


def _rating_head(
    config: RunConfig,
    split: Split,
    query_tower: HistoryTower,
    candidate_tower: CatalogueTower,
    steps: int,
) -> DuetRatingHead:
    """Return the rating head that `config` describes."""
    fields: Any = config
    residuals = query_tower.residuals
    low, high = split.rating_scale
    # A weight of 0 means that nothing is learnt for the task, not even by a warm start.
    learns = config.rating_weight > 0
    return DuetRatingHead(
        split,
        query_tower,
        candidate_tower,
        sharing=fields.sharing,
        dimension=fields.rating_dimension,
        mean=residuals.mean if learns else (low + high) / 2,
        spread=residuals.spread if learns else (high - low) / 4 or 1.0,
        members=fields.rating_members,
        l2=fields.rating_l2,
        attributes=fields.attributes,
        pool_raters_every=max(1, steps // RATERS_PER_EPOCH),
    )
