"""No run eats the machine: what a training is said to need, and what it takes."""

import os

import pytest

from benchmarks.memory_needs import SHAPES, measured
from tests.faults.results import record

SHORT = ("small", "wide, large batches", "tutorial")
LONG = os.environ.get("DUET_KILLS") is not None  # `make test-faults`


@pytest.mark.parametrize("shape", SHAPES if LONG else SHORT)
def test_estimate_is_within_a_factor_of_two_of_the_measured_peak(shape: str) -> None:
    row = measured(shape)
    assert 0.5 < row["estimate / measured"] < 2, row
    record(
        f"No run eats the machine: {shape}",
        f"{row['estimate, MB']:,.0f} MB estimated, {row['peak above that, MB']:,.0f} MB measured "
        f"beyond the imports: {row['estimate / measured']:.2f}",
    )
