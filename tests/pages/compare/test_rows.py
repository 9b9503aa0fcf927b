import dataclasses

import pandas as pd
import pytest

from pages.ui.compare.details import epoch_rows, epoch_table
from pages.ui.compare.rows import (
    baseline_id,
    config_differences,
    config_text,
    csv_table,
    default_selection,
    parts,
    table_rows,
    untrained_note,
)
from pages.ui.compare.selection import (
    NONE,
    filter_options,
    make_selection,
    matches,
    read_filter,
    write_filter,
)
from pages.ui.names import as_typed, label_testbeds, run_labels
from recsys.runs.testbed import Testbed, runs_by_testbed
from tests.pages.made_runs import entries, made_run


def test_runs_of_other_data_or_split_make_groups_of_their_own() -> None:
    runs = [
        made_run("a"),
        made_run("b", split_seed=1),
        made_run("c", seed=5),
        made_run("d", fingerprint="0" * 64),
        made_run("e", split="time"),
    ]
    groups = [[one.run_id for one in group] for group in runs_by_testbed(runs).values()]
    assert groups == [["a", "c"], ["b"], ["d"], ["e"]]


def test_settings_that_read_alike_are_told_apart_by_their_content() -> None:
    labels = label_testbeds(
        [Testbed.of_run(made_run("a")), Testbed.of_run(made_run("b", fingerprint="0" * 64))]
    )
    assert list(labels.values()) == [
        "MovieLens 100K · random split 80/10/10 · split seed 42 · content ffffff",
        "MovieLens 100K · random split 80/10/10 · split seed 42 · content 000000",
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
    stopped = made_run("a", status="stopped", retrieval_weight=1.25)
    assert run_labels([stopped]) == {"a": "1 : 0.8 · stopped"}


def test_markdown_in_a_name_is_shown_as_it_is() -> None:
    assert as_typed("my *run* :red[x]") == r"my \*run\* \::gray[]red\[x\]"


def test_task_without_weight_is_told() -> None:
    made = entries(made_run("r", rating_weight=0), made_run("m"))
    assert untrained_note(made).startswith("No rating metrics of retrieval-specialised: weight 0")
    assert untrained_note(made[1:]) == ""


def test_link_selects_what_it_names_and_names_what_it_cannot() -> None:
    runs = [made_run("a"), made_run("b", seed=1), made_run("c", split="time")]
    selection = make_selection(runs, "b,most-popular,c,gone")
    assert selection.selected == ["b", "most-popular"]
    assert [one.run_id for one in selection.elsewhere] == ["c"]
    assert selection.unknown == ["gone"]
    assert selection.testbed == Testbed.of_run(runs[0])


def test_first_run_of_a_link_decides_the_setting() -> None:
    runs = [made_run("a"), made_run("c", split="time")]
    assert make_selection(runs, "c,a").testbed == Testbed.of_run(runs[1])


def test_setting_is_kept_while_nothing_is_selected() -> None:
    runs = [made_run("a"), made_run("c", split="time")]
    selection = make_selection(runs, NONE, Testbed.of_run(runs[1]).key)
    assert selection.testbed == Testbed.of_run(runs[1])
    assert selection.selected == []


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


def test_csv_holds_every_config_field_and_metric() -> None:
    lines = csv_table(entries(made_run("a"), made_run("b", seed=3))).splitlines()
    head, second = lines[0].split(","), lines[2].split(",")
    assert len(lines) == 5
    row = dict(zip(head, second, strict=True))
    assert (row["id"], row["config.seed"], row["holdout.rmse"]) == ("b", "3", "0.9")
    assert lines[3].startswith("most-popular,")


def test_baseline_id_is_fit_for_a_url() -> None:
    assert baseline_id("user + movie bias") == "user-movie-bias"


def test_filter_offers_what_differs_and_reads_what_it_wrote() -> None:
    runs = [made_run("a"), made_run("b", seed=10), made_run("c", seed=9, learning_rate=0.5)]
    options = filter_options(runs)
    usual = config_text(runs[0].config.learning_rate)
    assert options == {"seed": ["0", "9", "10"], "learning_rate": [usual, "0.5"]}
    chosen = {"seed": ["9", "10"], "learning_rate": ["0.5"]}
    assert read_filter(write_filter(chosen), options) == chosen
    assert [run.run_id for run in runs if matches(run, chosen)] == ["c"]
    assert write_filter({"seed": []}) is None


def test_filter_for_values_that_are_gone_is_left_out() -> None:
    assert read_filter("seed=3&sharing=all&seed=0", {"seed": ["0", "1"]}) == {"seed": ["0"]}
    assert read_filter(None, {"seed": ["0", "1"]}) == {}


def test_filtered_runs_stay_selected_and_pinned_but_hidden() -> None:
    runs = [made_run("a"), made_run("b", seed=1)]
    selection = make_selection(runs, "a,b", pin="b", where="seed=0")
    assert selection.selected == ["a"]
    assert selection.hidden == ["b"]
    assert selection.filtered == 1
    assert [entry.entry_id for entry in selection.compared()] == ["b", "a"]
    assert selection.unknown == []


def test_best_epoch_is_shown_with_the_last() -> None:
    down = [dataclasses.replace(made_run("a").history[0], epoch=3)]
    run = dataclasses.replace(made_run("a"), history=(*made_run("a").history, *down))
    rows = epoch_rows(entries(run), ["recall@20", "rmse"])
    assert rows["best"].tolist() == [0.2, 1.0]
    assert rows["best_epoch"].tolist() == [2, 2]
    assert rows["lost"].tolist() == pytest.approx([0.1, 0.1])
    table = epoch_table(rows)
    assert table["recall@20"]["multi-task"] == "0.200 at 2, 0.100 at 3"
    last = epoch_table(epoch_rows(entries(made_run("b")), ["rmse"]))
    assert last["rmse"].iloc[0] == "1.000 at 2"


def test_task_without_weight_has_no_best_epoch() -> None:
    assert epoch_rows(entries(made_run("a", rating_weight=0)), ["rmse"]).empty
