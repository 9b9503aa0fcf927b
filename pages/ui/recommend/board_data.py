"""The lists of recommended movies as the data of the board: tiles, or lists side by side."""

from collections.abc import Sequence
from math import isinf, isnan
from typing import Any

from pages.ui.recommend.results import MovieList
from pages.ui.recommend.rows import STAR
from pages.ui.recommend.why import Explainer
from recsys.counted import counted
from recsys.data.tables import Dataset


def board_data(
    data: Dataset,
    lists: Sequence[MovieList],
    explainers: Sequence[Explainer],
    labels: Sequence[str],
    chosen: int,
    in_view: int,
) -> dict[str, Any]:
    """Return what the board shows.

    Args:
        data: has the ids and titles.
        lists: one for each model.
        explainers: one for each model.
        labels: what the models are called.
        chosen: the code of the movie that is explained.
        in_view: the place of the list that is explained.
    """
    return {
        "chosen": data.catalogue.ids[chosen],
        "in_view": in_view,
        "lists": [
            {"name": label, "movies": _movies(data, shown, explainer)}
            for label, shown, explainer in zip(labels, lists, explainers, strict=True)
        ],
    }


def _movies(data: Dataset, shown: MovieList, explainer: Explainer) -> list[dict[str, object]]:
    decimals = 2 if isinf(shown.weight) else 1  # of stars; where they decide the order, it is seen
    reasons = dict(zip(explainer.listed.tolist(), explainer.reasons(), strict=True))
    return [
        {
            "id": data.catalogue.ids[row["movie"]],
            "rank": row["rank"],
            "change": row["change"],
            "title": row["title"],
            "about": data.catalogue.about(row["movie"]),
            "stars": "" if isnan(row["stars"]) else f"{row['stars']:.{decimals}f} {STAR}",
            "own": row["own"],
            "hit": row["hit"],
            "why": _why(data, reasons.get(row["movie"], []), explainer, row["movie"]),
        }
        for row in shown.movies
    ]


def _why(data: Dataset, codes: list[int], explainer: Explainer, movie: int) -> str:
    person = explainer.person
    if person is None:
        return counted(int(explainer.counts[movie]), "rating")
    if not codes:
        return ""
    stars = dict(zip(person.movies.tolist(), person.stars.tolist(), strict=True))
    names = data.catalogue.names
    return "because of " + " and ".join(f"{names[code]} ({stars[code]:g} {STAR})" for code in codes)
