"""The axes of the curves: known before the first epoch, so that a curve grows into its chart."""

import math
from collections.abc import Sequence

from recsys.evaluation.metrics import METRICS

Domain = tuple[float, float]

LOSSES: Domain = (0.4, 1.05)  # 1 is the trivial loss
# Where a metric of a new model is expected, as multiples of its baseline.
ERRORS: Domain = (0.9, 1.1)
SCORES: Domain = (0.6, 2.6)
MARGIN = 0.08  # of the range, beyond its ends
ROOM = 0.14  # of the axis, above a reference line: for its name
STEPS = 4  # values outside of the range make it longer by steps of 1 / STEPS of it


def domain(
    term: str, own: Sequence[float], compared: Sequence[float], references: Sequence[float]
) -> Domain:
    """Return the y axis of a curve.

    It spans the run compared with and the references; without such a run, the values that are
    usual. The run's own values change it only where they lie outside, by large steps. So it stays
    the same during most of a training, and is the same for both runs.

    Args:
        term: a loss or a metric.
        own: the values of the run so far.
        compared: those of the run that it is compared with.
        references: the values of the reference lines.
    """
    known = [*compared, *references]
    if not compared:
        known += _usual(term, references)
    if not known:
        return _rounded(*_padded(min(own, default=0.0), max(own, default=1.0)))
    low, high = _padded(min(known), max(known))
    step = (high - low) / STEPS
    lowest, highest = min(own, default=low), max(own, default=high)
    if lowest < low:
        low -= step * math.ceil((low - lowest) / step)
    if highest > high:
        high += step * math.ceil((highest - high) / step)
    high = max(high, max(references, default=low) + ROOM * (high - low))
    if term in METRICS and not METRICS[term].unit:
        high = min(high, max([1.0, *own, *compared, *references]))  # a share
    return _rounded(low if low > 0 or lowest < 0 else 0.0, high)


def _usual(term: str, references: Sequence[float]) -> Sequence[float]:
    if term not in METRICS:
        return LOSSES
    shares = SCORES if METRICS[term].higher_is_better else ERRORS
    return [share * value for share in shares for value in references]


def _padded(low: float, high: float) -> Domain:
    margin = MARGIN * (high - low) or 0.05
    return low - margin, high + margin


def _rounded(low: float, high: float) -> Domain:
    return math.floor(1e4 * low) / 1e4, math.ceil(1e4 * high) / 1e4  # outwards
