"""What data sets are called where people read it."""

MOVIELENS = {
    "100k": "MovieLens 100K",
    "latest-small": "MovieLens latest (small)",
    "1m": "MovieLens 1M",
    "20m": "MovieLens 20M",
    "25m": "MovieLens 25M",
}


def dataset_label(name: str) -> str:
    """Return how a data set is called: `100k` is `MovieLens 100K`."""
    return MOVIELENS.get(name, name)
