import math

import pytest

from recsys.config import make_config, run_id
from recsys.ratio import EXTREME
from recsys.tradeoff.search import Objectives, SearchError, next_config, params_of, trial_runs
from recsys.tradeoff.space import FACTORS, MOST, RATIO, Range, search_space
from recsys.tradeoff.sweep import sweep_configs
from tests.trial_runs import FINGERPRINT, imagined, trial

BASE = make_config({})
OBJECTIVES = Objectives()


def searched(n: int, base=BASE, objectives=OBJECTIVES) -> list:
    """Return the runs of a search of `n` trials in the imagined world."""
    runs: list = []
    while len(runs) < n:
        config = next_config(base, objectives, runs, FINGERPRINT)
        runs.append(imagined(config, len(runs)))
    return runs


# The space


def test_space_lies_around_the_settings_to_both_sides():
    space = search_space(BASE)
    assert space[RATIO] == Range(1 / MOST, MOST, log=True)
    assert MOST > EXTREME
    assert space["sharing"] == ("all", "part", "none")
    for field, factor in FACTORS.items():
        value = getattr(BASE, field)
        assert space[field].low == pytest.approx(value / factor, rel=0.01)
        assert space[field].high == pytest.approx(value * factor, rel=0.01)
    assert space["embedding_dimension"] == Range(30, 120, whole=True)


def test_space_keeps_to_the_bounds_of_a_field():
    space = search_space(make_config({"embedding_dimension": 500, "unrated_weight": 9}))
    assert space["embedding_dimension"].high == 512
    assert space["unrated_weight"].high == 10


def test_what_is_zero_or_not_there_is_not_searched():
    assert "retrieval_l2" not in search_space(make_config({"retrieval_l2": 0}))
    tutorial = search_space(make_config({"architecture": "tutorial"}))
    assert set(tutorial) == {RATIO, "embedding_dimension", "learning_rate"}


def test_rounded_values_stay_in_the_range():
    assert Range(0.01, 0.05).round(0.012345) == 0.0123
    assert Range(0.012345, 1).round(0.012346) == 0.012345
    assert Range(30, 120, whole=True).round(119.6) == 120


# What counts as a trial


def test_runs_of_a_sweep_are_trials_and_what_differs_in_more_is_none():
    swept = [trial(config) for config in sweep_configs(BASE, 5)]
    mine = trial(make_config({"learning_rate": 0.03, "rating_weight": 0.4, "sharing": "none"}))
    others = [
        trial(make_config({"epochs": 3})),
        trial(make_config({"seed": 1})),
        trial(make_config({"learning_rate": 5})),  # far outside of the space
        trial(make_config({"architecture": "tutorial"})),
        trial(make_config({"rating_weight": 0.7}), status="stopped"),
        trial(make_config({"rating_weight": 0.7}), fingerprint="e" * 64),
        trial(make_config({"rating_weight": 0.7}), run_id="0123456789ab"),  # another version's
    ]
    found = trial_runs([*others, mine, *swept], BASE, FINGERPRINT)
    ratios = sorted(run.config.rating_weight / run.config.retrieval_weight for run in found)
    # The ends train one task alone.
    assert ratios == pytest.approx([0.03, 0.4, 1, 1 / 0.03])


def test_trial_is_a_point_of_the_space():
    config = make_config({"retrieval_weight": 1, "rating_weight": 0.25, "rating_l2": 0.05})
    params = params_of(config, BASE)
    assert params[RATIO] == 0.25
    assert (params["rating_l2"], params["sharing"]) == (0.05, "part")


# Asking


def test_first_trial_is_the_settings_themselves():
    assert next_config(BASE, OBJECTIVES, [], FINGERPRINT) == BASE


def test_same_history_gives_the_same_trial_whatever_its_order():
    runs = searched(12)
    config = next_config(BASE, OBJECTIVES, runs, FINGERPRINT)
    assert next_config(BASE, OBJECTIVES, runs[::-1], FINGERPRINT) == config
    assert next_config(BASE, OBJECTIVES, runs[:-1], FINGERPRINT) == runs[-1].config
    other = next_config(make_config({"seed": 1}), OBJECTIVES, [], FINGERPRINT)
    assert other.seed == 1


def test_trials_are_new_in_the_space_and_change_nothing_else():
    runs = searched(15)
    configs = [run.config for run in runs]
    assert len(set(configs)) == 15
    assert {run.run_id for run in trial_runs(runs, BASE, FINGERPRINT)} == {
        run_id(config, FINGERPRINT) for config in configs
    }
    assert len({config.sharing for config in configs}) > 1


def test_configs_in_training_and_failed_ones_are_not_proposed_again():
    runs = searched(12)
    first = next_config(BASE, OBJECTIVES, runs, FINGERPRINT)
    for ways in ({"under_way": [first]}, {"failed": [first]}):
        assert next_config(BASE, OBJECTIVES, runs, FINGERPRINT, **ways) != first


def test_search_comes_closer_to_what_both_tasks_want():
    runs = searched(50)

    def off(run):
        config = run.config
        return abs(math.log(config.learning_rate / 0.04)) + abs(math.log(config.rating_l2 / 0.0175))

    def mean(some):
        return sum(map(off, some)) / len(some)

    assert mean(runs[-15:]) < 0.6 * mean(runs[1:11])  # those are drawn blindly


def test_metric_that_is_to_rise_is_not_mistaken_for_an_error():
    a = trial(make_config({"rating_weight": 0.5}), rmse=0.8, ndcg=0.4)
    b = trial(make_config({"rating_weight": 0.6}), rmse=0.9, ndcg=0.3)
    c = trial(make_config({"rating_weight": 0.7}), rmse=0.7, ndcg=0.2)
    assert OBJECTIVES.front([b, a, c]) == [c, a]
    assert Objectives("ndcg@20", "rmse").front([b, a, c]) == [a, c]


def test_run_without_a_figure_is_not_on_the_front():
    alone = trial(make_config({"retrieval_weight": 0}))
    assert OBJECTIVES.front([alone]) == []
    assert OBJECTIVES.values(trial(BASE, metrics={"holdout": {"rmse": 1}})) is None


# What is refused


def test_search_without_validation_is_refused():
    with pytest.raises(SearchError, match="validation above 0"):
        next_config(make_config({"validation": 0}), OBJECTIVES, [], FINGERPRINT)


@pytest.mark.parametrize(
    ("metrics", "message"),
    [(("rmse", "rmse"), "two metrics"), (("rmse", "fun"), "no metric 'fun'; there are rmse, mae")],
)
def test_metrics_that_make_no_trade_off_are_refused(metrics, message):
    with pytest.raises(SearchError, match=message):
        Objectives(*metrics)
