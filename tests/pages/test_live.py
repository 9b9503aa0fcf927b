import pytest

from pages.ui.live import LONGEST_PERIOD, next_period


@pytest.mark.parametrize(
    ("period", "seconds", "expected"),
    [
        (1.0, 0.02, 1.0),  # quick: every second
        (1.0, 0.3, 1.25),  # 0.3 s in 1.5 s is a fifth of the time, and half of the way there
        (1.0, 3.0, 2.0),  # at most to double
        (4.0, 0.0, 2.0),
        (14.0, 60.0, LONGEST_PERIOD),
    ],
)
def test_period_follows_what_a_rerun_takes(period: float, seconds: float, expected: float) -> None:
    assert next_period(period, seconds) == pytest.approx(expected)
