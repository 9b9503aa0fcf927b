"""What the ratio of the loss weights gains and costs each task, in words."""

from collections.abc import Sequence
from decimal import Decimal

from recsys.ratio import position_name
from recsys.tradeoff.front import NEGLIGIBLE, OTHER, TASKS, Front, Point, Price

TOO_FEW = "A trade-off needs at least two ratios that train both tasks."
DIGITS = 2  # significant digits of a price
UNIT = 0.01  # of the gaining task's metric, whose price is named


def headline(fronts: Sequence[Front]) -> str:
    """Return in one sentence what the ratio gains and costs, with each way of sharing.

    Nothing is concluded from a sweep that is not complete.
    """
    clauses = [f"with {front.name}, {_clause(front)}" for front in fronts if front.is_known]
    if not clauses:
        missing = sum(front.missing for front in fronts)
        return _missing(missing) if missing else TOO_FEW
    return _sentence("; ".join(clauses))


def details(front: Front) -> str:
    """Return at which ratios, retrieval : rating, the tasks gain and lose, with the figures."""
    if front.missing:
        return _missing(front.missing)
    if not front.is_known:
        return TOO_FEW
    texts = [_free(front) if front.free else _worse(front)]
    if front.price:
        texts.append(_price_with_figures(front, front.price))
    texts += [_overdone(front, task) for task in TASKS[::-1] if task in front.overdone]
    return " ".join(texts)


def _missing(n: int) -> str:
    runs = "1 training of the sweep is" if n == 1 else f"{n} trainings of the sweep are"
    return f"{runs} still missing: the result is stated when all are there."


def _clause(front: Front) -> str:
    """Return the result for one way of sharing in a few words."""
    if front.price is None:
        return _gain(front) if front.free else _where_worse(front)
    price = _price(front, front.price)
    return f"{_gain(front)}, and beyond that {price}" if front.gaining else price


def _gain(front: Front) -> str:
    """Say what the tasks gain where neither of them loses anything."""
    gains = front.gains(front.gaining) if front.gaining else {}
    amounts = {task: _short_amount(front, task, gain) for task, gain in gains.items()}
    if len(amounts) == len(TASKS):
        return f"both tasks gain: {amounts['rating']} and {amounts['retrieval']}"
    for task, amount in amounts.items():
        return f"{task} costs {OTHER[task]} nothing and gains {amount}"
    return "neither task costs the other anything"


def _free(front: Front) -> str:
    """Say where neither task loses anything, and what they gain there."""
    first, last = (position_name(front.free[at].position) for at in (0, -1))
    where = f"At {first}" if first == last else f"From {first} to {last}"
    if len(front.free) == len(front.points):
        where = "At every ratio"
    text = f"{where}, neither task is measurably worse than {_yardstick(front)}."
    if front.gaining:
        figures = [_with_alone(front, task, front.gaining) for task in TASKS[::-1]]
        text += f" At {position_name(front.gaining.position)}, {' and '.join(figures)}."
    return text


def _worse(front: Front) -> str:
    """Say that there is no ratio at which neither task loses anything."""
    bests = [_with_alone(front, task, front.best(task), at_best=True) for task in TASKS[::-1]]
    return f"{_sentence(_where_worse(front))[:-1]}: {' and '.join(bests)}."


def _overdone(front: Front, task: str) -> str:
    """Say beyond which ratio more weight makes a task worse, or both."""
    start, end = front.turning(task), front.points[-1 if task == "rating" else 0]
    upward = front.metric(OTHER[task]).upward
    lost = upward(start.value(OTHER[task])) - upward(end.value(OTHER[task]))
    both = front.loses(end, OTHER[task]) and lost > NEGLIGIBLE
    what = "both tasks" if both else {"rating": "ratings"}.get(task, task)
    return f"More {task} weight than at {position_name(start.position)} makes {what} worse."


def _where_worse(front: Front) -> str:
    always = [task for task in TASKS if all(front.loses(p, task) for p in front.points)]
    who = {0: "one of the tasks is", 1: f"{''.join(always[:1])} is"}.get(len(always), "both are")
    return f"at every ratio, {who} worse than {_yardstick(front)}"


def _with_alone(front: Front, task: str, point: Point, *, at_best: bool = False) -> str:
    """Return a task's figure at a point, beside that of training alone where it is known."""
    text = f"{front.metric(task).label} is {'at best ' if at_best else ''}{point.value(task):.3f}"
    return f"{text} (alone {front.alone[task]:.3f})" if task in front.alone else text


def _price(front: Front, price: Price) -> str:
    """Return the price in both metrics: `0.01 stars of RMSE cost 0.015 of NDCG@20`."""
    cost = f"{UNIT * price.loss / price.gain:.{DIGITS}g}"
    paid = _amount(front, OTHER[price.gaining], f"{Decimal(cost):f}")  # never 1e-05
    return f"{_amount(front, price.gaining, f'{UNIT:g}')} cost {paid}"


def _price_with_figures(front: Front, price: Price) -> str:
    ends = (price.start, price.end)
    first, last = sorted(ends)
    changes = [
        f"{front.metric(task).label} goes from {first.value(task):.3f} to {last.value(task):.3f}"
        for task in TASKS[::-1]
    ]
    way = f"From {position_name(first.position)} to {position_name(last.position)}"
    return f"{way}, {_price(front, price)}: {' and '.join(changes)}."


def _amount(front: Front, task: str, number: str) -> str:
    """Return an amount of a task's metric with its unit: `0.018 stars of RMSE`."""
    metric = front.metric(task)
    return f"{number} {metric.unit} of {metric.label}".replace("  ", " ")


def _short_amount(front: Front, task: str, gain: float) -> str:
    """Return a gain in the unit of its metric, or with the metric's name: `0.018 stars`."""
    metric = front.metric(task)
    return f"{gain:.3f} {metric.unit or f'of {metric.label}'}"


def _yardstick(front: Front) -> str:
    return "at its best ratio on this line" if front.is_line else "trained alone"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
