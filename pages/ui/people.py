"""Users as people: labels, descriptions, and example users of a data set."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from recsys.counted import counted
from recsys.data.splits import Csr, Split
from recsys.data.tables import GENRES, USER_ID, Dataset
from recsys.evaluation.beyond_accuracy import LIST_LENGTH
from recsys.evaluation.evaluate import per_user_metrics
from recsys.evaluation.ranking import LOWEST, top_lists, user_chunks
from recsys.scorer import RETRIEVAL, Scorer

MOST_OPTIONS = 5_000  # users in a drop-down list; any other can be typed
MOST_SCORES = 30_000_000  # user x movie scores computed for the example users: about 0.5 s
FEW_HOLDOUT, FEW_HISTORY = 5, 20  # fewer ratings make metrics and shares unreliable
NEAR_SHARE = 20  # 1 in 20 users counts as close to the median number of ratings
GENDERS = {"M": "male", "F": "female"}
PLAIN = ("occupation", "age", "gender")  # attributes shown without their name


@dataclass(frozen=True)
class Example:
    """An example user.

    Attributes:
        label: What the user is an example of.
        sentence: The same with figures, as plain text.
        user: Code.
    """

    label: str
    sentence: str
    user: int


def describe(known: dict[Hashable, Any]) -> str:
    """Describe a user by their row of the users table: `writer, 49, male`."""
    known = {name: value for name, value in known.items() if name != USER_ID and pd.notna(value)}
    if "gender" in known:
        known["gender"] = GENDERS.get(known["gender"], known["gender"])
    plain = [str(known[name]) for name in PLAIN if name in known]
    rest = [f"{name} {value}" for name, value in known.items() if name not in PLAIN]
    return ", ".join(text for text in plain + rest if text != "none")


def about(data: Dataset, user: int) -> str:
    """Describe a user code as in `describe`; "" if the data set has no user attributes."""
    return describe({name: data.users[name].array[user] for name in data.users})


def user_options(data: Dataset, split: Split, most: int = MOST_OPTIONS) -> dict[str, str]:
    """Return user id -> label of the users to choose from: all, or `most` evenly spaced ones.

    The label contains what can be searched for: id, attributes, number of ratings in the history.
    """
    counts = np.diff(split.csr("train")[0])
    codes = _spread(np.arange(split.n_users), most)
    rows = data.users.iloc[codes].to_dict("records")
    return {
        row[USER_ID]: user_label(row, int(counts[code]))
        for row, code in zip(rows, codes, strict=True)
    }


def one_label(data: Dataset, split: Split, user: int) -> str:
    """Return the label of one user code, as in `user_options`."""
    known = data.users.iloc[[user]].to_dict("records")[0]
    return user_label(known, len(split.history(user)))


def user_label(known: dict[Hashable, Any], ratings: int) -> str:
    """Return `User 196 · writer, 49, male · 39 ratings`."""
    count = counted(ratings, "rating")
    return " · ".join(text for text in (f"User {known[USER_ID]}", describe(known), count) if text)


def examples(
    data: Dataset, split: Split, scorer: Scorer, others: Sequence[Example] | None = None
) -> list[Example]:
    """Return the example users for a model; the first is shown by default.

    Args:
        data: has the genres.
        split: has the ratings.
        scorer: the model.
        others: `data_examples` of the same data, where they are known already.
    """
    n_train, eligible = _ratings(split), _eligible(split)
    sample = _spread(eligible, max(1, MOST_SCORES // split.n_movies))
    served = per_user_metrics(scorer, split, "holdout", sample, quick=True)
    return [
        _typical(n_train, eligible, served),
        *(data_examples(data, split) if others is None else others),
        *_served(scorer, served, _among(sample, eligible)),
    ]


def data_examples(data: Dataset, split: Split) -> list[Example]:
    """Return the example users that are the same for every model."""
    n_train = _ratings(split)
    candidates = [
        _extreme("Most active", "the most of all users", n_train, int(np.argmax(n_train))),
        _narrow(data, split, n_train),
        _harsh(split, n_train),
        _newcomer(n_train, np.diff(split.csr("holdout").indptr)),
    ]
    return [example for example in candidates if example]


def _ratings(split: Split) -> np.ndarray:
    """Return the number of train ratings of each user, [n_users]."""
    counts: np.ndarray = np.diff(split.csr("train").indptr)
    return counts


def _eligible(split: Split) -> np.ndarray:
    """Return the codes of the users with a history, and with enough in the holdout to measure."""
    n_train, n_holdout = _ratings(split), np.diff(split.csr("holdout").indptr)
    eligible = np.flatnonzero(
        (n_train > 0) & (n_holdout >= min(FEW_HOLDOUT, n_holdout.max(initial=0)))
    )
    return eligible if len(eligible) else np.flatnonzero(n_train > 0)


def _typical(n_train: np.ndarray, eligible: np.ndarray, served: dict[str, np.ndarray]) -> Example:
    """Return a user with about median history length and about median metric."""
    values = served.get("ndcg@20", served.get("rmse"))
    if values is None or not len(values):
        middle = eligible[np.argsort(n_train[eligible], kind="stable")[len(eligible) // 2]]
        return _extreme("Typical", "about the median", n_train, int(middle))
    users = served["users"]
    off = np.abs(n_train[users] - np.median(n_train[eligible]))
    near = np.argsort(off, kind="stable")[: max(1, len(users) // NEAR_SHARE)]
    place = near[np.argmin(np.abs(values[near] - np.median(values)))]
    return _extreme("Typical", "about the median", n_train, users[place])


def _extreme(label: str, what: str, n_train: np.ndarray, user: int) -> Example:
    return Example(label, f"{counted(n_train[user], 'rating')} in the history, {what}.", int(user))


def _newcomer(n_train: np.ndarray, n_holdout: np.ndarray) -> Example | None:
    some = np.flatnonzero((n_train > 0) & (n_holdout > 0))
    if not len(some):
        return None
    fewest = some[np.argmin(n_train[some])]
    return _extreme("Newcomer", "the fewest of all users with a holdout", n_train, fewest)


def _harsh(split: Split, n_train: np.ndarray) -> Example | None:
    """Return the user whose mean rating is the lowest."""
    users = np.flatnonzero(n_train >= min(FEW_HISTORY, n_train.max(initial=0)))
    if not len(users):
        return None
    ratings, rated = split.train.ratings, np.flatnonzero(n_train)
    totals = np.zeros(split.n_users)
    # The ratings are sorted by user.
    totals[rated] = np.add.reduceat(ratings, split.csr("train").indptr[rated], dtype=np.float64)
    means = totals[users] / n_train[users]
    lowest = int(np.argmin(means))
    return Example(
        "Harsh critic",
        f"Mean rating {means[lowest]:.2f} stars, against {ratings.mean():.2f} of all.",
        int(users[lowest]),
    )


def differs_most(split: Split, scorer: Scorer, other: Scorer) -> Example | None:
    """Return the user whose lists under two models have the fewest movies in common."""
    n_train = np.diff(split.csr("train")[0])
    users = np.flatnonzero(n_train >= min(FEW_HISTORY, n_train.max(initial=0)))
    users = _spread(users, max(1, MOST_SCORES // split.n_movies))
    seen, length = split.csr("seen"), min(LIST_LENGTH, split.n_movies)
    common = np.zeros(len(users), int)
    for start, chunk in user_chunks(users, split.n_movies):
        first, second = (_lists(model, chunk, seen, length) for model in (scorer, other))
        for row, (one, two) in enumerate(zip(first, second, strict=True)):
            common[start + row] = len(np.intersect1d(one[one >= 0], two[two >= 0]))
    if not len(users):
        return None
    place = int(np.argmin(common))
    return Example(
        "Differs",
        f"{common[place]} of the first {length} movies are the same under both models.",
        int(users[place]),
    )


def _lists(model: Scorer, users: np.ndarray, seen: Csr, length: int) -> np.ndarray:
    scores = np.fmax(model.scores(users), LOWEST)
    scores[seen.pairs(users)] = -np.inf
    return top_lists(scores, length)


def _narrow(data: Dataset, split: Split, n_train: np.ndarray) -> Example | None:
    """Return the user whose genres differ most from the average (Kullback-Leibler divergence)."""
    flags = data.movies[GENRES].str.get_dummies("|")
    users = np.flatnonzero(n_train >= min(FEW_HISTORY, n_train.max(initial=0)))
    if flags.empty or not flags.shape[1] or not len(users):
        return None
    users = _spread(users, MOST_OPTIONS)
    indptr, movies = split.csr("train")
    values = flags.to_numpy(np.float64)
    shares = np.array([values[movies[indptr[u] : indptr[u + 1]]].mean(axis=0) for u in users])
    own = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
    overall = own.mean(axis=0)
    ratio = np.divide(own, overall, out=np.ones_like(own), where=(own > 0) & (overall > 0))
    narrowest = int(np.argmax((own * np.log(ratio)).sum(axis=1)))
    genre = int(np.argmax(own[narrowest] * np.log(ratio[narrowest])))
    return Example(
        "Narrow taste",
        f"{shares[narrowest, genre]:.0%} of the history is {flags.columns[genre]}, against "
        f"{shares[:, genre].mean():.0%} on average.",
        int(users[narrowest]),
    )


def _among(sample: np.ndarray, users: np.ndarray) -> str:
    if len(sample) == len(users):
        return "all users"
    return f"{len(sample):,} of {counted(len(users), 'user')}"


def _served(scorer: Scorer, table: dict[str, np.ndarray], among: str) -> list[Example]:
    """Return the users with the best and the worst metric on the holdout.

    Args:
        scorer: the model.
        table: its metrics per user.
        among: who was measured, in words.
    """
    if not len(table["users"]):
        return []
    retrieves = RETRIEVAL in scorer.tasks
    values = table["ndcg@20"] if retrieves else -table["rmse"]
    what = "NDCG@20 {:.2f} on the holdout" if retrieves else "RMSE {:.2f} stars on the holdout"
    places = {"best": int(np.argmax(values)), "worst": int(np.argmin(values))}
    return [
        Example(
            f"{rank.capitalize()} served",
            f"The {rank} metric of {among} for this run: {what.format(abs(values[place]))}.",
            int(table["users"][place]),
        )
        for rank, place in places.items()
    ]


def _spread(users: np.ndarray, most: int) -> np.ndarray:
    if len(users) <= most:
        return users
    chosen: np.ndarray = users[np.linspace(0, len(users) - 1, most).astype(int)]
    return chosen


def favourites(titles: Sequence[str], stars: np.ndarray, most: int = 5) -> Sequence[str]:
    """Return the titles of the best-rated movies of a history, in the order given.

    Args:
        titles: of the movies.
        stars: that the user gave them, [n].
        most: how many are named.
    """
    return [titles[place] for place in np.argsort(-stars, kind="stable")[:most].tolist()]
