import itertools

import pytest

from recsys.config import PRESETS, make_config
from recsys.tradeoff.sweep import rating_share, sweep_configs, sweep_order, weights

BASE = make_config({"seed": 3})


def test_sweep_goes_from_one_single_task_end_to_the_other_in_even_steps():
    shares = [rating_share(config) for config in sweep_configs(BASE)]
    assert len(shares) == 7
    assert sorted(shares) == pytest.approx([0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1])


def test_ends_and_middle_of_a_sweep_are_the_presets_so_that_their_runs_are_reused():
    presets = [
        make_config({"seed": 3, "retrieval_weight": retrieval, "rating_weight": rating})
        for retrieval, rating in PRESETS.values()
    ]
    for points in (3, 5, 7):
        assert set(presets) <= set(sweep_configs(BASE, points))


@pytest.mark.parametrize(
    ("share", "expected"), [(0, (1, 0)), (0.2, (1, 0.25)), (0.5, (1, 1)), (0.75, (1 / 3, 1))]
)
def test_larger_weight_is_one(share, expected):
    assert weights(share) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("points", [2, 3, 7, 8, 20])
def test_finer_and_finer_points_come_later(points):
    shares = [rating_share(config) for config in sweep_configs(BASE, points)]
    assert shares[:2] == [0, 1]
    assert len(set(shares)) == points
    for known in range(2, points):
        # The next one is in the widest gap that the known ones leave, give or take a step.
        before = sorted(shares[:known])
        widest = max(b - a for a, b in itertools.pairwise(before))
        gap = next(b - a for a, b in itertools.pairwise(before) if b > shares[known])
        assert gap == pytest.approx(widest, abs=1e-5)


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


def test_sweep_is_listed_by_sharing_then_share_then_seed():
    configs = sorted(sweep_configs(BASE, 3, 2, ("all", "none")), key=sweep_order)
    order = [(config.sharing, rating_share(config), config.seed) for config in configs]
    assert order == sorted(order)
