"""The rating head that has no vectors of its own: it reads those of the retrieval towers."""

from typing import Any

import tensorflow as tf

from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.model import sparse
from recsys.model.batches import TensorBatch
from recsys.model.numbers import number
from recsys.model.rating import Biases
from recsys.model.towers import (
    CatalogueTower,
    HistoryTower,
    history_lengths,
    history_residuals,
    tower_penalty,
)


class TiedRatingHead(tf.keras.layers.Layer):
    """Predicts mean + std * (user bias + movie bias + read(query(u)) · candidate(i)), in stars.

    Query and candidate are the vectors that also rank the catalogue, and the rating loss trains
    them with its whole gradient: hard parameter sharing (Caruana 1997, "Multitask learning").
    `sharing` says how the rating reads them. `tied`: each column times a learned factor. `mapped`:
    times a learned matrix.
    """

    members = 1

    def __init__(
        self,
        config: RunConfig,
        split: Split,
        query_tower: HistoryTower,
        candidate_tower: CatalogueTower,
    ) -> None:
        super().__init__()
        fields: Any = config  # RunConfig has checked that those of this architecture are set
        self.query_tower = query_tower
        self.candidate_tower = candidate_tower
        self.l2 = number(fields.rating_l2)
        self.bias_model = query_tower.bias_model
        self.biases = Biases(config, split, self.bias_model)
        self.split = split
        width = config.embedding_dimension
        self.factors = self.map = None
        if config.sharing == "tied":
            self.factors = tf.Variable(tf.ones(width), name="factors")
        else:
            self.map = tf.Variable(tf.eye(width), name="map")

    def read(self, vectors: tf.Tensor) -> tf.Tensor:
        """Return the rating's view of query vectors, `[n, dimension]`."""
        return vectors * self.factors if self.map is None else tf.matmul(vectors, self.map)

    def queries(self, batch: TensorBatch, query: tf.Tensor) -> tf.Tensor:
        """Return the rating's view of a batch's queries, both `[n_queries, dimension]`."""
        return self.read(query)

    def history_vectors(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the rating's view of H and G of the query tower, both `[n_movies, dimension]`."""
        tower = self.query_tower
        return self.read(tower.history_embedding), self.read(tower.residual_embedding)

    def candidates(self) -> tf.Tensor:
        """Return the vectors of all movies, `[n_movies, dimension]`."""
        return tf.convert_to_tensor(self.candidate_tower.movie_embedding)

    def call(self, batch: TensorBatch, query: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the predicted ratings of a batch, `[n, 1]` in stars, and the L2 penalty.

        Leave-one-out: a rating is predicted without itself in the user's history.

        Args:
            batch: the ratings.
            query: of each of its users, `[n_queries, dimension]`.
        """
        rows, movies = batch["rows"], batch["movies"]
        lengths = history_lengths(batch)
        products = sparse.dots(self.read(query), self.candidates(), rows, movies)[:, 0]
        own = self._self_products(self.query_tower.history_embedding, movies)
        own += self._self_products(self.query_tower.residual_embedding, movies) * history_residuals(
            batch, self.bias_model
        )
        products -= own * tf.math.rsqrt(tf.gather(lengths, rows))
        ratings = self.biases(tf.gather(batch["users"], rows), movies, products[:, tf.newaxis])
        towers = tower_penalty(self.split, self.query_tower, self.candidate_tower)
        return ratings, self.l2 * towers + self.biases.penalty()

    def _self_products(self, history: tf.Variable, movies: tf.Tensor) -> tf.Tensor:
        """Return the product of each movie's history vector and its own candidate vector, `[n]`."""
        products = tf.reduce_sum(self.read(history) * self.candidates(), axis=1)
        return tf.gather(products, movies)
