import dataclasses

import pytest

from recsys.config import make_config
from recsys.runs.durations import REFERENCE, REFERENCE_RATINGS, estimate_seconds
from recsys.runs.records import EpochRecord, Run
from tests.runs.stored_runs import make_run

DATA = "ab" * 32
# Without a validation part and a holdout, all ratings are trained on.
WHOLE = {"holdout": 0.0, "validation": 0.0}


def run_with(ends: list[float], whole: float, **config: object) -> Run:
    """Return a run whose epochs ended at these seconds, with `whole` for fit and evaluation."""
    history = tuple(
        EpochRecord(epoch, 0.5, 0.5, 1.0, seconds=seconds)
        for epoch, seconds in enumerate(ends, start=1)
    )
    seconds = {"fit": whole - 1, "evaluate": 1.0, "total": 99.0}
    return make_run(config=make_config(config), history=history, seconds=seconds)


def seconds_of(runs: list[Run], ratings: int = REFERENCE_RATINGS, **config: object) -> float:
    return estimate_seconds(make_config(config | WHOLE), ratings, DATA, runs)


def test_pace_of_a_run_on_the_same_data_counts() -> None:
    # The first epoch, with 3 s of tracing, says nothing of the others: 2 s each. Besides its three
    # epochs the run took 11 - 3 * 2 = 5 s.
    run = run_with([5.0, 7.0, 9.0], 11.0, architecture="tutorial")
    assert seconds_of([run], architecture="tutorial", epochs=10) == pytest.approx(5 + 10 * 2)


def test_the_most_similar_run_counts_and_of_several_the_newest() -> None:
    runs = [
        run_with([1.0, 2.0], 2.0, embedding_dimension=8, **WHOLE),
        run_with([3.0, 6.0], 6.0, **WHOLE),
        run_with([9.0, 18.0], 18.0, **WHOLE),
    ]
    assert seconds_of(runs, epochs=10) == pytest.approx(30)
    assert seconds_of(runs, epochs=10, embedding_dimension=8) == pytest.approx(10)


def test_one_epoch_is_better_than_nothing() -> None:
    assert seconds_of([run_with([4.0], 5.0)], epochs=3) == pytest.approx(1 + 3 * 4)


def test_without_a_run_the_measured_time_grows_with_the_ratings() -> None:
    once, epoch = REFERENCE["tutorial", False]
    config = {"architecture": "tutorial", "epochs": 3}
    assert seconds_of([], **config) == pytest.approx(once + 3 * epoch)
    assert seconds_of([], 10 * REFERENCE_RATINGS, **config) == pytest.approx(once + 30 * epoch)


def test_without_such_a_run_another_one_tells_how_fast_the_machine_is() -> None:
    usual = REFERENCE["duet", False].epoch
    slow = run_with([3 * usual, 6 * usual], 6 * usual, **WHOLE)  # a third of the usual speed
    config = {"architecture": "tutorial", "epochs": 3}
    assert seconds_of([slow], **config) == pytest.approx(3 * seconds_of([], **config))


def test_runs_on_other_data_and_without_an_epoch_say_nothing() -> None:
    other = dataclasses.replace(run_with([9.0, 18.0], 18.0), fingerprint="cd" * 32)
    assert seconds_of([other, run_with([], 1.0)]) == seconds_of([])
