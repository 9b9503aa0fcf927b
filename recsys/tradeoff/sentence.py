"""The result of a sweep over the loss weights, in a sentence or two."""

from collections.abc import Sequence
from typing import NamedTuple

from recsys.tradeoff.sweep import weights


class Point(NamedTuple):
    """One ratio of the weights, with the metric of each task.

    Attributes:
        share: the rating weight's share of both weights, 0 to 1.
        retrieval: the retrieval metric; None where that task was not trained.
        rating: the rating metric; None where that task was not trained.
        retrieval_worse: whether retrieval is measurably worse than at its best ratio.
        rating_worse: whether rating is measurably worse than at its best ratio.
    """

    share: float
    retrieval: float | None
    rating: float | None
    retrieval_worse: bool = False
    rating_worse: bool = False


def sentence(points: Sequence[Point], retrieval: str, rating: str) -> str:
    """Return at which ratios a task is worse than at its best, and if it is worse trained alone.

    Args:
        points: of one front, in any order.
        retrieval: the label of the retrieval metric.
        rating: the label of the rating metric.
    """
    both = sorted(p for p in points if p.retrieval is not None and p.rating is not None)
    if len(both) < 2:
        return "A trade-off needs at least two ratios that train both tasks: train a sweep."
    return " ".join([_cost(both, retrieval, rating), *_gains(points, retrieval, rating)])


def _cost(both: list[Point], retrieval: str, rating: str) -> str:
    free = _longest([not (p.retrieval_worse or p.rating_worse) for p in both])
    if len(free) == len(both):
        return (
            "Among the ratios that train both tasks there is no measurable difference: neither "
            "task loses anything to the other."
        )
    if free:
        return _free(both, free)
    cheap = _prefix([not p.retrieval_worse for p in both])
    if cheap:
        first, last = both[0], both[cheap - 1]
        return (
            f"Up to a rating share of {_named(last)}, {rating} goes from {first.rating:.3f} to "
            f"{last.rating:.3f} at no measurable cost to retrieval. Above it, {retrieval} goes to "
            f"{both[-1].retrieval:.3f}."
        )
    return (
        f"Retrieval is measurably worse at every ratio: {retrieval} goes from "
        f"{both[0].retrieval:.3f} to {both[-1].retrieval:.3f}, and {rating} from "
        f"{both[0].rating:.3f} to {both[-1].rating:.3f}, as the rating share "
        f"goes from {both[0].share:.2g} to {both[-1].share:.2g}."
    )


def _gains(points: Sequence[Point], retrieval: str, rating: str) -> list[str]:
    """Name each task that is measurably worse when it is trained alone."""
    texts = []
    for task, name, share in (("retrieval", retrieval, 0.0), ("rating", rating, 1.0)):
        single = next((p for p in points if p.share == share), None)
        if single is not None and getattr(single, f"{task}_worse"):
            alone = getattr(single, task)
            # The best value is the farthest from this one, among ratios that are not worse.
            best = max(
                (getattr(p, task) for p in points if not getattr(p, f"{task}_worse")),
                key=lambda value: 0 if value is None else abs(value - alone),
            )
            texts.append(
                f"Trained alone, {task} is measurably worse: {name} {alone:.3f}, against "
                f"{best:.3f} with the other task."
            )
    return texts


def _free(both: list[Point], free: range) -> str:
    start, end = both[free[0]], both[free[-1]]
    if len(free) == 1:
        where = f"At a rating share of {_named(start)}"
    else:
        where = f"At rating shares from {_named(start)} to {_named(end)}"
    text = f"{where}, neither task is measurably worse than at its best ratio."
    below, above = _worse_tasks(both[: free[0]]), _worse_tasks(both[free[-1] + 1 :])
    if below == above:
        return f"{text} At all others, {below} worse."
    sides = [f"{side}, {who} worse" for side, who in (("below", below), ("above", above)) if who]
    return f"{text} {'; '.join(sides).capitalize()}."


def _named(point: Point) -> str:
    """Return a ratio as rating share and as weights, as in the plot: `0.17 (1 : 0.2)`."""
    retrieval, rating = weights(point.share)
    return f"{point.share:.2g} ({retrieval:.3g} : {rating:.3g})"


def _worse_tasks(points: list[Point]) -> str:
    """Return which tasks are worse at some of these ratios: `rating is`; "" if none is."""
    worse = [
        task for task in ("retrieval", "rating") if any(getattr(p, f"{task}_worse") for p in points)
    ]
    return f"{' and '.join(worse)} {'is' if len(worse) == 1 else 'are'}" if worse else ""


def _longest(flags: list[bool]) -> range:
    """Return the longest range of true flags, the first of equals; empty if none is true."""
    best, start = range(0), 0
    for at, flag in enumerate([*flags, False]):
        if not flag:
            best = max(best, range(start, at), key=len)
            start = at + 1
    return best


def _prefix(flags: list[bool]) -> int:
    """Return how many flags are true before the first that is not."""
    return next((at for at, flag in enumerate(flags) if not flag), len(flags))
