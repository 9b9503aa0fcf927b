"""Random ratings, as many as ML-100K has."""

import numpy as np
import pandas as pd

from recsys.data.kept import keep
from recsys.data.tables import Dataset, make_dataset
from recsys.home import data_folder

NAME = "large"


def large_data() -> Dataset:
    """Return a data set of 940 users, 1,680 movies and about 100,000 ratings."""
    chance = np.random.default_rng(0)
    users, movies = np.nonzero(chance.random((940, 1_680)) < 0.063)
    ratings = {"user_id": users.astype(str), "movie_id": movies.astype(str)}
    ratings["rating"] = chance.integers(1, 6, len(users)).astype(float)
    return make_dataset(NAME, pd.DataFrame(ratings))


def keep_large_data() -> Dataset:
    """Keep it in the home, and return it."""
    data = large_data()
    keep(data, data_folder() / NAME, "test")
    return data
