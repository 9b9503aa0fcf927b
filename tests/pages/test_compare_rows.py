import dataclasses

import pandas as pd
import pytest

from pages.ui.comparable import group_runs, plain, run_labels, setting, setting_labels
from pages.ui.compare_rows import (
    baseline_id,
    config_differences,
    csv_table,
    default_selection,
    metric_rows,
    metric_table,
    parts,
    table_rows,
    untrained_note,
)
from pages.ui.compare_table import mark_best
from pages.ui.compare_view import NONE, make_comparison
from tests.pages.made_runs import entries, made_run


def test_runs_of_other_data_or_split_make_groups_of_their_own() -> None:
    runs = [
        made_run("a"),
        made_run("b", split_seed=1),
        made_run("c", seed=5),
        made_run("d", fingerprint="0" * 64),
        made_run("e", split="time"),
    ]
    groups = [[one.run_id for one in group] for group in group_runs(runs).values()]
    assert groups == [["a", "c"], ["b"], ["d"], ["e"]]


def test_settings_that_read_alike_are_told_apart_by_their_content() -> None:
    labels = setting_labels([setting(made_run("a")), setting(made_run("b", fingerprint="0" * 64))])
    assert list(labels.values()) == [
        "100k · random split 80/10/10 · split seed 42 · content ffffff",
        "100k · random split 80/10/10 · split seed 42 · content 000000",
    ]


def test_namesakes_are_told_apart_by_what_is_special() -> None:
    runs = [
        made_run("c", seed=1),
        made_run("b", embedding_dimension=7, seed=2),
        made_run("r", rating_weight=0),
        made_run("a"),
    ]
    assert run_labels(runs) == {
        "a": "multi-task",
        "b": "multi-task · dimension 7, seed 2",
        "c": "multi-task · seed 1",
        "r": "retrieval-specialised",
    }


def test_namesakes_with_much_that_is_special_are_told_apart_by_id() -> None:
    special = made_run("abcdef123456", seed=1, epochs=2, learning_rate=0.5)
    labels = run_labels([special, made_run("b"), made_run("c", seed=3)])
    assert labels["abcdef123456"] == "multi-task · abcdef"


def test_run_named_like_a_baseline_is_not_taken_for_it() -> None:
    labels = [entry.label for entry in entries(made_run("a", name="Most popular"))]
    assert labels == ["Most popular", "Most popular (baseline)", "User + movie bias"]


def test_namesakes_with_nothing_to_tell_are_told_apart_by_id() -> None:
    stopped = made_run("abcdef1-stopped-2", status="stopped", name="mine")
    again = made_run("abcdef2-stopped-2", status="stopped", name="mine", seed=1)
    alike = made_run("fedcba1-stopped-2", status="stopped", name="mine", seed=1)
    labels = run_labels([stopped, again, alike])
    assert len(set(labels.values())) == 3
    assert all(label.startswith("mine · stopped") for label in labels.values())


def test_default_selection_is_the_newest_runs_and_the_baselines() -> None:
    made = entries(*[made_run(name, rating_weight=2 + i) for i, name in enumerate("abcd")])
    assert default_selection(made) == ["a", "b", "c", "most-popular", "user-movie-bias"]


def test_default_selection_holds_the_presets_and_no_run_without_an_epoch() -> None:
    own = [made_run(name, rating_weight=2 + i) for i, name in enumerate("abcd")]
    empty = dataclasses.replace(made_run("e", status="stopped"), history=())
    presets = [made_run("m"), made_run("r", rating_weight=0), made_run("s", retrieval_weight=0)]
    made = entries(empty, *own, *presets)
    assert default_selection(made)[:-2] == ["a", "b", "c", "m", "r", "s"]


def test_weights_of_a_stopped_run_are_named_shortly() -> None:
    stopped = made_run("a", status="stopped", retrieval_weight=1.3)
    assert run_labels([stopped]) == {"a": "1.3 : 1 · stopped"}


def test_markdown_in_a_name_is_shown_as_it_is() -> None:
    assert plain("my *run* :red[x]") == r"my \*run\* \:red\[x\]"


def test_task_without_weight_is_told() -> None:
    made = entries(made_run("r", rating_weight=0), made_run("m"))
    assert untrained_note(made).startswith("Rating (weight 0) was not trained in retrieval-")
    assert untrained_note(made[1:]) == ""


def test_link_selects_what_it_names_and_names_what_it_cannot() -> None:
    runs = [made_run("a"), made_run("b", seed=1), made_run("c", split="time")]
    view = make_comparison(runs, "b,most-popular,c,gone")
    assert view.selected == ["b", "most-popular"]
    assert [one.run_id for one in view.elsewhere] == ["c"]
    assert view.unknown == ["gone"]
    assert view.setting == setting(runs[0])


def test_first_run_of_a_link_decides_the_setting() -> None:
    runs = [made_run("a"), made_run("c", split="time")]
    assert make_comparison(runs, "c,a").setting == setting(runs[1])


def test_setting_is_kept_while_nothing_is_selected() -> None:
    runs = [made_run("a"), made_run("c", split="time")]
    view = make_comparison(runs, NONE, setting(runs[1]).key)
    assert view.setting == setting(runs[1])
    assert view.selected == []


def test_table_has_a_row_for_each_run_and_baseline() -> None:
    table = table_rows(
        entries(made_run("a"), made_run("b", status="stopped", name="mine")), "holdout"
    )
    assert list(table["name"]) == [
        "multi-task",
        "mine · stopped",
        "Most popular",
        "User + movie bias",
    ]
    assert list(table["status"][:2]) == ["finished", "stopped, epoch 2"]
    assert table["rmse"].tolist()[:2] == [0.9, 0.9]
    assert pd.isna(table["rmse"][2])
    assert table["rmse"][3] == 0.94


def test_parts_name_only_what_was_measured() -> None:
    assert parts(entries(made_run("a"))) == ["holdout"]


def test_only_differing_config_fields_are_shown() -> None:
    table = config_differences(
        entries(made_run("a"), made_run("b", learning_rate=0.5, rating_weight=0.25))
    )
    assert list(table.columns) == ["rating_weight", "learning_rate"]
    assert table["rating_weight"].tolist() == ["1", "0.25"]


def test_equal_configs_differ_in_nothing() -> None:
    assert config_differences(entries(made_run("a"), made_run("b"))).empty


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
        made_run("a", metrics={"rmse": 0.9, "top_k_accuracy@100": 0.5}),
        made_run("b", metrics={"rmse": 1.0, "top_k_accuracy@100": 0.6}, seed=1),
    )
    rows = metric_rows(made[:3], "holdout", ["rmse", "top_k_accuracy@100"], reference)
    verdicts = {name: group["verdict"].tolist() for name, group in rows.groupby("entry_id")}
    assert verdicts == expected


def test_best_is_decided_on_the_digits_shown() -> None:
    made = entries(
        made_run("a", metrics={"mae": 0.71812, "rmse": 0.91321}),
        made_run("b", metrics={"mae": 0.71853, "rmse": 0.91279}, seed=1),
    )[:2]
    text, verdicts = metric_table(metric_rows(made, "holdout", ["mae", "rmse"]))
    assert text["mae"].tolist() == ["0.718  (best)", "0.719  (+0.001)"]
    assert verdicts["rmse"].tolist() == ["best", "best"]
    marks = mark_best(table_rows(made, "holdout")["rmse"])
    assert all(marks)


def test_difference_below_the_digits_shown_is_none() -> None:
    made = entries(
        made_run("a", metrics={"rmse": 0.9}), made_run("b", metrics={"rmse": 0.9004}, seed=1)
    )
    rows = metric_rows(made[:2], "holdout", ["rmse"], "a")
    assert rows["verdict"].tolist() == ["", "same"]


def test_metric_table_writes_value_difference_and_mark() -> None:
    made = entries(
        made_run("a", metrics={"rmse": 0.9}), made_run("b", metrics={"rmse": 0.88}, seed=1)
    )
    text, verdicts = metric_table(metric_rows(made[:3], "holdout", ["rmse"], "a"))
    assert text["rmse"].tolist() == ["0.900", "0.880  (−0.020 ▲)", "–"]
    assert verdicts["rmse"].tolist() == ["", "better", ""]


def test_metric_nobody_has_makes_no_row() -> None:
    assert metric_rows(entries(made_run("a")), "holdout", ["mrr"]).empty


def test_csv_holds_every_config_field_and_metric() -> None:
    lines = csv_table(entries(made_run("a"), made_run("b", seed=3))).splitlines()
    head, second = lines[0].split(","), lines[2].split(",")
    assert len(lines) == 5
    row = dict(zip(head, second, strict=True))
    assert (row["id"], row["config.seed"], row["holdout.rmse"]) == ("b", "3", "0.9")
    assert lines[3].startswith("most-popular,")


def test_baseline_id_is_fit_for_a_url() -> None:
    assert baseline_id("user + movie bias") == "user-movie-bias"
