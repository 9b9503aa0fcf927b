"""How long a training will take, in words beside the Train button."""

from pages.ui import cache
from recsys.config import RunConfig
from recsys.runs.durations import estimate_seconds


def duration_words(config: RunConfig) -> str:
    """Say how long a training of these settings takes: `about 40 s on this machine`."""
    data = cache.dataset(config.data)
    runs = cache.runs()
    seconds = estimate_seconds(config, len(data.ratings), data.fingerprint, runs)
    return f"about {rounded(seconds)} on this machine"


def rounded(seconds: float) -> str:
    """Write an estimated time with as many digits as it deserves: `7 s`, `40 s`, `3 min`, `2 h`."""
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < 90:
        return f"{5 * round(seconds / 5)} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"
