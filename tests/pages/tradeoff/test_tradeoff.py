import dataclasses
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import state
from pages.ui.lab import searches
from recsys.config import RunConfig, make_config
from recsys.data.library import import_csv
from recsys.data.tables import Dataset
from recsys.errors import DuetError
from recsys.home import data_folder
from recsys.jobs.board import JobState
from recsys.runs.files import RunError
from recsys.runs.names import SHARING_NAMES
from recsys.runs.records import Run
from recsys.runs.store import RunStore
from recsys.tradeoff.sweep import line_configs, sweep_configs
from tests.pages.small_lab import Lab, OpenPage, StillQueue, make_run, write_csv

PAGE = "pages/2_Trade-off.py"


def texts(app: AppTest) -> str:
    shown = [*app.markdown, *app.caption, *app.subheader, *app.error]
    return "\n".join(element.value for element in shown)


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def fill(lab: Lab, points: int = 3, seeds: int = 1) -> list[str]:
    """Store the runs of a sweep that are not there; return the ids of all."""
    ids = []
    for number, config in enumerate(sweep_configs(make_config({"data": lab.data}), points, seeds)):
        run, scorer = make_run(config, created=f"2026-03-01T00:{number:02}:00+00:00")
        lab.store.save(run, scorer)
        ids.append(run.run_id)
    return ids


def test_sweep_trains_what_is_missing_and_reuses_the_presets(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    app = open_page(PAGE, sharing="part", points="7")
    button = app.button(key=state.TRADEOFF_START)
    assert button.label == "Train 4 runs"
    assert "3 of 7 runs are already trained" in texts(app)
    button.click().run()
    assert not app.exception
    weights = [(j.config.retrieval_weight, j.config.rating_weight) for j in queue.all.values()]
    assert weights == [(1, 0.03), (0.2, 1), (1, 0.2), (0.03, 1)]


def test_sweep_right_after_a_change_trains_what_the_inputs_hold_then(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    app = open_page(PAGE, sharing="part")
    app.segmented_control(key=state.bound_field(state.POINTS)).set_value(5)
    app.button(key=state.TRADEOFF_START).click().run()  # with no rerun in between
    wanted = sweep_configs(make_config({"data": lab.data}), 5)
    trained = {lab.store.load(id_).config for id_ in lab.runs}
    assert [job.config for job in queue.all.values()] == [c for c in wanted if c not in trained]


def test_search_right_after_a_change_makes_as_many_trials_as_the_input_holds_then(
    queue: StillQueue, open_page: OpenPage
) -> None:
    app = open_page(PAGE, way="search")
    app.segmented_control(key=state.bound_field(state.TRIALS)).set_value(50)
    app.button(key=state.SEARCH_START).click().run()
    (search,) = searches().active()
    assert search.trials == 50
    searches().close()


def test_sweep_under_way_shows_progress_and_stops_as_a_whole(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    app = open_page(PAGE, sharing="part", points="7")
    app.button(key=state.TRADEOFF_START).click().run()
    assert "3 of 7 runs trained · about 9 s left" in [bar.text for bar in app.progress]
    app.button(key=state.TRADEOFF_STOP).click().run()
    # The last ones first, or the next one would begin.
    assert queue.stopped == list(queue.all)[::-1]


def test_two_workers_take_half_the_time(
    lab: Lab, queue: StillQueue, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "workers", 2)
    app = open_page(PAGE, sharing="part", points="7")
    app.button(key=state.TRADEOFF_START).click().run()
    # Four runs of 2.3 s, two at a time.
    assert "3 of 7 runs trained · about 5 s left" in [bar.text for bar in app.progress]


def test_many_jobs_are_counted_and_not_all_listed(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    app = open_page(PAGE, sharing="part", points="13")
    app.button(key=state.TRADEOFF_START).click().run()
    assert len(queue.all) == 10
    assert len(app.sidebar.get("progress")) == 2
    assert [later.label for later in app.sidebar.expander] == ["and 8 more"]
    train = open_page("pages/1_Train.py", run=next(iter(queue.all)))
    assert "and 3 more in the queue" in [element.value for element in train.main.caption]


def test_all_runs_there_leave_nothing_to_train(lab: Lab, open_page: OpenPage) -> None:
    fill(lab, points=5)
    app = open_page(PAGE, sharing="part", points="5")
    button = app.button(key=state.TRADEOFF_START)
    assert button.disabled
    assert button.label == "All runs are trained"


def test_link_reproduces_sweep_metrics_part_and_chosen_run(lab: Lab, open_page: OpenPage) -> None:
    ids = fill(lab, points=5, seeds=2)
    chosen = {"points": "5", "seeds": "2", "part": "holdout", "x": "mae", "y": "recall@20"}
    app = open_page(PAGE, sharing="part", run=ids[2], **chosen)
    assert app.button(key=state.TRADEOFF_START).disabled
    assert app.selectbox(key=state.bound_field(state.X)).value == "mae"
    assert app.selectbox(key=state.bound_field(state.Y)).value == "recall@20"
    assert "**1 : 1**, own and shared vectors" in texts(app)
    table = app.dataframe[0].value
    weights = list(table["retrieval : rating"])
    assert weights == ["1 : 0", "1 : 0.03", "1 : 1", "0.03 : 1", "0 : 1"]
    assert list(table["seeds"]) == [2] * 5
    run = lab.store.load(ids[2])
    again = lab.store.load(ids[7])
    mean = (run.metrics["holdout"]["mae"] + again.metrics["holdout"]["mae"]) / 2
    assert table["MAE"][2] == mean


def test_choice_goes_into_the_url_and_the_default_leaves_it(open_page: OpenPage) -> None:
    app = open_page(PAGE)
    app.selectbox(key=state.bound_field(state.Y)).select("recall@20").run()
    assert app.query_params[state.Y] == "recall@20"
    app.selectbox(key=state.bound_field(state.Y)).select("ndcg@20").run()
    assert state.Y not in app.query_params


def test_going_back_takes_a_choice_back(open_page: OpenPage) -> None:
    app = open_page(PAGE)
    app.selectbox(key=state.bound_field(state.Y)).select("recall@20").run()
    del app.query_params[state.Y]  # as the browser does
    app.run()
    assert app.selectbox(key=state.bound_field(state.Y)).value == "ndcg@20"
    assert state.Y not in app.query_params


def test_choice_outlasts_a_visit_to_another_page(open_page: OpenPage) -> None:
    app = open_page(PAGE)
    app.selectbox(key=state.bound_field(state.Y)).select("recall@20").run()
    for page in ("pages/1_Train.py", PAGE):
        app.switch_page(page)
        app.query_params.clear()  # as a link of the navigation does
        app.run()
    assert app.selectbox(key=state.bound_field(state.Y)).value == "recall@20"
    assert app.query_params[state.Y] == "recall@20"


def test_sentence_names_its_metrics_where_the_plot_has_others(
    lab: Lab, open_page: OpenPage
) -> None:
    fill(lab, points=5)
    assert "In Coverage@20 and" not in texts(open_page(PAGE, x="rmse", y="coverage@20"))
    assert "In Coverage@20 and RMSE: " in texts(open_page(PAGE, x="gini@20", y="coverage@20"))


def test_what_a_link_asks_for_in_vain_is_the_default(open_page: OpenPage) -> None:
    app = open_page(PAGE, points="1000", x="nonsense", part="train", sharing="some")
    assert app.button(key=state.TRADEOFF_START).label == "Train 24 runs"
    assert app.pills(key=state.bound_field(state.SHARING)).value == ["tied", "mapped", "part"]
    assert app.selectbox(key=state.bound_field(state.X)).value == "rmse"


def test_sentence_is_computed_from_the_runs(lab: Lab, open_page: OpenPage) -> None:
    assert "still missing" in texts(open_page(PAGE, sharing="part", points="5"))
    fill(lab, points=5)
    # These runs learnt nothing, and differ by chance.
    shown = texts(open_page(PAGE, sharing="part", points="5"))
    assert "#### With own and shared vectors, " in shown
    assert "**Own and shared vectors.** " in shown


def test_each_way_to_share_has_its_own_front(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, sharing="each")
    assert app.button(key=state.TRADEOFF_START).label == "Train 42 runs"
    for sharing in ("tied", "mapped", "all", "none"):
        base = make_config({"data": lab.data, "sharing": sharing})
        for config in sweep_configs(base, 3):
            lab.store.save(*make_run(config, created="2026-03-01T00:00:00+00:00"))
    shown = texts(open_page(PAGE, sharing="each"))
    for name in SHARING_NAMES.values():
        if name != "the tutorial":
            assert f"**{name.capitalize()}.**" in shown


def learn_line(lab: Lab, sharing: str, **fields: object) -> str:
    """Store a run of all ratios and return its id."""
    base = make_config({"data": lab.data} | fields)
    (config,) = line_configs(base, [sharing])
    run, scorer = make_run(config, created="2026-03-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    return run.run_id


def test_one_button_trains_the_lines_that_are_missing(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    learn_line(lab, "mapped")
    app = open_page(PAGE)
    app.button(key=state.TRADEOFF_LINES).click().run()
    assert not app.exception
    base = make_config({"data": lab.data})
    assert [job.config for job in queue.all.values()] == line_configs(base, ["tied", "part"])
    for sharing in ("tied", "part"):
        learn_line(lab, sharing)
    queue.all.clear()
    button = open_page(PAGE).button(key=state.TRADEOFF_LINES)
    assert button.disabled


def test_line_is_concluded_from_before_its_single_ratios_are_trained(
    lab: Lab, open_page: OpenPage
) -> None:
    learn_line(lab, "tied")
    shown = texts(open_page(PAGE, sharing="tied"))
    # The same model at each ratio.
    assert "#### With tied vectors, neither task costs the other anything." in shown
    assert "at its best ratio on this line" in shown


def test_sweep_that_is_not_complete_is_not_concluded_from(lab: Lab, open_page: OpenPage) -> None:
    fill(lab, points=5)
    shown = texts(open_page(PAGE, sharing="part", points="13"))
    assert "8 trainings of the sweep are still missing" in shown
    assert "#### With" not in shown


def test_link_names_a_place_of_a_line_and_its_figures_are_shown(
    lab: Lab, open_page: OpenPage
) -> None:
    run = learn_line(lab, "tied")
    app = open_page(PAGE, sharing="tied", run=run, at="0.25")
    assert "**1 : 0.18**, tied vectors" in texts(app)
    (point,) = (p for p in lab.store.load(run).line if p.position == 0.25)
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["NDCG@20"] == f"{point.metrics['validation']['ndcg@20']:.3f}"
    assert shown["RMSE"] == f"{point.metrics['validation']['rmse']:.3f} stars"
    assert "**1 : 1**, tied vectors" in texts(open_page(PAGE, sharing="tied", run=run, at="none"))


@pytest.mark.parametrize("fields", [{"architecture": "tutorial"}, {"balancing": "pcgrad"}])
def test_settings_that_cannot_train_all_ratios_at_once_have_only_the_sweep(
    lab: Lab, open_page: OpenPage, fields: dict[str, str]
) -> None:
    app = open_page(PAGE, base=learn(lab, **fields))
    assert state.TRADEOFF_LINES not in [button.key for button in app.button]
    assert app.button(key=state.TRADEOFF_START)


def test_lab_without_runs_says_what_to_do(empty_lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE)
    assert "No ratio is trained yet" in texts(app)
    # The presets train by themselves at the first start.
    assert app.button(key=state.TRADEOFF_START).label == "Train 24 runs"
    assert app.button(key=state.TRADEOFF_STOP)


def test_single_task_ends_alone_are_lines_and_nothing_to_pick(
    empty_lab: Lab, open_page: OpenPage
) -> None:
    for config in sweep_configs(make_config({"data": empty_lab.data}), 2):
        empty_lab.store.save(*make_run(config, created="2026-03-01T00:00:00+00:00"))
    app = open_page(PAGE, sharing="part", points="5")  # fails on an exception
    assert "still missing" in texts(app)
    assert len(app.dataframe[0].value) == 2


def test_run_of_another_family_is_left_out(lab: Lab, open_page: OpenPage) -> None:
    config = make_config({"data": lab.data, "epochs": 3, "rating_weight": 0.5})
    run, scorer = make_run(config, created="2026-03-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    app = open_page(PAGE, run=run.run_id)
    assert "1 : 0.5" not in list(app.dataframe[0].value["retrieval : rating"])
    assert not app.exception


def test_sweep_from_the_settings_of_a_run_is_shared_by_a_link(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    settings = {"data": lab.data, "epochs": 3, "seed": 5, "rating_weight": 0.5, "sharing": "part"}
    run, scorer = make_run(make_config(settings), created="2026-03-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    app = open_page(PAGE, base=run.run_id, sharing="each", points="5")
    choice = app.selectbox(key=state.bound_field(state.BASE))
    assert choice.options[0] == "default"
    assert choice.value == run.run_id
    assert "epochs 3" in choice.options
    # The run itself is the only one of these settings.
    assert list(app.dataframe[0].value["retrieval : rating"]) == ["1 : 0.5"]
    app.button(key=state.TRADEOFF_START).click().run()
    configs = [job.config for job in queue.all.values()]
    assert {(c.epochs, c.seed, c.sharing) for c in configs} == {
        (3, 0, how) for how in ("tied", "mapped", "all", "part", "none")
    }
    many = learn(lab, epochs=4, learning_rate=0.01, retrieval_l2=0.1, rating_l2=0.1)
    app = open_page(PAGE, base=many)
    label = "learning rate 0.01, epochs 4, retrieval L2 0.1, 1 more"
    choice = app.selectbox(key=state.bound_field(state.BASE))
    assert label in choice.options
    assert "epochs 4, retrieval L2 0.1, rating L2 0.1." in texts(app)
    choice.select("default").run()
    assert state.BASE not in app.query_params
    assert list(app.dataframe[0].value["retrieval : rating"]) == ["1 : 0", "1 : 1", "0 : 1"]


def test_runs_of_one_family_are_one_choice_whichever_a_link_names(
    lab: Lab, open_page: OpenPage
) -> None:
    ids = []
    for config in sweep_configs(make_config({"data": lab.data, "epochs": 3}), 3):
        run, scorer = make_run(config, created=f"2026-03-01T00:0{len(ids)}:00+00:00")
        lab.store.save(run, scorer)
        ids.append(run.run_id)
    for id_ in ids:
        app = open_page(PAGE, base=id_)
        choice = app.selectbox(key=state.bound_field(state.BASE))
        assert choice.options == ["default", "epochs 3", "tutorial"]
        assert choice.value == ids[0]  # the oldest: it stays the same while the sweep grows


def test_link_to_a_run_with_the_default_settings_is_the_default(
    lab: Lab, open_page: OpenPage
) -> None:
    app = open_page(PAGE, base=lab.runs[0])
    assert app.selectbox(key=state.bound_field(state.BASE)).value == "default"
    assert not app.warning


def test_link_to_settings_of_a_run_that_cannot_be_read_says_so(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(store: RunStore, run_id: str) -> Run:
        raise RunError(f"run {run_id} is of another version")

    monkeypatch.setattr(RunStore, "load", fails)
    app = open_page(PAGE, base="0" * 12)
    assert app.warning[0].value.startswith(f"Run {'0' * 12} is of another version.")


@pytest.mark.parametrize("asked", ["0" * 12, "../../etc", "x" * 500])
def test_link_to_settings_of_no_run_is_a_sentence_and_a_way_on(
    open_page: OpenPage, asked: str
) -> None:
    app = open_page(PAGE, base=asked)
    assert "There is no run" in app.warning[0].value
    assert app.button(key=state.TRADEOFF_START).label == "Train 24 runs"
    app.button(key=state.TRADEOFF_DEFAULT).click().run()
    assert not app.warning
    assert state.BASE not in app.query_params


def test_settings_of_a_run_on_other_data_sweep_that_data(
    lab: Lab, queue: StillQueue, open_page: OpenPage, tmp_path: Path
) -> None:
    ratings, _ = write_csv(tmp_path)
    lines = ratings.read_text().splitlines()
    other = tmp_path / "others.csv"
    other.write_text("\n".join(lines[:300]))
    name = import_csv(other).name
    run, scorer = make_run(make_config({"data": name}), created="2026-03-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    app = open_page(PAGE, base=run.run_id)
    assert name in app.selectbox(key=state.bound_field(state.BASE)).options
    assert list(app.dataframe[0].value["retrieval : rating"]) == ["1 : 1"]
    app.button(key=state.TRADEOFF_START).click().run()
    assert {job.config.data for job in queue.all.values()} == {name}
    shutil.rmtree(data_folder() / name)
    assert "is not in this lab any more" in open_page(PAGE, base=run.run_id).warning[0].value


def test_settings_of_a_run_on_ratings_of_yesterday_are_refused(
    lab: Lab, open_page: OpenPage
) -> None:
    run, scorer = make_run(
        make_config({"data": lab.data, "epochs": 4}), created="2026-03-01T00:00:00+00:00"
    )
    old = dataclasses.replace(run, run_id="0123456789ab", fingerprint="e" * 64)
    lab.store.save(old, scorer)
    assert "other ratings than today's" in open_page(PAGE, base=old.run_id).warning[0].value


def learn(lab: Lab, **fields: object) -> str:
    """Store a run with these settings and return its id."""
    config = make_config({"data": lab.data} | fields)
    run, scorer = make_run(config, created="2026-03-02T00:00:00+00:00")
    lab.store.save(run, scorer)
    return run.run_id


def test_search_trains_trials_through_the_queue_until_it_is_stopped(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    app = open_page(PAGE, trials="10", way="search")
    button = app.button(key=state.SEARCH_START)
    assert button.label == "Search with 10 trials"
    button.click().run()
    wait_until(lambda: queue.all)
    app.run()
    assert not app.exception
    assert "0 of 10 trials" in [bar.text for bar in app.progress]
    assert "Search: 0 of 10 trials" in [link.label for link in app.sidebar.get("page_link")]
    (first,) = queue.jobs()
    # The settings themselves are trained already: they count as a trial.
    assert first.config != make_config({"data": lab.data})
    app.button(key=state.SEARCH_STOP).click().run()
    wait_until(lambda: queue.stopped)
    assert queue.stopped == [first.run_id]
    queue.put(dataclasses.replace(first, state=JobState.STOPPED))
    wait_until(lambda: not searches().active())
    app.run()
    assert app.button(key=state.SEARCH_START)
    assert len(queue.all) == 1


def test_search_that_ended_early_says_why(
    lab: Lab, queue: StillQueue, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(PAGE)

    def refused(config: RunConfig, dataset: Dataset, asked_by: str) -> str:
        raise DuetError("the disk is full")

    monkeypatch.setattr(queue, "submit", refused)
    app.button(key=state.SEARCH_START).click().run()
    wait_until(lambda: not searches().active())
    app.run()
    assert not app.exception
    assert app.warning[0].value == "The last search ended early: the disk is full."


def test_search_needs_two_metrics_and_a_validation_part(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, x="mrr", y="mrr")
    assert app.button(key=state.SEARCH_START).disabled
    assert "choose two different ones for the plot" in texts(app)
    app = open_page(PAGE, base=learn(lab, validation=0.0))
    assert app.button(key=state.SEARCH_START).disabled
    assert "A search needs a validation part" in texts(app)


def test_trials_are_listed_and_can_be_chosen(lab: Lab, open_page: OpenPage) -> None:
    fill(lab, points=3)
    ids = [learn(lab, learning_rate=rate, rating_weight=0.5) for rate in (0.01, 0.03)]
    learn(lab, learning_rate=9)  # nothing a search would try
    app = open_page(PAGE, run=ids[1])
    assert "**Search.** 2 trials" in texts(app)
    ratios, trials = (element.value for element in app.dataframe)
    assert len(ratios) == 3
    assert list(trials["run"]) == sorted(ids)  # made at the same time
    assert set(trials["Learning rate"]) == {0.01, 0.03}
    assert trials["on the front"].any()
    assert "trial with learning rate 0.03" in texts(app)
    labels = [link.label for link in app.main.get("page_link")]
    assert "Sweep these settings" in labels


def test_trials_alone_are_shown_without_a_sweep(empty_lab: Lab, open_page: OpenPage) -> None:
    learn(empty_lab, learning_rate=0.01)
    app = open_page(PAGE)
    assert "**Search.** 1 trial. Best" in texts(app)
    assert len(app.dataframe) == 1
