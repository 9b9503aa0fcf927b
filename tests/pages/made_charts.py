"""What is true of every chart whose data comes beside its specification."""

from typing import Any

import altair as alt

from pages.ui import words
from pages.ui.charts import theme
from pages.ui.panels import Panel


def check_panel(panel: Panel) -> None:
    """Check that the Vega-Lite schema accepts the chart and that the rows have all it shows."""
    spec = panel.to_dict()
    if panel.domain:
        theme.set_domain(spec, panel.domain)
    alt.Chart.from_dict(spec)  # raises where the schema does not accept it
    assert words.label(panel.term)
    assert "datasets" not in spec
    used = _fields(spec)
    assert used
    for row in panel.rows:
        assert used <= set(row), used - set(row)


def _fields(spec: dict[str, Any]) -> set[str]:
    """Return the fields that marks on the data beside the specification use."""
    layers = spec.get("layer", [spec])
    shared = spec.get("data")
    encodings = [
        encoding
        for layer in layers
        if layer.get("data", shared) == {"name": theme.DATA}
        for encoding in layer["encoding"].values()
    ]
    flat = [one for e in encodings for one in (e if isinstance(e, list) else [e])]
    computed = {
        step["as"] for layer in layers for step in layer.get("transform", []) if "calculate" in step
    }
    return {one["field"] for one in flat if "field" in one} - computed
