import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recsys.baselines import BASELINES
from recsys.config import make_config, run_id
from recsys.data.tables import DataError, make_dataset
from recsys.errors import StoppedEarlyError
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.metrics import METRICS
from recsys.experiment import find_run, run_experiment, split_for
from recsys.memory import TooLargeError
from recsys.model.memory import Sizes, scorer_bytes
from recsys.runs.files import RunError
from recsys.runs.store import RunStore
from tests.synthetic import planted_dataset, small_config

PLANTED = planted_dataset()


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


# The planted movies have no genres.
MEASURED = set(METRICS) - {"diversity@20"}


def tasks_metrics(task: str) -> set[str]:
    return {name for name in MEASURED if METRICS[name].task == task}


def without_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("a training was started")

    monkeypatch.setattr("recsys.experiment._training", refuse)


def test_disk_without_room_for_the_run_is_noticed_before_the_training(store, monkeypatch) -> None:
    asked = []

    def full(file: int, start: int, n_bytes: int) -> None:
        asked.append(n_bytes)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    without_training(monkeypatch)
    config = small_config(data="planted")
    with pytest.raises(RunError, match=r"too full for a run, which takes about \d+ MB \(No space"):
        run_experiment(config, PLANTED, store)
    assert asked[0] > scorer_bytes(config, Sizes.of(PLANTED))
    assert store.list() == []
    assert list(store.folder.iterdir()) == []


def test_training_that_is_too_large_is_refused_before_it_starts(store, monkeypatch) -> None:
    monkeypatch.setenv("RECSYS_MEMORY_GB", "0.5")
    without_training(monkeypatch)
    with pytest.raises(TooLargeError, match=r"needs about .* GB .* 0\.5 GB are there"):
        run_experiment(small_config(data="planted"), PLANTED, store)


def test_run_is_measured_stored_and_then_answers_at_once(store, monkeypatch) -> None:
    config, phases, records = small_config(data="planted"), [], []
    before = datetime.now(UTC) - timedelta(seconds=1)
    run = run_experiment(
        config, PLANTED, store, load_seconds=5.0, on_phase=phases.append, on_epoch=records.append
    )
    assert phases == ["loading", "training", "evaluating"]
    assert run.run_id == run_id(config, PLANTED.fingerprint)
    assert run.status == "finished"
    assert run.history == tuple(records)
    assert len(records) == config.epochs
    assert datetime.fromisoformat(run.created) >= before
    assert 100 < run.peak_rss_mb < 10_000
    seconds = run.seconds
    assert set(seconds) == {"load", "fit", "evaluate", "total"}
    assert seconds["load"] >= 5
    # The rest is the start of TensorFlow.
    assert seconds["load"] + seconds["fit"] + seconds["evaluate"] <= seconds["total"] + 1e-6

    split, scorer = split_for(config, PLANTED), store.scorer(run.run_id)
    for part in ("validation", "holdout"):
        assert set(run.metrics[part]) == MEASURED
        assert run.metrics[part] == pytest.approx(evaluate(scorer, split, part), abs=1e-6)
        assert set(run.baselines["most popular"][part]) == tasks_metrics("retrieval")
        assert set(run.baselines["user + movie bias"][part]) == tasks_metrics("rating")
    assert set(run.baselines) == set(BASELINES)

    without_training(monkeypatch)
    assert run_experiment(config, PLANTED, store) == run
    assert RunStore(store.folder).load(run.run_id) == run


def test_run_stopped_before_the_end_of_its_first_epoch_is_not_kept(store) -> None:
    config = small_config(data="planted", epochs=50, batch_size=100, architecture="tutorial")
    with pytest.raises(StoppedEarlyError, match="nothing was saved"):
        run_experiment(config, PLANTED, store, should_stop=lambda: True)
    assert store.list() == []


def test_stopped_run_is_kept_and_never_answers_for_the_whole_one(store, monkeypatch) -> None:
    config, records = (
        small_config(data="planted", epochs=50, batch_size=10_000, architecture="tutorial"),
        [],
    )
    run = run_experiment(
        config, PLANTED, store, on_epoch=records.append, should_stop=lambda: len(records) == 1
    )
    request = run_id(config, PLANTED.fingerprint)
    assert run.status == "stopped"
    assert run.run_id == f"{request}-stopped-2"  # batches: one an epoch, asked after the second
    assert run.history == tuple(records)
    assert set(run.metrics["holdout"]) == MEASURED
    assert store.load(run.run_id) == run
    assert find_run(store, request) is None
    without_training(monkeypatch)
    with pytest.raises(AssertionError, match="a training was started"):
        run_experiment(config, PLANTED, store)


def test_failed_training_is_one_line_and_leaves_nothing_in_the_store(store) -> None:
    config = small_config(
        data="planted",
        learning_rate=10,
        rating_learning_rate=10,
        batch_size=20,
        validation=0,
    )
    with pytest.raises(ValueError, match="lower learning_rate") as caught:
        run_experiment(config, PLANTED, store)
    assert "\n" not in str(caught.value)
    assert store.list() == []


def test_split_that_cannot_be_made_is_said_before_anything_is_trained(store, monkeypatch) -> None:
    without_training(monkeypatch)
    dataset = make_dataset("no times", PLANTED.ratings.drop(columns="timestamp"))
    with pytest.raises(DataError, match="no timestamps"):
        run_experiment(small_config(split="time"), dataset, store)
    with pytest.raises(DataError, match="no holdout of its own"):
        run_experiment(small_config(split="given"), PLANTED, store)
    assert store.list() == []


def test_damaged_run_is_trained_again(store) -> None:
    config = small_config(data="planted", epochs=1, architecture="tutorial")
    run = run_experiment(config, PLANTED, store)
    (store.folder / run.run_id / "metrics.json").write_text("{}")
    again = run_experiment(config, PLANTED, RunStore(store.folder))
    assert again.metrics == run.metrics
    assert [name for name, _ in store.damaged()] == [run.run_id]


def test_default_run_is_good_at_both_tasks_on_movielens_100k(movielens_100k, store) -> None:
    run = run_experiment(make_config({}), movielens_100k, store)
    holdout = run.metrics["holdout"]
    assert holdout["top_k_accuracy@100"] > 0.58
    assert holdout["rmse"] < 0.945
    assert holdout["recall@20"] > run.baselines["most popular"]["holdout"]["recall@20"] + 0.1
    assert holdout["rmse"] < run.baselines["user + movie bias"]["holdout"]["rmse"]
