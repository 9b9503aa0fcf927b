"""One user's list as a file."""

from collections.abc import Sequence

import pandas as pd

from pages.ui.recommend.results import MovieList
from recsys.data.tables import MOVIE_ID, TITLE, Dataset
from recsys.spreadsheet import inert_csv


def list_csv(
    data: Dataset, user_id: str, labels: Sequence[str], lists: Sequence[MovieList], diversity: float
) -> bytes:
    """Return the lists of one user as CSV, one below the other. No cell is a formula.

    Args:
        data: has the ids and titles.
        user_id: whose lists they are.
        labels: what the models are called.
        lists: one for each model.
        diversity: of the lists.
    """
    tables = [
        pd.DataFrame(
            {
                "user_id": user_id,
                "model": label,
                "rank": rows["rank"],
                "movie_id": data.movies[MOVIE_ID].iloc[rows["movie"]].to_numpy(),
                "title": data.movies[TITLE].iloc[rows["movie"]].to_numpy(),
                "score": rows["score"],
                "predicted_stars": rows["stars"],
                "ranked_by": shown.ranked_by[rows["movie"]],
                "blend": shown.weight,
                "diversity": diversity,
                "own_rating": rows["given"],
                "own_rating_in": rows["given_in"],
            }
        )
        for label, shown in zip(labels, lists, strict=True)
        for rows in [shown.rows]
    ]
    return inert_csv(pd.concat(tables)).encode()
