"""The machine, the package versions and the state of the code of a measurement."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# What a benchmark writes: in one run, the first one would mark all others as changed.
WRITTEN = (":(top,exclude)benchmarks/results", ":(top,exclude)benchmarks/RESULTS.md")
PACKAGES = (
    "tensorflow",
    "tf-keras",
    "tensorflow-recommenders",
    "numpy",
    "pandas",
    "scipy",
    "implicit",
    "scikit-surprise",
    "myfm",
)


def describe() -> dict[str, object]:
    """Return cores, memory_gb (GB of 10^9 bytes), cpu, platform, python and package versions.

    A package that is not installed is left out.
    """
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "cpu": _cpu(),
        "platform": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: found for name in PACKAGES if (found := _version(name))},
    }


def commit(folder: Path = Path(__file__).parent) -> str | None:
    """Return the commit that is checked out; None where there is no history.

    Uncommitted changes of tracked files are mentioned, except of the results themselves.
    """
    head = _git(folder, "rev-parse", "--short", "HEAD")
    if head is None:
        return None
    changes = _git(folder, "status", "--porcelain", "-uno", "--", ":/", *WRITTEN)
    return f"{head} with changes" if changes else head


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return None if done.returncode else done.stdout.strip()


def _cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")  # Linux only
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
