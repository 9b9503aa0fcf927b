"""What a sweep says: its runs by ratio, and which task is measurably worse at which ratio."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from recsys.config import make_config
from recsys.evaluation.evaluate import COUNTS, USERS, Table
from recsys.ratio import POSITIONS
from recsys.runs.records import LinePoint, Run
from recsys.tradeoff.front import Front
from recsys.tradeoff.result import (
    COMPARED_POSITIONS,
    front_of_line,
    front_of_ratios,
    ratios,
    stored_lines,
    sweep_runs,
)
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
    assert [(ratio.sharing, ratio.name) for ratio in found] == [
        ("part", "1 : 0"), ("part", "1 : 0.5"), ("part", "1 : 0.8"), ("part", "0.5 : 1"),
        ("part", "0 : 1"), ("none", "1 : 0.5"),
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


def front_of(
    runs: list[Run], table: Callable[[Run], Table] | None = None, missing: int = 0
) -> Front:
    return front_of_ratios(
        ratios(runs), "holdout", ("ndcg@20", "rmse"), table or same_for_all_users, missing
    )


def same_for_all_users(run: Run) -> Table:
    """Return figures that hardly differ by user: the bootstrap is sure of any difference."""
    figures = run.metrics["holdout"]
    return user_table(figures["rmse"], figures["ndcg@20"], 1e-6)


def verdicts(front: Front) -> list[tuple[str, str]]:
    return [(point.retrieval_verdict, point.rating_verdict) for point in front.points]


def test_each_task_is_compared_with_the_same_task_alone() -> None:
    front = front_of(SWEEP)
    assert front.alone == {"retrieval": 0.33, "rating": 0.84}
    assert [(point.retrieval, point.rating) for point in front.points] == [
        (0.32, 0.90), (0.31, 0.91), (0.30, 0.85),
    ]  # fmt: skip
    assert verdicts(front) == [("worse", "worse")] * 3
    better = [swept("both", 1.0, 0.5, 0.80, 0.34), swept("again", 1.0, 1.0, 0.84, 0.33)]
    assert verdicts(front_of([SWEEP[0], *better, SWEEP[-1]])) == [
        ("better", "better"), ("not distinguishable", "not distinguishable"),
    ]  # fmt: skip


def test_difference_that_users_explain_is_none() -> None:
    names = [run.run_id for run in SWEEP]

    def table(run: Run) -> Table:
        figures = run.metrics["holdout"]
        return user_table(figures["rmse"], figures["ndcg@20"], 2.0, names.index(run.run_id))

    assert {verdict for pair in verdicts(front_of(SWEEP, table)) for verdict in pair} == {
        "not distinguishable"
    }


def test_task_is_overdone_where_it_is_worse_than_at_its_best_with_less_weight() -> None:
    runs = [
        swept("alone", 1.0, 0.0, 1.2, 0.33),
        swept("left", 1.0, 0.5, 0.90, 0.31),
        swept("middle", 1.0, 1.0, 0.85, 0.32),
        swept("right", 0.5, 1.0, 0.86, 0.30),
        swept("other", 0.0, 1.0, 0.84, 0.01),
    ]
    assert front_of(runs).overdone == {"retrieval", "rating"}
    assert front_of(SWEEP).overdone == set()  # each end is the best for its task


@pytest.mark.parametrize("gone", [0, -1])
def test_sweep_without_a_task_alone_is_incomplete(gone: int) -> None:
    front = front_of([run for run in SWEEP if run is not SWEEP[gone]])
    assert front.missing == 1
    assert not front.is_known


def test_sweep_with_runs_to_come_is_incomplete() -> None:
    assert front_of(SWEEP, missing=2).missing == 2
    assert not front_of(SWEEP, missing=2).is_known
    assert front_of(SWEEP).is_known


def test_ratios_with_more_seeds_than_others_are_compared_by_the_mean() -> None:
    runs = [*SWEEP, swept("again", 1.0, 0.5, 0.904, 0.32, seed=1)]
    assert front_of(runs).points[0].rating == pytest.approx(0.902)


@pytest.mark.parametrize(("spread", "expected"), [(0.001, "worse"), (0.02, "not distinguishable")])
def test_difference_that_the_seeds_explain_counts_as_equal(spread: float, expected: str) -> None:
    # The ratio with one seed is taken to vary as much as training alone.
    runs = [
        SWEEP[0],
        swept("worse", 1.0, 0.5, 0.85, 0.33),
        swept("more", 0.5, 1.0, 0.85, 0.33),
        swept("alone", 0.0, 1.0, 0.84 - spread / 2, 0.01),
        swept("again", 0.0, 1.0, 0.84 + spread / 2, 0.01, seed=1),
    ]
    assert verdicts(front_of(runs))[0][1] == expected


@pytest.mark.parametrize(
    ("difference", "expected"), [(0.0009, "not distinguishable"), (0.002, "worse")]
)
def test_difference_below_the_digits_shown_counts_as_equal(
    difference: float, expected: str
) -> None:
    runs = [SWEEP[0], *(swept(str(w), 1.0, w, 0.84 + difference, 0.33) for w in (0.5, 1.0))]
    assert verdicts(front_of([*runs, SWEEP[-1]]))[0][1] == expected


# Lines


def line(run_id: str = "line", **config: object) -> Run:
    """Return a run of all ratios: RMSE is best at 0.6, NDCG@20 at 0.1."""
    points = [
        LinePoint(
            position=position,
            metrics={
                "holdout": {"rmse": 0.9 + abs(position - 0.6), "ndcg@20": 0.3 - abs(position - 0.1)}
            },
        )
        for position in POSITIONS
    ]
    made = swept(run_id, 1.0, 1.0, 0.9, 0.3, all_ratios=True, **config)
    return replace(made, line=tuple(points))


def test_lines_belong_to_the_sweep_from_their_settings_but_are_no_ratio_of_it() -> None:
    tied = line("tied", sharing="tied")
    runs = [line("seed 1", seed=1), line("seed 0"), tied, line("other", epochs=3), *SWEEP]
    found = stored_lines(runs, BASE, FINGERPRINT, ("tied", "part"))
    assert [run.run_id for run in found] == ["tied", "seed 0"]
    assert stored_lines(runs, BASE, FINGERPRINT, ("none",)) == []
    assert len(ratios(runs)) == len(SWEEP)


def test_line_is_compared_with_its_best_ratio_for_each_task() -> None:
    made = line()
    figures = {point.position: point.metrics["holdout"] for point in made.line}
    asked = []

    def table(position: float) -> Table:
        asked.append(position)
        return user_table(figures[position]["rmse"], figures[position]["ndcg@20"], 1e-6)

    front = front_of_line(made, "holdout", ("ndcg@20", "rmse"), table)
    positions = [point.position for point in front.points]
    assert positions == sorted({*COMPARED_POSITIONS, 0.1, 0.6}) == sorted(asked)
    at = dict(zip(positions, verdicts(front), strict=True))
    assert at[0.1] == ("not distinguishable", "worse")
    assert at[0.6] == ("worse", "not distinguishable")
    assert (at[0.0], at[1.0]) == (("worse", "worse"), ("worse", "worse"))
    assert front.overdone == {"retrieval", "rating"}
    assert front.is_line
    assert front.is_known


def test_line_says_nothing_in_metrics_it_was_not_measured_in() -> None:
    def table(position: float) -> Table:
        raise AssertionError("nothing to measure")

    assert not front_of_line(line(), "holdout", ("mrr", "rmse"), table).is_known
