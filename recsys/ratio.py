"""The ratio of the two loss weights, on a logarithmic scale."""

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
