import pytest

from pages.ui.train.duration import rounded


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (7.4, "7 s"),
        (12.0, "10 s"),
        (43.0, "45 s"),
        (89.0, "90 s"),
        (150.0, "2 min"),
        (3000.0, "50 min"),
        (7300.0, "2 h"),
    ],
)
def test_estimated_time_has_as_many_digits_as_it_deserves(seconds: float, text: str) -> None:
    assert rounded(seconds) == text
