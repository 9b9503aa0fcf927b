"""The search space: which fields a search changes, and in what range."""

from dataclasses import dataclass
from functools import lru_cache

from recsys.config import SHARING, TIED, RunConfig

# In place of the two weights: rating weight / retrieval weight. Only their ratio is searched.
RATIO = "ratio"
MOST = 40.0  # of RATIO and of its inverse: beyond recsys.ratio.EXTREME, so that a sweep is inside
# A field's range: from the base's value divided by the factor to the value times the factor.
FACTORS = {
    "embedding_dimension": 2.0,
    "learning_rate": 3.0,
    "unrated_weight": 3.0,
    "retrieval_l2": 3.0,
    "rating_learning_rate": 3.0,
    "rating_l2": 3.0,
}
DIGITS = 3  # significant digits of a proposed value


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included.

    Attributes:
        low: the smallest.
        high: the largest.
        log: whether values are drawn on a logarithmic scale.
        whole: whether the values are whole numbers.
    """

    low: float
    high: float
    log: bool = True
    whole: bool = False

    def __contains__(self, value: object) -> bool:
        """Return whether a value lies in the range."""
        return isinstance(value, int | float) and self.low <= value <= self.high

    def round(self, value: float) -> float:
        """Return a value rounded to DIGITS, kept within the range."""
        rounded = float(f"{value:.{DIGITS}g}")
        inside = min(max(rounded, self.low), self.high)
        return int(inside) if self.whole else inside


Space = dict[str, Range | tuple[str, ...]]


@lru_cache(maxsize=64)
def search_space(base: RunConfig) -> Space:
    """Return the range or the options of each field that a search from these settings changes.

    RATIO stands for the two weights. Penalties that are 0, and fields that the architecture does
    not have, are left out.
    """
    space: Space = {RATIO: Range(1 / MOST, MOST)}
    for field, factor in FACTORS.items():
        value = getattr(base, field)
        if value:
            space[field] = _around(field, value, factor)
    if base.sharing is not None and base.sharing not in TIED:
        # Tied vectors have other fields, and are better at nothing.
        space["sharing"] = tuple(one for one in SHARING if one not in TIED)
    return space


def _around(field: str, value: float, factor: float) -> Range:
    """Return the range around a value, within the field's own bounds."""
    low, high = value / factor, value * factor
    for bound in RunConfig.model_fields[field].metadata:
        low = max(low, getattr(bound, "ge", low))
        high = min(high, getattr(bound, "le", high))
    if isinstance(value, int):
        return Range(max(1, round(low)), round(high), whole=True)
    return Range(float(f"{low:.{DIGITS}g}"), float(f"{high:.{DIGITS}g}"))
