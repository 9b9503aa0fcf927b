"""Present and peak memory of this process."""

from pathlib import Path

from recsys.experiment import peak_rss_mb

STATUS = Path("/proc/self/status")  # Linux only


def peak_mb() -> float:
    """Return the peak memory of this process, in MB of 10^6 bytes.

    On Linux, `ru_maxrss` of a child process includes the memory that its parent held when it
    started the child. `VmHWM`, the kernel's peak for the process itself, does not.
    """
    return _status_mb("VmHWM") or peak_rss_mb()


def held_mb() -> float | None:
    """Return the present memory of this process, in MB of 10^6 bytes; None if unknown."""
    return _status_mb("VmRSS")


def _status_mb(field: str) -> float | None:
    if not STATUS.exists():
        return None
    values = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return int(values[field].split()[0]) * 1024 / 1e6
