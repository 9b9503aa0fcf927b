import dataclasses
from typing import Any

import pandas as pd
import pytest

from pages.ui.charts import compare as charts
from pages.ui.charts import theme
from pages.ui.comparable import group_runs, run_labels, setting, setting_labels
from pages.ui.compare_rows import (
    Entry,
    baseline_id,
    config_differences,
    csv_table,
    default_selection,
    make_entries,
    metric_rows,
    metric_table,
    parts,
    table_rows,
)
from pages.ui.compare_view import NONE, make_comparison
from recsys.config import make_config
from recsys.records import Run
from tests.pages.small_lab import make_record


def run(run_id: str, *, status: str = "finished", name: str = "", **config: Any) -> Run:
    """Return a run of two epochs; `metrics` (holdout) and `fingerprint` may be among `config`."""
    holdout = config.pop("metrics", {"rmse": 0.9, "top_k_accuracy@100": 0.6, "recall@20": 0.3})
    fingerprint = config.pop("fingerprint", "f" * 64)
    made = make_config(config)
    return Run(
        run_id=run_id,
        config=made,
        dataset=made.data,
        fingerprint=fingerprint,
        status=status,  # type: ignore[arg-type]
        created="2026-01-01T00:00:00+00:00",
        history=(make_record(1), make_record(2)),
        metrics={"holdout": holdout, "validation": {}},
        baselines={
            "most popular": {"holdout": {"top_k_accuracy@100": 0.4}},
            "user + movie bias": {"holdout": {"rmse": 0.94}},
        },
        seconds={"fit": 2.0, "total": 3.0},
        peak_rss_mb=700.0,
        name=name,
    )


def entries(*runs: Run) -> list[Entry]:
    return make_entries(runs, run_labels(runs))


def test_runs_of_other_data_or_split_make_groups_of_their_own() -> None:
    runs = [
        run("a"),
        run("b", split_seed=1),
        run("c", seed=5),
        run("d", fingerprint="0" * 64),
        run("e", split="time"),
    ]
    groups = [[one.run_id for one in group] for group in group_runs(runs).values()]
    assert groups == [["a", "c"], ["b"], ["d"], ["e"]]


def test_settings_that_read_alike_are_told_apart_by_their_content() -> None:
    labels = setting_labels([setting(run("a")), setting(run("b", fingerprint="0" * 64))])
    assert list(labels.values()) == [
        "100k · random split 80/10/10 · split seed 42 · content ffffff",
        "100k · random split 80/10/10 · split seed 42 · content 000000",
    ]


def test_namesakes_are_told_apart_by_what_is_special() -> None:
    runs = [
        run("c", seed=1),
        run("b", embedding_dimension=7, seed=2),
        run("r", rating_weight=0),
        run("a"),
    ]
    assert run_labels(runs) == {
        "a": "multi-task",
        "b": "multi-task · dimension 7, seed 2",
        "c": "multi-task · seed 1",
        "r": "retrieval-specialised",
    }


def test_namesakes_with_much_that_is_special_are_told_apart_by_id() -> None:
    special = run("abcdef123456", seed=1, epochs=2, learning_rate=0.5)
    labels = run_labels([special, run("b"), run("c", seed=3)])
    assert labels["abcdef123456"] == "multi-task · abcdef"


def test_run_named_like_a_baseline_is_not_taken_for_it() -> None:
    labels = [entry.label for entry in entries(run("a", name="Most popular"))]
    assert labels == ["Most popular", "Most popular (baseline)", "User + movie bias"]


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
    placed = {row["label"]: row for row in charts.place_names(rows, rows)}
    assert {name: row["side"] for name, row in placed.items()} == {
        "a": "right",
        "b": "right",
        "c": "left",
        "d": "left",
    }
    assert placed["b"]["shift"] == 0
    assert 0 < placed["a"]["shift"] <= charts.GAP


def test_one_wild_loss_is_cut_off() -> None:
    rows = [{"value": 60.0}, {"value": 0.9}]
    assert charts.is_cut(rows, "rating_loss")
    assert not charts.is_cut(rows, "rmse")
    assert not charts.is_cut(rows[1:], "rating_loss")


def test_namesakes_with_nothing_to_tell_are_told_apart_by_id() -> None:
    stopped = run("abcdef1-stopped-2", status="stopped", name="mine")
    again = run("abcdef2-stopped-2", status="stopped", name="mine", seed=1)
    alike = run("fedcba1-stopped-2", status="stopped", name="mine", seed=1)
    labels = run_labels([stopped, again, alike])
    assert len(set(labels.values())) == 3
    assert all(label.startswith("mine · stopped") for label in labels.values())


def test_default_selection_is_the_newest_runs_and_the_baselines() -> None:
    made = entries(*[run(name, seed=i) for i, name in enumerate("abcd")])
    assert default_selection(made) == ["a", "b", "c", "most-popular", "user-movie-bias"]


def test_link_selects_what_it_names_and_names_what_it_cannot() -> None:
    runs = [run("a"), run("b", seed=1), run("c", split="time")]
    view = make_comparison(runs, "b,most-popular,c,gone")
    assert view.selected == ["b", "most-popular"]
    assert [one.run_id for one in view.elsewhere] == ["c"]
    assert view.unknown == ["gone"]
    assert view.setting == setting(runs[0])


def test_first_run_of_a_link_decides_the_setting() -> None:
    runs = [run("a"), run("c", split="time")]
    assert make_comparison(runs, "c,a").setting == setting(runs[1])


def test_setting_is_kept_while_nothing_is_selected() -> None:
    runs = [run("a"), run("c", split="time")]
    view = make_comparison(runs, NONE, setting(runs[1]).key)
    assert view.setting == setting(runs[1])
    assert view.selected == []


def test_table_has_a_row_for_each_run_and_baseline() -> None:
    table = table_rows(entries(run("a"), run("b", status="stopped", name="mine")), "holdout")
    assert list(table["name"]) == [
        "multi-task",
        "mine · stopped after epoch 2",
        "Most popular",
        "User + movie bias",
    ]
    epochs = make_config({}).epochs
    assert list(table["status"][:2]) == ["finished", f"stopped at epoch 2 of {epochs}"]
    assert table["rmse"].tolist()[:2] == [0.9, 0.9]
    assert pd.isna(table["rmse"][2])
    assert table["rmse"][3] == 0.94


def test_parts_name_only_what_was_measured() -> None:
    assert parts(entries(run("a"))) == ["holdout"]


def test_only_differing_config_fields_are_shown() -> None:
    table = config_differences(entries(run("a"), run("b", learning_rate=0.5, rating_weight=0.25)))
    assert list(table.columns) == ["rating_weight", "learning_rate"]
    assert table["rating_weight"].tolist() == ["1", "0.25"]


def test_equal_configs_differ_in_nothing() -> None:
    assert config_differences(entries(run("a"), run("b"))).empty


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (None, {"a": ["best", "behind"], "b": ["behind", "best"], "most-popular": ["", "behind"]}),
        ("a", {"a": ["", ""], "b": ["worse", "better"], "most-popular": ["", "worse"]}),
        ("b", {"a": ["better", "worse"], "b": ["", ""], "most-popular": ["", "worse"]}),
    ],
)
def test_better_is_lower_rmse_and_higher_accuracy(
    reference: str | None, expected: dict[str, list[str]]
) -> None:
    made = entries(
        run("a", metrics={"rmse": 0.9, "top_k_accuracy@100": 0.5}),
        run("b", metrics={"rmse": 1.0, "top_k_accuracy@100": 0.6}, seed=1),
    )
    rows = metric_rows(made[:3], "holdout", ["rmse", "top_k_accuracy@100"], reference)
    verdicts = {name: group["verdict"].tolist() for name, group in rows.groupby("entry_id")}
    assert verdicts == expected


def test_difference_below_the_digits_shown_is_none() -> None:
    made = entries(run("a", metrics={"rmse": 0.9}), run("b", metrics={"rmse": 0.9004}, seed=1))
    rows = metric_rows(made[:2], "holdout", ["rmse"], "a")
    assert rows["verdict"].tolist() == ["", "same"]


def test_metric_table_writes_value_difference_and_mark() -> None:
    made = entries(run("a", metrics={"rmse": 0.9}), run("b", metrics={"rmse": 0.88}, seed=1))
    text, verdicts = metric_table(metric_rows(made[:3], "holdout", ["rmse"], "a"))
    assert text["rmse"].tolist() == ["0.900", "0.880  (−0.020 ▲)", "–"]
    assert verdicts["rmse"].tolist() == ["", "better", ""]


def test_metric_nobody_has_makes_no_row() -> None:
    assert metric_rows(entries(run("a")), "holdout", ["mrr"]).empty


def test_csv_holds_every_config_field_and_metric() -> None:
    lines = csv_table(entries(run("a"), run("b", seed=3))).splitlines()
    head, second = lines[0].split(","), lines[2].split(",")
    assert len(lines) == 5
    row = dict(zip(head, second, strict=True))
    assert (row["id"], row["config.seed"], row["holdout.rmse"]) == ("b", "3", "0.9")
    assert lines[3].startswith("most-popular,")


def test_baseline_id_is_fit_for_a_url() -> None:
    assert baseline_id("user + movie bias") == "user-movie-bias"


def test_losses_have_train_and_validation_and_metrics_validation_only() -> None:
    made = entries(run("a"))
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
    made = entries(*[run(name, seed=i) for i, name in enumerate("abc")])
    some = charts.run_colours(made, ["a", "c"])
    every = charts.run_colours(made, ["a", "b", "c"])
    assert some == {label: colour for label, colour in every.items() if label in some}
    assert len(set(every.values())) == 3


def test_ten_selected_runs_have_ten_colours_and_baselines_are_grey() -> None:
    made = entries(*[run(f"r{i}", seed=i) for i in range(30)])
    chosen = [f"r{i}" for i in range(0, 30, 3)]
    colours = charts.run_colours(made, [*chosen, "most-popular"])
    assert colours.pop("Most popular") == theme.BASELINE
    assert len(set(colours.values())) == len(chosen) == 10


def test_scatter_reverses_rmse_and_keeps_runs_of_one_task() -> None:
    made = entries(run("a"), run("b", rating_weight=0, metrics={"top_k_accuracy@100": 0.61}))
    rows = charts.scatter_rows(made, "holdout", ["a", "b"], {"multi-task": "#123456"})
    assert [(row["entry_id"], row.get("rmse"), row.get("top100")) for row in rows] == [
        ("a", 0.9, 0.6),
        ("b", None, 0.61),
        ("most-popular", None, 0.4),
        ("user-movie-bias", 0.94, None),
    ]
    assert rows[0]["colour"] == "#123456"
    spec = charts.scatter_chart(rows).to_dict()
    axes = [
        layer["encoding"]["x"]
        for layer in spec["layer"]
        if "field" in layer["encoding"].get("x", {})
    ]
    assert axes
    assert all(axis["scale"]["reverse"] for axis in axes)


@pytest.mark.parametrize("names", [[], ["a"]])
def test_charts_of_few_runs_are_drawn(names: list[str]) -> None:
    made = entries(*[run(name) for name in names])
    colours = charts.run_colours(made, names)
    rows = charts.scatter_rows(made, "holdout", names, colours)
    assert charts.scatter_chart(rows).to_dict()["layer"]
    assert charts.curve_chart(charts.curve_rows(made, "rmse"), "rmse", colours, "epoch").to_dict()
    assert charts.legend_chart(colours).to_dict()


def test_stopped_run_is_marked_in_the_scatter() -> None:
    stopped = dataclasses.replace(run("a"), status="stopped")
    rows = charts.scatter_rows(entries(stopped), "holdout", [], {})
    assert rows[0]["stopped"]
