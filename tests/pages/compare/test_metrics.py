import math

import pytest

from pages.ui.compare.metrics import (
    difference_rows,
    metric_rows,
    metric_table,
    verdict_rows,
)
from pages.ui.compare.rows import table_rows
from pages.ui.compare.units import make_units, other_seeds, unfold, unit_of
from pages.ui.tables import mark_best
from recsys.evaluation.bootstrap import Difference
from recsys.evaluation.comparison import BETTER, NOT_DISTINGUISHABLE, WORSE, Compared
from tests.pages.made_runs import entries, made_run

NAMES = ["rmse", "top_k_accuracy@100"]


def two_runs():
    made = entries(
        made_run("a", metrics={"rmse": 0.9, "top_k_accuracy@100": 0.5}),
        made_run("b", metrics={"rmse": 1.0, "top_k_accuracy@100": 0.6}, epochs=3),
    )
    return make_units(made[:3])  # and most popular, with top-100 accuracy 0.4


def compared(verdict, difference=-0.02):
    return Compared(Difference(difference, difference - 0.01, difference + 0.01), verdict)


def test_without_a_pinned_run_the_best_of_each_metric_stands_out() -> None:
    rows = metric_rows(two_runs(), "holdout", NAMES)
    verdicts = {name: group["verdict"].tolist() for name, group in rows.groupby("unit_id")}
    assert verdicts == {
        "a": ["best", "behind"],
        "b": ["behind", "best"],
        "most-popular": ["", "behind"],
    }


def test_best_is_decided_on_the_digits_shown() -> None:
    made = entries(
        made_run("a", metrics={"mae": 0.71812, "rmse": 0.91321}),
        made_run("b", metrics={"mae": 0.71853, "rmse": 0.91279}, epochs=3),
    )[:2]
    text, verdicts = metric_table(metric_rows(make_units(made), "holdout", ["mae", "rmse"]))
    assert text["mae"].tolist() == ["0.718  (best)", "0.719  (+0.001)"]
    assert verdicts["rmse"].tolist() == ["best", "best"]
    assert all(mark_best(table_rows(made, "holdout")["rmse"]))


def test_figures_of_chance_are_not_the_best() -> None:
    made = entries(
        made_run("a", metrics={"novelty@20": 0.8}),
        made_run("b", metrics={"novelty@20": 0.99}, retrieval_weight=0),
    )
    rows = metric_rows(make_units(made[:2]), "holdout", ["novelty@20"])
    assert rows["verdict"].tolist() == ["", ""]  # nor is the only one that was trained
    assert rows["value"].isna().tolist() == [False, True]  # and they are not shown
    made = entries(made_run("c", metrics={"novelty@20": 0.7}, epochs=3), *(e.run for e in made[:2]))
    rows = metric_rows(make_units(made[:3]), "holdout", ["novelty@20"])
    assert rows["verdict"].tolist() == ["behind", "best", ""]


def test_verdicts_on_a_pinned_run_are_those_of_the_intervals() -> None:
    units = two_runs()
    found = {
        ("b", "rmse"): compared(WORSE, 0.1),
        ("b", "top_k_accuracy@100"): compared(NOT_DISTINGUISHABLE, 0.1),
        ("most-popular", "top_k_accuracy@100"): compared(BETTER, -0.1),
    }
    rows = metric_rows(units, "holdout", NAMES, units[0], found)
    text, verdicts = metric_table(rows)
    assert text["rmse"].tolist() == ["0.900", "1.000  (+0.100 ▼)", "–"]
    assert text["top_k_accuracy@100"].tolist() == [
        "0.500",
        "0.600  (+0.100 ≈)",
        "0.400  (−0.100 ▲)",
    ]
    assert verdicts["rmse"].tolist() == ["", "worse", ""]
    words = verdict_rows(units, units[0], NAMES, found).set_index("Run")
    assert words.loc["multi-task"].tolist() == ["–", "RMSE", "Top-100 accuracy"]
    assert words.loc["Most popular"].tolist() == ["Top-100 accuracy", "–", "–"]


def test_intervals_are_one_row_a_metric_and_unit() -> None:
    units = two_runs()
    rows = difference_rows(units, NAMES, {("b", "rmse"): compared(WORSE, 0.1)})
    assert [(row["metric"], row["unit_id"], row["verdict"]) for row in rows] == [
        ("rmse", "b", "worse")
    ]
    assert (rows[0]["low"], rows[0]["high"]) == pytest.approx((0.09, 0.11))


def test_metric_nobody_has_makes_no_row() -> None:
    assert metric_rows(make_units(entries(made_run("a"))), "holdout", ["mrr"]).empty


def test_seeds_of_one_config_are_one_unit() -> None:
    made = entries(
        made_run("b", seed=4, metrics={"rmse": 0.8}),
        made_run("x", seed=4, epochs=3),
        made_run("a", metrics={"rmse": 0.6}),
        made_run("s", seed=5, status="stopped"),
    )
    units = make_units(made)
    assert [[entry.entry_id for entry in unit.members] for unit in units] == [
        ["a", "b"], ["x"], ["s"], ["most-popular"], ["user-movie-bias"],
    ]  # fmt: skip
    assert units[0].label == "multi-task · 2 seeds"
    assert units[0].mean("holdout", "rmse") == pytest.approx(0.7)
    assert units[0].deviation("holdout", "rmse") == pytest.approx(math.sqrt(0.02))
    assert units[1].deviation("holdout", "rmse") is None
    rows = metric_rows(units[:1], "holdout", ["rmse"])
    assert metric_table(rows)[0]["rmse"].iloc[0] == "0.700 ± 0.141"
    assert len(make_units(made, grouped=False)) == 6


def test_groups_are_told_apart_by_what_their_members_have_in_common() -> None:
    made = entries(
        *(made_run(f"a{seed}", seed=seed, name="mine" if seed else "") for seed in range(2)),
        *(made_run(f"b{seed}", seed=seed, epochs=3) for seed in range(3)),
    )
    epochs = made[0].run.config.epochs
    labels = [unit.label for unit in make_units(made) if len(unit.members) > 1]
    assert labels == [f"multi-task · epochs {epochs} · 2 seeds", "multi-task · 3 seeds"]


def test_unit_unfolds_to_its_members_and_is_found_by_them() -> None:
    made = entries(made_run("a"), made_run("b", seed=1))
    units = make_units(made[:2])
    assert [unit.label for unit in unfold(units, [units[0].unit_id])] == [
        "multi-task · 2 seeds",
        "↳ multi-task · seed 0",
        "↳ multi-task, seed 1",
    ]
    assert len({unit.unit_id for unit in unfold(units, [units[0].unit_id])}) == 3
    assert unit_of(units, "b") == units[0]
    assert unit_of(units, "gone") is None
    assert other_seeds(made, ["b"]) == ["a"]
