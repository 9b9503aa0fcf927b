"""A sweep: one config at several ratios of its loss weights, or all of them in one training."""

import itertools
from collections.abc import Sequence

from recsys.config import RunConfig, Sharing, make_config, with_all_ratios, with_sharing
from recsys.ratio import position, swept_weights

POINTS = 9  # including both single-task ends


def sweep_configs(
    base: RunConfig,
    points: int = POINTS,
    seeds: int = 1,
    sharing: Sequence[Sharing | None] = (),
) -> list[RunConfig]:
    """Return the configs of a sweep, in the order in which to train them.

    The ratios are those of `recsys.ratio.swept_weights`. The ends come first, then the middle of
    the widest gap: an unfinished sweep already covers the whole range.

    Args:
        base: all other settings; its seed is the first.
        points: number of ratios, 2 or more.
        seeds: trainings of each ratio, 1 or more.
        sharing: how much the tasks share; one front each, with the values tuned for it. By
            default as in `base`.
    """
    fronts = [with_sharing(base, shared) for shared in sharing or (base.sharing,)]
    weights = swept_weights(points)
    found = []
    for seed in range(base.seed, base.seed + seeds):
        for step in _coarse_first(points):
            retrieval, rating = weights[step]
            for front in fronts:
                own = {"retrieval_weight": retrieval, "rating_weight": rating, "seed": seed}
                found.append(make_config(front.model_dump() | own))
    return found


def line_configs(base: RunConfig, sharing: Sequence[Sharing]) -> list[RunConfig]:
    """Return the configs that train all ratios at once, one for each way of sharing.

    There are none where one training cannot: for the tutorial, and with loss balancing.
    """
    if base.sharing is None or base.balancing != "fixed":
        return []
    return [with_all_ratios(base, shared) for shared in sharing]


def sweep_order(config: RunConfig) -> tuple[str, float, int]:
    """Return the sort key of a config in a table of the sweep: sharing, ratio, seed."""
    return config.sharing or "", position(config), config.seed


def _coarse_first(points: int) -> list[int]:
    """Return 0 … points - 1: both ends, then repeatedly the middle of the widest gap."""
    order = [0, points - 1]
    while len(order) < points:
        known = sorted(order)
        start, end = max(itertools.pairwise(known), key=lambda gap: gap[1] - gap[0])
        order.append((start + end) // 2)
    return order
