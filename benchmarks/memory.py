"""How much memory this process holds, and has held at most."""

from pathlib import Path

from recsys.experiment import peak_rss_mb

STATUS = Path("/proc/self/status")  # Linux only


def peak_mb() -> float:
    """Return the most memory this process has held, in MB of 10^6 bytes.

    On Linux `ru_maxrss` of a child also counts what its parent held when it started the child;
    the kernel's own high-water mark of the process does not.
    """
    return _status_mb("VmHWM") or peak_rss_mb()


def held_mb() -> float | None:
    """Return the memory this process holds now, in MB of 10^6 bytes; None where not known."""
    return _status_mb("VmRSS")


def _status_mb(field: str) -> float | None:
    if not STATUS.exists():
        return None
    values = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return int(values[field].split()[0]) * 1024 / 1e6
