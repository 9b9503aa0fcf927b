import dataclasses
import subprocess
import sys

import pytest

from pages.ui.home import overview
from pages.ui.state import HOME_TRAIN_PRESETS
from recsys.config import PRESETS, make_config
from recsys.jobs.board import Job, JobState
from tests.pages.small_lab import APP, Lab, OpenPage, StillQueue, make_record, make_run


def test_home_shows_presets_and_baselines_with_their_metrics(open_page: OpenPage) -> None:
    table = open_page().dataframe[0].value
    assert list(table["model"]) == [*PRESETS, "most popular", "user + movie bias"]
    presets = table.head(3)
    assert presets[["rmse", "recall@20", "top_k_accuracy@100"]].notna().all().all()
    popular, bias = table.iloc[3], table.iloc[4]
    assert popular["rmse"] != popular["rmse"]  # NaN: it predicts no ratings
    assert bias["rmse"] > 0
    assert set(presets["state"]) == {"trained in 2 s"}


def test_home_shows_the_data_at_a_glance(open_page: OpenPage) -> None:
    metrics = {metric.label: metric.value for metric in open_page().metric}
    assert metrics["Users"] == "25"
    assert metrics["Movies"] == "40"
    assert metrics["Ratings"] == "400"
    assert metrics["Sparsity"] == "60.0 %"  # 400 of 25 × 40 pairs


def test_home_leads_from_the_presets_to_a_sweep(open_page: OpenPage) -> None:
    links = [link.label for link in open_page().main.get("page_link")]
    assert "Sweep the ratio of the weights" in links


def test_every_number_on_home_has_a_tooltip(open_page: OpenPage) -> None:
    assert all(metric.help for metric in open_page().metric)


def test_home_lists_latest_runs_newest_first(open_page: OpenPage) -> None:
    texts = [text.value for text in open_page().markdown]
    stopped = next(i for i, text in enumerate(texts) if text.startswith("half way · stopped"))
    multi = next(i for i, text in enumerate(texts) if text.startswith("multi-task"))
    assert stopped < multi


@pytest.mark.parametrize("page", ["app.py", "pages/1_Train.py"])
def test_first_page_opened_in_an_empty_lab_trains_presets_and_lines(
    empty_lab: Lab, queue: StillQueue, open_page: OpenPage, page: str
) -> None:
    open_page(page)
    configs = [job.config for job in queue.jobs()]
    presets = [config.preset for config in configs if not config.all_ratios]
    assert sorted(presets) == sorted(PRESETS)
    lines = [config.sharing for config in configs if config.all_ratios]
    assert sorted(lines) == ["mapped", "part", "tied"]
    open_page()
    assert len(queue.jobs()) == 6


def test_presets_train_visibly_and_baselines_are_there_at_once(
    empty_lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    app = open_page()
    line, first = queue.jobs()[:-3:-1]
    assert (line.config.all_ratios, line.config.sharing) == (True, "tied")
    assert first.config.preset == "multi-task"
    queue.put(
        Job(
            first.run_id,
            first.config,
            JobState.TRAINING,
            phase="training",
            records=(make_record(1),),
        )
    )
    table = app.run().dataframe[0].value
    assert table["state"][2] == f"epoch 1 of {first.config.epochs}"
    assert table["top_k_accuracy@100"][3] > 0
    assert app.sidebar.get("progress")


def test_lab_with_runs_of_its_own_trains_nothing_by_itself(
    empty_lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    own = make_config({"data": empty_lab.data, "rating_weight": 0.3})
    empty_lab.store.save(*make_run(own, created="2026-01-01T00:00:00+00:00"))
    app = open_page()
    assert queue.jobs() == []
    app.button(key=HOME_TRAIN_PRESETS).click().run()
    assert len(queue.jobs()) == 3


def test_interrupted_first_start_is_completed(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    for run_id in lab.runs[1:]:
        lab.store.delete(run_id)
    open_page()
    assert [job.state for job in queue.jobs()].count(JobState.WAITING) == 5


def test_preset_whose_run_was_deleted_is_not_trained_and_can_be_again(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    run = lab.store.load(lab.runs[2])  # multi-task
    queue.put(Job(run.run_id, run.config, JobState.FINISHED, result=run.run_id))
    lab.store.delete(run.run_id)
    own = make_config({"data": lab.data, "rating_weight": 0.3})
    lab.store.save(*make_run(own, created="2026-01-01T00:00:00+00:00"))
    app = open_page()
    assert app.dataframe[0].value["state"][2] == "not trained"
    app.button(key=HOME_TRAIN_PRESETS).click().run()
    job = queue.job(run.run_id)
    assert job is not None
    assert job.state is JobState.WAITING


def test_latest_runs_name_their_data_and_leave_out_what_has_no_epoch(
    lab: Lab, open_page: OpenPage
) -> None:
    config = make_config({"data": lab.data, "rating_weight": 0.3})
    run, scorer = make_run(config, created="2026-01-02T00:00:00+00:00", epochs_done=1)
    lab.store.save(dataclasses.replace(run, history=(), name="too early"), scorer)
    texts = [text.value for text in open_page().markdown]
    assert not any("too early" in text for text in texts)
    assert lab.data in next(text for text in texts if text.startswith("multi-task"))


def test_metric_that_every_model_makes_perfect_is_left_out(lab: Lab) -> None:
    run = lab.store.load(lab.runs[2])  # of 40 movies, so all are among the first 100
    assert run.metrics["holdout"]["top_k_accuracy@100"] == 1.0
    assert overview.informative(run, "top_k_accuracy@100") is None
    assert overview.informative(run, "recall@20") == run.metrics["holdout"]["recall@20"]


def test_sidebar_jobs_link_to_their_run(lab: Lab, queue: StillQueue, open_page: OpenPage) -> None:
    queue.put(Job("b" * 12, make_config({"data": lab.data, "rating_weight": 0.2}), position=1))
    links = [link.proto.query_string for link in open_page().sidebar.get("page_link")]
    assert f"run={'b' * 12}" in links


def test_unknown_data_set_is_one_sentence(
    lab: Lab, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_DATA", "no-such-data")
    app = open_page()
    assert len(app.error) == 1
    assert "no-such-data" in app.error[0].value


def test_overview_rows_hold_what_is_known() -> None:
    config = make_config({"rating_weight": 0.0})
    job = Job("a" * 12, config, JobState.WAITING, position=2)
    rows = overview.overview_rows(
        {"retrieval-specialised": config},
        {"retrieval-specialised": None},
        {"retrieval-specialised": job},
        {"most popular": {"recall@20": 0.17}},
    )
    assert rows[0]["rmse"] is None
    assert rows[0]["state"] == "number 2 in the queue"
    assert rows[1]["recall@20"] == 0.17
    assert rows[1]["weights"] is None


def test_pages_never_import_tensorflow(lab: Lab) -> None:
    code = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        "from pages.ui import cache\n"
        "from tests.pages.small_lab import StillQueue\n"
        "queue = StillQueue()\n"
        "cache.jobs = lambda: queue\n"
        f"app = AppTest.from_file({APP!r}, default_timeout=60)\n"
        "for page in ('app.py', *('pages/' + n for n in ('1_Train.py', '3_Compare.py',\n"
        "        '4_Recommend.py', '5_New_user.py', '6_Movie_map.py'))):\n"
        "    app.switch_page(page).run()\n"
        "    assert not app.exception, app.exception\n"
        "    assert not app.error, app.error\n"
        "heavy = {'tensorflow', 'tf_keras', 'keras'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
