"""The answer to "why this movie?" in words and figures, as the data of its panel."""

from math import isinf
from typing import Any

import numpy as np

from pages.ui import words
from pages.ui.charts.theme import Rows
from pages.ui.recommend.rows import STAR, own_rating
from pages.ui.recommend.why import Bars, Explainer, Kind
from pages.ui.titles import search
from recsys.data.splits import Split
from recsys.data.tables import Dataset

MOST_FOUND = 8  # titles offered while one types
MOST_WISHES = 3
NOTHING_SHOWN = 0.0005  # of a score: it would be shown as 0
NOT_PREDICTED = "not predicted"  # of a baseline, or of a run trained with rating weight 0
KINDS: dict[Kind, str] = {"contrast": "Why this one", "score": "Score", "stars": "Stars"}


def why_data(
    explainer: Explainer,
    data: Dataset,
    split: Split,
    user: int,
    movie: int,
    weight: float,
    shown: Rows,
) -> dict[str, Any]:
    """Return what the panel shows of one movie.

    Args:
        explainer: one model and the user.
        data: has the titles.
        split: has the user's ratings.
        user: the user's code.
        movie: the movie's code.
        weight: of the predicted stars in what ranks the movies.
        shown: the list, as of `recommendation_rows`.
    """
    place = next((row["rank"] for row in shown if row["movie"] == movie), None)
    return {
        "id": data.catalogue.ids[movie],
        "title": data.catalogue.names[movie],
        "about": data.catalogue.about(movie),
        "facts": _facts(explainer, split, user, movie, place),
        "modes": _modes(explainer, data, movie, weight),
        "without": _without(explainer, data, movie),
        "wishes": _wishes(explainer, data, movie),
        "similar": [
            _chip(data, code, f"{cosine:.2f}") for code, cosine in explainer.similar(movie)
        ],
    }


def found(data: Dataset, split: Split, query: str) -> list[dict[str, str]]:
    """Return the movies whose titles have all words of a query, the popular ones first."""
    codes = search(data, query, split.movie_counts)[:MOST_FOUND]
    return [_chip(data, code) for code in codes.tolist()]


def _facts(
    explainer: Explainer, split: Split, user: int, movie: int, place: int | None
) -> list[dict[str, str]]:
    facts = [_rank_fact(explainer, movie, place)]
    if not explainer.rates and explainer.model is not None:
        facts.append({"name": "Predicted", "value": words.NOTHING, "note": NOT_PREDICTED})
    if explainer.plain is not None:
        stars = float(explainer.plain.ratings(np.array([movie]))[0])
        spread = explainer.spread(movie)
        facts.append(
            {
                "name": "Predicted",
                "value": f"{np.clip(stars, *split.rating_scale):.2f} {STAR}",
                "note": "" if spread is None else f"± {spread:.2f} between the rating heads",
            }
        )
    own = own_rating(split, user, movie)
    facts.append({"name": "Own rating", "value": own or words.NOTHING, "note": ""})
    return facts


def _rank_fact(explainer: Explainer, movie: int, place: int | None) -> dict[str, str]:
    """Return the rank among all movies; filters and diversity give another place in the list."""
    n, seen = int(explainer.candidates.sum()), not explainer.candidates[movie]
    of = "" if explainer.candidates.all() else " not seen"
    rank = explainer.rank(movie)
    note = "if it were not seen" if seen else f"of {n:,} movies{of}"
    if place is not None and place != rank:
        note += f", {place:,} in this list"
    return {"name": "Rank", "value": f"{rank:,}", "note": note}


def _modes(
    explainer: Explainer, data: Dataset, movie: int, weight: float
) -> list[dict[str, object]]:
    modes = []
    for kind, name in KINDS.items():
        if kind == "score" and isinf(weight):  # it is the stars, up to a constant
            continue
        bars = explainer.bars(movie, kind)
        if bars is not None:
            modes.append(
                {"kind": kind, "name": name} | _bars(explainer, data, movie, kind, bars, weight)
            )
    return modes


def _bars(
    explainer: Explainer, data: Dataset, movie: int, kind: Kind, bars: Bars, weight: float
) -> dict[str, object]:
    now = explainer.rank(movie)
    # A column of equal signs says nothing.
    has_ranks = bool(np.any(bars.ranks != now))
    rows: list[dict[str, object]] = [
        {
            "id": data.catalogue.ids[code],
            "title": data.catalogue.names[code],
            "stars": f"{bars.stars[place]:g} {STAR}",
            "value": float(bars.values[place]),
            "text": _signed(bars.values[place], kind),
            "rank": _moved(now, int(bars.ranks[place])) if has_ranks else "",
        }
        for place, code in enumerate(bars.movies.tolist())
    ]
    sums = []
    for name, rest in (("for", bars.rest[bars.rest > 0]), ("against", bars.rest[bars.rest < 0])):
        if len(rest):
            ratings = "rating" if len(rest) == 1 else "ratings"
            text = f"{len(rest):,} other {ratings} {name} it"
            sums.append((text, _signed(float(rest.sum()), kind)))
    if bars.itself:
        sums.append(("its own rating", _signed(bars.itself, kind)))
    names = {"stars": ("the user's own vector, bias and mean", "the movie's average")}
    of_user, of_movie = names.get(kind, ("the user's attributes", "the movie's popularity"))
    if isinf(weight) and kind != "stars":
        of_user, of_movie = "the user's own", "the movie's average"
    if abs(bars.parts.of_user) >= NOTHING_SHOWN:
        sums += [(of_user, _signed(bars.parts.of_user, kind))]
    sums += [(of_movie, _signed(bars.parts.of_movie, kind))]
    return {
        "rows": rows,
        "together": _together(bars, now),
        "sums": [{"name": name, "text": text} for name, text in sums],
        "total": {
            "name": _total(kind, weight),
            "text": _signed(bars.parts.value, kind, plus=False),
        },
        "about": _explained(kind, len(explainer.listed), weight),
        "has_ranks": has_ranks,
    }


def _together(bars: Bars, now: int) -> str:
    """Say where the movie would stand without all of the ratings that speak most for it."""
    then = bars.rank_without_all
    if then is None:
        return ""
    start = f"Without the first {bars.n_for} of these"
    return f"{start}: rank {now:,} → {then:,}" if then != now else f"{start} it keeps its rank."


def _total(kind: Kind, weight: float) -> str:
    if kind == "stars":
        return "predicted stars"
    name = "stars" if isinf(weight) else "blend" if weight else "retrieval score"
    return f"{name} above the list's mean" if kind == "contrast" else name


def _explained(kind: Kind, length: int, weight: float) -> str:
    if kind == "stars":
        return (
            "What each rating in the history adds to the predicted stars. The parts add up; "
            "without a rating the stars would still change by more, as the user's own vector was "
            "learnt with it."
        )
    unit = ""
    if isinf(weight):
        unit = " In stars of a scale from 1 to 5."
    elif weight:
        unit = (
            " In units of the blend: the retrieval score in standard deviations, plus "
            f"{weight:.3g} × stars."
        )
    if kind == "contrast":
        mean = f"its mean over the list of {length}"
        return f"What each rating adds to this movie, minus {mean}.{unit}"
    return f"What each rating in the history adds to the score. The parts add up.{unit}"


def _signed(value: float, kind: Kind, *, plus: bool = True) -> str:
    text = words.signed(value, 2 if kind == "stars" else 3)
    return text if plus else text.removeprefix("+")


def _moved(now: int, then: int) -> str:
    return f"{now:,} → {then:,}" if then != now else "="


def _without(explainer: Explainer, data: Dataset, movie: int) -> str:
    """Say which ratings the first place rests on."""
    found = explainer.removal(movie)
    if found is None or explainer.person is None:
        return ""
    codes = explainer.person.movies[found.places]
    named = data.catalogue.names_of(codes[:4])
    more = len(codes) - len(named)
    last = [f"{more} more"] if more else []
    *others, end = [*named, *last]
    listed = f"{', '.join(others)} and {end}" if others else end
    return f"Without {listed}, first would be {data.catalogue.names[found.first]}."


def _wishes(explainer: Explainer, data: Dataset, movie: int) -> dict[str, object] | None:
    """Say what would bring a movie into the list."""
    found = explainer.wished(movie)
    if found is None:
        return None
    single, together, rank = found
    k, best = len(explainer.listed), f"{explainer.highest:g} {STAR}"
    enough = [wish for wish in single if wish.rank <= k]
    if enough:
        text = f"One of these, rated {best}, would bring it into the first {k}:"
    elif rank <= k:
        text = f"Together, rated {best}, these would bring it to place {rank}:"
    else:
        text = f"Even {len(together)} ratings of {best} would only bring it to place {rank:,}:"
    by_code = {wish.movie: wish for wish in single}
    shown = enough[:MOST_WISHES] or [by_code[code] for code in together]
    return {
        "text": text if shown else "No single rating would bring it nearer.",
        "movies": [
            _chip(
                data,
                wish.movie,
                f"→ {wish.rank:,}" + (", rated lower now" if wish.is_known else ""),
            )
            for wish in shown
        ],
    }


def _chip(data: Dataset, code: int, note: str = "") -> dict[str, str]:
    return {
        "id": data.catalogue.ids[code],
        "title": data.catalogue.titles[code],
        "note": note,
    }
