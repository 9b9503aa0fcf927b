"""The ratio of the two loss weights: its names, its logarithmic scale, the ratios of a sweep."""

import math
from decimal import Decimal

from recsys.config import RunConfig

EXTREME = 30.0  # a line of ratios goes from EXTREME : 1 to 1 : EXTREME
# The positions at which a line is evaluated. From one to the next, the ratio grows by 40 %.
POSITIONS = tuple(step / 20 for step in range(21))
DIGITS = 2  # significant digits of a ratio in words
ALL_RATIOS = "all ratios"


def weights_at(position: float) -> tuple[float, float]:
    """Return the retrieval and the rating weight at a position of the line; the larger one is 1.

    Args:
        position: from 0 (EXTREME : 1, retrieval counts most) to 1 (1 : EXTREME).
    """
    return weights_of(EXTREME ** (2 * position - 1))


def weights_of(ratio: float) -> tuple[float, float]:
    """Return the retrieval and the rating weight of rating weight / retrieval weight.

    The larger one is 1.
    """
    return min(1.0, 1 / ratio), min(1.0, ratio)


def position_of(retrieval: float, rating: float) -> float:
    """Return the position of two weights on the line, the inverse of `weights_at`.

    A ratio beyond EXTREME has a position below 0 or above 1. Retrieval alone is at minus infinity,
    rating alone at infinity.
    """
    if not retrieval or not rating:
        return math.inf if rating else -math.inf
    return (math.log(rating / retrieval, EXTREME) + 1) / 2


def position(config: RunConfig) -> float:
    """Return the position of a config's weights, see `position_of`."""
    return position_of(config.retrieval_weight, config.rating_weight)


def weights_name(retrieval: float, rating: float) -> str:
    """Return the weights as `retrieval : rating`, the larger one as 1: `1 : 0.03`."""
    larger = max(retrieval, rating)
    return f"{_rounded(retrieval / larger)} : {_rounded(rating / larger)}"


def position_name(position: float) -> str:
    """Return the weights at a position of the line as `weights_name` does."""
    return weights_name(*weights_at(position))


def ratio_name(config: RunConfig) -> str:
    """Return a config's weights as `weights_name` does, or `all ratios`."""
    if config.all_ratios:
        return ALL_RATIOS
    return weights_name(config.retrieval_weight, config.rating_weight)


def swept_weights(points: int) -> list[tuple[float, float]]:
    """Return the weights of a sweep, from retrieval alone to rating alone.

    Between these two ends the ratios lie evenly on the logarithmic scale, from about EXTREME : 1 to
    1 : EXTREME. They are rounded to as few digits as keep them apart: 1 : 0.03, 1 : 0.1, 1 : 0.3 …

    Args:
        points: number of ratios, ends included; 2 or more.
    """
    between = points - 2
    steps = [0.5] if between == 1 else [step / (between - 1) for step in range(between)]
    digits = next(
        n for n in range(1, 17) if len({_rounded_weights(s, n) for s in steps}) >= between
    )
    return [(1.0, 0.0), *(_rounded_weights(step, digits) for step in steps), (0.0, 1.0)]


def _rounded_weights(position: float, digits: int) -> tuple[float, float]:
    retrieval, rating = (float(f"{weight:.{digits}g}") for weight in weights_at(position))
    return retrieval, rating


def _rounded(weight: float) -> str:
    """Return a weight of at most 1 with DIGITS significant digits, never as 1e-05."""
    return f"{Decimal(f'{weight:.{DIGITS}g}'):f}"
