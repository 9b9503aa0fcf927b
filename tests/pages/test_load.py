import pytest

from pages.ui.load import GONE, LONGEST, SHARE, SHORTEST, Load


class Clock:
    """A clock that stands until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def load(clock: Clock) -> Load:
    return Load(clock)


def test_single_view_reruns_every_second(load: Load) -> None:
    load.note("view", 1, 0.02)
    assert load.period(1) == SHORTEST


def test_more_views_rerun_less_often_so_that_all_together_keep_their_share(load: Load) -> None:
    for page in range(100):
        load.note(page, 1, 0.012)
    assert load.period(1) == pytest.approx(100 * 0.02 / SHARE)


def test_view_of_weight_three_reruns_a_third_as_often(load: Load) -> None:
    for page in range(60):
        load.note(page, 1, 0.012)
    assert load.period(3) == pytest.approx(3 * load.period(1))


def test_period_has_an_end(load: Load) -> None:
    load.note("view", 1, 60)
    assert load.period(1) == LONGEST
    assert load.period(3) == 3 * LONGEST


def test_view_that_reruns_seldom_is_still_open(load: Load, clock: Clock) -> None:
    load.note("sidebar", 3, 6.0)
    clock.now = 2 * GONE
    load.note("view", 1, 0.02)
    assert load.period(1) > 2.0 / SHARE
    clock.now = 4 * GONE
    load.note("view", 1, 0.02)
    assert load.period(1) == SHORTEST


def test_one_slow_rerun_changes_little(load: Load) -> None:
    for _ in range(10):
        load.note("view", 1, 0.02)
    load.note("view", 1, 1.0)
    assert load.period(1) < 0.5 / SHARE


def test_pages_that_were_left_no_longer_count(load: Load, clock: Clock) -> None:
    for page in range(100):
        load.note(page, 1, 0.1)
    clock.now = GONE + 1
    load.note("still open", 1, 0.02)
    assert load.period(1) == SHORTEST


def test_pages_run_again_one_after_another(load: Load, clock: Clock) -> None:
    assert load.may_run_page(0.1)
    assert not load.may_run_page(0.1)
    clock.now = 0.1 / SHARE
    assert load.may_run_page(0.1)
