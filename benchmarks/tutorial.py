"""The training of the TFRS multitask tutorial, rebuilt from its description.

https://www.tensorflow.org/recommenders/examples/multitask

Two 32-dimensional embeddings behind string look-ups, a 256-128 rating head, the softmax summed
over the batch, `FactorizedTopK` in every training step, Adagrad 0.1, batches of 8,192, 3 epochs,
weights 1 : 1. One difference: movies are identified by id, not by title, because two movies may
have the same title.

    python -m benchmarks.tutorial [SEED]

trains it on 80 % of ML-100K and prints its figures on the rest, and the seconds, as JSON.
"""

import json
import sys
import time
from dataclasses import dataclass

import recsys  # noqa: F401 - before TensorFlow: it selects the Keras that TFRS speaks

# isort: split
import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.config import make_config
from recsys.data.library import load_dataset
from recsys.data.splits import Interactions, Split
from recsys.evaluation.evaluate import evaluate
from recsys.experiment import split_for
from recsys.scorer import TwoTowerScorer

DIMENSION = 32
LEARNING_RATE = 0.1
BATCH_SIZE = 8_192
EPOCHS = 3
SHUFFLE_BUFFER = 100_000
CANDIDATES_AT_ONCE = 128

USER, MOVIE, RATING = "user_id", "movie_id", "user_rating"


@dataclass(frozen=True, eq=False)
class TutorialRun:
    """The result of one training.

    Attributes:
        scorer: the trained model.
        seconds: from the ratings as arrays to the end of `fit`, including tracing.
    """

    scorer: TwoTowerScorer
    seconds: float


class TutorialModel(tfrs.Model):
    """Both tasks on two embeddings, with the sum of their losses."""

    def __init__(self, split: Split, *, top_k_in_fit: bool) -> None:
        super().__init__()
        self.user_model = _embedding(split.user_ids)
        self.movie_model = _embedding(split.movie_ids)
        self.rating_model = tf.keras.Sequential(
            [
                tf.keras.layers.Dense(256, activation="relu"),
                tf.keras.layers.Dense(128, activation="relu"),
                tf.keras.layers.Dense(1),
            ]
        )
        self.rating_task = tfrs.tasks.Ranking(
            loss=tf.keras.losses.MeanSquaredError(),
            metrics=[tf.keras.metrics.RootMeanSquaredError()],
        )
        movies = tf.data.Dataset.from_tensor_slices(_strings(split.movie_ids))
        candidates = movies.batch(CANDIDATES_AT_ONCE).map(self.movie_model)
        metrics = tfrs.metrics.FactorizedTopK(candidates=candidates) if top_k_in_fit else None
        self.retrieval_task = tfrs.tasks.Retrieval(metrics=metrics)

    def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Return the sum of both losses: mean squared error, and softmax summed over the batch."""
        users, movies = self.user_model(features[USER]), self.movie_model(features[MOVIE])
        predictions = self.rating_model(tf.concat([users, movies], axis=1))
        rating_loss = self.rating_task(
            labels=features[RATING][:, tf.newaxis], predictions=predictions
        )
        return rating_loss + self.retrieval_task(users, movies)


def train_tutorial(split: Split, seed: int, *, top_k_in_fit: bool = True) -> TutorialRun:
    """Train the tutorial's model on the train part of `split`.

    Args:
        split: users and movies without train ratings are in the vocabularies too.
        seed: of the initial weights and the shuffling.
        top_k_in_fit: whether `fit` computes `FactorizedTopK` in each step, as the tutorial does.
            Without it the model learns the same in a fraction of the time.
    """
    tf.keras.utils.set_random_seed(seed)
    start = time.perf_counter()
    model = TutorialModel(split, top_k_in_fit=top_k_in_fit)
    model.compile(optimizer=tf.keras.optimizers.Adagrad(LEARNING_RATE))
    model.fit(_batches(split, split.train), epochs=EPOCHS, verbose=0)
    seconds = time.perf_counter() - start
    return TutorialRun(_scorer(model, split), seconds)


def main(seed: int = 0) -> None:
    started = time.perf_counter()
    config = make_config({"holdout": 0.2, "validation": 0.0})
    split = split_for(config, load_dataset("100k"))
    loaded = time.perf_counter()
    run = train_tutorial(split, seed)
    trained = time.perf_counter()
    metrics = evaluate(run.scorer, split, "holdout")
    end = time.perf_counter()
    seconds = {"load": loaded - started, "fit": trained - loaded, "evaluate": end - trained}
    print(json.dumps({"metrics": metrics, "seconds": seconds}))


def _embedding(ids: np.ndarray) -> tf.keras.Sequential:
    lookup = tf.keras.layers.StringLookup(vocabulary=_strings(ids), mask_token=None)
    return tf.keras.Sequential(
        [lookup, tf.keras.layers.Embedding(lookup.vocabulary_size(), DIMENSION)]
    )


def _batches(split: Split, rows: Interactions) -> tf.data.Dataset:
    # Cached after shuffling, as in the tutorial: all epochs have the same batches.
    ratings = tf.data.Dataset.from_tensor_slices(
        {
            USER: _strings(split.user_ids[rows.users]),
            MOVIE: _strings(split.movie_ids[rows.movies]),
            RATING: rows.ratings,
        }
    )
    return ratings.shuffle(SHUFFLE_BUFFER).batch(BATCH_SIZE).cache()


def _scorer(model: TutorialModel, split: Split) -> TwoTowerScorer:
    """Return the model as arrays, so that it is measured by the same code as all systems."""
    users = model.user_model(tf.constant(_strings(split.user_ids))).numpy()
    movies = model.movie_model(tf.constant(_strings(split.movie_ids))).numpy()
    layers = model.rating_model.layers
    return TwoTowerScorer(
        query=users,
        candidate=movies,
        rating_query=users,
        rating_candidate=movies,
        use_dot=False,
        kernels=tuple(layer.kernel.numpy() for layer in layers),
        biases=tuple(layer.bias.numpy() for layer in layers),
    )


def _strings(ids: np.ndarray) -> np.ndarray:
    return np.asarray(ids, dtype=str)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
