"""How long the runs of a sweep or a search will take, judged by those that are done."""

from collections.abc import Iterable

from pages.ui import cache, lab


def time_left(done: Iterable[str], runs_left: float) -> str:
    """Return ` · about 9 s left`; "" while no run is done.

    Args:
        done: ids of runs; those that are not stored any more do not count.
        runs_left: how many are missing, with the part of those that are training.
    """
    stored = cache.store()
    seconds = [stored.load(id_).seconds.get("total", 0.0) for id_ in done if id_ in stored]
    if not seconds:
        return ""
    at_a_time = max(1.0, min(float(lab.jobs().workers), runs_left))
    return f" · about {runs_left / at_a_time * sum(seconds) / len(seconds):.0f} s left"
