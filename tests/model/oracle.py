"""An independent implementation of `duet`: in NumPy, float64, one rating at a time."""

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np

from recsys.baselines import user_movie_bias
from recsys.data.splits import Split
from recsys.model.multitask import MultiTaskModel
from recsys.model.rating import RATERS_BIAS, Biases, DuetRatingHead, MovieVectors
from recsys.model.towers import ATTRIBUTES_L2, RESIDUAL_L2


def array(variable) -> np.ndarray:
    """Return a variable's numbers as float64."""
    return variable.numpy().astype(np.float64)


def residuals(split: Split) -> np.ndarray:
    """Return the residual of each train rating, `[n]`, in standard deviations."""
    train, scorer = split.train, user_movie_bias(split)
    stars = train.ratings.astype(np.float64)
    biases = scorer.rating_user_bias[train.users] + scorer.rating_movie_bias[train.movies]
    return (stars - stars.mean() - biases) / stars.std()


def history_residuals(split: Split) -> np.ndarray:
    """Return the same without the user's bias."""
    train = split.train
    return residuals(split) + user_movie_bias(split).rating_user_bias[train.users] / np.std(
        train.ratings.astype(np.float64)
    )


def squared_loss(split: Split, score, unrated_weight: float, users: np.ndarray) -> float:
    """Return the retrieval loss of scores.

    Args:
        split: the train ratings.
        score: called with (user, movie, without); `without` is the movie itself if it is rated.
        unrated_weight: weight of an unrated movie.
        users: user codes.
    """
    residual, total, n_weighted = residuals(split), 0.0, 0.0
    for user in users:
        rows = np.flatnonzero(split.train.users == user)
        targets = dict(zip(split.train.movies[rows], 1 + 0.15 * residual[rows], strict=True))
        weight = len(rows) ** -0.4
        for movie in range(split.n_movies):
            if movie in targets:
                total += weight * (targets[movie] - score(user, movie, movie)) ** 2
            else:
                total += weight * unrated_weight * score(user, movie, None) ** 2
        n_weighted += weight * len(rows)
    return total / n_weighted


@dataclass(frozen=True)
class RetrievalOracle:
    """The retrieval towers as plain arrays."""

    model: MultiTaskModel
    split: Split

    def query(self, user: int, without: int | None = None) -> np.ndarray:
        """Return the query of a user, pooled over the history except the movie `without`."""
        tower, train = self.model.query_tower, self.split.train
        rows = np.flatnonzero(train.users == user)
        history, weighted = map(array, (tower.history_embedding, tower.residual_embedding))
        residual = history_residuals(self.split)
        query = np.zeros(history.shape[1])
        for row in rows:
            movie = train.movies[row]
            if movie != without:
                query = query + (history[movie] + residual[row] * weighted[movie]) / np.sqrt(
                    len(rows)
                )
        if tower.attributes.map is None:
            return query
        return query + self.split.user_features[user] @ array(tower.attributes.map)

    def score(self, user: int, movie: int, without: int | None = None) -> float:
        """Return the score of a movie."""
        tower = self.model.candidate_tower
        candidate = array(tower.movie_embedding)[movie]
        return self.query(user, without) @ candidate + array(tower.bias)[movie]

    def loss(self, users: np.ndarray, unrated_weight: float) -> float:
        """Return the retrieval loss of these users."""
        return squared_loss(self.split, self.score, unrated_weight, users)

    def penalty(self) -> float:
        """Return the L2 penalty: a sum over the train ratings, and over some ratings more.

        Those are, for every movie, as many as a user has on average. The sum is divided by the
        number of train ratings.
        """
        tower, train = self.model.query_tower, self.split.train
        more = len(train) / len(set(train.users))

        def squares(vectors: Any) -> float:
            norms = (array(vectors) ** 2).sum(axis=-1)
            return float(norms[train.movies].sum() + more * norms.sum()) / len(train)

        total = squares(tower.history_embedding)
        total += squares(self.model.candidate_tower.movie_embedding)
        total += RESIDUAL_L2 * squares(tower.residual_embedding)
        if tower.attributes.map is not None:
            known = self.split.user_features @ array(tower.attributes.map)
            total += ATTRIBUTES_L2 * float((known[train.users] ** 2).sum(axis=-1).mean())
        return total


@dataclass(frozen=True)
class RatingOracle:
    """The rating head as plain arrays."""

    head: DuetRatingHead
    split: Split
    std: float
    mean: float

    def vectors(self, movies: MovieVectors) -> np.ndarray:
        """Return Q or Y: the sum of own embeddings and mapped embeddings of the other task."""
        own = 0.0 if movies.embedding is None else array(movies.embedding)
        return own if movies.map is None else own + array(movies.shared) @ array(movies.map)

    @cached_property
    def residuals(self) -> np.ndarray:
        """Return the residual of each train rating in its user's history."""
        return history_residuals(self.split)

    def query(self, user: int, without: int | None = None) -> np.ndarray:
        """Return p(u), pooled over the history except the movie `without`, and what is read.

        That is the retrieval query, times the number of members, where the head reads it.
        """
        train, head = self.split.train, self.head
        rows = np.flatnonzero(train.users == user)
        history, weighted = self.vectors(head.history), array(head.residual_embedding)
        query = array(head.user_embedding)[user]
        if head.user_attributes.map is not None:
            query = query + self.split.user_features[user] @ array(head.user_attributes.map)
        for row in rows:
            movie = train.movies[row]
            if movie != without:
                own = history[movie] + self.residuals[row] * weighted[movie]
                query = query + own / np.sqrt(len(rows))
        query.reshape(head.members, -1)[:, -1] = RATERS_BIAS
        if head.reading is None:
            return query
        towers: Any = SimpleNamespace(query_tower=head.reading.query_tower)
        read = RetrievalOracle(towers, self.split).query(user, without)
        return np.concatenate([query, head.members * read])

    def candidate(self, movie: int, without: int | None = None) -> np.ndarray:
        """Return q(i), pooled over the raters except the user `without`, and W[i]."""
        train, head = self.split.train, self.head
        raters = train.users[train.movies == movie]
        candidate = self.vectors(head.movies)[movie]
        if head.movie_attributes.map is not None:
            candidate = candidate + self.split.movie_features[movie] @ array(
                head.movie_attributes.map
            )
        others = raters[raters != without]
        pooled = array(head.raters.rater_embedding)[others].sum(axis=0)
        candidate = candidate + pooled / np.sqrt(max(len(raters), 1))
        if head.reading is None:
            return candidate
        return np.concatenate([candidate, array(head.reading.weights_of_movies)[movie]])

    def stars(self, user: int, movie: int, query: np.ndarray, candidate: np.ndarray) -> np.ndarray:
        """Return each member's rating, `[members]` in stars."""
        biases = bias_of(self.head.biases, user, movie)
        members, products = self.head.members, query * candidate
        own = products[: members * self.head.dimension].reshape(members, -1).sum(axis=1)
        products = own + products[members * self.head.dimension :].sum() / members
        return self.mean + self.std * (biases + products)

    def left_out(self, user: int, movie: int) -> np.ndarray:
        """Return each member's rating of a train pair, from all other ratings."""
        return self.stars(user, movie, self.query(user, movie), self.candidate(movie, user))

    def penalty(self) -> float:
        """Return the L2 penalty: each vector counts as 200 ratings times its table's factor."""
        head = self.head

        def squares(vectors: np.ndarray) -> float:
            return float((vectors**2).sum())

        ratings = np.bincount(self.split.train.users, minlength=self.split.n_users)
        few = np.sqrt(1 + 30 / np.maximum(ratings, 1))[:, np.newaxis]
        total = 2 * squares(few * array(head.user_embedding))
        total += 7 * squares(few * array(head.raters.rater_embedding))
        total += squares(array(head.residual_embedding))
        for factor, vectors in ((1, head.history), (12, head.movies)):
            if vectors.embedding is not None:
                total += factor * squares(array(vectors.embedding))
            if vectors.map is not None:
                total += factor * squares(array(vectors.shared) @ array(vectors.map))
        total /= head.members
        if head.reading is not None:
            weights = array(head.reading.weights_of_movies)
            total += 45 / np.sqrt(weights.shape[1]) * squares(weights)
        total *= 200 * float(head.l2) / len(self.split.train)
        return total + bias_penalty(head.biases, self.split)


@dataclass(frozen=True)
class TiedOracle:
    """The rating head that reads the towers' vectors, as plain arrays."""

    model: MultiTaskModel
    split: Split

    def left_out(self, user: int, movie: int) -> float:
        """Return the rating of a train pair, from the user's other ratings, in stars."""
        head, stars = self.model.rating_head, self.split.train.ratings.astype(np.float64)
        query = RetrievalOracle(self.model, self.split).query(user, without=movie)
        read = query * array(head.factors) if head.map is None else query @ array(head.map)
        product = read @ array(self.model.candidate_tower.movie_embedding)[movie]
        return stars.mean() + stars.std() * (product + bias_of(head.biases, user, movie))

    def penalty(self) -> float:
        """Return the L2 penalty: the mean over the train ratings."""
        towers = RetrievalOracle(self.model, self.split).penalty()
        head = self.model.rating_head
        return float(head.l2) * towers + bias_penalty(head.biases, self.split)


def bias_of(biases: Biases, user: int, movie: int) -> float:
    """Return the sum of the two learnt biases of a pair, in standard deviations."""
    return float(6 * array(biases.user_bias)[user] + array(biases.movie_bias)[movie])


def bias_penalty(biases: Biases, split: Split) -> float:
    """Return the L2 penalty of the learnt biases: those of users count as 10 ratings, others 5."""
    users, movies = (6 * array(biases.user_bias)) ** 2, array(biases.movie_bias) ** 2
    return float(10 * users.sum() + 5 * movies.sum()) / len(split.train)
