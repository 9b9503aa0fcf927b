"""One person on Home: who they are, and the ten movies that a model would show them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pages.ui import people
from recsys.data.splits import Split
from recsys.data.tables import MOVIE_ID, TITLE, USER_ID, Dataset
from recsys.evaluation.evaluate import Part
from recsys.recommend import Recommendations, retrieve_then_rate
from recsys.scorer import RATING, Scorer

LENGTH = 10
FEW_HELD_OUT, FEW_HISTORY = 5, 20  # people with fewer ratings show little
MOST_LEFT = 3  # movies that left the list and are named


def order(split: Split, part: Part) -> np.ndarray:
    """Return the codes of the people to show, in a random order that is always the same.

    People with enough ratings in train and in the part come first, then all others with a history.
    """
    history, held_out = (np.diff(split.csr(name)[0]) for name in ("train", part))
    shuffled = np.random.default_rng(0).permutation(np.flatnonzero(history))
    good = (history >= FEW_HISTORY) & (held_out >= FEW_HELD_OUT)
    return np.concatenate([shuffled[good[shuffled]], shuffled[~good[shuffled]]])


def describe(data: Dataset, split: Split, user: int) -> str:
    """Return who a user is: `User 196 · writer, 49, male · 39 ratings · liked Fargo, Alien`."""
    label = people.one_label(data, split, user)
    own = split.of_user("train", user)
    best = own.movies[np.argsort(-own.ratings, kind="stable")[:3]]
    titles = ", ".join(data.movies[TITLE].iloc[best])
    return f"{label} · liked {titles}" if titles else label


def user_id(data: Dataset, user: int) -> str:
    """Return the id of a user code."""
    return str(data.users[USER_ID].iloc[user])


def shown_list(scorer: Scorer, split: Split, user: int, part: Part) -> Recommendations:
    """Return the movies a model would show: those that were candidates when it was measured.

    On validation, the movies of train are left out; on the holdout, those of validation too.
    """
    allowed = np.ones(split.n_movies, bool)
    allowed[split.history(user) if part == "validation" else split.seen(user)] = False
    return retrieve_then_rate(scorer, split, user, LENGTH, with_seen=True, allowed=allowed)


def list_data(
    shown: Recommendations,
    data: Dataset,
    split: Split,
    user: int,
    part: Part,
    *,
    rates: bool,
    before: Sequence[str] | None,
) -> dict[str, Any]:
    """Return the data of the list of movies.

    Args:
        shown: the movies.
        data: has their titles.
        split: has the user's held-out ratings.
        user: the user's code.
        part: which held-out ratings are marked.
        rates: whether the predicted stars mean something.
        before: ids of the list before; None where there is nothing to compare with.
    """
    own = split.of_user(part, user)
    given = dict(zip(own.movies.tolist(), own.ratings.tolist(), strict=True))
    ids = movie_ids(shown, data)
    titles = data.movies[TITLE].iloc[shown.movies]
    movies = [
        {
            "id": id_,
            "rank": rank,
            "title": title,
            "watched": f"✓ gave {given[code]:g} ★" if code in given else "",
            "entered": before is not None and id_ not in before,
            "stars": f"{stars:.1f} ★" if rates else "",
        }
        for rank, (id_, title, code, stars) in enumerate(
            zip(ids, titles, shown.movies.tolist(), shown.ratings.tolist(), strict=True), start=1
        )
    ]
    return {"movies": movies, "left": _left(before or [], ids, data)}


def movie_ids(shown: Recommendations, data: Dataset) -> list[str]:
    """Return the ids of the movies of a list."""
    return [str(id_) for id_ in data.movies[MOVIE_ID].iloc[shown.movies]]


def rates(scorer: Scorer) -> bool:
    """Return whether a model predicts stars."""
    return RATING in scorer.tasks


def _left(before: Sequence[str], now: Sequence[str], data: Dataset) -> str:
    gone = [id_ for id_ in before if id_ not in now]
    if not gone:
        return ""
    by_id: pd.Series = data.movies.set_index(MOVIE_ID)[TITLE]
    titles = [str(by_id[id_]) for id_ in gone[:MOST_LEFT]]
    more = f" and {len(gone) - MOST_LEFT} more" if len(gone) > MOST_LEFT else ""
    return f"No longer shown: {', '.join(titles)}{more}"
