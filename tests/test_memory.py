"""What memory there is, and what becomes of a process that takes more."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from recsys import memory
from recsys.errors import DuetError
from recsys.memory import TOO_MUCH, available_bytes, in_gb

ROOT = Path(__file__).resolve().parents[1]
MB = 1e6


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(memory.LIMIT, raising=False)


def test_there_is_what_is_held_and_most_of_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_free_in_cgroups", lambda: 100 * MB)
    held = psutil.Process().memory_info().rss
    assert available_bytes() == pytest.approx(held + 90 * MB, abs=30 * MB)


def test_children_give_their_memory_back_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_free_in_cgroups", lambda: 0.0)
    hold = "held = b'x' * 200_000_000; print(flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", hold], **pipes) as child:
        child.stdout.readline()
        more = available_bytes(children=True) - available_bytes()
        child.communicate(b"\n")
    assert more > 150 * MB


def test_limit_of_the_user_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(memory.LIMIT, "0.25")
    assert available_bytes() == 250 * MB


@pytest.mark.parametrize("text", ["much", "0", "-1", "nan"])
def test_limit_that_is_no_number_is_said(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(memory.LIMIT, text)
    with pytest.raises(DuetError, match=r"RECSYS_MEMORY_GB='.*': must be a number above 0"):
        available_bytes()


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (
            {"memory.max": "500\n", "memory.current": "300\n", "memory.stat": "inactive_file 50\n"},
            "0::/a/b\n",
        ),
        (
            {
                "memory.limit_in_bytes": "500\n",
                "memory.usage_in_bytes": "300\n",
                "memory.stat": "cache 1\ntotal_inactive_file 50\n",
            },
            "5:memory:/a/b\n4:cpu:/\n",
        ),
    ],
)
def test_limit_of_a_container_is_respected_also_if_it_is_around_the_own_one(
    files: dict[str, str], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("memory" if "memory" in line else "") / "a"
    (folder / "b").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "b" / "memory.max").write_text("max\n")
    (tmp_path / "own").write_text(line)
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path)
    monkeypatch.setattr(memory, "_OWN_CGROUPS", tmp_path / "own")
    assert memory._free_in_cgroups() == 250


def test_without_containers_there_is_no_such_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_OWN_CGROUPS", tmp_path / "missing")
    assert memory._free_in_cgroups() == float("inf")


def taking(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that may hold 300 MB."""
    script = f"from recsys.memory import hard_limit\nimport numpy as np\n{code}"
    return subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {memory.LIMIT: "0.3"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_process_that_takes_more_than_there_is_ends_with_its_own_code() -> None:
    code = """
import time
held = []
with hard_limit():
    for _ in range(100):
        held.append(np.ones(20_000_000, "u1"))
        time.sleep(0.02)
"""
    assert taking(code).returncode == TOO_MUCH


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this limit")
def test_process_that_asks_for_far_too_much_at_once_gets_an_error_and_goes_on() -> None:
    code = """
try:
    with hard_limit():
        np.ones(1 << 36, "u1")
except MemoryError:
    np.ones(400_000_000, "u1")  # after the block there is no limit
    print("goes on")
"""
    assert taking(code).stdout == "goes on\n"


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(4e8, "0.4 GB"), (9.94e9, "9.9 GB"), (13.2e9, "13 GB"), (2e12, "2,000 GB")],
)
def test_amounts_are_short(n_bytes: float, text: str) -> None:
    assert in_gb(n_bytes) == text


@pytest.mark.skipif(sys.platform != "linux", reason="the allocator of glibc")
def test_memory_that_is_free_between_what_is_held_is_given_back() -> None:
    code = """
import psutil
from recsys.memory import give_back, set_allocator
set_allocator()
blocks = [bytearray(100_000) for _ in range(2_000)]
last = bytearray(100_000)  # above all others: the system gets nothing back by itself
del blocks
process = psutil.Process()
before = process.memory_info().rss
give_back()
print(before - process.memory_info().rss)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert int(done.stdout) > 150 * MB


@pytest.mark.skipif(sys.platform != "linux", reason="the allocator of glibc")
def test_arrays_are_not_mapped_anew_in_a_worker_that_dask_has_started() -> None:
    code = """
import resource
from recsys.memory import set_allocator
set_allocator()
for _ in range(100):
    bytearray(8_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""
    environment = os.environ | {"MALLOC_TRIM_THRESHOLD_": "65536"}  # as Dask's command sets it
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert int(done.stdout) < 100_000  # page faults; there are 1,953 pages in each array
