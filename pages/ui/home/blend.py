"""The serving blend on Home: the places of its slider, and the metrics of all users at each."""

from typing import Any

from pages.ui import words
from recsys.blend import position_of, weight_at
from recsys.counted import counted
from recsys.evaluation.blend_curve import BLEND_METRICS, BlendCurve
from recsys.evaluation.evaluate import USERS, Part

# From retrieval alone to predicted stars alone. Few, so that all are measured while one looks.
POSITIONS = tuple(step / 10 for step in range(11))
WEIGHTS = tuple(map(weight_at, POSITIONS))
# Short, because three stand side by side.
NAMES = dict(zip(BLEND_METRICS, ("NDCG@20", "NDCG@20, liked", "Disappointments"), strict=True))


def place_of(asked: str | None) -> int | None:
    """Return the place of the slider nearest to the weight that a URL asks for; None for none."""
    try:
        position = position_of(float(asked or ""))
    except (ValueError, ZeroDivisionError):
        return None
    if not 0 <= position <= 1:
        return None
    return min(range(len(POSITIONS)), key=lambda place: abs(POSITIONS[place] - position))


def weight_text(place: int) -> str:
    """Return the weight at a place of the slider as the URL holds it, here and on Recommend."""
    return f"{WEIGHTS[place]:.3g}"


def place_names() -> list[str]:
    """Return what each place of the slider is called."""
    between = [f"score and stars, w = {weight:.2g}" for weight in WEIGHTS[1:-1]]
    return ["retrieval score alone", *between, "predicted stars alone"]


def figures(curve: BlendCurve) -> list[dict[str, Any]]:
    """Return each metric of all users: `{name, help, values}`, a text for each place."""
    return [
        {
            "name": name,
            "help": words.explain(metric),
            "values": [words.number(metric, own.get(metric)) for own in curve.figures],
        }
        for metric, name in NAMES.items()
    ]


def measured_on(curve: BlendCurve, part: Part) -> str:
    """Say whom the metrics are averaged over: `943 users, on validation`."""
    return f"{counted(len(curve.recipe[USERS]), 'user')}, on {part}"
