import dataclasses

import pytest

from pages.ui.charts import compare as charts
from pages.ui.charts import scatter, theme
from tests.pages.made_runs import entries, made_run


def test_labels_of_points_close_together_keep_apart() -> None:
    rows = [
        {"label": name, "rmse": rmse, "top100": top}
        for name, rmse, top in [
            ("a", 0.9, 0.600),
            ("b", 0.91, 0.601),
            ("c", 1.2, 0.6),
            ("d", 1.1, 0),
        ]
    ]
    placed = {row["label"]: row for row in scatter.place_names(rows, rows)}
    assert {name: row["side"] for name, row in placed.items()} == {
        "a": "right",
        "b": "right",
        "c": "left",
        "d": "left",
    }
    assert placed["b"]["shift"] == 0
    assert 0 < placed["a"]["shift"] <= scatter.GAP


def test_one_wild_loss_is_cut_off() -> None:
    rows = [{"value": 60.0}, {"value": 0.9}]
    assert charts.is_cut(rows, "rating_loss")
    assert not charts.is_cut(rows, "rmse")
    assert not charts.is_cut(rows[1:], "rating_loss")


def test_losses_have_train_and_validation_and_metrics_validation_only() -> None:
    made = entries(made_run("a"))
    losses = charts.curve_rows(made, "rating_loss")
    assert [(row["epoch"], row["part"]) for row in losses] == [
        (1, "train"),
        (1, "validation"),
        (2, "train"),
        (2, "validation"),
    ]
    assert losses[0]["value"] == pytest.approx(0.9)
    metrics = charts.curve_rows(made, "recall@20")
    assert [(row["epoch"], row["value"]) for row in metrics] == [
        (1, pytest.approx(0.1)),
        (2, pytest.approx(0.2)),
    ]


def test_run_keeps_its_colour_while_others_come_and_go() -> None:
    made = entries(*[made_run(name, seed=i) for i, name in enumerate("abc")])
    some = charts.run_colours(made, ["a", "c"])
    every = charts.run_colours(made, ["a", "b", "c"])
    assert some == {label: colour for label, colour in every.items() if label in some}
    assert len(set(every.values())) == 3


def test_ten_selected_runs_have_ten_colours_and_baselines_are_grey() -> None:
    made = entries(*[made_run(f"r{i}", seed=i) for i in range(30)])
    chosen = [f"r{i}" for i in range(0, 30, 3)]
    colours = charts.run_colours(made, [*chosen, "most-popular"])
    assert colours.pop("Most popular") == theme.BASELINE
    assert len(set(colours.values())) == len(chosen) == 10


def test_scatter_reverses_rmse_and_keeps_runs_of_one_task() -> None:
    made = entries(
        made_run("a"), made_run("b", rating_weight=0, metrics={"top_k_accuracy@100": 0.61})
    )
    rows = scatter.scatter_rows(made, "holdout", ["a", "b"], {"multi-task": "#123456"})
    assert [(row["entry_id"], row.get("rmse"), row.get("top100")) for row in rows] == [
        ("a", 0.9, 0.6),
        ("b", None, 0.61),
        ("most-popular", None, 0.4),
        ("user-movie-bias", 0.94, None),
    ]
    assert rows[0]["colour"] == "#123456"
    spec = scatter.scatter_chart(rows).to_dict()
    axes = [
        layer["encoding"]["x"]
        for layer in spec["layer"]
        if "field" in layer["encoding"].get("x", {})
    ]
    assert axes
    assert all(axis["scale"]["reverse"] for axis in axes)


@pytest.mark.parametrize("names", [[], ["a"]])
def test_charts_of_few_runs_are_drawn(names: list[str]) -> None:
    made = entries(*[made_run(name) for name in names])
    colours = charts.run_colours(made, names)
    rows = scatter.scatter_rows(made, "holdout", names, colours)
    assert scatter.scatter_chart(rows).to_dict()["layer"]
    assert charts.curve_chart(charts.curve_rows(made, "rmse"), "rmse", colours, "epoch").to_dict()
    assert charts.legend_chart(colours).to_dict()


def test_stopped_run_is_marked_in_the_scatter() -> None:
    stopped = dataclasses.replace(made_run("a"), status="stopped")
    rows = scatter.scatter_rows(entries(stopped), "holdout", [], {})
    assert rows[0]["stopped"]
