"""The scale on which a new user rates: that of the data set."""

from dataclasses import dataclass

import numpy as np

from recsys.data.splits import Split

DIGITS = 4  # behind the point of a rating: the data have it as float32
MOST_VALUES = 21  # of a scale whose values can be chosen from a list


@dataclass(frozen=True)
class RatingScale:
    """The ratings that can be given: those of the data set.

    Attributes:
        low: the lowest rating, in stars.
        high: the highest rating, in stars.
        values: all ratings that can be given, ascending; empty if any number from `low` to `high`
            can be given.
    """

    low: float
    high: float
    values: tuple[float, ...]

    @property
    def stars(self) -> int:
        """How many stars show a rating: at most 5, whole or half ones; 0 if stars cannot."""
        steps = np.diff(self.values, prepend=0.0)
        has_stars = bool(self.values) and self.high <= 5 and np.isin(steps, (0.5, 1.0)).all()
        return int(np.ceil(self.high)) if has_stars else 0

    def nearest(self, stars: float) -> float | None:
        """Return the rating as one of the values; None if it is off the scale."""
        if not self.low <= stars <= self.high:
            return None
        return min(self.values, key=lambda value: abs(value - stars)) if self.values else stars

    def opposite(self, stars: np.ndarray) -> np.ndarray:
        """Return ratings [n] with both ends of the scale exchanged: of five stars one, float32."""
        turned: np.ndarray = (self.low + self.high - stars).astype(np.float32)
        return turned


def rating_scale(split: Split) -> RatingScale:
    """Return the scale on which a new user rates."""
    low, high = (round(end, DIGITS) for end in split.rating_scale)
    distinct = np.unique(split.train.ratings).astype(float)
    steps = np.diff(distinct)
    step = float(steps.min()) if len(steps) else 1.0
    count = round((high - low) / step) + 1
    values = low + step * np.arange(count) if count <= MOST_VALUES else np.empty(0)
    even = np.isin(distinct.round(DIGITS), values.round(DIGITS)).all()
    return RatingScale(low, high, tuple(values.round(DIGITS).tolist()) if even else ())
