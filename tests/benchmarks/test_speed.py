import pytest

from benchmarks.serving import median_seconds
from benchmarks.speed import OTHER_SPLIT, Timed, enough_epochs, short_config

AIM = Timed(seconds=60, top_100=0.24, rmse=1.13)


@pytest.mark.parametrize(
    ("top_100", "rmse", "reached"), [(0.24, 1.13, True), (0.5, 1.14, False), (0.2, 0.9, False)]
)
def test_figures_are_reached_only_on_both_tasks(top_100: float, rmse: float, reached: bool) -> None:
    assert Timed(1, top_100, rmse).reaches(AIM) == reached


def test_fewest_epochs_that_suffice_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def time_duet(config, split):
        asked.append(config.split_seed)
        return Timed(1, 0.1 * config.epochs, 1.0)

    monkeypatch.setattr("benchmarks.speed._split", lambda config: None)
    monkeypatch.setattr("benchmarks.speed.time_tutorial", lambda *args, **kwargs: AIM)
    monkeypatch.setattr("benchmarks.speed.time_duet", time_duet)
    assert enough_epochs({}) == 3
    assert asked == [OTHER_SPLIT] * 3


def test_short_config_keeps_the_given_fields() -> None:
    config = short_config({"batch_size": 4096}, epochs=2, split_seed=7)
    assert (config.batch_size, config.epochs, config.split_seed) == (4096, 2, 7)
    assert (config.holdout, config.validation) == (0.2, 0.0)


def test_median_is_over_the_calls_after_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, durations = [0.0], iter([100.0, 5.0, 1.0, 3.0, 2.0, 4.0])

    def call() -> None:
        clock[0] += next(durations)

    monkeypatch.setattr("benchmarks.serving.time.perf_counter", lambda: clock[0])
    assert median_seconds(call, repeats=5) == 3
    assert next(durations, None) is None
