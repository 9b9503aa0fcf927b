"""A sweep: one config at several ratios of its loss weights."""

import itertools
from collections.abc import Sequence

from recsys.config import RunConfig, Sharing, make_config, with_sharing

POINTS = 7  # including both single-task ends


def rating_share(config: RunConfig) -> float:
    """Return the rating weight's share of both weights: 0 is retrieval alone, 1 rating alone."""
    return config.rating_weight / (config.retrieval_weight + config.rating_weight)


def ratio_name(config: RunConfig) -> str:
    """Return the weights as `retrieval : rating`, for people: `1 : 0.5`."""
    return f"{config.retrieval_weight:.3g} : {config.rating_weight:.3g}"


def weights(share: float) -> tuple[float, float]:
    """Return the retrieval and the rating weight of a rating share, the larger of them 1.

    So the ends and the middle are the three presets, and 0.2 is 1 : 0.25.
    """
    larger = max(share, 1 - share)
    return round((1 - share) / larger, 6), round(share / larger, 6)


def sweep_configs(
    base: RunConfig,
    points: int = POINTS,
    seeds: int = 1,
    sharing: Sequence[Sharing | None] = (),
) -> list[RunConfig]:
    """Return the configs of a sweep, in the order in which to train them.

    The rating shares lie evenly between 0 and 1, ends included. The ends come first, then the
    middle of the widest gap: an unfinished sweep already covers the whole range.

    Args:
        base: all other settings; its seed is the first.
        points: number of ratios, 2 or more.
        seeds: trainings of each ratio, 1 or more.
        sharing: how much the tasks share; one front each, with the values tuned for it. By
            default as in `base`.
    """
    fronts = [with_sharing(base, shared) for shared in sharing or (base.sharing,)]
    found = []
    for seed in range(base.seed, base.seed + seeds):
        for step in _coarse_first(points):
            retrieval, rating = weights(step / (points - 1))
            for front in fronts:
                own = {"retrieval_weight": retrieval, "rating_weight": rating, "seed": seed}
                found.append(make_config(front.model_dump() | own))
    return found


def sweep_order(config: RunConfig) -> tuple[str, float, int]:
    """Return the sort key of a config in a table of the sweep: sharing, rating share, seed."""
    return config.sharing or "", rating_share(config), config.seed


def _coarse_first(points: int) -> list[int]:
    """Return 0 … points - 1: both ends, then repeatedly the middle of the widest gap."""
    order = [0, points - 1]
    while len(order) < points:
        known = sorted(order)
        start, end = max(itertools.pairwise(known), key=lambda gap: gap[1] - gap[0])
        order.append((start + end) // 2)
    return order
