import pytest

from benchmarks.memory import held_mb, peak_mb
from benchmarks.scaling import PEAK, PER_MILLION, verdict


def test_cost_and_memory_within_the_limits_are_kept() -> None:
    rows = [
        {"size": "1m", PER_MILLION: 4.0, PEAK: 900.0},
        {"size": "100k", PER_MILLION: 5.8, PEAK: 700.0},
    ]
    cost, memory = verdict(rows)
    assert "(100k) costs 1.45 times the cheapest (1m); the limit of 1.5 is kept" in cost
    assert "900 MB at 1m" in memory
    assert "limit of 3,000 MB is kept" in memory


def test_cost_and_memory_beyond_the_limits_are_not_kept() -> None:
    rows = [
        {"size": "1m", PER_MILLION: 4.0, PEAK: 3_100.0},
        {"size": "100k", PER_MILLION: 6.2, PEAK: 700.0},
    ]
    assert all("is NOT kept" in sentence for sentence in verdict(rows))


def test_peak_memory_is_at_least_what_is_held() -> None:
    held = held_mb()
    if held is None:
        pytest.skip("only Linux says what a process holds")
    assert 10 < held <= peak_mb()
