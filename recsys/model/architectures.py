"""The two architectures: what a config asks for, as a model, its batches and its optimizer."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.losses import trivial_losses
from recsys.model.batches import by_rating, by_user, tensors, user_batch
from recsys.model.multitask import LossTerm, MultiTaskModel
from recsys.model.rating import DuetRatingHead, TutorialRatingHead
from recsys.model.retrieval import CatalogueSoftmax, InBatchSoftmax
from recsys.model.towers import CandidateTower, HistoryTower, IdTower, embedding


@dataclass(frozen=True)
class Trainable:
    """A model that is ready to be fitted.

    Attributes:
        model: compiled.
        batches: one pass over it is one epoch, each in a new order.
    """

    model: MultiTaskModel
    batches: tf.data.Dataset


def build(config: RunConfig, split: Split) -> Trainable:
    """Return the model that `config` describes, for the users and movies of `split`."""
    tf.keras.utils.set_random_seed(config.seed)
    trainable = (build_duet if config.architecture == "duet" else build_tutorial)(config, split)
    _create_variables(trainable.model, split)
    return trainable


def _create_variables(model: MultiTaskModel, split: Split) -> None:
    # Keras would trace the training step twice if the first trace still had variables to create.
    model.compute_loss(tensors(user_batch(split, split.train.users[:1])))
    model.optimizer.build(model.trainable_variables)


def build_tutorial(config: RunConfig, split: Split) -> Trainable:
    """Return the model of the TFRS multitask tutorial and of the keras-rs example.

    Its losses keep the tutorial's own scales, or it would not be that model: retrieval summed over
    the batch, squared stars as a mean. Its "1 : 1" is thousands to one, and grows with the batch.

    https://www.tensorflow.org/recommenders/examples/multitask
    """
    query_tower = IdTower(split.n_users, config.embedding_dimension)
    candidate_tower = CandidateTower(
        tf.keras.layers.Embedding(split.n_movies, config.embedding_dimension)
    )
    trivial = trivial_losses(split)
    # Guessing at random among the movies of the batch costs the log of their number.
    candidates = min(config.batch_size, len(split.train))
    model = MultiTaskModel(
        query_tower=query_tower,
        candidate_tower=candidate_tower,
        rating_head=TutorialRatingHead(query_tower, candidate_tower),
        retrieval_task=InBatchSoftmax(candidate_tower),
        retrieval=LossTerm(config.retrieval_weight, math.log(candidates) or 1.0, candidates),
        rating=LossTerm(config.rating_weight, trivial.rating, 1.0),
    )
    model.compile(optimizer=tf.keras.optimizers.Adagrad(config.learning_rate))
    return Trainable(model, by_rating(split, config.batch_size, config.seed))


def build_duet(config: RunConfig, split: Split) -> Trainable:
    """Return Duet's own model: history-pooled towers, catalogue softmax, biases."""
    trivial = trivial_losses(split)
    fields: Any = config  # RunConfig has checked that those of this architecture are set
    seed, dimension = config.seed, config.embedding_dimension
    popularity = np.bincount(split.train.movies, minlength=split.n_movies)
    query_tower = HistoryTower(
        split.n_users, split.n_movies, dimension, fields.history_dropout, seed
    )
    # A weight of 0 means that nothing is learnt for the task, not even by a warm start.
    bias = np.log(popularity + 0.5) if config.retrieval_weight else np.zeros(split.n_movies)
    candidate_tower = CandidateTower(embedding(split.n_movies, dimension), bias)
    low, high = split.rating_scale
    rating_head = DuetRatingHead(
        query_tower,
        candidate_tower,
        n_users=split.n_users,
        n_movies=split.n_movies,
        dimension=fields.rating_dimension,
        sharing=fields.sharing,
        mean=float(split.train.ratings.mean()) if config.rating_weight else (low + high) / 2,
        spread=trivial.rating**0.5 if config.rating_weight else (high - low) / 4 or 1.0,
        l2=fields.rating_l2,
    )

    def retrieval_penalty(batch: dict[str, tf.Tensor]) -> tf.Tensor:
        vectors = [
            tf.gather(query_tower.user_embedding(batch["users"]), batch["rows"]),
            query_tower.history_embedding(batch["movies"]),
            candidate_tower(batch["movies"]),
        ]
        return fields.retrieval_l2 * tf.reduce_mean(
            tf.add_n([tf.reduce_sum(vector**2, axis=1) for vector in vectors])
        )

    model = MultiTaskModel(
        query_tower=query_tower,
        candidate_tower=candidate_tower,
        rating_head=rating_head,
        retrieval_task=CatalogueSoftmax(
            candidate_tower, popularity, fields.softmax_candidates, seed + 1
        ),
        retrieval=LossTerm.equal_pull(config.retrieval_weight, trivial.retrieval),
        rating=LossTerm.equal_pull(config.rating_weight, trivial.rating),
        retrieval_penalty=retrieval_penalty,
    )
    steps = config.epochs * math.ceil(len(split.train) / config.batch_size)
    schedule = tf.keras.optimizers.schedules.CosineDecay(config.learning_rate, steps, alpha=0.02)
    model.compile(optimizer=tf.keras.optimizers.Adam(schedule))
    return Trainable(model, by_user(split, config.batch_size, config.seed))
