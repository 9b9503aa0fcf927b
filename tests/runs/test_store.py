"""The run store: what it returns, what it refuses, and the labels of runs."""

import math

import numpy as np
import pytest

from recsys.runs.files import RunError, RunNotFoundError
from recsys.runs.folders import RunFolders
from recsys.runs.records import EpochRecord
from recsys.runs.store import RunStore
from tests.runs.stored_runs import RUN_ID, SCORER, leftovers, make_run, saved_store


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


@pytest.fixture
def saved(tmp_path):
    return saved_store(tmp_path / "runs")


# What comes back


def test_saved_run_loads_equal_in_another_store_object(saved):
    again = RunStore(saved.folder)
    assert again.load(RUN_ID) == make_run()
    assert RUN_ID in again
    assert sorted(path.name for path in (saved.folder / RUN_ID).iterdir()) == [
        "config.json",
        "history.parquet",
        "manifest.json",
        "metrics.json",
        "scorer.npz",
    ]


def test_saved_scorer_loads_with_equal_scores(saved):
    users = np.array([2, 0])
    assert np.array_equal(saved.scorer(RUN_ID).scores(users), SCORER.scores(users))


def test_history_without_validation_keeps_none_and_no_metrics(store):
    history = (EpochRecord(1, 1.0, 1.0, 2.0, seconds=0.25),)
    store.save(make_run(history=history, metrics={"holdout": {}}), SCORER)
    assert RunStore(store.folder).load(RUN_ID).history == history


def test_run_stopped_before_its_first_epoch_has_an_empty_history(store):
    run = make_run(f"{RUN_ID}-stopped-0", status="stopped", history=())
    store.save(run, SCORER)
    assert RunStore(store.folder).list() == [run]


def test_numpy_numbers_in_metrics_load_as_plain_floats(store):
    store.save(
        make_run(metrics={"holdout": {"rmse": np.float32(0.5), "mae": np.float64(1)}}), SCORER
    )
    metrics = RunStore(store.folder).load(RUN_ID).metrics["holdout"]
    assert metrics == {"rmse": 0.5, "mae": 1.0}
    assert {type(value) for value in metrics.values()} == {float}


def test_list_returns_newest_first_and_nothing_else(saved):
    for i, day in enumerate(["05", "01", "09"]):
        saved.save(make_run(f"run-{i}", created=f"2026-02-{day}T00:00:00+00:00"), SCORER)
    (saved.folder / "notes.txt").write_text("not a run")
    assert [run.run_id for run in saved.list()] == ["run-2", "run-0", RUN_ID, "run-1"]


def test_empty_store_lists_nothing_and_creates_nothing(store):
    assert store.list() == []
    assert store.damaged() == []
    assert not store.folder.exists()


def test_repeated_list_reads_only_what_has_changed(saved, monkeypatch):
    saved.save(make_run("run-1"), SCORER)
    read, really = [], RunFolders.read

    def counting(self, run_id, name):
        read.append(run_id)
        return really(self, run_id, name)

    monkeypatch.setattr(RunFolders, "read", counting)
    assert len(saved.list()) == 2
    read.clear()
    assert len(saved.list()) == 2
    assert read == []
    saved.delete("run-1")
    saved.save(make_run("run-1", peak_rss_mb=1.0), SCORER)
    assert saved.load("run-1").peak_rss_mb == 1.0
    assert len(saved.list()) == 2
    assert set(read) == {"run-1"}


# What is refused


def test_saving_again_keeps_the_first(saved):
    saved.save(make_run(created="2027-01-01T00:00:00+00:00"), SCORER)
    assert saved.load(RUN_ID).created == "2026-02-03T04:05:06+00:00"
    assert leftovers(saved) == []


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_metric_that_is_not_finite_is_refused_and_leaves_nothing(store, value):
    with pytest.raises(RunError, match=r"0123456789ab cannot be stored: .*rmse"):
        store.save(make_run(metrics={"holdout": {"rmse": value}}), SCORER)
    assert store.list() == []


@pytest.mark.parametrize(
    "run_id",
    ["", ".", "..", "../x", "a/b", "/etc", "a\\b", "A", "a b", "a\n", "names", "damaged", "a" * 65],
)
def test_id_that_is_no_folder_name_is_never_used(store, run_id):
    assert run_id not in store
    for call in (store.load, store.scorer, store.delete, store.pack):
        with pytest.raises(RunNotFoundError, match="not the id of a run"):
            call(run_id)
    with pytest.raises(RunNotFoundError):
        store.save(make_run(run_id), SCORER)
    with pytest.raises(RunNotFoundError):
        store.rename(run_id, "x")


def test_missing_run_is_not_found_by_every_method(store):
    assert RUN_ID not in store
    for call in (store.load, store.scorer, store.delete, store.pack):
        with pytest.raises(RunNotFoundError, match="no run 0123456789ab"):
            call(RUN_ID)


def test_store_that_cannot_be_written_says_where(tmp_path):
    (tmp_path / "file").write_text("")
    store = RunStore(tmp_path / "file" / "runs")
    with pytest.raises(RunError, match="file/runs: cannot be written"):
        store.save(make_run(), SCORER)


def test_store_that_cannot_be_written_says_so_before_anything_is_trained(tmp_path):
    (tmp_path / "runs").write_text("in the way")
    with pytest.raises(RunError, match="runs: cannot be written"):
        RunStore(tmp_path / "runs").check_writable()
    RunStore(tmp_path / "new").check_writable()


# Labels


def test_label_is_one_trimmed_line_outside_the_run(saved):
    before = (saved.folder / RUN_ID / "manifest.json").read_bytes()
    saved.rename(RUN_ID, "  heavy\nratings \x00 é ")
    assert RunStore(saved.folder).load(RUN_ID).name == "heavy ratings é"
    assert saved.list()[0].name == "heavy ratings é"
    assert (saved.folder / RUN_ID / "manifest.json").read_bytes() == before


def test_label_keeps_what_joins_characters_and_nothing_else_that_is_not_seen(saved):
    joined = "\U0001f469\u200d\U0001f467 \u0645\u06cc\u200c\u0631\u0648\u0645"  # emoji, Persian
    saved.rename(RUN_ID, f"{joined}\u202e\u2066")
    assert saved.load(RUN_ID).name == joined


def test_empty_label_takes_the_label_away(saved):
    saved.rename(RUN_ID, "x")
    saved.rename(RUN_ID, " ")
    saved.rename(RUN_ID, "")
    assert saved.load(RUN_ID).name == ""


def test_label_that_is_too_long_is_refused(saved):
    with pytest.raises(RunError, match="at most 80 characters, not 81"):
        saved.rename(RUN_ID, "x" * 81)


def test_deleted_run_takes_its_label_with_it(saved):
    saved.rename(RUN_ID, "x")
    saved.delete(RUN_ID)
    assert saved.list() == []
    assert leftovers(saved) == []
    saved.save(make_run(), SCORER)
    assert saved.load(RUN_ID).name == ""


def test_run_saved_with_a_name_keeps_it(store):
    store.save(make_run(name="mine"), SCORER)
    assert store.load(RUN_ID).name == "mine"
