"""What a sweep says: its runs by ratio, and which task is measurably worse at which ratio."""

from collections.abc import Callable

import numpy as np
import pytest

from recsys.config import make_config
from recsys.evaluation.evaluate import COUNTS, USERS, Table
from recsys.runs.records import Run
from recsys.tradeoff.result import Ratio, ratios, sweep_runs, trade_off_points
from recsys.tradeoff.sentence import Point
from tests.trial_runs import FINGERPRINT, SWEEP, swept

BASE = make_config({})
N_USERS = 200


def test_runs_of_a_sweep_differ_in_nothing_but_weights_seed_and_sharing() -> None:
    mine = [*SWEEP, swept("seed", 1.0, 0.5, 0.9, 0.3, seed=7, sharing="none")]
    others = [
        swept("longer", 1.0, 0.5, 0.9, 0.3, epochs=3),
        swept("tutorial", 1.0, 0.5, 0.9, 0.3, architecture="tutorial"),
        swept("other split", 1.0, 0.5, 0.9, 0.3, split_seed=1),
        swept("other data", 1.0, 0.5, 0.9, 0.3, fingerprint="e" * 64),
        swept("stopped", 1.0, 1.0, 0.9, 0.3, status="stopped"),
    ]
    assert sweep_runs([*others, *mine], BASE, FINGERPRINT) == mine


def test_run_of_an_older_version_is_no_second_seed() -> None:
    newest, older = (swept(name, 1.0, 0.5, 0.9, 0.3) for name in ("newest", "older"))
    assert sweep_runs([newest, older], BASE, FINGERPRINT) == [newest]


def test_ratios_are_in_order_and_hold_all_their_seeds() -> None:
    again = swept("again", 2.0, 1.0, 0.92, 0.34, seed=4)  # 2 : 1 is 1 : 0.5
    apart = swept("apart", 1.0, 0.5, 0.9, 0.3, sharing="none")
    found = ratios([again, apart, *SWEEP[::-1]])
    assert [(ratio.sharing, round(ratio.share, 2)) for ratio in found] == [
        ("all", 0.0), ("all", 0.33), ("all", 0.44), ("all", 0.67), ("all", 1.0), ("none", 0.33),
    ]  # fmt: skip
    assert [run.run_id for run in found[1].members] == ["left", "again"]
    assert found[1].name == "1 : 0.5"


def test_mean_of_a_ratio_is_over_its_seeds_and_missing_where_its_task_was_not_trained() -> None:
    alone, both = ratios([SWEEP[0], SWEEP[1], swept("again", 1.0, 0.5, 0.94, 0.30, seed=1)])
    assert both.trained_mean("holdout", "rmse") == pytest.approx(0.92)
    assert both.trained_values("holdout", "ndcg@20") == [0.32, 0.30]
    assert both.trained_mean("validation", "rmse") is None  # not measured
    assert alone.trained_mean("holdout", "ndcg@20") == 0.33
    assert alone.trained_mean("holdout", "rmse") is None  # its 1.2 comes from chance


def user_table(rmse: float, ndcg: float, spread: float, seed: int = 0) -> Table:
    """Return 200 users' figures around these; `spread` is their standard deviation."""
    noise = np.random.default_rng(seed).normal(scale=spread, size=N_USERS)
    return {
        USERS: np.arange(N_USERS),
        COUNTS: np.full(N_USERS, 5),
        "rmse": np.abs(rmse + noise),
        "ndcg@20": ndcg + noise,
    }


def points_of(found: list[Ratio], table: Callable[[Run], Table]) -> list[Point]:
    return trade_off_points(found, "holdout", "ndcg@20", "rmse", table)


def same_for_all_users(run: Run) -> Table:
    """Return figures that hardly differ by user: the bootstrap is sure of any difference."""
    return user_table(run.metrics["holdout"]["rmse"], 0.3, 1e-6)


def test_task_is_worse_where_its_users_are_measurably_worse_off() -> None:
    figures = {run.run_id: run.metrics["holdout"] for run in SWEEP}

    def table(run: Run, spread: float) -> Table:
        values = figures[run.run_id]
        return user_table(
            values["rmse"], values["ndcg@20"], spread, seed=list(figures).index(run.run_id)
        )

    def paying(spread: float) -> list[tuple[bool, bool]]:
        points = points_of(ratios(SWEEP), lambda run: table(run, spread))
        assert [point.retrieval for point in points] == [0.33, 0.32, 0.31, 0.30, None]
        assert [point.rating for point in points] == [None, 0.90, 0.91, 0.85, 0.84]
        return [(point.retrieval_worse, point.rating_worse) for point in points]

    quiet = [(False, False), (True, True), (True, True), (True, True), (False, False)]
    assert paying(spread=0.01) == quiet
    # Where users differ by more than the ratios do, no difference is distinguishable.
    assert not any(retrieval or rating for retrieval, rating in paying(spread=2.0))


def test_ratios_with_more_seeds_than_others_are_compared_by_the_mean() -> None:
    runs = [*SWEEP, swept("again", 1.0, 0.5, 0.904, 0.32, seed=1)]
    tables = {
        run.run_id: user_table(
            run.metrics["holdout"]["rmse"], run.metrics["holdout"]["ndcg@20"], 0.01, seed
        )
        for seed, run in enumerate(runs)
    }
    points = points_of(ratios(runs), lambda run: tables[run.run_id])
    assert points[1].rating == pytest.approx(0.902)
    assert [point.rating_worse for point in points] == [False, True, True, True, False]


@pytest.mark.parametrize(("spread", "expected"), [(0.001, True), (0.02, False)])
def test_difference_that_the_seeds_explain_counts_as_equal(spread: float, expected: bool) -> None:
    runs = [
        swept(f"{name} {seed}", retrieval, rating, rmse + seed * spread, 0.3, seed=seed)
        for name, retrieval, rating, rmse in (("worse", 1.0, 0.5, 0.91), ("best", 0.5, 1.0, 0.90))
        for seed in (0, 1)
    ]
    worse, best = points_of(ratios(runs), same_for_all_users)
    assert (worse.rating_worse, best.rating_worse) == (expected, False)


@pytest.mark.parametrize(("spread", "expected"), [(0.001, True), (0.01, False)])
def test_ratio_with_one_seed_is_taken_to_vary_like_the_others(
    spread: float, expected: bool
) -> None:
    runs = [
        swept("worse", 1.0, 0.5, 0.91, 0.3),
        swept("best", 0.5, 1.0, 0.90 - spread / 2, 0.3, seed=0),
        swept("again", 0.5, 1.0, 0.90 + spread / 2, 0.3, seed=1),
    ]
    points = points_of(ratios(runs), same_for_all_users)
    assert [point.rating_worse for point in points] == [expected, False]


@pytest.mark.parametrize(("difference", "expected"), [(0.0009, False), (0.002, True)])
def test_difference_below_the_digits_shown_counts_as_equal(
    difference: float, expected: bool
) -> None:
    runs = [swept("a", 1.0, 0.5, 0.9 + difference, 0.3), swept("b", 0.5, 1.0, 0.9, 0.3)]
    points = points_of(ratios(runs), same_for_all_users)
    assert [point.rating_worse for point in points] == [expected, False]
