"""What `duet` computes, once more: in NumPy, in float64, rating by rating, without shortcuts."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recsys.baselines import user_movie_bias
from recsys.data.splits import Split
from recsys.model.multitask import MultiTaskModel
from recsys.model.rating import BIAS_L2, WHOLE_L2, DuetRatingHead, MovieVectors


def array(variable) -> np.ndarray:
    """Return a variable's numbers as float64."""
    return variable.numpy().astype(np.float64)


def catalogue_squares(
    model: MultiTaskModel, split: Split, users: np.ndarray, unrated_weight: float
) -> float:
    """Return the retrieval loss of these users, from the scores of every one for every movie."""
    history = array(model.query_tower.history_embedding)
    candidates, bias = (
        array(model.candidate_tower.movie_embedding),
        array(model.candidate_tower.bias),
    )
    total = n_weighted = 0.0
    for user in users:
        rated = split.history(user)
        weight = len(rated) ** -0.4
        for movie in range(split.n_movies):
            others = rated[rated != movie]
            query = history[others].sum(axis=0) / np.sqrt(len(rated))
            score = query @ candidates[movie] + bias[movie]
            if movie in rated:
                total += weight * (1 - score) ** 2
            else:
                total += weight * unrated_weight * score**2
        n_weighted += weight * len(rated)
    return total / n_weighted


@dataclass(frozen=True)
class RatingOracle:
    """The rating head as plain arrays."""

    head: DuetRatingHead
    split: Split
    spread: float
    mean: float

    def vectors(self, movies: MovieVectors) -> np.ndarray:
        """Return Q or Y: own vectors and the mapped ones of the other task, added up."""
        own = 0.0 if movies.embedding is None else array(movies.embedding)
        return own if movies.map is None else own + array(movies.shared) @ array(movies.map)

    @cached_property
    def baseline(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the biases of users and movies that the ratings in a history are without."""
        scorer = user_movie_bias(self.split)
        return scorer.rating_user_bias, scorer.rating_movie_bias

    def rest(self, user: int, movie: int, stars: float) -> float:
        """Return what the baseline's biases leave of a rating."""
        users, movies = self.baseline
        biases = users[user] + movies[movie]
        return (stars - self.mean - biases) / self.spread

    def query(self, user: int, without: int | None = None) -> np.ndarray:
        """Return p(u), pooled over the history but for the movie `without`."""
        train, head = self.split.train, self.head
        rows = np.flatnonzero(train.users == user)
        history, rated = self.vectors(head.history), array(head.rated_embedding)
        query = array(head.user_embedding)[user]
        if head.user_attributes.map is not None:
            query = query + self.split.user_features[user] @ array(head.user_attributes.map)
        for row in rows:
            movie = train.movies[row]
            if movie != without:
                own = history[movie] + self.rest(user, movie, train.ratings[row]) * rated[movie]
                query = query + own / np.sqrt(len(rows))
        return query

    def candidate(self, movie: int, without: int | None = None) -> np.ndarray:
        """Return q(i), pooled over the raters but for the user `without`."""
        train, head = self.split.train, self.head
        raters = train.users[train.movies == movie]
        candidate = self.vectors(head.movies)[movie]
        if head.movie_attributes.map is not None:
            candidate = candidate + self.split.movie_features[movie] @ array(
                head.movie_attributes.map
            )
        others = raters[raters != without]
        pooled = array(head.raters.rater_embedding)[others].sum(axis=0)
        return candidate + pooled / np.sqrt(max(len(raters), 1))

    def stars(self, user: int, movie: int, query: np.ndarray, candidate: np.ndarray) -> np.ndarray:
        """Return each member's rating, `[members]` in stars."""
        biases = array(self.head.user_bias)[user] + array(self.head.movie_bias)[movie]
        products = (query * candidate).reshape(self.head.members, -1).sum(axis=1)
        return self.mean + self.spread * (biases + products)

    def left_out(self, user: int, movie: int) -> np.ndarray:
        """Return each member's rating of a train pair, from all other ratings."""
        return self.stars(user, movie, self.query(user, movie), self.candidate(movie, user))

    def penalty(self) -> float:
        """Return the L2 penalty: each a mean over the train ratings."""
        train, head = self.split.train, self.head
        users, movies = train.users, train.movies

        def squares(vectors: np.ndarray) -> float:
            return float((vectors**2).sum(axis=-1).mean())

        total = squares(array(head.user_embedding)[users])
        total += squares(array(head.raters.rater_embedding)[users])
        total += squares(array(head.rated_embedding)[movies])
        for vectors in (head.history, head.movies):
            if vectors.embedding is not None:
                total += squares(array(vectors.embedding)[movies])
            if vectors.map is not None:
                total += squares((array(vectors.shared) @ array(vectors.map))[movies])
        queries = np.array([self.query(user) for user in range(self.split.n_users)])
        candidates = np.array([self.candidate(movie) for movie in range(self.split.n_movies)])
        whole = squares(queries[users]) + squares(candidates[movies])
        # Movies that nobody rated are held down, too.
        unrated = np.setdiff1d(np.arange(self.split.n_movies), movies)
        whole += (candidates[unrated] ** 2).sum() / len(train)
        biases = (array(head.user_bias)[users] ** 2 + array(head.movie_bias)[movies] ** 2).mean()
        return head.l2 / head.members * (total + WHOLE_L2 * whole) + BIAS_L2 * biases
