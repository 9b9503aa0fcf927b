from dataclasses import replace
from typing import Any

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, R, nDCG

from recsys.data.splits import Interactions, Split
from recsys.evaluation import ranking
from recsys.evaluation.evaluate import average_metrics, evaluate, per_user_metrics
from recsys.evaluation.metrics import BEYOND_ACCURACY, METRICS

# Figures of all users together: a user alone has another one than their share in it.
TOGETHER = {"coverage@20", "gini@20", "calibration_error"}


class FixedScorer:
    """A scorer of given scores and ratings [n_users, n_movies]."""

    tasks = frozenset({"retrieval", "rating"})

    def __init__(self, scores: Any, ratings: Any = None) -> None:
        self.table = np.array(scores, np.float32)
        self.stars = np.zeros_like(self.table) if ratings is None else np.array(ratings, np.float32)

    def scores(self, users: np.ndarray) -> np.ndarray:
        return self.table[users]

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        return self.stars[users, movies]


def _interactions(rows: list[tuple[int, int, float]]) -> Interactions:
    users, movies, ratings = zip(*rows, strict=True) if rows else ((), (), ())
    return Interactions(
        np.array(users, np.int32), np.array(movies, np.int32), np.array(ratings, np.float32)
    )


def _split(
    n_users: int,
    n_movies: int,
    *,
    train: list[tuple[int, int, float]] | None = None,
    validation: list[tuple[int, int, float]] | None = None,
    holdout: list[tuple[int, int, float]] | None = None,
) -> Split:
    return Split(
        train=_interactions(train or []),
        validation=_interactions(validation or []),
        holdout=_interactions(holdout or []),
        user_ids=np.array([f"u{user}" for user in range(n_users)], object),
        movie_ids=np.array([f"m{movie}" for movie in range(n_movies)], object),
        rating_scale=(1.0, 5.0),
        movie_genres=np.arange(n_movies)[:, None] % 3 == np.arange(2),  # every third has none
    )


def _random_case(seed: int) -> tuple[FixedScorer, Split]:
    """Distinct scores; users with no, few and many rows in each part."""
    rng = np.random.default_rng(seed)
    n_users, n_movies = 12, int(rng.integers(30, 300))
    rows = [(user, movie) for user in range(n_users) for movie in range(n_movies)]
    activity = rng.choice([0.02, 0.1, 0.6], n_users)
    rated = [row for row in rows if rng.random() < activity[row[0]]]
    parts = rng.choice(3, len(rated), p=[0.6, 0.1, 0.3])

    def part(number: int) -> list[tuple[int, int, float]]:
        kept = [row for row, which in zip(rated, parts, strict=True) if which == number]
        return [(user, movie, float(rng.integers(1, 6))) for user, movie in kept]

    scores = np.stack([rng.permutation(n_movies) for _ in range(n_users)])
    scorer = FixedScorer(scores, rng.normal(3, 2, size=(n_users, n_movies)))
    return scorer, _split(n_users, n_movies, train=part(0), validation=part(1), holdout=part(2))


def test_hand_computed_case_gives_every_metric() -> None:
    # User 0 has seen movies 0 (train) and 1 (validation); candidates in order: 4, 2, 3.
    # User 1 has seen nothing; order: 0, 1, 2, 3, 4.
    scorer = FixedScorer(
        [[9, 8, 2, 1, 3], [5, 4, 3, 2, 1]],
        [[0, 0, 0, 6.0, 0], [3.5, 0, 0, 0, 1.0]],
    )
    split = _split(
        2,
        5,
        train=[(0, 0, 3.0)],
        validation=[(0, 1, 3.0)],
        holdout=[(0, 3, 4.0), (1, 0, 4.0), (1, 4, 2.0)],
    )
    found = evaluate(scorer, split, "holdout")
    gain = 1 / np.log2(np.arange(2, 7))  # of ranks 1 to 5: the holdout has 3 | 1 and 5
    ndcg = (gain[2] + (gain[0] + gain[4]) / (gain[0] + gain[1])) / 2
    expected = {
        "rmse": np.sqrt((1.0**2 + 0.5**2 + 1.0**2) / 3),
        "mae": (1 + 0.5 + 1) / 3,
        "recall@10": 1,
        "recall@20": 1,
        "recall@100": 1,
        "ndcg@10": ndcg,
        "ndcg@20": ndcg,
        "ndcg@100": ndcg,
        # Liked are movie 3 and movie 0; movie 4 was given 2 stars. All three are in the top 20.
        "ndcg_liked@20": (gain[2] / gain[0] + 1) / 2,
        "disappointments@20": 1 / 3,
        "mrr": (1 / 3 + 1) / 2,
        "top_k_accuracy@1": 1 / 3,
        "top_k_accuracy@5": 1,
        "top_k_accuracy@10": 1,
        "top_k_accuracy@50": 1,
        "top_k_accuracy@100": 1,
        "top_k_accuracy_with_seen@100": 1,
        # Shown are movies 4, 2, 3 and 0 to 4: once or, those three, twice. One of two users has
        # rated movie 0 in train.
        "coverage@20": 1,
        "gini@20": (-4 - 2 + 0 + 2 * 2 + 4 * 2) / 8 / 4,
        "novelty@20": (1 + (0.5 + 4) / 5) / 2,
        # Genres of movies 0 to 4: A, B, none, A, B. User 0: A and B; user 1: two of each.
        "diversity@20": (1 + 4 / 6) / 2,
        # Each prediction is a group of its own: 5 for 4, 3.5 for 4, 1 for 2.
        "calibration_error": (1 + 0.5 + 1) / 3,
    }
    assert found == pytest.approx(expected)
    assert list(found) == list(METRICS)
    assert all(type(value) is float for value in found.values())


def test_model_that_scores_everything_alike_looks_useless() -> None:
    rows = [(user, movie, 3.0) for user in range(20) for movie in range(user, user + 5)]
    found = evaluate(FixedScorer(np.zeros((20, 200))), _split(20, 200, holdout=rows), "holdout")
    assert "disappointments@20" not in found  # nothing is found
    shares = {name: value for name, value in found.items() if METRICS[name].task == "retrieval"}
    assert shares.pop("mrr") == pytest.approx(1 / 196)  # after all 195 other movies
    assert shares.pop("coverage@20") == pytest.approx(0.1)  # all users see the same 20
    assert {value for name, value in shares.items() if name not in BEYOND_ACCURACY} == {0.0}


def test_model_that_knows_the_holdout_is_perfect() -> None:
    scorer, split = _random_case(0)
    scorer.table[split.holdout.users, split.holdout.movies] += 1000
    found = evaluate(scorer, split, "holdout")
    assert [found[name] for name in ("mrr", "ndcg@10", "ndcg@20", "ndcg@100")] == [1, 1, 1, 1]


@pytest.mark.parametrize("part", ["validation", "holdout"])
@pytest.mark.parametrize("seed", range(8))
def test_ranking_metrics_equal_those_of_ir_measures(seed: int, part: Any) -> None:
    scorer, split = _random_case(seed)
    rows = getattr(split, part)
    assert len(rows)
    qrels: dict[str, dict[str, int]] = {}
    for user, movie in zip(rows.users, rows.movies, strict=True):
        qrels.setdefault(str(user), {})[str(movie)] = 1
    run = {}
    for user in qrels:
        hidden = set(split.history(int(user)) if part == "validation" else split.seen(int(user)))
        scores = scorer.table[int(user)]
        run[user] = {str(i): float(scores[i]) for i in range(split.n_movies) if i not in hidden}
    measures = [RR] + [measure @ k for measure in (R, nDCG) for k in (10, 20, 100)]
    oracle = ir_measures.pytrec_eval.calc_aggregate(measures, qrels, run)
    found = evaluate(scorer, split, part)
    assert found["mrr"] == pytest.approx(oracle[RR])
    for k in (10, 20, 100):
        assert found[f"recall@{k}"] == pytest.approx(oracle[R @ k])
        assert found[f"ndcg@{k}"] == pytest.approx(oracle[nDCG @ k])


def test_holdout_movie_that_was_seen_counts_as_missed() -> None:
    split = _split(1, 3, train=[(0, 0, 5.0)], holdout=[(0, 0, 5.0), (0, 1, 5.0)])
    found = evaluate(FixedScorer([[3, 2, 1]]), split, "holdout")
    assert found["recall@10"] == 0.5
    assert found["top_k_accuracy@1"] == 0.5
    assert found["top_k_accuracy_with_seen@100"] == 1
    assert found["mrr"] == 1


def test_validation_rows_are_candidates_when_validation_is_measured() -> None:
    split = _split(1, 3, train=[(0, 0, 5.0)], validation=[(0, 1, 5.0)], holdout=[(0, 2, 5.0)])
    scorer = FixedScorer([[3, 2, 1]])
    assert evaluate(scorer, split, "validation")["mrr"] == 1
    assert evaluate(scorer, split, "holdout")["mrr"] == 1


def test_seen_movies_push_others_back_in_the_with_seen_variant_only() -> None:
    train = [(0, movie, 5.0) for movie in range(100)]
    split = _split(1, 300, train=train, holdout=[(0, 100, 5.0)])
    found = evaluate(FixedScorer([np.arange(300, 0, -1)]), split, "holdout")
    assert found["top_k_accuracy@1"] == 1
    assert found["top_k_accuracy_with_seen@100"] == 0


def test_part_without_ratings_has_no_metrics() -> None:
    split = _split(2, 3, train=[(0, 0, 3.0)])
    scorer = FixedScorer(np.zeros((2, 3)))
    assert evaluate(scorer, split, "validation") == {}
    assert evaluate(scorer, split, "holdout", quick=True) == {}


@pytest.mark.parametrize("task", ["retrieval", "rating"])
def test_task_the_scorer_does_not_know_has_no_metrics(task: Any) -> None:
    scorer, split = _random_case(1)
    scorer.tasks = frozenset({task})
    found = evaluate(scorer, split, "holdout")
    assert set(found) == {name for name, metric in METRICS.items() if metric.task == task}


def test_quick_metrics_are_those_of_the_full_evaluation() -> None:
    scorer, split = _random_case(2)
    full = evaluate(scorer, split, "holdout")
    quick = evaluate(scorer, split, "holdout", quick=True)
    assert list(quick) == ["rmse", "recall@20", "ndcg@20", "top_k_accuracy@100"]
    assert quick == {name: full[name] for name in quick}


def test_evaluation_of_some_users_leaves_out_the_rows_of_others() -> None:
    scorer, split = _random_case(3)
    users = np.array([7, 2, 2, 11])
    mine = np.isin(split.holdout.users, users)
    rows = (split.holdout.users, split.holdout.movies, split.holdout.ratings)
    part = Interactions(*(column[mine] for column in rows))
    expected = evaluate(scorer, replace(split, holdout=part), "holdout")
    assert evaluate(scorer, split, "holdout", users) == expected
    assert evaluate(scorer, split, "holdout", np.array([], int)) == {}


def test_metrics_per_user_are_those_of_each_user_alone() -> None:
    scorer, split = _random_case(4)
    table = per_user_metrics(scorer, split, "holdout")
    assert list(table["users"]) == sorted(set(split.holdout.users))
    assert table["counts"].sum() == len(split.holdout)
    for position, user in enumerate(table["users"]):
        alone = evaluate(scorer, split, "holdout", np.array([user]))
        for name in METRICS.keys() - TOGETHER:
            # A user without liked movies, or without hits, has no value.
            own = pytest.approx(table[name][position], nan_ok=True)
            assert alone.get(name, np.nan) == own
    assert average_metrics(table) == evaluate(scorer, split, "holdout")


def test_data_without_genres_have_no_diversity() -> None:
    scorer, split = _random_case(6)
    found = evaluate(scorer, replace(split, movie_genres=None), "holdout")
    assert set(found) == set(METRICS) - {"diversity@20"}


def test_users_evaluated_in_chunks_get_the_same_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, split = _random_case(5)
    whole = evaluate(scorer, split, "holdout")
    monkeypatch.setattr(ranking, "CHUNK_SCORES", 5 * split.n_movies)
    assert evaluate(scorer, split, "holdout") == whole


def test_model_that_has_diverged_gets_the_worst_figures_instead_of_nan() -> None:
    split = _split(1, 300, holdout=[(0, 0, 5.0), (0, 1, 2.0)])
    nothing = np.full((1, 300), np.nan)
    found = evaluate(FixedScorer(nothing, nothing), split, "holdout")
    assert found["rmse"] == pytest.approx(np.sqrt((4**2 + 3**2) / 2))
    assert found["recall@100"] == 0
    assert np.isfinite(list(found.values())).all()
