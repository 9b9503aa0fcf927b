import pytest

from recsys.counted import counted


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0 ratings"), (1, "1 rating"), (2, "2 ratings"), (12_345, "12,345 ratings")]
)
def test_only_one_is_in_the_singular(n: int, text: str) -> None:
    assert counted(n, "rating") == text


def test_plural_that_is_no_s_is_given() -> None:
    assert counted(1, "run that differs", "runs that differ") == "1 run that differs"
    assert counted(3, "run that differs", "runs that differ") == "3 runs that differ"
