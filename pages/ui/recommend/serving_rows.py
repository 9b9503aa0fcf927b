"""The serving blend for all users as rows: the curve with its marks, and what a place changes."""

from dataclasses import dataclass

from pages.ui import blend_places, words
from pages.ui.charts.theme import Rows
from recsys.blend import RETRIEVED, STEPS
from recsys.evaluation.blend_curve import BLEND_METRICS, BlendCurve
from recsys.evaluation.comparison import BETTER, NOT_DISTINGUISHABLE, Compared
from recsys.evaluation.evaluate import average_metrics

NDCG, LIKED, DISAPPOINTMENTS = BLEND_METRICS
# The places of the slider: weight as it is written in the URL and on the command line -> weight.
WEIGHTS = {
    blend_places.weight_text(place): blend_places.weight_of(place) for place in range(STEPS + 1)
}
RETRIEVAL_ALONE, STARS_ALONE = "0", "inf"
ENDS = (RETRIEVAL_ALONE, STARS_ALONE)
RECIPE = f"retrieve {RETRIEVED}, then sort by stars"


@dataclass(frozen=True)
class Figure:
    """A metric of all users at a place of the slider.

    Attributes:
        metric: As in `recsys.evaluation.metrics.METRICS`.
        value: None where the metric is not defined.
        difference: To what it is compared with, in words; "" without a comparison.
        is_better: None where the difference is not distinguishable from 0.
        interval: The difference with its interval, as a sentence; "" without a comparison.
    """

    metric: str
    value: float | None
    difference: str = ""
    is_better: bool | None = None
    interval: str = ""


def nearest_place(asked: str | None) -> str | None:
    """Return the weight on the slider nearest to the one that a URL asks for; None for none."""
    place = blend_places.place_of(asked)
    return None if place is None else blend_places.weight_text(place)


def place_label(weight: str) -> str:
    """Return what a place of the slider is called."""
    return blend_places.place_name(list(WEIGHTS).index(weight))


def figures(curve: BlendCurve, place: str, compared: dict[str, Compared]) -> list[Figure]:
    """Return the metrics of all users at a place, compared with retrieval alone."""
    values = curve.figures[list(WEIGHTS).index(place)]
    if place == RETRIEVAL_ALONE:
        compared = {}
    return [
        figure_of(name, values.get(name), compared.get(name), "retrieval alone")
        for name in BLEND_METRICS
    ]


def figure_of(name: str, value: float | None, compared: Compared | None, other: str) -> Figure:
    """Return a metric with its difference to `other`, if it is compared."""
    if compared is None:
        return Figure(name, value)
    decimals = words.word(name).decimals
    difference, low, high = (words.signed(end, decimals) for end in compared.difference)
    is_better = None
    if compared.verdict != NOT_DISTINGUISHABLE:
        is_better = compared.verdict == BETTER
    return Figure(
        name,
        value,
        f"≈ {difference}" if is_better is None else difference,
        is_better,
        f"Difference to {other}: {difference}, 95 % interval {low} to {high}.",
    )


def plot_rows(curve: BlendCurve, place: str) -> Rows:
    """Return the rows of the plot; a point without hits has no place in it.

    Rows hold `kind` (`curve`, `end`, `recipe` or `chosen`), `step`, `label`, and the three metrics
    as `ndcg`, `liked` and `disappointments`.
    """
    rows = []
    for step, (name, values) in enumerate(zip(WEIGHTS, curve.figures, strict=True)):
        kinds = ["curve"] + ["end"] * (name in ENDS) + ["chosen"] * (name == place)
        rows += [_point(kind, step, place_label(name), values) for kind in kinds]
    recipe = average_metrics(curve.recipe)
    if recipe != curve.figures[-1]:  # with few movies it is the order by stars, and not a recipe
        rows.append(_point("recipe", 0, RECIPE, recipe))
    return [row for row in rows if row["ndcg"] is not None and row["disappointments"] is not None]


def _point(kind: str, step: int, label: str, values: dict[str, float]) -> dict[str, object]:
    return {
        "kind": kind,
        "step": step,
        "label": label,
        "ndcg": values.get(NDCG),
        "liked": values.get(LIKED),
        "disappointments": values.get(DISAPPOINTMENTS),
    }
