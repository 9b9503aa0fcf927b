import dataclasses
from statistics import mean, stdev

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import state
from pages.ui.compare.rows import LIKED
from pages.ui.names import as_typed
from recsys.config import make_config
from recsys.evaluation.metrics import BEYOND_ACCURACY, METRICS
from tests.pages.small_lab import Lab, OpenPage, make_run

PAGE = "pages/3_Compare.py"
BASELINES = ["Most popular", "User + movie bias"]


def selected(app: AppTest) -> list[str]:
    return app.query_params[state.RUNS].split(",")


def texts(app: AppTest) -> str:
    shown = [*app.markdown, *app.caption, *app.warning, *app.info, *app.error]
    return "\n".join(element.value for element in shown)


def test_table_shows_runs_newest_first_then_baselines(open_page: OpenPage) -> None:
    table = open_page(PAGE).dataframe[0].value
    assert list(table["name"]) == [
        "half way · stopped",
        "multi-task",
        "retrieval-specialised",
        "rating-specialised",
        *BASELINES,
    ]
    assert table["status"][0] == "stopped, epoch 2"


def test_first_visit_selects_the_newest_runs_and_presets_and_puts_them_into_the_url(
    lab: Lab, open_page: OpenPage
) -> None:
    app = open_page(PAGE)
    # Not the one that was stopped.
    assert selected(app) == [*lab.runs[2::-1], "most-popular", "user-movie-bias"]


def test_run_that_ends_joins_the_default_selection(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE)
    config = make_config({"data": lab.data, "seed": 8})
    run, scorer = make_run(config, created="2026-02-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    assert selected(app.run())[:3] == [run.run_id, *lab.runs[2:0:-1]]


def test_run_that_ends_leaves_a_chosen_selection_alone(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[0])
    config = make_config({"data": lab.data, "seed": 8})
    lab.store.save(*make_run(config, created="2026-02-01T00:00:00+00:00"))
    assert selected(app.run()) == [lab.runs[0]]


def test_link_reproduces_the_selection(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=f"{lab.runs[0]},{lab.runs[2]}")
    metrics, differences = app.dataframe[1].value, app.dataframe[3].value
    assert list(metrics.index) == ["multi-task", "rating-specialised"]
    assert list(differences.columns) == ["retrieval_weight"]
    assert selected(app) == [lab.runs[2], lab.runs[0]]


def test_nothing_selected_stays_so(open_page: OpenPage) -> None:
    app = open_page(PAGE, runs="none")
    assert len(app.dataframe) == 1
    assert selected(app) == ["none"]
    assert "No run is selected" in texts(app)


def test_one_run_shows_its_whole_config(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[0])
    config = app.dataframe[3].value
    assert "Learning rate" in list(config["field"])


def test_only_baselines_selected_shows_their_metrics(open_page: OpenPage) -> None:
    app = open_page(PAGE, runs="most-popular,user-movie-bias")
    assert list(app.dataframe[1].value.index) == BASELINES


def test_link_to_a_run_that_is_gone_says_so(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=f"{lab.runs[0]},0123456789ab")
    assert "0123456789ab" in app.warning[0].value
    assert selected(app) == [lab.runs[0]]


def verdicts(app: AppTest) -> pd.DataFrame:
    return app.table[0].value


def test_pinned_run_is_in_the_url_and_all_others_are_compared_with_it(
    lab: Lab, open_page: OpenPage
) -> None:
    app = open_page(PAGE, runs=f"{lab.runs[2]},user-movie-bias")
    assert not app.table
    app.selectbox(key=state.bound_field(state.PIN)).set_value("user-movie-bias").run()
    assert not app.exception
    assert app.query_params[state.PIN] == "user-movie-bias"
    metrics = app.dataframe[1].value
    assert list(metrics.index) == ["User + movie bias (pinned)", "multi-task"]
    assert "(" not in metrics["rmse"]["User + movie bias (pinned)"]
    # Few users, and predictions at random: nothing can be told.
    assert metrics["rmse"]["multi-task"].endswith(" ≈)")
    assert verdicts(app)["Not distinguishable"]["multi-task"] == "RMSE, MAE"


def test_pinned_run_need_not_be_selected(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[0], pin=lab.runs[2])
    assert selected(app) == [lab.runs[0]]
    assert list(app.dataframe[1].value.index) == ["multi-task (pinned)", "rating-specialised"]


def test_pinned_run_that_is_gone_is_told(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[0], pin="0123456789ab")
    assert "pinned run **0123456789ab**" in app.warning[0].value
    assert not app.table


def test_run_pinned_against_its_equal_is_not_distinguishable(lab: Lab, open_page: OpenPage) -> None:
    # Made by the same draws, the presets of the small lab predict alike.
    app = open_page(PAGE, runs=f"{lab.runs[1]},{lab.runs[2]}", pin=lab.runs[2])
    row = verdicts(app).loc["retrieval-specialised"]
    assert row["Better"] == row["Worse"] == "–"
    assert row["Not distinguishable"].startswith("Top-100 accuracy")


def test_runs_on_data_that_are_not_here_are_compared_without_intervals(
    lab: Lab, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.ui.compare.measures.available_datasets", list)
    app = open_page(PAGE, runs=lab.runs[1], pin=lab.runs[2])
    assert "no confidence intervals" in texts(app)
    assert not app.table
    assert len(app.dataframe[1].value) == 2


def with_seeds(lab: Lab, seeds: tuple[int, ...]) -> list[str]:
    """Train multi-task with these seeds too; return all its runs."""
    made = []
    for seed in seeds:
        config = make_config({"data": lab.data, "seed": seed})
        run, scorer = make_run(config, created=f"2026-02-01T00:00:0{seed}+00:00")
        lab.store.save(run, scorer)
        made.append(run.run_id)
    return [lab.runs[2], *made]


def test_seeds_are_one_row_that_unfolds(lab: Lab, open_page: OpenPage) -> None:
    ids = with_seeds(lab, (1, 2))
    app = open_page(PAGE, runs=",".join(ids))
    metrics = app.dataframe[1].value
    assert list(metrics.index) == ["multi-task · 3 seeds"]
    values = [lab.store.load(id_).metrics["holdout"]["rmse"] for id_ in ids]
    expected = f"{mean(values):.3f} ± {stdev(values):.3f}"
    assert metrics["rmse"].iloc[0] == expected
    app.button_group(key=state.bound_field(state.UNFOLD)).set_value([f"{ids[0]}~2"]).run()
    assert app.query_params[state.UNFOLD] == f"{ids[0]}~2"
    rows = list(app.dataframe[1].value.index)
    assert rows == [
        "multi-task · 3 seeds",
        "↳ multi-task, seed 0",
        "↳ multi-task · seed 1",
        "↳ multi-task · seed 2",
    ]


def test_seeds_can_stand_alone(lab: Lab, open_page: OpenPage) -> None:
    ids = with_seeds(lab, (1,))
    app = open_page(PAGE, runs=",".join(ids))
    app.toggle(key=state.bound_field(state.GROUP)).set_value(False).run()
    assert app.query_params[state.GROUP] == "no"
    assert list(app.dataframe[1].value.index) == ["multi-task · seed 1", "multi-task"]


def test_seeds_that_are_not_selected_are_offered(lab: Lab, open_page: OpenPage) -> None:
    ids = with_seeds(lab, (1,))
    app = open_page(PAGE, runs=ids[0])
    app.button(key=state.COMPARE_ADD_SEEDS).click().run()
    assert sorted(selected(app)) == sorted(ids)


def test_other_metrics_are_those_chosen(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[2], metrics="beyond accuracy")
    assert list(app.dataframe[1].value) == [*LIKED, *BEYOND_ACCURACY]
    app.button_group(key=state.bound_field(state.METRICS)).set_value("all").run()
    assert list(app.dataframe[1].value) == list(METRICS)


@pytest.mark.parametrize("later", [BEYOND_ACCURACY, LIKED])
def test_run_stored_without_a_metric_is_measured(
    lab: Lab, open_page: OpenPage, later: tuple[str, ...]
) -> None:
    run, scorer = make_run(
        make_config({"data": lab.data, "seed": 8}), created="2026-02-01T00:00:00+00:00"
    )
    old = {
        part: {name: value for name, value in values.items() if name not in later}
        for part, values in run.metrics.items()
    }
    lab.store.save(dataclasses.replace(run, metrics=old), scorer)
    app = open_page(PAGE, runs=run.run_id, metrics="all")
    shown = app.dataframe[1].value.iloc[0]
    for name in later:
        assert shown[name] == f"{run.metrics['holdout'][name]:.3f}"


def test_filter_hides_runs_and_keeps_them_selected(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=f"{lab.runs[0]},{lab.runs[2]}")
    key = state.filter_field("retrieval_weight")
    app.multiselect(key=key).set_value(["1"]).run()
    assert app.query_params[state.WHERE] == "retrieval_weight=1"
    names = list(app.dataframe[0].value["name"])
    assert names == ["half way · stopped", "multi-task", "retrieval-specialised", *BASELINES]
    assert list(app.dataframe[1].value.index) == ["multi-task"]
    assert set(selected(app)) == {lab.runs[0], lab.runs[2]}
    assert "1 run is hidden" in texts(app)
    app.button(key=state.COMPARE_CLEAR_FILTER).click().run()
    assert len(app.dataframe[0].value) == 6


def test_best_epoch_stands_beside_the_last(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[2])
    table = app.dataframe[2].value
    text = table["recall@20"]["multi-task"]  # the last is best: one value with its epoch
    assert " at " in text
    assert "," not in text


def test_runs_of_another_split_are_kept_apart(lab: Lab, open_page: OpenPage) -> None:
    config = make_config({"data": lab.data, "split_seed": 7})
    other, scorer = make_run(config, created="2026-02-01T00:00:00+00:00")
    lab.store.save(other, scorer)
    app = open_page(PAGE, runs=f"{lab.runs[0]},{other.run_id}")
    assert "Not shown" in app.warning[0].value
    assert other.run_id not in selected(app)
    choice = app.selectbox(key=state.COMPARE_TESTBED)
    choice.select_index(0).run()
    assert list(app.dataframe[0].value["name"]) == ["multi-task", *BASELINES]
    assert selected(app)[0] == other.run_id


def test_selecting_rows_changes_the_url(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE)
    app.query_params[state.RUNS] = lab.runs[1]
    app.run()
    assert app.session_state[state.COMPARE_TABLE]["selection"]["rows"] == [2]


def test_run_is_renamed(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[0])
    app.button(key=state.COMPARE_RENAME).click().run()
    app.text_input(key=state.rename_field(lab.runs[0])).input("stars only")
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception
    assert lab.store.load(lab.runs[0]).name == "stars only"


def test_run_is_deleted_after_a_question(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[0])
    app.button(key=state.COMPARE_DELETE).click().run()
    assert lab.runs[0] in lab.store
    app.button(key=state.COMPARE_DELETE_CONFIRM).click().run()
    assert not app.exception
    assert lab.runs[0] not in lab.store
    assert lab.runs[1] in lab.store


def test_damaged_run_is_named_and_not_shown(lab: Lab, open_page: OpenPage) -> None:
    (lab.home / "runs" / lab.runs[0] / "metrics.json").write_text("{}")
    app = open_page(PAGE)
    assert lab.runs[0] in app.warning[0].value
    assert "rating-specialised" not in list(app.dataframe[0].value["name"])


def test_empty_lab_shows_the_baselines(empty_lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE)
    assert "no finished run yet" in texts(app)
    assert list(app.dataframe[0].value["name"]) == BASELINES


def test_sixty_runs_fit(lab: Lab, open_page: OpenPage) -> None:
    for seed in range(1, 57):
        config = make_config({"data": lab.data, "seed": seed})
        lab.store.save(*make_run(config, created=f"2026-01-02T00:00:{seed:02}+00:00"))
    ids = ",".join(run.run_id for run in lab.store.list())
    app = open_page(PAGE, runs=ids)
    assert len(app.dataframe[0].value) == 62
    # The 57 seeds of multi-task are one.
    assert len(app.dataframe[1].value) == 4
    app = open_page(PAGE, runs=ids, group="no")
    assert len(app.dataframe[1].value) == 60
    assert "first 10 of the 60" in texts(app)


@pytest.mark.parametrize("part", ["validation", "holdout"])
def test_metrics_are_those_of_the_part(lab: Lab, open_page: OpenPage, part: str) -> None:
    table = open_page(PAGE, part=part).dataframe[0].value.set_index("name")
    expected = lab.store.load(lab.runs[2]).metrics[part]["rmse"]
    assert table["rmse"]["multi-task"] == pytest.approx(expected)


def test_link_reproduces_curves_and_what_they_run_over(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, curves="rmse,rating_loss", over="seconds", users="no")
    assert app.pills(key=state.bound_field(state.CURVES)).value == ["rmse", "rating_loss"]
    over = app.segmented_control(key=state.bound_field(state.OVER))
    assert over.value == "seconds"
    assert not app.toggle(key=state.bound_field(state.USERS)).value
    over.set_value("epoch").run()
    app.pills(key=state.bound_field(state.CURVES)).set_value([]).run()
    assert app.query_params.get("over") is None
    assert app.query_params["curves"] == "none"
    assert not app.pills(key=state.bound_field(state.CURVES)).value


HOSTILE = "a`![x](http://host/q)`*b*"


def markdown_of(app: AppTest) -> list[str]:
    """Return what every element that renders Markdown gets, labels and tooltips included.

    Names in charts, data frames, text fields and selectbox options are not rendered as Markdown.
    """
    elements = [*app.main, *app.sidebar]
    shown = [str(cell) for table in app.table for cell in table.value.reset_index().to_numpy().flat]
    # A dialog is neither in the main part nor in the sidebar.
    shown += [one.value for one in app.markdown] + [one.label for one in app.text_input]
    while elements:
        element = elements.pop()
        elements += getattr(element, "children", {}).values()
        proto = getattr(element, "proto", None)
        shown += [str(getattr(proto, name, "")) for name in ("body", "label", "help")]
        options = getattr(proto, "options", [])  # of pills and segmented controls
        shown += [str(option.content) for option in options if hasattr(option, "content")]
    return shown


def images(app: AppTest) -> list[str]:
    return [text for text in markdown_of(app) if "![" in text]


def test_hostile_run_name_is_shown_as_typed(lab: Lab, open_page: OpenPage) -> None:
    seeds = with_seeds(lab, (1,))
    ids = list(dict.fromkeys([*lab.runs, *seeds]))
    for id_ in ids:
        lab.store.rename(id_, HOSTILE)
    app = open_page(PAGE, runs=",".join(ids), pin=lab.runs[1])
    assert [text for text in markdown_of(app) if as_typed(HOSTILE) in text]
    assert images(app) == []
    for key in (state.COMPARE_DELETE, state.COMPARE_RENAME):
        app.button(key=key).click().run()
        assert images(app) == []


@pytest.mark.parametrize("name", [state.RUNS, state.PIN, state.TESTBED, state.WHERE, state.UNFOLD])
def test_hostile_link_is_shown_as_typed(lab: Lab, open_page: OpenPage, name: str) -> None:
    app = open_page(
        PAGE, **{"runs": lab.runs[0], name: f"seed={HOSTILE}" if name == state.WHERE else HOSTILE}
    )
    assert images(app) == []
    if name in (state.RUNS, state.PIN):
        assert as_typed(HOSTILE) in app.warning[0].value


def test_more_seeds_join_what_is_selected_at_the_click(lab: Lab, open_page: OpenPage) -> None:
    ids = with_seeds(lab, (1,))
    app = open_page(PAGE, runs=ids[0])
    # A row that was ticked after the button was drawn.
    app.session_state[f"selected.{state.RUNS}"] = f"{ids[0]},{lab.runs[0]}"
    app.button(key=state.COMPARE_ADD_SEEDS).click().run()
    assert sorted(selected(app)) == sorted([*ids, lab.runs[0]])
