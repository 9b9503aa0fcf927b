"""What a sweep over the loss weights says, in one sentence."""

from collections.abc import Sequence
from typing import NamedTuple

from recsys.sweep import weights


class Point(NamedTuple):
    """One ratio of the weights, and what both tasks came to.

    Attributes:
        share: the rating weight's share of both weights, 0 to 1.
        retrieval: a figure of the retrieval task; None where it was not trained.
        rating: a figure of the rating task; None where it was not trained.
        retrieval_pays: whether retrieval is measurably worse than at the best ratio of all.
        rating_pays: whether ratings are.
    """

    share: float
    retrieval: float | None
    rating: float | None
    retrieval_pays: bool = False
    rating_pays: bool = False


def sentence(points: Sequence[Point], retrieval: str, rating: str) -> str:
    """Say up to where the weights cost nothing, what they cost beyond, and what a task gains.

    Args:
        points: of one front, in any order.
        retrieval: what the retrieval figure is called.
        rating: what the rating figure is called.
    """
    both = sorted(p for p in points if p.retrieval is not None and p.rating is not None)
    if len(both) < 2:
        return "A trade-off needs at least two ratios that train both tasks: train a sweep."
    return " ".join([_cost(both, retrieval, rating), *_gains(points, retrieval, rating)])


def _cost(both: list[Point], retrieval: str, rating: str) -> str:
    free = _longest([not (p.retrieval_pays or p.rating_pays) for p in both])
    if len(free) == len(both):
        return (
            "The ratio of the weights makes no measurable difference: neither task pays for the "
            "other."
        )
    if free:
        return _free(both, free)
    cheap = _prefix([not p.retrieval_pays for p in both])
    if cheap:
        first, last = both[0], both[cheap - 1]
        gain = f"ratings go from {rating} {first.rating:.3f} to {last.rating:.3f}"
        return (
            f"Up to a rating share of {_named(last)}, {gain} at no measurable cost to retrieval; "
            f"beyond it {retrieval} goes to {both[-1].retrieval:.3f}."
        )
    return (
        f"Every ratio costs retrieval something: {retrieval} goes from {both[0].retrieval:.3f} to "
        f"{both[-1].retrieval:.3f}, and {rating} from {both[0].rating:.3f} to "
        f"{both[-1].rating:.3f}, as the rating share goes from {both[0].share:.2g} to "
        f"{both[-1].share:.2g}."
    )


def _gains(points: Sequence[Point], retrieval: str, rating: str) -> list[str]:
    """Say which task is measurably worse alone than in company."""
    told = []
    for task, name, share in (("retrieval", retrieval, 0.0), ("rating", rating, 1.0)):
        alone = next((p for p in points if p.share == share), None)
        if alone is not None and getattr(alone, f"{task}_pays"):
            lonely = getattr(alone, task)
            # The best ratio pays nothing, and of those that do not it is the farthest from here.
            best = max(
                (getattr(p, task) for p in points if not getattr(p, f"{task}_pays")),
                key=lambda value: 0 if value is None else abs(value - lonely),
            )
            told.append(
                f"Alone, {task} does worse: {name} {lonely:.3f}, with the other task {best:.3f}."
            )
    return told


def _free(both: list[Point], free: range) -> str:
    start, end = both[free[0]], both[free[-1]]
    where = f"of {_named(start)}" if len(free) == 1 else f"from {_named(start)} to {_named(end)}"
    told = [f"A rating share {where} costs neither task anything that can be measured"]
    below, above = _payers(both[: free[0]]), _payers(both[free[-1] + 1 :])
    if below == above:
        told.append(f"at any other, {below}")
    else:
        told += [f"{side} it {who}" for side, who in (("below", below), ("above", above)) if who]
    return "; ".join(told) + "."


def _named(point: Point) -> str:
    """Name a ratio by the rating share, and as it stands in the plot: `0.17 (1 : 0.2)`."""
    retrieval, rating = weights(point.share)
    return f"{point.share:.2g} ({retrieval:.3g} : {rating:.3g})"


def _payers(points: list[Point]) -> str:
    """Say who pays at some of these ratios: `rating pays`; "" if nobody does."""
    paying = [
        task for task in ("retrieval", "rating") if any(getattr(p, f"{task}_pays") for p in points)
    ]
    return f"{' and '.join(paying)} pay{'s' if len(paying) == 1 else ''}" if paying else ""


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
