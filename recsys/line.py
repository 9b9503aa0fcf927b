"""LineScorer: the models of all ratios of the loss weights at serving time, as plain arrays."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recsys.scorer import ScorerError, TwoTowerScorer

KNOTS = {"start": 0.0, "middle": 0.5, "end": 1.0}


@dataclass(frozen=True, eq=False)
class LineScorer:
    """One model at each position from 0 (retrieval counts most) to 1 (rating counts most).

    The parameters of the models are linear in the position, and each array of a TwoTowerScorer is
    linear in them, or a product of two of them. So every array is a parabola in the position, and
    three models determine all others exactly.

    As a Scorer it is the model in the middle: equal weights.

    Attributes:
        start: the model at position 0.
        middle: the model at position 0.5.
        end: the model at position 1.

    Raises:
        ScorerError: the three models do not have the same arrays, or one has an MLP.
    """

    start: TwoTowerScorer
    middle: TwoTowerScorer
    end: TwoTowerScorer

    def __post_init__(self) -> None:
        """Check that the three models fit together."""
        shapes = [_shapes(scorer) for scorer in self._knots()]
        if not shapes[0] == shapes[1] == shapes[2]:
            raise ScorerError("start, middle, end: must have arrays of the same shapes")
        if self.start.kernels:
            raise ScorerError("kernel_0: the models of a line have no MLP")

    @property
    def tasks(self) -> frozenset[str]:
        """See `Scorer`."""
        return self.middle.tasks

    def scores(self, users: np.ndarray) -> np.ndarray:
        """See `Scorer`: the scores of the model in the middle."""
        return self.middle.scores(users)

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        """See `Scorer`: the ratings of the model in the middle."""
        return self.middle.ratings(users, movies)

    def at(self, position: float) -> TwoTowerScorer:
        """Return the model at a position.

        Raises:
            ScorerError: the position is not from 0 to 1.
        """
        if not 0 <= position <= 1:
            raise ScorerError(f"position {position:g}: must be from 0 to 1")
        # Lagrange's formula for the parabola through the three models.
        factors = (
            (2 * position - 1) * (position - 1),
            4 * position * (1 - position),
            position * (2 * position - 1),
        )
        knots = [scorer.to_arrays() for scorer in self._knots()]
        arrays = knots[1]  # whose tasks and use_dot stay
        for name, array in arrays.items():
            if array.dtype == np.float32:
                terms = [f * knot[name] for f, knot in zip(factors, knots, strict=True)]
                arrays[name] = np.asarray(sum(terms), np.float32)
        return TwoTowerScorer.from_arrays(arrays)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return the three models as arrays for `np.savez`; `from_arrays` reads them back."""
        return {
            f"{knot}_{name}": array
            for knot, scorer in zip(KNOTS, self._knots(), strict=True)
            for name, array in scorer.to_arrays().items()
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "LineScorer":
        """Return the scorer from the arrays of `to_arrays`.

        Raises:
            ScorerError: the arrays are not those of three models that fit together.
        """
        parts: dict[str, dict[str, np.ndarray]] = {knot: {} for knot in KNOTS}
        for name, array in arrays.items():
            knot, _, rest = name.partition("_")
            if knot not in parts:
                raise ScorerError(f"{name}: is not an array of a scorer")
            parts[knot][rest] = array
        return cls(**{knot: TwoTowerScorer.from_arrays(own) for knot, own in parts.items()})

    def _knots(self) -> tuple[TwoTowerScorer, TwoTowerScorer, TwoTowerScorer]:
        return self.start, self.middle, self.end


StoredScorer = TwoTowerScorer | LineScorer


def stored_scorer(arrays: Mapping[str, np.ndarray]) -> StoredScorer:
    """Return the scorer from the arrays of its `to_arrays`.

    Raises:
        ScorerError: they are not the arrays of a scorer.
    """
    is_line = any(name.startswith("start_") for name in arrays)
    return (LineScorer if is_line else TwoTowerScorer).from_arrays(arrays)


def _shapes(scorer: TwoTowerScorer) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in scorer.to_arrays().items()}
