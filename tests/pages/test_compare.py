import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import state
from recsys.config import make_config
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
    assert selected(app) == [*lab.runs[::-1], "most-popular", "user-movie-bias"]


def test_run_that_ends_joins_the_default_selection(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE)
    config = make_config({"data": lab.data, "seed": 8})
    run, scorer = make_run(config, created="2026-02-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    assert selected(app.run())[:3] == [run.run_id, *lab.runs[:1:-1]]


def test_run_that_ends_leaves_a_chosen_selection_alone(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[0])
    config = make_config({"data": lab.data, "seed": 8})
    lab.store.save(*make_run(config, created="2026-02-01T00:00:00+00:00"))
    assert selected(app.run()) == [lab.runs[0]]


def test_link_reproduces_the_selection(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=f"{lab.runs[0]},{lab.runs[2]}")
    metrics, differences = app.dataframe[1].value, app.dataframe[2].value
    assert list(metrics.index) == ["multi-task", "rating-specialised"]
    assert list(differences.columns) == ["retrieval_weight"]
    assert selected(app) == [lab.runs[2], lab.runs[0]]


def test_nothing_selected_stays_so(open_page: OpenPage) -> None:
    app = open_page(PAGE, runs="none")
    assert len(app.dataframe) == 1
    assert selected(app) == ["none"]
    assert "Nothing is selected" in texts(app)


def test_one_run_shows_its_whole_config(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[0])
    config = app.dataframe[2].value
    assert "Learning rate" in list(config["field"])


def test_only_baselines_selected_shows_their_metrics(open_page: OpenPage) -> None:
    app = open_page(PAGE, runs="most-popular,user-movie-bias")
    assert list(app.dataframe[1].value.index) == BASELINES


def test_link_to_a_run_that_is_gone_says_so(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=f"{lab.runs[0]},0123456789ab")
    assert "`0123456789ab`" in app.warning[0].value
    assert selected(app) == [lab.runs[0]]


def test_reference_gives_differences_to_it(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=f"{lab.runs[2]},user-movie-bias")
    app.selectbox(key=state.COMPARE_REFERENCE).set_value("user-movie-bias").run()
    assert not app.exception
    metrics = app.dataframe[1].value
    assert "(" not in metrics["rmse"]["User + movie bias"]
    run = lab.store.load(lab.runs[2])
    lower = run.metrics["holdout"]["rmse"] < run.baselines["user + movie bias"]["holdout"]["rmse"]
    assert ("▲" if lower else "▼") in metrics["rmse"]["multi-task"]


def test_all_metrics_shows_more_columns(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, runs=lab.runs[2])
    few = app.dataframe[1].value.shape[1]
    app.toggle(key=state.COMPARE_ALL_METRICS).set_value(True).run()
    assert app.dataframe[1].value.shape[1] > few


def test_runs_of_another_split_are_kept_apart(lab: Lab, open_page: OpenPage) -> None:
    config = make_config({"data": lab.data, "split_seed": 7})
    other, scorer = make_run(config, created="2026-02-01T00:00:00+00:00")
    lab.store.save(other, scorer)
    app = open_page(PAGE, runs=f"{lab.runs[0]},{other.run_id}")
    assert "not comparable" in app.warning[0].value
    assert other.run_id not in selected(app)
    choice = app.selectbox(key=state.COMPARE_SETTING)
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
    assert "no run yet" in texts(app)
    assert list(app.dataframe[0].value["name"]) == BASELINES


def test_sixty_runs_fit(lab: Lab, open_page: OpenPage) -> None:
    for seed in range(1, 57):
        config = make_config({"data": lab.data, "seed": seed})
        lab.store.save(*make_run(config, created=f"2026-01-02T00:00:{seed:02}+00:00"))
    ids = ",".join(run.run_id for run in lab.store.list())
    app = open_page(PAGE, runs=ids)
    assert len(app.dataframe[0].value) == 62
    assert len(app.dataframe[1].value) == 60
    assert "first 10 of the 60" in texts(app)


@pytest.mark.parametrize("part", ["validation", "holdout"])
def test_metrics_are_those_of_the_part(lab: Lab, open_page: OpenPage, part: str) -> None:
    app = open_page(PAGE)
    app.session_state[state.COMPARE_PART] = part
    table = app.run().dataframe[0].value.set_index("name")
    expected = lab.store.load(lab.runs[2]).metrics[part]["rmse"]
    assert table["rmse"]["multi-task"] == pytest.approx(expected)
