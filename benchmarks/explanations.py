"""How well an explanation names the ratings that a recommendation rests on, and what spread tells.

Of each of 300 users of ML-100K, the ratings of the history are removed in the order of an
explanation until the top movie has left the first 20 places; the list is computed anew each time,
without training. The figure is the share of the history that has to go: the lower, the better the
explanation. Default config, random 80/20 split with seed 0.

    python -m benchmarks.explanations             # writes results/explanations.json
    python -m benchmarks.explanations --users 20  # a quick check
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from scipy.stats import spearmanr

from benchmarks.results import Row, save
from recsys.baselines import BiasModel
from recsys.config import make_config
from recsys.data.library import load_dataset
from recsys.data.splits import Split
from recsys.experiment import split_for, train
from recsys.explanations.parts import Heads, contrast, history_parts, member_spread
from recsys.explanations.person import Person, person_of
from recsys.explanations.removal import Removal, rank_of, smallest_removal
from recsys.line import LineScorer
from recsys.recommend import retrieve_then_rate
from recsys.scorer import TwoTowerScorer

USERS, FEWEST_RATINGS = 300, 10
LIST = 20
GROUPS = 5  # of the held-out ratings, by spread
RESAMPLES = 2_000

Strength = Callable[[Person, np.ndarray], np.ndarray]  # (person, list) -> of each rating, [n]


def strengths(model: TwoTowerScorer, split: Split) -> dict[str, Strength]:
    """Return how much each rating counts for the top movie, by explanation."""
    counts = np.bincount(split.train.movies, minlength=split.n_movies)
    rng = np.random.default_rng(0)
    raters = _unit(_rated(split).T)
    vectors = _unit(model.candidate)
    return {
        "contrast": lambda person, listed: contrast(person, listed[0], listed[1:]),
        "parts": lambda person, listed: history_parts(person, listed[:1])[:, 0],
        "cosine of the movies' vectors": lambda p, listed: vectors[p.movies] @ vectors[listed[0]],
        "cosine of who rated the movies": lambda p, listed: raters[p.movies] @ raters[listed[0]],
        "popularity": lambda person, _: counts[person.movies],
        "random": lambda person, _: rng.random(len(person.movies)),
    }


def share_removed(person: Person, order: np.ndarray, top: int, candidates: np.ndarray) -> float:
    """Return the share of the history, removed in this order, until a movie is not in the list.

    It is 1 if it never leaves.
    """
    n = len(order)
    for count in range(1, n + 1):
        scores = person.without(order[:count]).scores()
        if rank_of(scores, top, candidates) > LIST:
            return count / n
    return 1.0


def measure(n_users: int) -> tuple[list[Row], list[str]]:
    """Train the model, and return the rows of the table and its notes."""
    config = make_config({"holdout": 0.2, "validation": 0.0, "split_seed": 0})
    split = split_for(config, load_dataset("100k"))
    model = train(config, split).scorer
    assert not isinstance(model, LineScorer)
    biases = BiasModel(split)
    lengths = np.diff(split.csr("train").indptr)
    eligible = np.flatnonzero(lengths >= FEWEST_RATINGS)
    users = np.random.default_rng(0).permutation(eligible)[:n_users]
    known = strengths(model, split)
    shares: dict[str, list[float]] = {name: [] for name in known}
    removals, milliseconds = list[Removal](), list[float]()
    for user in users.tolist():
        person = person_of(model, split, biases, user)
        candidates = np.ones(split.n_movies, bool)
        candidates[split.seen(user)] = False
        listed = retrieve_then_rate(model, split, user, LIST).movies
        for name, strength in known.items():
            order = np.argsort(-strength(person, listed), kind="stable")
            shares[name].append(share_removed(person, order, int(listed[0]), candidates))
        start = time.perf_counter()
        found = smallest_removal(person, int(listed[0]), candidates)
        milliseconds.append(1000 * (time.perf_counter() - start))
        removals += [found] if found else []
    rows = [
        {"figure": f"share removed, in the order of: {name}", "value": _with_interval(values)}
        for name, values in shares.items()
    ]
    sizes = np.array([len(one.places) for one in removals])
    rows += [
        {"figure": figure, "value": f"{value:.2f}"}
        for figure, value in (
            ("fewest ratings whose removal changes the first place, mean", sizes.mean()),
            ("… share of users for whom one is enough", (sizes == 1).mean()),
            ("… milliseconds to find them, median", median(milliseconds)),
        )
    ]
    return rows + _spread_rows(model, split, Heads.of(config)), [
        f"{len(users)} users with at least {FEWEST_RATINGS} train ratings. Share removed: of the "
        f"history, until the top movie has left the first {LIST} places; mean and 95 % interval "
        "(bootstrap over users). Parts add up to the score; contrast is a part minus its mean over "
        "the rest of the list.",
        f"Spread: the standard deviation of the {config.rating_members} rating heads. The held-out "
        f"ratings are put into {GROUPS} equal groups by it.",
    ]


def _spread_rows(model: TwoTowerScorer, split: Split, heads: Heads) -> list[Row]:
    """Return the error of the predicted stars by the spread of the rating heads."""
    biases, holdout = BiasModel(split), split.holdout
    spread = np.zeros(len(holdout))
    for user in np.unique(holdout.users).tolist():
        own = np.flatnonzero(holdout.users == user)
        person = person_of(model, split, biases, user)
        found = member_spread(person, holdout.movies[own], heads)
        assert found is not None
        spread[own] = found
    errors = np.abs(model.ratings(holdout.users, holdout.movies) - holdout.ratings)
    order = np.argsort(spread)
    rows = []
    for group in np.array_split(order, GROUPS):
        low, high = spread[group].min(), spread[group].max()
        rmse = float(np.sqrt(np.mean(errors[group] ** 2)))
        rows.append(
            {"figure": f"RMSE at a spread of {low:.2f} to {high:.2f}", "value": f"{rmse:.3f}"}
        )
    correlation = spearmanr(spread, errors).statistic
    rows.append({"figure": "rank correlation of spread and error", "value": f"{correlation:.3f}"})
    return rows


def _rated(split: Split) -> np.ndarray:
    rated = np.zeros((split.n_users, split.n_movies), np.float32)
    rated[split.train.users, split.train.movies] = 1
    return rated


def _unit(rows: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: np.ndarray = rows / np.maximum(norms, 1e-12)
    return unit


def _with_interval(values: list[float]) -> str:
    rng = np.random.default_rng(0)
    drawn = rng.choice(values, (RESAMPLES, len(values))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"{np.mean(values):.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=USERS)
    rows, notes = measure(parser.parse_args().users)
    print(*rows, sep="\n")
    save("explanations", rows, notes)


if __name__ == "__main__":
    main()
