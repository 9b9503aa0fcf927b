"""Which code a measurement names."""

import subprocess
from pathlib import Path

import pytest

from benchmarks.machine import commit

WHO = ("-c", "user.name=test", "-c", "user.email=test@example.org")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *WHO, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("code.py", "benchmarks/results/one.json", "benchmarks/RESULTS.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("first")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    return tmp_path


def test_results_that_were_just_written_are_no_change_of_the_code(checkout: Path) -> None:
    before = commit(checkout / "benchmarks")
    for name in ("results/one.json", "results/new.json", "RESULTS.md"):
        (checkout / "benchmarks" / name).write_text("second")
    assert before
    assert commit(checkout / "benchmarks") == before


def test_changed_code_is_named(checkout: Path) -> None:
    (checkout / "code.py").write_text("second")
    assert str(commit(checkout / "benchmarks")).endswith(" with changes")


def test_without_a_history_there_is_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) is None
