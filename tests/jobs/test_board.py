"""The table of jobs, without processes."""

import dataclasses
from types import SimpleNamespace

import pytest
from stub_training import config

from recsys.jobs.board import JobBoard, JobState
from recsys.runs.records import EpochRecord


def record(epoch, seconds):
    return dataclasses.asdict(EpochRecord(epoch, 1.0, 1.0, 2.0, seconds=seconds))


@pytest.fixture
def board():
    board = JobBoard()
    board.assign(board.add("a", config(epochs=10)), "a-0")
    return board


@pytest.fixture
def clock(monkeypatch):
    """The board's clock, which stands still until a test moves it."""
    clock = SimpleNamespace(now=1000.0)
    fake = SimpleNamespace(monotonic=lambda: clock.now, time=lambda: clock.now)
    monkeypatch.setattr("recsys.jobs.board.time", fake)
    return clock


def report(board, run="a", key="a-0", attempt="1", **message):
    board.report({"run_id": run, "key": key, "attempt": attempt, **message})


def test_seconds_left_leaves_the_slow_first_epoch_out(clock, board):
    report(board, phase="training")
    assert board.get("a").seconds_left is None
    report(board, record=record(1, 5.0))
    assert board.get("a").seconds_left == 45.0
    report(board, record=record(2, 6.0))
    assert board.get("a").seconds_left == 8.0
    clock.now += 3.0
    assert board.get("a").seconds_left == 5.0
    clock.now += 30.0
    assert board.get("a").seconds_left == 0.0
    report(board, phase="evaluating")
    assert board.get("a").seconds_left == 0.0


def test_record_of_a_training_that_began_before_this_server_asked_means_training(board):
    report(board, record=record(1, 1.0))
    assert board.get("a").state is JobState.TRAINING


def test_second_attempt_starts_again_from_no_records(board):
    report(board, phase="training")
    report(board, record=record(1, 1.0))
    report(board, attempt="2", phase="loading")
    assert board.get("a").records == ()


def test_report_of_another_task_or_of_a_done_job_changes_nothing(board):
    report(board, key="a-1", phase="training")
    report(board, run="b", phase="training")
    assert board.get("a").state is JobState.WAITING
    board.update(1, state=JobState.FAILED)
    report(board, phase="training")
    board.update(1, state=JobState.STOPPED)
    assert board.get("a").state is JobState.FAILED


def test_board_forgets_the_oldest_jobs_that_are_done():
    board = JobBoard()
    for i in range(250):
        board.update(board.add(f"job-{i}", config()), state=JobState.FAILED)
    waiting = board.add("waiting", config())
    assert len(board.all()) == 201
    assert board.get("job-0") is None
    assert board.state(waiting) is JobState.WAITING


def test_machine_that_trains_is_named(board) -> None:
    report(board, phase="loading", machine="second")
    assert board.get("a").machine == "second"


class Line:
    """A board on which several people ask for runs."""

    def __init__(self):
        self.board = JobBoard()
        self.numbers = {}

    def ask(self, asked_by, *runs):
        for run in runs:
            self.numbers[run] = self.board.add(run, config(), asked_by=asked_by)

    def order(self):
        """The runs that wait, in the order of their places in the queue."""
        waiting = [job for job in self.board.all() if job.state is JobState.WAITING]
        return "".join(job.run_id for job in sorted(waiting, key=lambda job: job.position))

    def send_next(self):
        """Send the job whose turn it is to the worker, and return its run."""
        number = self.board.next_turn()
        run = next(run for run, one in self.numbers.items() if one == number)
        self.board.assign(number, f"{run}-0")
        return run

    def train_next(self):
        run = self.send_next()
        report(self.board, run=run, key=f"{run}-0", phase="training")
        return run

    def end(self, run):
        self.board.update(self.numbers[run], state=JobState.FINISHED)


def test_single_run_of_another_person_waits_for_one_run_of_a_sweep() -> None:
    line = Line()
    line.ask("sweeper", *"abcdefg")
    assert line.train_next() == "a"
    line.ask("other", "x")
    assert line.order() == "xbcdefg"
    line.end("a")
    assert line.train_next() == "x"


def test_two_sweeps_take_turns() -> None:
    line = Line()
    line.ask("one", *"abcd")
    line.ask("two", *"wxyz")
    assert line.order() == "awbxcydz"


def test_who_comes_late_does_not_catch_up_for_the_time_before() -> None:
    line = Line()
    line.ask("one", *"abcdef")
    for run in "abc":
        assert line.train_next() == run
        line.end(run)
    assert line.train_next() == "d"
    line.ask("two", *"xyz")
    assert line.order() == "xeyfz"


def test_run_that_is_with_the_worker_already_is_first() -> None:
    line = Line()
    line.ask("one", "a", "b")
    assert line.send_next() == "a"
    line.ask("two", "x")
    assert line.order() == "axb"
    assert line.send_next() == "x"


def test_no_turn_is_left_when_nothing_waits() -> None:
    line = Line()
    assert line.board.next_turn() == 0
    line.ask("one", "a")
    line.end("a")
    assert line.board.next_turn() == 0
