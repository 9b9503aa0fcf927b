"""One person on Home: who they are, and the ten movies that a model would show them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pages.ui import people
from recsys.blend import Blended
from recsys.data.splits import Split
from recsys.data.tables import MOVIE_ID, TITLE, Dataset
from recsys.evaluation.evaluate import Part, not_candidates
from recsys.recommend import Recommendations, retrieve_then_rate
from recsys.scorer import Scorer

LENGTH = 10
FEW_HELD_OUT, FEW_HISTORY = 10, 40  # people with fewer ratings show little


def order(split: Split, part: Part) -> np.ndarray:
    """Return the codes of the people to show, in a random order that is always the same.

    Those with enough ratings in train and in the part come first, and of them those whose movies
    are less popular than most people's: their lists change most with the weights. Then come all
    others with a history.
    """
    history, held_out = (np.diff(split.csr(name).indptr) for name in ("train", part))
    popularity = split.movie_counts[split.train.movies]
    total = np.bincount(split.train.users, popularity, minlength=split.n_users)
    usual = total / np.maximum(history, 1)  # mean popularity of each one's movies
    enough = (history >= FEW_HISTORY) & (held_out >= FEW_HELD_OUT)
    good = enough & (usual < np.median(usual[history > 0]))
    shuffled = np.random.default_rng(0).permutation(np.flatnonzero(history))
    return shuffled[np.argsort(~enough[shuffled] * 2 + ~good[shuffled], kind="stable")]


def describe(data: Dataset, split: Split, user: int) -> dict[str, str]:
    """Return who a user is, in two lines of text.

    They are `who` (`User 196 · writer, 49, male · 39 ratings`) and `liked` (`liked Fargo, Alien`).
    """
    own = split.of_user("train", user)
    best = own.movies[np.argsort(-own.ratings, kind="stable")[:3]]
    titles = ", ".join(data.movies[TITLE].iloc[best])
    return {
        "who": people.one_label(data, split, user),
        "liked": f"liked {titles}" if titles else "",
    }


def shown_lists(
    scorer: Scorer, split: Split, user: int, part: Part, weights: Sequence[float]
) -> list[Recommendations]:
    """Return the movies a model would show at each weight of the serving blend.

    The candidates are those the model is measured with: on validation, the movies of train are left
    out; on the holdout, those of validation too.
    """
    seen = not_candidates(split, part)
    allowed = np.ones(split.n_movies, bool)
    allowed[seen.movies_of(user)] = False
    return [
        retrieve_then_rate(
            scorer,
            split,
            user,
            LENGTH,
            with_seen=True,
            allowed=allowed,
            ranking=Blended(scorer, weight, seen, split.rating_scale),
        )
        for weight in weights
    ]


def lists_data(
    shown: Sequence[Recommendations],
    data: Dataset,
    split: Split,
    user: int,
    part: Part,
    *,
    rates: bool,
) -> dict[str, Any]:
    """Return the data of the lists of movies.

    Args:
        shown: the movies, for each place of the serving blend.
        data: has their titles.
        split: has the user's held-out ratings.
        user: the user's code.
        part: which held-out ratings are marked.
        rates: whether the predicted stars mean something.

    Returns:
        `movies`, each one once, and `lists`, the places in `movies` of each list.
    """
    own = split.of_user(part, user)
    given = dict(zip(own.movies.tolist(), own.ratings.tolist(), strict=True))
    stars = {
        code: rating
        for one in shown
        for code, rating in zip(one.movies.tolist(), one.ratings.tolist(), strict=True)
    }
    codes = list(stars)
    place = {code: i for i, code in enumerate(codes)}
    rows = data.movies.iloc[codes]
    movies = [
        {
            "id": str(id_),
            "title": title,
            "watched": f"✓ gave {given[code]:g} ★" if code in given else "",
            "stars": f"{stars[code]:.1f} ★" if rates else "",
        }
        for code, id_, title in zip(codes, rows[MOVIE_ID], rows[TITLE], strict=True)
    ]
    return {"movies": movies, "lists": [[place[c] for c in one.movies.tolist()] for one in shown]}
