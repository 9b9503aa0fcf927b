"""The serving blend on Home: the places of its slider, and the metrics of all users at each."""

from typing import Any

from pages.ui import blend_places, words
from recsys.blend import weight_at
from recsys.counted import counted
from recsys.evaluation.blend_curve import BLEND_METRICS, BlendCurve
from recsys.evaluation.evaluate import USERS, Part

# From retrieval alone to predicted stars alone. Few, so that all are measured while one looks.
STEPS = 10
POSITIONS = tuple(step / STEPS for step in range(STEPS + 1))
WEIGHTS = tuple(map(weight_at, POSITIONS))
# Short, because three stand side by side.
NAMES = dict(zip(BLEND_METRICS, ("NDCG@20", "NDCG@20, liked", "Disappointments"), strict=True))


def place_names() -> list[str]:
    """Return what each place of the slider is called."""
    return [blend_places.place_name(place, STEPS) for place in range(STEPS + 1)]


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
