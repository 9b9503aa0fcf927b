"""Values per user of several splits or seeds as one table: a user is resampled as a whole."""

import numpy as np

from recsys.evaluation import COUNTS, USERS
from recsys.metrics import METRICS

Table = dict[str, np.ndarray]


def pool(tables: list[Table]) -> Table:
    """Return one table from those that `per_user_metrics` made, of several splits or seeds.

    The same person is in every split, so the five values of a user are no five independent
    draws: the bootstrap has to take or leave them together. A user's value becomes the mean over
    the splits that hold ratings of theirs out (for averages over interactions, weighted by how
    many), and their count the sum. The pooled figure is then the mean over the splits, but for
    users whom some split holds nothing out of, and for RMSE the root of the mean square.
    """
    users, owners = np.unique(
        np.concatenate([table[USERS] for table in tables]), return_inverse=True
    )
    counts = np.concatenate([table[COUNTS] for table in tables])
    pooled = {USERS: users, COUNTS: np.bincount(owners, counts).astype(np.int64)}
    for name in METRICS.keys() & tables[0].keys():
        values = np.concatenate([table[name] for table in tables])
        how = METRICS[name].average
        weights = np.ones(len(values)) if how == "users" else counts
        if how == "squares":
            values = np.square(values)
        means = np.bincount(owners, values * weights) / np.bincount(owners, weights)
        pooled[name] = np.sqrt(means) if how == "squares" else means
    return pooled
