"""The ratio of the two loss weights, on a logarithmic scale."""

import math

EXTREME = 30.0  # a line of ratios goes from EXTREME : 1 to 1 : EXTREME
# The positions at which a line is evaluated. From one to the next, the ratio grows by 40 %.
POSITIONS = tuple(step / 20 for step in range(21))


def weights_at(position: float) -> tuple[float, float]:
    """Return the retrieval and the rating weight at a position of the line; the larger one is 1.

    Args:
        position: from 0 (EXTREME : 1, retrieval counts most) to 1 (1 : EXTREME).
    """
    ratio = EXTREME ** (2 * position - 1)
    return min(1.0, 1 / ratio), min(1.0, ratio)


def position_of(retrieval_weight: float, rating_weight: float) -> float:
    """Return the position of a ratio on the line: the inverse of `weights_at`.

    Below 0 or above 1 the ratio lies beyond the line; it is infinite where one weight is 0.

    Args:
        retrieval_weight: 0 or more.
        rating_weight: 0 or more, and above 0 if the other is 0.
    """
    if not retrieval_weight:
        return math.inf
    if not rating_weight:
        return -math.inf
    return (math.log(rating_weight / retrieval_weight) / math.log(EXTREME) + 1) / 2
