"""A user at serving time: from their ratings to their vectors, and so to scores and stars."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from recsys.baselines import BiasModel
from recsys.data.splits import Split
from recsys.errors import DuetError
from recsys.scorer import RATING, RETRIEVAL, TASKS, TwoTowerScorer

# L2 penalties of a new user's vector, as a multiple of the mean squared norm of the rated movies'
# vectors, and of the user's bias. With them the validation RMSE of the users of ML-100K is 0.879 if
# each is taken for a new user, and 0.880 as users of the data (best of 2 … 80; split seeds 42 and
# 1000; three ways of sharing).
NEW_USER_L2 = 8.0
NEW_USER_BIAS_L2 = 8.0
AVERAGED = 1_000  # users whose own queries are averaged for a new user

Own = dict[str, np.ndarray]  # task -> own query, see `Person`


class NoHistoryError(DuetError):
    """The model does not pool histories; the message is one line for the user."""


@dataclass(frozen=True, eq=False)
class Person:
    """A user whose vectors can be computed again for any other history.

    query = own query + sum over the history of (H[j] + residual(j) G[j]) / sqrt(history length)

    and the same for the rating query. H and G are the model's `history` and `history_residual`, or
    `rating_history` and `rating_history_residual`. The own query is what does not come from the
    history: the user's attributes, and in the rating query an embedding of the user.

    Attributes:
        model: the model.
        biases: gives the residuals of ratings.
        movies: int [n], codes of the history.
        stars: float32 [n], its ratings.
        own: task -> own query, float32 [d] or [e].
        rating_bias: the user's bias in predicted stars.
        is_new: whether the user is not in the data. Then the residuals of the rating query are
            centred. Models are trained on long histories, where the mean of the residuals hardly
            varies: what it does in a short one is not learnt. Without this, five stars for one
            movie can give lower predicted stars than one star. How kind a new user is comes from
            the regression in `new_person` instead.
    """

    model: TwoTowerScorer
    biases: BiasModel
    movies: np.ndarray
    stars: np.ndarray
    own: Own
    rating_bias: float
    is_new: bool = False

    @cached_property
    def residuals(self) -> np.ndarray:
        """The residuals of the ratings, float64 [n], in standard deviations."""
        return self.biases.residuals_of_history(self.movies, self.stars)

    def candidates(self, task: str = RETRIEVAL) -> np.ndarray:
        """Return a task's vectors of all movies: float32 [n_movies, width]."""
        vectors = self.model.rating_candidate if task == RATING else self.model.candidate
        assert vectors is not None
        return vectors

    def history_vectors(self, task: str = RETRIEVAL) -> tuple[np.ndarray, np.ndarray]:
        """Return a task's H and G: float32 [n_movies, width] each."""
        prefix = "rating_" if task == RATING else ""
        vectors, residual_vectors = (
            getattr(self.model, prefix + name) for name in ("history", "history_residual")
        )
        return vectors, residual_vectors

    def terms(self, task: str = RETRIEVAL) -> np.ndarray:
        """Return what each movie of the history adds to a task's query: float64 [n, width]."""
        vectors, residual_vectors = self.history_vectors(task)
        residuals = self.residuals
        if self.is_new and task == RATING and len(residuals):
            residuals = residuals - residuals.mean()
        weighted = residuals[:, np.newaxis] * residual_vectors[self.movies]
        terms: np.ndarray = (vectors[self.movies] + weighted) / np.sqrt(max(len(self.movies), 1))
        return terms

    def query(self, task: str = RETRIEVAL) -> np.ndarray:
        """Return a task's query: float32 [width]."""
        query: np.ndarray = (self.own[task] + self.terms(task).sum(axis=0)).astype(np.float32)
        return query

    def scores(self) -> np.ndarray:
        """Return the retrieval scores of all movies: float32 [n_movies]."""
        scores: np.ndarray = scores_of(self.model, self.query()[np.newaxis])[0]
        return scores

    def ratings(self, movies: np.ndarray) -> np.ndarray:
        """Return predicted stars, not clipped, of movie codes [n]: float32 [n]."""
        return self.as_scorer().ratings(np.zeros(len(movies), int), movies)

    def as_scorer(self) -> TwoTowerScorer:
        """Return a model of this one user, whose code is 0."""
        return replace(
            self.model,
            query=self.query()[np.newaxis],
            rating_query=self.query(RATING)[np.newaxis],
            rating_user_bias=np.array([self.rating_bias], np.float32),
        )

    def with_history(self, movies: np.ndarray, stars: np.ndarray) -> "Person":
        """Return the same user with another history; what is their own stays."""
        return replace(self, movies=movies, stars=stars)

    def without(self, places: np.ndarray) -> "Person":
        """Return the same user without the ratings at these places of the history."""
        kept = np.delete(np.arange(len(self.movies)), places)
        return self.with_history(self.movies[kept], self.stars[kept])


def person_of(model: TwoTowerScorer, split: Split, biases: BiasModel, user: int) -> Person:
    """Return a user of the data, with the train ratings as history.

    Args:
        model: trained on the split.
        split: its ratings.
        biases: those of the split.
        user: the user's code.

    Raises:
        NoHistoryError: the model does not pool histories.
    """
    check_history(model)
    own = split.of_user("train", user)
    assert model.rating_query is not None
    queries = {RETRIEVAL: model.query[user], RATING: model.rating_query[user]}
    empty = {task: np.zeros_like(query) for task, query in queries.items()}
    bias = 0.0 if model.rating_user_bias is None else float(model.rating_user_bias[user])
    person = Person(model, biases, own.movies, own.ratings, empty, bias)
    rest = {task: query - person.query(task) for task, query in queries.items()}
    return replace(person, own=rest)


def average_own(model: TwoTowerScorer, split: Split, biases: BiasModel) -> Own:
    """Return task -> the mean of the users' own queries, float32: what a new user starts from.

    On large data it is the mean of AVERAGED users.

    Raises:
        NoHistoryError: the model does not pool histories.
    """
    users = np.flatnonzero(np.diff(split.csr("train").indptr))
    users = users[:: max(1, len(users) // AVERAGED)]
    people = [person_of(model, split, biases, int(user)) for user in users]
    return {task: np.mean([one.own[task] for one in people], axis=0) for task in TASKS}


def new_person(
    model: TwoTowerScorer,
    biases: BiasModel,
    own: Own,
    movies: np.ndarray,
    stars: np.ndarray,
) -> Person:
    """Return a user who is not in the data, known by some ratings alone. Nothing is trained.

    The history is pooled as for any user, see `Person.is_new`. The own vector and
    the bias in predicted stars come from a ridge regression of what the pooled history leaves of
    the ratings, each predicted without itself in the history, as in training.

    Args:
        model: the model.
        biases: those of the split it was trained on.
        own: of an average user, see `average_own`.
        movies: codes, int [n], each once.
        stars: float32 [n].

    Raises:
        NoHistoryError: the model does not pool histories.
    """
    check_history(model)
    person = Person(model, biases, movies, stars, own, 0.0, is_new=True)
    if not len(movies):
        return person
    assert model.rating_candidate is not None
    vectors = model.rating_candidate[movies].astype(np.float64)
    left = stars - person.ratings(movies) + np.vecdot(person.terms(RATING), vectors)
    penalties = np.full(vectors.shape[1] + 1, NEW_USER_L2 * np.square(vectors).sum(axis=1).mean())
    penalties[-1] = NEW_USER_BIAS_L2
    design = np.column_stack([vectors, np.ones(len(vectors))])
    solved = np.linalg.solve(design.T @ design + np.diag(penalties), design.T @ left)
    own_rating = (own[RATING] + solved[:-1]).astype(np.float32)
    return replace(person, own=own | {RATING: own_rating}, rating_bias=float(solved[-1]))


def check_history(model: TwoTowerScorer) -> None:
    """Check that the model pools histories.

    Raises:
        NoHistoryError: it does not.
    """
    if model.history is None:
        raise NoHistoryError("this model does not compute its users from their histories")


def scores_of(model: TwoTowerScorer, queries: np.ndarray) -> np.ndarray:
    """Return the retrieval scores of all movies for queries [n, d]: float32 [n, n_movies]."""
    queries = queries.astype(np.float32)
    scores: np.ndarray
    if len(queries) == 1:  # no threads for this small product, see `TwoTowerScorer.scores`
        scores = np.vecdot(model.candidate, queries)[np.newaxis]
    else:
        scores = queries @ model.candidate.T
    if model.candidate_bias is not None:
        scores += model.candidate_bias
    return scores
