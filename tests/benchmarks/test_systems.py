"""The table of systems, their tuned values, and the protocols of the two examples."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from benchmarks.ablations import ABLATIONS
from benchmarks.peers.pairs import PairScorer
from benchmarks.protocols import KERAS_RS, TFRS, figures_of
from benchmarks.systems import DUET_SYSTEMS, PEERS, chosen_hyperparameters, tuned_file
from benchmarks.testbeds import SEEDS, TUNING_SEEDS
from benchmarks.tuning import best_point
from recsys.config import make_config
from recsys.scorer import TwoTowerScorer
from tests.synthetic import make_rows_split

TUNABLE = [name for name, system in PEERS.items() if system.grid]


@pytest.mark.parametrize("name", TUNABLE)
def test_grid_is_of_a_modest_size(name: str) -> None:
    assert 6 <= len(PEERS[name].points()) <= 20


@pytest.mark.parametrize("name", TUNABLE)
def test_tuned_values_are_the_best_of_the_grid(name: str) -> None:
    tuned = yaml.safe_load(tuned_file("100k").read_text())[name]
    metric = tuned["metric"]
    tried = [{key: point[key] for key in point if key != metric} for point in tuned["tried"]]
    assert tried == PEERS[name].points()
    assert tuned["chosen"] == best_point(tuned["tried"], metric)
    assert tuned["chosen"].items() <= chosen_hyperparameters(name).items()


def test_best_point_is_the_lowest_rmse_and_the_highest_ndcg() -> None:
    tried = [{"rank": 1, "rmse": 0.9, "ndcg@20": 0.3}, {"rank": 2, "rmse": 0.8, "ndcg@20": 0.2}]
    assert best_point(tried, "rmse")["rank"] == 2
    assert best_point(tried, "ndcg@20")["rank"] == 1


def test_a_system_that_was_not_tuned_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="EASE: not tuned yet"):
        chosen_hyperparameters("EASE", "later", tmp_path)


def test_tuning_never_sees_the_splits_that_count() -> None:
    assert not set(TUNING_SEEDS) & set(SEEDS)


@pytest.mark.parametrize("name", ABLATIONS)
def test_ablations_are_configs(name: str) -> None:
    assert make_config(ABLATIONS[name]) != make_config({})


@pytest.mark.parametrize("name", DUET_SYSTEMS)
def test_duets_systems_are_configs(name: str) -> None:
    fields = DUET_SYSTEMS[name].hyperparameters | DUET_SYSTEMS[name].quick
    config = make_config(fields)
    assert fields.items() <= config.model_dump().items()
    weights = {"retrieval": config.retrieval_weight, "rating": config.rating_weight}
    assert DUET_SYSTEMS[name].tasks == {task for task, weight in weights.items() if weight}


def test_pair_scorer_ranks_by_its_ratings() -> None:
    scorer = PairScorer(lambda users, movies: users * 10.0 + movies, 3)
    assert scorer.ratings(np.array([2]), np.array([1])).tolist() == [21.0]
    assert scorer.scores(np.array([1, 0])).tolist() == [[10, 11, 12], [0, 1, 2]]


def test_protocols_leave_seen_movies_in_and_count_their_own_rows() -> None:
    n_movies = 12
    split = make_rows_split(2, n_movies, [(0, 0, 1.0)], holdout=[(0, 1, 5.0), (0, 11, 4.0)])
    # Movie 0, which user 0 has seen, comes first, then 1, 2 … 11; all are rated 3 stars.
    scorer = TwoTowerScorer(
        query=np.zeros((2, 0), np.float32),
        candidate=np.zeros((n_movies, 0), np.float32),
        candidate_bias=-np.arange(n_movies, dtype=np.float32),
        rating_mean=3.0,
    )
    rmse = np.sqrt((2**2 + 1**2) / 2)
    assert figures_of(scorer, split, TFRS) == pytest.approx({"accuracy": 1.0, "rmse": rmse})
    assert figures_of(scorer, split, KERAS_RS) == pytest.approx({"accuracy": 1.0, "rmse": rmse / 4})


def test_protocol_of_keras_rs_counts_five_star_rows_only() -> None:
    n_movies = 30
    split = make_rows_split(
        1, n_movies, [(0, 0, 1.0)], holdout=[(0, 5, 5.0), (0, 10, 5.0), (0, 3, 2.0)]
    )
    scorer = TwoTowerScorer(
        query=np.zeros((1, 0), np.float32),
        candidate=np.zeros((n_movies, 0), np.float32),
        candidate_bias=-np.arange(n_movies, dtype=np.float32),
    )
    # Of the five-star movies 5 and 10, ranked 6th and 11th, one is in the top 10.
    assert figures_of(scorer, split, KERAS_RS) == {"accuracy": 0.5, "rmse": None}
