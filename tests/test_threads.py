"""Work in several threads."""

import os
import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from recsys.threads import in_threads


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def blas_threads() -> list[int]:
    np.ones((2, 2)) @ np.ones((2, 2))
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


def test_results_are_in_the_order_of_the_items() -> None:
    """The first item ends last: it waits for the second one, so two are at work at once."""
    second = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert second.wait(10)
        else:
            second.set()
        return 10 * item

    assert in_threads(work, [0, 1, 2]) == [0, 10, 20]


def test_what_is_raised_reaches_the_caller() -> None:
    def work(item: int) -> None:
        raise ValueError(f"item {item}")

    with pytest.raises(ValueError, match="item 1"):
        in_threads(work, [1, 2])


def test_nothing_gives_nothing() -> None:
    assert in_threads(str, []) == []


def test_matrix_products_have_one_thread_each_and_all_of_them_afterwards() -> None:
    before = blas_threads()
    assert set(map(tuple, in_threads(lambda _: blas_threads(), [1, 2]))) == {(1,) * len(before)}
    assert blas_threads() == before


def test_calls_that_overlap_leave_the_threads_of_blas_as_they_were() -> None:
    """The call that began first ends first: the other one must not restore its limit of one."""
    before = blas_threads()
    first_began, second_began, first_ended = (threading.Event() for _ in range(3))

    def first(item: int) -> None:
        first_began.set()
        assert second_began.wait(10)

    def second(item: int) -> None:
        second_began.set()
        assert first_ended.wait(10)

    one = threading.Thread(target=in_threads, args=(first, [1, 2]))
    other = threading.Thread(target=in_threads, args=(second, [1, 2]))
    one.start()
    assert first_began.wait(10)
    other.start()
    one.join(10)
    first_ended.set()
    other.join(10)
    assert blas_threads() == before
