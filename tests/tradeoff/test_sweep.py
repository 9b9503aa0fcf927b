import itertools

import pytest

from recsys.config import PRESETS, make_config, with_sharing
from recsys.ratio import ratio_name, swept_weights
from recsys.tradeoff.sweep import line_configs, sweep_configs, sweep_order

BASE = make_config({"seed": 3})


def test_sweep_has_every_ratio_once():
    weights = [(config.retrieval_weight, config.rating_weight) for config in sweep_configs(BASE)]
    assert sorted(weights) == sorted(swept_weights(9))


def test_ends_and_middle_of_a_sweep_are_the_presets_so_that_their_runs_are_reused():
    presets = [
        make_config({"seed": 3, "retrieval_weight": retrieval, "rating_weight": rating})
        for retrieval, rating in PRESETS.values()
    ]
    for points in (3, 5, 7, 9, 13):
        assert set(presets) <= set(sweep_configs(BASE, points))


@pytest.mark.parametrize("points", [2, 3, 7, 8, 20])
def test_finer_and_finer_points_come_later(points):
    all_weights = swept_weights(points)
    steps = [
        all_weights.index((config.retrieval_weight, config.rating_weight))
        for config in sweep_configs(BASE, points)
    ]
    assert steps[:2] == [0, points - 1]
    assert len(set(steps)) == points
    for known in range(2, points):
        # The next one is in the widest gap that the known ones leave.
        before = sorted(steps[:known])
        widest = max(b - a for a, b in itertools.pairwise(before))
        assert widest == next(b - a for a, b in itertools.pairwise(before) if b > steps[known])


def test_each_seed_and_each_sharing_has_all_ratios_and_changes_nothing_else():
    configs = sweep_configs(BASE, points=3, seeds=2, sharing=("all", "none"))
    assert len(set(configs)) == len(configs) == 3 * 2 * 2
    assert {(config.seed, config.sharing) for config in configs} == {
        (3, "all"), (3, "none"), (4, "all"), (4, "none"),
    }  # fmt: skip
    changed = {"retrieval_weight", "rating_weight", "seed", "sharing"}
    for config in configs:
        assert config.model_dump(exclude=changed) == BASE.model_dump(exclude=changed)
    # A whole front of the first seed is there before the second one begins.
    assert [config.seed for config in configs] == [3] * 6 + [4] * 6


def test_sweep_of_the_tutorial_has_no_sharing():
    base = make_config({"architecture": "tutorial"})
    assert {config.sharing for config in sweep_configs(base, 3)} == {None}


def test_sweep_is_listed_by_sharing_then_ratio_then_seed():
    configs = sorted(sweep_configs(BASE, 3, 2, ("all", "none")), key=sweep_order)
    order = [(config.sharing, ratio_name(config), config.seed) for config in configs]
    names = ("1 : 0", "1 : 1", "0 : 1")
    assert order == [(s, name, seed) for s in ("all", "none") for name in names for seed in (3, 4)]


def test_line_of_each_sharing_trains_all_ratios_with_the_values_tuned_for_it():
    base = make_config({"epochs": 7, "rating_weight": 0.5, "seed": 2})
    tied, shared = line_configs(base, ["tied", "all"])
    assert tied.all_ratios
    assert (tied.retrieval_weight, tied.rating_weight) == (1, 1)
    assert (tied.sharing, tied.epochs, tied.seed) == ("tied", 7, 2)
    assert tied.embedding_dimension == with_sharing(base, "tied").embedding_dimension
    assert shared.sharing == "all"


@pytest.mark.parametrize("fields", [{"architecture": "tutorial"}, {"balancing": "pcgrad"}])
def test_what_cannot_train_all_ratios_at_once_has_no_line(fields):
    assert line_configs(make_config(fields), ["all"]) == []
