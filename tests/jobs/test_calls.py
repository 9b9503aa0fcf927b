"""Computations for a page in a worker, beside the trainings."""

import os

import pytest
from stub_training import config

from recsys.jobs.board import JobState
from recsys.jobs.calls import CallBoard, CallRequest
from tests.jobs.tiny_lab import finish, submit, wait_until


@pytest.fixture
def results():
    return []


def request(results, key, *, seconds=0.2, value=1):
    return CallRequest(key, "stub_calls:count", (seconds, value), results.append)


def ended(queue, key):
    return wait_until(lambda: (call := queue.call(key)).done and call)


def test_call_is_computed_in_another_process_and_its_result_handed_over(queue, results):
    assert queue.call("own") is None
    queue.compute(request(results, "own", value=7))
    call = ended(queue, "own")
    assert (call.error, call.stopped, [one["value"] for one in results]) == (None, False, [7])
    assert results[0]["process"] != os.getpid()


def test_progress_of_a_call_is_seen(queue, results):
    queue.compute(request(results, "slow", seconds=3))
    shares = set()

    def look():
        call = queue.call("slow")
        shares.add(call.progress)
        return call.done

    wait_until(look)
    assert any(share is not None and 0 < share < 1 for share in shares)


def test_equal_requests_share_one_call(queue, results):
    for _ in range(5):
        queue.compute(request(results, "shared"))
    ended(queue, "shared")
    assert len(results) == 1
    queue.compute(request(results, "shared"))  # it has ended: asked anew
    wait_until(lambda: len(results) == 2)


def test_call_overtakes_the_trainings_that_wait(queue, results):
    jobs = [submit(queue, config(seed=seed, learning_rate=0.3)) for seed in (300, 301, 302)]
    wait_until(lambda: queue.job(jobs[0]).state is JobState.TRAINING)
    queue.compute(request(results, "first"))
    ended(queue, "first")
    assert queue.job(jobs[2]).state is JobState.WAITING
    for job in jobs:
        assert finish(queue, job).state is JobState.FINISHED


def test_stopped_call_has_no_result_and_leaves_the_worker_free(queue, results):
    queue.compute(request(results, "long", seconds=600))
    wait_until(lambda: queue.call("long").progress is not None)
    queue.stop_call("long")
    call = ended(queue, "long")
    assert (call.error, call.stopped) == (None, True)
    queue.compute(request(results, "after"))
    ended(queue, "after")
    assert len(results) == 1


def test_call_that_fails_says_why_in_one_line(queue, results):
    queue.compute(CallRequest("wrong", "stub_calls:fail", (), results.append))
    assert ended(queue, "wrong").error == "KeyError: 'places'"
    assert results == []


def test_result_that_cannot_be_kept_is_an_error_of_the_call(queue):
    def full(result):
        raise OSError(28, "No space left on device")

    queue.compute(CallRequest("full", "stub_calls:count", (0, 1), full))
    assert "No space left on device" in ended(queue, "full").error


def test_call_that_kills_its_worker_fails_and_trainings_go_on(queue, results):
    queue.compute(CallRequest("deadly", "stub_calls:die", (), results.append))
    assert "died" in ended(queue, "deadly").error
    assert finish(queue, submit(queue, config(seed=310))).state is JobState.FINISHED


def test_late_reports_do_not_change_what_has_ended():
    board = CallBoard()
    board.add("one")
    board.update("one", done=True)
    board.report({"call": "one", "progress": 0.5})
    board.report({"call": "unknown", "progress": 0.5})
    assert board.get("one").progress is None
    assert board.get("unknown") is None
