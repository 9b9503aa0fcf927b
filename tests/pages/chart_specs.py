"""What a chart draws, read from its Vega-Lite specification."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import altair as alt

Spec = dict[str, Any]


class Layer(NamedTuple):
    """One mark of a chart: its type, its properties, its encodings, and the rows it draws."""

    mark: str
    properties: Spec
    encoding: Spec
    rows: list[Spec]

    def field(self, channel: str) -> list[Any]:
        """Return the values of the field that a channel shows, one for each row."""
        name = self.encoding[channel]["field"]
        return [row[name] for row in self.rows]

    def scale(self, channel: str) -> Spec:
        """Return the scale of a channel."""
        return self.encoding[channel].get("scale", {})


def layers(
    chart: alt.TopLevelMixin, mark: str | None = None, **datasets: list[Spec]
) -> list[Layer]:
    """Return the layers of a chart, or only those of one mark type.

    `to_dict` also checks the chart against the schema of Vega-Lite.

    Args:
        chart: The chart.
        mark: The mark type, or None for all.
        datasets: The rows of named data that comes beside the specification.
    """
    spec = chart.to_dict()
    found = _walk(spec, {}, spec.get("datasets", {}) | datasets)
    return [layer for layer in found if mark in (None, layer.mark)]


def only(chart: alt.TopLevelMixin, mark: str, **datasets: list[Spec]) -> Layer:
    """Return the chart's one layer of this mark type."""
    (layer,) = layers(chart, mark, **datasets)
    return layer


def _walk(spec: Spec, inherited: Spec, datasets: Spec) -> Iterator[Layer]:
    own = {
        "data": spec.get("data", inherited.get("data", {})),
        "encoding": inherited.get("encoding", {}) | spec.get("encoding", {}),
    }
    for part in ("layer", "hconcat", "vconcat", "concat"):
        for child in spec.get(part, []):
            yield from _walk(child, own, datasets)
    if "mark" in spec:
        mark = spec["mark"] if isinstance(spec["mark"], dict) else {"type": spec["mark"]}
        rows = own["data"].get("values", datasets.get(own["data"].get("name"), []))
        yield Layer(mark["type"], mark, own["encoding"], rows)
