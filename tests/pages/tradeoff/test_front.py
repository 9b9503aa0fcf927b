"""The points of the plot are the metrics that `evaluate` returns for the stored models."""

from pathlib import Path

import pytest

from pages.ui.tradeoff.rows import plot_rows
from recsys.evaluation.evaluate import Part, evaluate
from recsys.experiment import run_experiment, split_for
from recsys.runs.store import RunStore
from recsys.tradeoff.pareto import pareto_front
from recsys.tradeoff.result import ratios, sweep_runs
from recsys.tradeoff.sweep import sweep_configs
from tests.synthetic import planted_dataset, small_config

pytestmark = pytest.mark.filterwarnings("ignore:Even though the")


def test_points_of_the_front_equal_what_evaluate_says_of_their_runs(tmp_path: Path) -> None:
    data = planted_dataset()
    base, store = small_config(data=data.name), RunStore(tmp_path)
    for config in sweep_configs(base, points=5):
        run_experiment(config, data, store)
    found = ratios(sweep_runs(store.list(), base, data.fingerprint))
    parts: tuple[Part, ...] = ("validation", "holdout")
    for part in parts:
        rows = plot_rows(found, part, "rmse", "ndcg@20")
        assert len(rows) == 5
        both = {}
        for row in rows:
            measured = evaluate(store.scorer(row["run_id"]), split_for(base, data), part)
            for axis, metric in (("x", "rmse"), ("y", "ndcg@20")):
                if axis in row:
                    assert row[axis] == pytest.approx(measured[metric], abs=1e-6)
            if "x" in row and "y" in row:
                both[row["run_id"]] = (-measured["rmse"], measured["ndcg@20"])
        assert len(both) == 3  # the ends have one task each
        front = {list(both)[i] for i in pareto_front(list(both.values()))}
        assert {row["run_id"] for row in rows if row["front"]} == front
